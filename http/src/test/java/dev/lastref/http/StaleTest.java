package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a stale response is served, and when not (RFC 9111, section 4.2.4; RFC 5861). */
class StaleTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(73, 30_000);
    private static final byte[] NEWER = Content.of(74, 20_000);
    /** With this it is stale by ten seconds when it arrives. */
    private static final String OLD = "Age: 40";

    private static final String LIFETIME = "max-age=30";

    private static Script failing(String how) {
        return switch (how) {
            case "breaks" -> call -> call.reset();
            case "closes" -> call -> call.close();
            default -> call -> call.send("HTTP/1.1 " + how + " Failing\r\nContent-Length: 5\r\n\r\nwrong");
        };
    }

    @Test
    void rfc5861_3_aStaleResponseIsServedWhileItIsRenewedInTheBackground() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/a", ok(LIFETIME + ", stale-while-revalidate=60", CONTENT, OLD, "ETag: \"1\""), call -> {
            gate.await();
            ok("max-age=60", NEWER).play(call);
        });
        sidecar.get("/a");
        for (int i = 0; i < 5; i++) {
            Response stale = sidecar.get("/a");
            assertThat(stale.body()).isEqualTo(CONTENT);
            assertThat(stale.cacheStatus()).matches("lastref; hit; ttl=-1\\d; detail=stale-while-revalidate");
            assertThat(Integer.parseInt(stale.first("Age"))).isGreaterThanOrEqualTo(20);
        }
        await().until(() -> origin.count("/a") == 2);
        assertThat(origin.requests("/a").get(1).all("If-None-Match")).containsExactly("\"1\"");
        gate.open();
        await().until(() -> sidecar.get("/a").cacheStatus().startsWith("lastref; hit; ttl=5"));
        assertThat(sidecar.get("/a").body()).isEqualTo(NEWER);
        assertThat(origin.count("/a"))
                .as("one fetch in the background, however many were served")
                .isEqualTo(2);
        await().untilAsserted(() -> assertThat(sidecar.requests("stale")).isGreaterThanOrEqualTo(5));
    }

    @Test
    void theWindowIsConfiguredWhereTheResponseIsSilent() throws Exception {
        start("cache.stale-while-revalidate=60s");
        origin.on("/a", ok(LIFETIME, CONTENT, OLD));
        origin.on("/b", ok(LIFETIME + ", stale-while-revalidate=0", CONTENT, OLD));
        for (String target : new String[] {"/a", "/b"}) {
            sidecar.get(target);
        }
        assertThat(sidecar.get("/a").cacheStatus()).contains("stale-while-revalidate");
        assertThat(sidecar.get("/b").cacheStatus()).contains("fwd=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"500", "502", "503", "504", "breaks", "closes"})
    void rfc5861_4_aStaleResponseStandsInForAnOriginThatFails(String how) throws Exception {
        start();
        origin.on("/a", ok(LIFETIME + ", stale-if-error=60", CONTENT, OLD), failing(how));
        sidecar.get("/a");
        for (int i = 0; i < 3; i++) {
            Response stale = sidecar.get("/a");
            assertThat(stale.status()).isEqualTo(200);
            assertThat(stale.body()).isEqualTo(CONTENT);
            assertThat(stale.cacheStatus()).contains("fwd=stale").contains("detail=stale-if-error");
        }
        sidecar.awaitRequests("stale", 3);
    }

    /** An origin whose newer response breaks before any of its content can be passed on. */
    private static Script breakingOff(String how) {
        String length = head("max-age=60", NEWER.length);
        String chunked = chunkedHead("max-age=60");
        return switch (how) {
            case "length, closed" -> call -> call.send(length).close();
            case "chunked, closed" -> call -> call.send(chunked).close();
            case "chunked, no chunk" ->
                call -> call.send(chunked + "xyz\r\n").in().read();
            case "chunked, no chunk after one" ->
                call -> call.send(chunked + "5\r\nhello\r\nxyz\r\n").in().read();
            case "not storable, closed" ->
                call -> call.send(head("no-store", NEWER.length)).close();
            case "silent" -> call -> call.send(length).in().read();
            default -> throw new IllegalArgumentException(how);
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "length, closed",
                "chunked, closed",
                "chunked, no chunk",
                "chunked, no chunk after one",
                "not storable, closed",
                "silent"
            })
    void rfc5861_4_aStaleResponseStandsInForContentThatBreaksBeforeAByteOfItWasSent(String how) throws Exception {
        start("origin.idle-timeout=300ms");
        origin.on(
                "/a",
                ok(LIFETIME + ", stale-if-error=60", CONTENT, OLD, "ETag: \"1\""),
                breakingOff(how),
                breakingOff(how),
                ok("max-age=60", NEWER));
        sidecar.get("/a");
        Response stale = sidecar.get("/a");
        assertThat(stale.status()).as(stale.toString()).isEqualTo(200);
        assertThat(stale.body()).isEqualTo(CONTENT);
        assertThat(stale.cacheStatus()).matches("lastref; fwd=stale; ttl=-1\\d; detail=stale-if-error");
        Response part = sidecar.get("/a", "Range: bytes=5-14");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(CONTENT, 5, 15));
        sidecar.awaitRequests("stale", 2);
        assertThat(sidecar.get("/a").body()).isEqualTo(NEWER);
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    @Test
    void rfc5861_4_aStaleResponseStandsInForAllWhoWaitForContentThatBreaks() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/a", ok(LIFETIME + ", stale-if-error=60", CONTENT, OLD, "ETag: \"1\""), call -> {
            gate.await();
            call.send(head("max-age=60", NEWER.length)).close();
        });
        origin.on("/behind", ok("no-store", NEWER));
        sidecar.get("/a");
        try (RawHttp2 client = RawHttp2.connect(sidecar.address()).open(0, 1_000_000)) {
            client.get(1, "/a").get(3, "/a").get(5, "/a").get(7, "/behind");
            client.stream(7); // those before it wait by now
            gate.open();
            Map<Integer, List<Frame>> answers = client.streams(1, 3, 5);
            for (int stream : new int[] {1, 3, 5}) {
                List<Frame> stale = answers.get(stream);
                assertThat(stale.get(0).status()).isEqualTo(200);
                assertThat(RawHttp2.content(stale)).isEqualTo(CONTENT);
                assertThat(stale.get(0).text())
                        .containsPattern("lastref; fwd=stale; " + (stream == 1 ? "" : "collapsed; ")
                                + "ttl=-1\\d; detail=stale-if-error");
            }
        }
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @Test
    void rfc5861_4_whoHasAByteOfTheNewerResponseIsCutOff() throws Exception {
        start();
        Gate clientHasHead = new Gate();
        origin.on("/a", ok(LIFETIME + ", stale-if-error=60", CONTENT, OLD), call -> {
            call.send(head("max-age=60", NEWER.length)).send(NEWER, 0, 5_000);
            clientHasHead.await();
            call.reset();
        });
        sidecar.get("/a");
        try (RawClient client = sidecar.connect()) {
            Response head = client.request("GET", "/a").head();
            clientHasHead.open();
            Response broken = client.content(head, "GET");
            assertThat(broken.whole()).isFalse();
            assertThat(broken.body()).isEqualTo(Arrays.copyOf(NEWER, broken.body().length));
            assertThat(client.ending()).isEqualTo(RawClient.Ending.RST);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"must-revalidate, stale-if-error=60", "no-cache, stale-if-error=60", "stale-if-error=5"})
    void rfc9111_4_2_4_nothingStandsInForContentThatBreaksWhereThatIsForbidden(String directives) throws Exception {
        start();
        origin.on("/a", ok(LIFETIME + ", " + directives, CONTENT, OLD, "ETag: \"1\""), breakingOff("length, closed"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").status()).isEqualTo(502);
    }

    @ParameterizedTest
    @ValueSource(strings = {"404", "410", "403", "501"})
    void rfc5861_4_anAnswerIsNoFailure(String status) throws Exception {
        start("cache.stale-if-error=60s");
        origin.on("/a", ok(LIFETIME, CONTENT, OLD), failing(status));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").status()).isEqualTo(Integer.parseInt(status));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "must-revalidate                | ''",
                "proxy-revalidate               | ''",
                "no-cache                       | ''",
                "s-maxage=10                    | ''",
                "public                         | Cache-Control: no-cache",
                "public, stale-if-error=5       | ''"
            })
    void rfc9111_4_2_4_notAgainstAProhibition(String directive, String request) throws Exception {
        start("cache.stale-if-error=60s", "cache.stale-while-revalidate=60s");
        origin.on("/a", ok(LIFETIME + ", " + directive, CONTENT, OLD, "ETag: \"1\""), failing("503"));
        sidecar.get("/a");
        String[] fields = request.isEmpty() ? new String[] {"Cache-Control: min-fresh=0"} : new String[] {request};
        assertThat(sidecar.get("/a", fields).status()).isEqualTo(503);
    }

    @Test
    void rfc5861_4_theClientMayAskForItToo() throws Exception {
        start();
        origin.on("/a", ok(LIFETIME, CONTENT, OLD, "ETag: \"1\""), failing("503"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").status()).isEqualTo(503);
        assertThat(sidecar.get("/a", "Cache-Control: stale-if-error=60").body()).isEqualTo(CONTENT);
    }

    /** What is stored is stale by ten seconds. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "public             | stale-if-error=60 | 200",
                "stale-if-error=60  | max-age=99        | 200",
                "stale-if-error=60  | stale-if-error=60 | 200",
                "stale-if-error=60  | stale-if-error=0  | 503",
                "stale-if-error=60  | stale-if-error=5  | 503",
                "stale-if-error=60  | stale-if-error=x  | 503",
                "stale-if-error=60  | stale-if-error =9 | 503",
                "stale-if-error=5   | stale-if-error=60 | 200",
            })
    void rfc5861_4_whatTheClientSaysIsTheLimitForItsRequest(String response, String request, int status)
            throws Exception {
        start("cache.stale-if-error=1s");
        origin.on("/a", ok(LIFETIME + ", " + response, CONTENT, OLD, "ETag: \"1\""), failing("503"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a", "Cache-Control: " + request).status()).isEqualTo(status);
        origin.on("/b", ok(LIFETIME + ", " + response, CONTENT, OLD, "ETag: \"1\""), breakingOff("length, closed"));
        sidecar.get("/b");
        assertThat(sidecar.get("/b", "Cache-Control: " + request).status()).isEqualTo(status == 503 ? 502 : status);
    }

    /** One who waits does not get what the leader allows. */
    @Test
    void rfc5861_4_whatTheClientSaysCountsAlsoWhereItWaitsForAnother() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/a", ok(LIFETIME + ", stale-if-error=60", CONTENT, OLD, "ETag: \"1\""), call -> {
            gate.await();
            failing("503").play(call);
        });
        origin.on("/behind", ok("no-store", NEWER));
        sidecar.get("/a");
        String[] strict = {
            ":method",
            "GET",
            ":scheme",
            "http",
            ":authority",
            "test",
            ":path",
            "/a",
            "cache-control",
            "stale-if-error=0"
        };
        try (RawHttp2 client = RawHttp2.connect(sidecar.address()).open(0, 1_000_000)) {
            client.get(1, "/a");
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 3, RawHttp2.block(strict));
            client.get(5, "/behind");
            client.stream(5); // those before it wait by now
            gate.open();
            Map<Integer, List<Frame>> answers = client.streams(1, 3);
            assertThat(answers.get(1).get(0).status()).isEqualTo(200);
            assertThat(answers.get(3).get(0).status()).isEqualTo(503);
        }
    }

    @Test
    void rfc9111_5_2_1_2_maxStaleServesWithoutAskingTheOrigin() throws Exception {
        start();
        origin.on("/a", ok(LIFETIME, CONTENT, OLD, "ETag: \"1\""), failing("503"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a", "Cache-Control: max-stale=60").body()).isEqualTo(CONTENT);
        assertThat(sidecar.get("/a", "Cache-Control: max-stale, only-if-cached").cacheStatus())
                .contains("detail=max-stale");
        assertThat(sidecar.get("/a", "Cache-Control: only-if-cached").status()).isEqualTo(504);
        assertThat(origin.count("/a")).isOne();
        assertThat(sidecar.get("/a", "Cache-Control: max-stale=5").status()).isEqualTo(503);
    }

    @Test
    void negativeAnswersAreStoredByConfiguration() throws Exception {
        start("cache.negative-ttl=60s");
        origin.on("/a", failing("404"));
        assertThat(sidecar.get("/a").status()).isEqualTo(404);
        Response hit = sidecar.get("/a");
        assertThat(hit.status()).isEqualTo(404);
        assertThat(hit.isHit()).isTrue();
    }

    /** "By no more than the specified number of seconds": nor does the response's own window give more to this client. */
    @ParameterizedTest
    @ValueSource(strings = {"max-stale=5", "max-stale=0"})
    void rfc9111_5_2_1_2_whoSaysHowStaleGetsNothingThatIsMoreSo(String directive) throws Exception {
        start();
        origin.on(
                "/a",
                ok(LIFETIME + ", stale-while-revalidate=60", CONTENT, OLD, "ETag: \"1\""),
                ok("max-age=60", NEWER, "ETag: \"2\""));
        sidecar.get("/a");
        assertThat(sidecar.get("/a", "Cache-Control: " + directive).body()).isEqualTo(NEWER);
    }

    /** What has gone, or is not for everybody any more, is not shown for the rest of the window. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "404 Not Found|X: y",
                "410 Gone|Cache-Control: no-store",
                "403 Forbidden|X: y",
                "401 No|X: y",
                "200 OK|Cache-Control: no-store",
                "200 OK|Cache-Control: private",
                "302 Found|Location: /b"
            })
    void rfc9111_4_3_3_anAnswerThatIsNoFailureEndsTheStaleOneInTheBackground(String answer) throws Exception {
        start();
        int bar = answer.indexOf('|');
        int status = Integer.parseInt(answer.substring(0, 3));
        origin.on(
                "/a",
                ok(LIFETIME + ", stale-while-revalidate=60", CONTENT, OLD, "ETag: \"1\""),
                call -> call.send("HTTP/1.1 " + answer.substring(0, bar) + "\r\nContent-Length: 3\r\n"
                        + answer.substring(bar + 1) + "\r\n\r\nnew"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").body()).isEqualTo(CONTENT);
        await().until(() -> sidecar.get("/a").body().length == 3);
        Response later = sidecar.get("/a");
        assertThat(later.status()).isEqualTo(status);
        assertThat(later.body()).hasSize(3);
    }

    @Test
    void rfc9111_4_3_3_anAnswerThatIsNoFailureEndsTheStaleOneBeforeAllEyes() throws Exception {
        start();
        origin.on(
                "/a",
                ok(LIFETIME + ", stale-if-error=60", CONTENT, OLD, "ETag: \"1\""),
                call -> call.send("HTTP/1.1 403 No\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n"),
                failing("503"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").status()).isEqualTo(403);
        assertThat(sidecar.get("/a").status()).isEqualTo(503);
        assertThat(sidecar.get("/a", "Cache-Control: max-stale").status()).isEqualTo(503);
    }

    /** To refuse one who has named himself says nothing to those who have not. */
    @Test
    void rfc9111_4_3_3_whatIsRefusedToOneStaysForOthers() throws Exception {
        start();
        origin.on(
                "/a",
                ok("public, " + LIFETIME + ", stale-if-error=60", CONTENT, OLD, "ETag: \"1\""),
                call -> call.send("HTTP/1.1 403 No\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n"),
                failing("503"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a", "Authorization: Basic x").status()).isEqualTo(403);
        assertThat(sidecar.get("/a").body()).isEqualTo(CONTENT);
    }
}
