package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import dev.lastref.http.testing.ScriptedTime;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How responses grow old, over real sockets, to the second: the time in the store goes as the test says. Each look asks twice, once as it
 * is answered early and once with a field that takes it the long way.
 */
class AgingTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(93, 700);
    /** In a field of a row: the date so many seconds from the start. */
    private static final Pattern DATE = Pattern.compile("@(-?\\d+)");

    private final ScriptedTime time = new ScriptedTime();
    private RawClient client;

    @Override
    TestSidecar start(String... settings) {
        sidecar = TestSidecar.before(origin, time, settings);
        return sidecar;
    }

    @AfterEach
    void leave() throws IOException {
        if (client != null) {
            client.close();
        }
    }

    /** A response of these fields, with {@code |} between them, and nothing else that says anything of time. */
    private Script saying(String status, String fields) {
        String dated = DATE.matcher(fields.replace("|", "\r\n"))
                .replaceAll(found -> Matcher.quoteReplacement(time.date(Long.parseLong(found.group(1)))));
        String head = "HTTP/1.1 " + status + " Hm\r\nContent-Length: " + CONTENT.length + "\r\n" + dated
                + (dated.isEmpty() ? "" : "\r\n") + "\r\n";
        return call -> call.send(head).send(CONTENT);
    }

    private Response ask(String... fields) throws IOException {
        if (client == null) {
            client = sidecar.connect();
        }
        return client.request("GET", "/a", fields).response();
    }

    /** Asks both ways for what is to be answered from the store, and by both with one Age. */
    private Response hit(String... fields) throws IOException {
        int asked = origin.count("/a");
        Response early = ask(fields);
        List<String> more = new ArrayList<>(List.of(fields));
        more.add(LONG_WAY);
        Response later = ask(more.toArray(String[]::new));
        for (Response response : List.of(early, later)) {
            assertThat(response.isHit()).as(response.toString()).isTrue();
            assertThat(response.body()).isEqualTo(CONTENT);
        }
        assertThat(early.first("Age")).isEqualTo(later.first("Age"));
        assertThat(early.cacheStatus()).isEqualTo(later.cacheStatus());
        assertThat(origin.count("/a")).isEqualTo(asked);
        return early;
    }

    private static long age(Response response) {
        return Long.parseLong(response.first("Age"));
    }

    // ---- section 4.2.1, 4.2.2

    /** Fresh to the last second, stale when its age is its lifetime. */
    @ParameterizedTest(name = "{0} {1} with {2}: fresh for {3} s")
    @CsvSource(
            delimiter = ';',
            value = {
                "200; Cache-Control: max-age=60; ; 60",
                "200; Cache-Control: max-age=60|Expires: @10|Date: @0; ; 60",
                "200; Cache-Control: max-age=10|Expires: @60|Date: @0; ; 10",
                "200; Cache-Control: s-maxage=30, max-age=60; ; 30",
                "200; Cache-Control: s-maxage=60, max-age=30|Expires: @10; ; 60",
                "200; Expires: @60|Date: @0; ; 60",
                "200; Expires: @60; ; 60",
                "200; Expires: @40|Date: @-20; ; 40",
                "200; Expires: @160|Date: @100; ; 60",
                "200; Cache-Control: max-age=60|Age: 25; ; 35",
                "200; Cache-Control: max-age=60|Date: @-45; ; 15",
                "200; Cache-Control: max-age=60|Date: @-20|Age: 50; ; 10",
                "200; Cache-Control: max-age=60|Date: @3600; ; 60",
                "200; Cache-Control: max-age=60|CDN-Cache-Control: max-age=20; ; 20",
                "200; Cache-Control: no-store|Surrogate-Control: max-age=20; ; 20",
                "200; Last-Modified: @-600|Date: @0; ; 60",
                "200; Last-Modified: @-600; ; 60",
                "200; Last-Modified: @-500|Date: @-20; ; 28",
                "404; Last-Modified: @-600; ; 60",
                "200; Last-Modified: @-600; cache.heuristic-max=30s; 30",
                "200; Last-Modified: @-600; cache.default-ttl=20s; 20",
                "200; ''; cache.default-ttl=20s; 20",
                "200; Cache-Control: max-age=60; cache.default-ttl=20s; 60",
                "200; Cache-Control: max-age=60; rules.r.ttl=20s rules.r.path=*; 20",
                "299; Cache-Control: max-age=60; ; 60",
                "404; ''; cache.negative-ttl=20s; 20",
                "410; ''; cache.negative-ttl=20s; 20",
                "404; Cache-Control: max-age=60; cache.negative-ttl=20s; 60",
                "503; Cache-Control: max-age=60; ; 60",
            })
    void rfc9111_4_2_1_freshUntilTheLastSecond(String status, String fields, String settings, long seconds)
            throws Exception {
        start(settings == null ? new String[0] : settings.split(" "));
        origin.on("/a", saying(status, fields));
        Response first = ask();
        assertThat(first.status()).isEqualTo(Integer.parseInt(status));
        assertThat(first.isHit()).isFalse();
        assertThat(first.cacheStatus()).endsWith("; stored; ttl=" + seconds);

        assertThat(hit().cacheStatus()).isEqualTo("lastref; hit; ttl=" + seconds);
        time.advanceSeconds(seconds - 1);
        assertThat(hit().cacheStatus()).isEqualTo("lastref; hit; ttl=1");
        time.advance(Duration.ofMillis(999));
        hit();
        time.advance(Duration.ofMillis(1));
        assertThat(ask().isHit()).isFalse();
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    /** What is stale when it arrives, or says nothing, is not served a second time. */
    @ParameterizedTest(name = "{0} {1} with {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "200; Cache-Control: max-age=0; ",
                "200; Cache-Control: max-age=60|Age: 60; ",
                "200; Cache-Control: max-age=60|Date: @-60; ",
                "200; Cache-Control: s-maxage=0, max-age=60; ",
                "200; Expires: @0|Date: @0; ",
                "200; Expires: @-1; ",
                "200; Expires: 0; ",
                "200; Expires: @40|Date: @-40|Age: 80; ",
                "200; Last-Modified: @-9; cache.heuristic-max=0",
                "200; ''; ",
                "200; ''; cache.negative-ttl=20s",
                "404; ''; cache.default-ttl=20s",
                "404; ''; ",
                "503; ''; cache.negative-ttl=20s",
                "599; Last-Modified: @-600; ",
            })
    void rfc9111_4_2_1_neverFresh(String status, String fields, String settings) throws Exception {
        start(settings == null ? new String[0] : settings.split(" "));
        origin.on("/a", saying(status, fields));
        ask();
        assertThat(ask().isHit()).isFalse();
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    // ---- section 4.2.3

    /** The age that it has when it arrives, and after that each second is a second. */
    @ParameterizedTest(name = "{0}, which took {1} s: {2} s old")
    @CsvSource(
            delimiter = ';',
            value = {
                "''; 0; 0",
                "Date: @0; 0; 0",
                "Date: @0; 7; 7",
                "''; 7; 7",
                "Age: 10; 0; 10",
                "Age: 10; 7; 17",
                "Age: 10|Date: @-30; 0; 30",
                "Age: 40|Date: @-30; 0; 40",
                "Age: 10|Date: @-30; 7; 37",
                "Age: 35|Date: @-30; 7; 42",
                "Date: @500; 7; 7",
                "Age: many; 0; 0",
                "Age: 10, 99; 0; 10",
            })
    void rfc9111_4_2_3_theAgeGrowsFromWhatItWasOnArrival(String fields, long delay, long initial) throws Exception {
        start();
        Script script = saying("200", "Cache-Control: max-age=3600" + (fields.isEmpty() ? "" : "|" + fields));
        origin.on("/a", call -> {
            time.advanceSeconds(delay);
            script.play(call);
        });
        ask();
        assertThat(age(hit())).isEqualTo(initial);
        time.advance(Duration.ofMillis(900));
        assertThat(age(hit())).isEqualTo(initial);
        time.advance(Duration.ofMillis(100));
        assertThat(age(hit())).isEqualTo(initial + 1);
        time.advanceSeconds(3598 - initial);
        assertThat(age(hit())).isEqualTo(3599);
        time.advanceSeconds(1);
        assertThat(ask().isHit()).isFalse();
    }

    /** Somebody sets the clock: no time has passed, and what is stored is neither older nor younger for it. */
    @ParameterizedTest
    @CsvSource({"3600", "-3600"})
    void rfc9111_4_2_3_aClockThatIsSetDoesNotAgeWhatIsStored(long seconds) throws Exception {
        start();
        origin.on("/a", saying("200", "Cache-Control: max-age=60|Date: @0"));
        ask();
        time.advanceSeconds(10);
        time.setClock(Duration.ofSeconds(seconds));
        assertThat(age(hit())).isEqualTo(10);
        time.advanceSeconds(49);
        assertThat(hit().cacheStatus()).isEqualTo("lastref; hit; ttl=1");
        time.advanceSeconds(1);
        assertThat(ask().isHit()).isFalse();
    }

    /** What arrives after it is held against the new one: of an hour by which the clock is ahead the response is thought to be old. */
    @ParameterizedTest
    @CsvSource({"30, 30", "-30, 0"})
    void rfc9111_4_2_3_aResponseIsHeldAgainstTheClockOfItsArrival(long seconds, long age) throws Exception {
        start();
        Script script = saying("200", "Cache-Control: max-age=60|Date: @0");
        origin.on("/a", call -> {
            time.setClock(Duration.ofSeconds(seconds));
            script.play(call);
        });
        ask();
        assertThat(age(hit())).isEqualTo(age);
    }

    // ---- sections 4.2.4 and 4.3

    /** Kept for as long as it was fresh once more, to be validated; then forgotten. */
    @ParameterizedTest
    @CsvSource({"119, true", "120, false"})
    void rfc9111_4_3_1_whatCanBeValidatedIsAfterItsLifetime(long seconds, boolean validated) throws Exception {
        start();
        origin.on("/a", saying("200", "Cache-Control: max-age=60|ETag: \"1\""), call -> {
            boolean conditional = !call.request().all("If-None-Match").isEmpty();
            assertThat(conditional).isEqualTo(validated);
            if (conditional) {
                call.send("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
            } else {
                saying("200", "Cache-Control: max-age=60").play(call);
            }
        });
        ask();
        time.advanceSeconds(seconds);
        Response response = ask();
        assertThat(response.body()).isEqualTo(CONTENT);
        assertThat(response.cacheStatus()).contains(validated ? "fwd=stale; fwd-status=304" : "fwd=uri-miss");
        assertThat(age(hit())).as("reckoned from then").isZero();
        time.advanceSeconds(59);
        hit();
        time.advanceSeconds(1);
        assertThat(ask().isHit()).isFalse();
    }

    @ParameterizedTest(name = "{0}, then {1} s, with an origin that fails: {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "stale-if-error=30; 89; 200",
                "stale-if-error=30; 90; 503",
                "must-revalidate, stale-if-error=30; 61; 503",
                "s-maxage=60, stale-if-error=30; 61; 503",
                "public; 61; 503",
            })
    void rfc5861_4_aStaleResponseStandsInUntilItsWindowEnds(String directives, long seconds, int status)
            throws Exception {
        start();
        // With an entity tag it is kept for longer than the window, to be validated.
        origin.on("/a", saying("200", "ETag: \"1\"|Cache-Control: max-age=60, " + directives), saying("503", ""));
        ask();
        time.advanceSeconds(seconds);
        for (String[] fields : new String[][] {{}, {LONG_WAY}}) {
            Response response = ask(fields);
            assertThat(response.status()).isEqualTo(status);
            assertThat(response.cacheStatus().contains("detail=stale-if-error")).isEqualTo(status == 200);
            if (status == 200) {
                assertThat(age(response)).isEqualTo(seconds);
            }
        }
        assertThat(origin.count("/a")).isEqualTo(3);
    }

    @ParameterizedTest(name = "{0}, then {1} s: {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "stale-while-revalidate=30; 59; hit",
                "stale-while-revalidate=30; 60; stale",
                "stale-while-revalidate=30; 89; stale",
                "stale-while-revalidate=30; 90; asked",
                "stale-while-revalidate=30, must-revalidate; 60; asked",
                "stale-while-revalidate=30, s-maxage=60; 60; asked",
            })
    void rfc5861_3_aStaleResponseIsServedWhileItIsRenewedUntilItsWindowEnds(
            String directives, long seconds, String expected) throws Exception {
        start();
        origin.on(
                "/a",
                saying("200", "X-Turn: 1|ETag: \"1\"|Cache-Control: max-age=60, " + directives),
                saying("200", "X-Turn: 2|Cache-Control: max-age=60"));
        ask();
        time.advanceSeconds(seconds);
        Response response = ask();
        assertThat(response.first("X-Turn")).isEqualTo(expected.equals("asked") ? "2" : "1");
        assertThat(response.isHit()).isEqualTo(!expected.equals("asked"));
        assertThat(response.cacheStatus().contains("stale-while-revalidate")).isEqualTo(expected.equals("stale"));
        if (!expected.equals("asked")) {
            assertThat(age(response)).isEqualTo(seconds);
        }
        if (!expected.equals("hit")) {
            await().until(() -> hitOf("2"));
        }
        assertThat(origin.count("/a")).isEqualTo(expected.equals("hit") ? 1 : 2);
    }

    private boolean hitOf(String turn) throws IOException {
        Response response = ask();
        return response.isHit() && turn.equals(response.first("X-Turn"));
    }

    /** Where renewing fails the origin is left alone for a second, then two, four, up to half a minute. */
    @Test
    void rfc5861_3_whereRenewingFailedItIsTriedAgainAfterAPause() throws Exception {
        start();
        origin.on(
                "/a",
                saying("200", "Cache-Control: max-age=60, stale-while-revalidate=600"),
                call -> call.send("HTTP/1.1 500 Hm\r\nContent-Length: 0\r\n\r\n"));
        ask();
        time.advanceSeconds(60);
        int asked = 1;
        for (long pause : new long[] {0, 1, 2, 4, 8, 16, 30, 30}) {
            if (pause > 0) {
                time.advance(Duration.ofSeconds(pause).minusMillis(1));
                hit();
                time.advance(Duration.ofMillis(1));
            }
            int next = ++asked;
            await().until(() -> ask().isHit() && origin.count("/a") >= next && failures() == next - 1);
            assertThat(origin.count("/a")).as("after " + pause + " s").isEqualTo(next);
        }
    }

    private long failures() {
        return (long) sidecar.metric("lastref_origin_requests_total{status=\"5xx\",}");
    }

    // ---- section 5.2.1

    @ParameterizedTest(name = "{0}, {1} s old: {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "max-age=30; 30; hit",
                "max-age=30; 31; asked",
                "max-age=0; 0; asked",
                "max-age=0; 1; asked",
                "max-age=100; 60; asked",
            })
    void rfc9111_5_2_1_1_noOlderThanTheClientSays(String directive, long seconds, String expected) throws Exception {
        judged("ETag: \"1\"", directive, seconds, expected);
    }

    @ParameterizedTest(name = "{0}, {1} s old: {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "max-stale=10; 59; hit",
                "max-stale=10; 60; stale",
                "max-stale=10; 70; stale",
                "max-stale=10; 71; asked",
                "max-stale; 119; stale",
                "max-stale=ten; 61; asked",
                "'max-stale=30, max-age=70'; 70; stale",
                "'max-stale=30, max-age=70'; 71; asked",
            })
    void rfc9111_5_2_1_2_noStalerThanTheClientSays(String directive, long seconds, String expected) throws Exception {
        judged("ETag: \"1\"", directive, seconds, expected);
    }

    @ParameterizedTest(name = "{0}, {1} s old: {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "min-fresh=10; 50; hit",
                "min-fresh=10; 51; asked",
                "min-fresh=60; 0; hit",
                "min-fresh=61; 0; asked",
                "min-fresh=ten; 0; asked",
            })
    void rfc9111_5_2_1_3_freshForAsLongAsTheClientSays(String directive, long seconds, String expected)
            throws Exception {
        judged("ETag: \"1\"", directive, seconds, expected);
    }

    /** What a client says of a response that is fresh for a minute, and this old. */
    private void judged(String fields, String directive, long seconds, String expected) throws Exception {
        start();
        origin.on("/a", saying("200", "Cache-Control: max-age=60|" + fields));
        ask();
        time.advanceSeconds(seconds);
        String said = "Cache-Control: " + directive;
        if (expected.equals("asked")) {
            assertThat(ask(said).isHit()).isFalse();
            assertThat(origin.count("/a")).isEqualTo(2);
        } else {
            Response response = hit(said);
            assertThat(age(response)).isEqualTo(seconds);
            assertThat(response.cacheStatus().contains("detail=max-stale")).isEqualTo(expected.equals("stale"));
        }
    }

    // ---- what is remembered of what was not shared

    /** For ten seconds requests for what was not for everybody go side by side; then one asks for all again. */
    @ParameterizedTest
    @CsvSource({"9, 2", "10, 1"})
    void whatCouldNotBeSharedIsRememberedForABoundedTime(long seconds, int asking) throws Exception {
        start();
        Gate gate = new Gate();
        int half = CONTENT.length / 2;
        Script inHalves = call -> {
            call.send(head("max-age=60", CONTENT.length)).send(Arrays.copyOf(CONTENT, half));
            gate.await();
            call.send(Arrays.copyOfRange(CONTENT, half, CONTENT.length));
        };
        origin.on("/a", saying("200", "Cache-Control: private"), inHalves);
        ask();
        time.advanceSeconds(seconds);
        try (RawClient one = sidecar.connect().request("GET", "/a");
                RawClient other = sidecar.connect().request("GET", "/a")) {
            // Both have got something, and none could have got it from the store.
            boolean collapsed = false;
            for (RawClient each : List.of(one, other)) {
                collapsed |= each.head().cacheStatus().contains("collapsed");
                assertThat(each.read(half)).hasSize(half);
            }
            assertThat(collapsed).isEqualTo(asking == 1);
            assertThat(origin.count("/a")).isEqualTo(1 + asking);
            gate.open();
            assertThat(one.read(CONTENT.length - half)).hasSize(CONTENT.length - half);
        }
    }
}
