package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Cache-Status says of requests that went on to the origin, and of what became of the answer (RFC 9211, sections 2.2 to 2.5). */
class ForwardStatusTest extends SidecarTest {
    private static final byte[] NEWER = Content.of(181, 5_000);
    /** With this it is stale by ten seconds when it arrives. */
    private static final String[] OLD = {"Age: 40", "ETag: \"1\""};

    private final Gate gate = new Gate();

    private Script gated(Script script) {
        return call -> {
            gate.await();
            script.play(call);
        };
    }

    /** What was asked for before it, and answered after it, is by its Date older than what is stored by then, or newer. */
    @ParameterizedTest(name = "{0} bytes, chunked {1}, newer {2}")
    @CsvSource({
        "1000, false, false",
        "1000, true, false",
        "1000000, false, false",
        "1000000, true, false",
        "1000, false, true",
        "1000000, true, true",
        "0, false, false",
        "0, false, true",
    })
    void rfc9211_2_5_whatIsSupersededWhenItComesIsNotSaidToBeStored(int length, boolean chunked, boolean newer)
            throws Exception {
        start();
        byte[] slow = Content.of(182, length);
        long now = Instant.now().getEpochSecond();
        String date = "Date: " + HttpDates.format(newer ? now : now - 20);
        Script script = chunked
                ? call -> call.send(chunkedHead("max-age=600", date))
                        .sendChunk(slow)
                        .sendLastChunk()
                : ok("max-age=600", slow, date);
        origin.on("/a", gated(script), ok("max-age=600", NEWER, "Date: " + HttpDates.format(now - 10)));
        try (RawClient first = sidecar.connect().request("GET", "/a")) {
            await().until(() -> origin.count("/a") == 1);
            assertThat(sidecar.get("/a", "Cache-Control: no-cache").cacheStatus())
                    .contains("; stored; ttl=");
            gate.open();
            Response response = first.response();
            assertThat(response.body()).isEqualTo(slow);
            assertThat(response.cacheStatus())
                    .matches("lastref; fwd=uri-miss; " + (newer ? "stored; ttl=\\d+" : "detail=superseded"));
        }
        await().untilAsserted(() -> assertThat(sidecar.get("/a").body()).isEqualTo(newer ? slow : NEWER));
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    /** What was purged while the origin was asked is not stored. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, 1_000_000})
    void rfc9211_2_5_whatIsPurgedOnItsWayIsNotSaidToBeStored(int length) throws Exception {
        start();
        byte[] slow = Content.of(183, length);
        origin.on("/a", gated(ok("max-age=600", slow)));
        try (RawClient first = sidecar.connect().request("GET", "/a");
                RawClient purging = RawClient.connect(sidecar.admin())) {
            await().until(() -> origin.count("/a") == 1);
            String purge = "{\"all\":true}";
            assertThat(purging.send("POST /api/purge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + purge.length() + "\r\n\r\n" + purge)
                            .response()
                            .status())
                    .isEqualTo(200);
            gate.open();
            Response response = first.response();
            assertThat(response.body()).isEqualTo(slow);
            assertThat(response.cacheStatus())
                    .startsWith("lastref; fwd=uri-miss")
                    .doesNotContain("stored");
        }
    }

    /** Whoever has all of a response finds it stored, also what must be validated before each use, for which nobody can wait. */
    @ParameterizedTest(name = "{0} bytes, chunked {1}")
    @CsvSource({"100, false", "100, true", "300000, false", "300000, true"})
    void rfc9111_3_aWholeResponseIsFoundAtOnceByWhoHasAllOfIt(int length, boolean chunked) throws Exception {
        start();
        byte[] content = Content.of(186, length);
        Script script = chunked
                ? call -> call.send(chunkedHead("no-cache", "ETag: \"1\""))
                        .sendChunk(content)
                        .sendLastChunk()
                : ok("no-cache", content, "ETag: \"1\"");
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 20; i++) {
                String target = "/" + i;
                origin.on(target, script, notModified("\"1\""));
                assertThat(client.request("GET", target).response().body()).isEqualTo(content);
                assertThat(client.request("GET", target).response().body()).isEqualTo(content);
                assertThat(origin.requests(target).get(1).all("If-None-Match"))
                        .as("%d", i)
                        .containsExactly("\"1\"");
            }
        }
    }

    private static Script notModified(String tag) {
        return call -> call.send("HTTP/1.1 304 Not Modified\r\nETag: " + tag + "\r\n\r\n");
    }

    /** The origin validates what nobody has, and is asked once more, now for all of it. */
    @ParameterizedTest(name = "{0} with {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=30           | ''                      | stale",
                "max-age=60, no-cache | ''                      | stale",
                "max-age=600          | Cache-Control: no-cache | request",
            })
    void rfc9211_2_2_whyItWentOnIsSaidAlsoAfterANotModifiedOfNoUse(String stored, String request, String why)
            throws Exception {
        start();
        origin.on("/a", ok(stored, Content.of(184, 100), OLD), notModified("\"2\""), ok("max-age=60", NEWER));
        sidecar.get("/a");
        Response response = request.isEmpty() ? sidecar.get("/a") : sidecar.get("/a", request);
        assertThat(response.body()).isEqualTo(NEWER);
        assertThat(response.cacheStatus()).startsWith("lastref; fwd=" + why + "; stored; ttl=");
        assertThat(origin.requests("/a").get(1).all("If-None-Match")).containsExactly("\"1\"");
        assertThat(origin.requests("/a").get(2).all("If-None-Match")).isEmpty();
    }

    @Test
    void rfc9211_2_2_whyItWentOnIsSaidAlsoToWhoWaitedForANotModifiedOfNoUse() throws Exception {
        start();
        origin.on(
                "/a", ok("max-age=30", Content.of(184, 100), OLD), gated(notModified("\"2\"")), ok("no-store", NEWER));
        origin.on("/behind", ok("no-store", NEWER));
        sidecar.get("/a");
        try (RawHttp2 client = RawHttp2.connect(sidecar.address()).open(0, 1_000_000)) {
            client.get(1, "/a").get(3, "/a").get(5, "/behind");
            client.stream(5); // those before it wait by now
            gate.open();
            Map<Integer, List<Frame>> answers = client.streams(1, 3);
            for (int stream : new int[] {1, 3}) {
                assertThat(RawHttp2.content(answers.get(stream))).isEqualTo(NEWER);
                assertThat(answers.get(stream).get(0).text()).contains("lastref; fwd=stale");
            }
        }
    }

    private static Script failing(String how) {
        return switch (how) {
            case "breaks" -> call -> call.reset();
            case "200 breaks" ->
                call -> call.send(head("max-age=60", NEWER.length)).close();
            default -> call -> call.send("HTTP/1.1 " + how + " Failing\r\nContent-Length: 0\r\n\r\n");
        };
    }

    /** Where the client is sent another status than the origin's, or a part, or none, of a stored response with the origin's status. */
    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "503        | X: y                    | 200 | 503",
                "503        | Range: bytes=5-14       | 206 | 503",
                "503        | If-None-Match: \"1\"      | 304 | 503",
                "breaks     | X: y                    | 200 | 0",
                "breaks     | Range: bytes=5-14       | 206 | 0",
                "breaks     | If-None-Match: \"1\"      | 304 | 0",
                "200 breaks | X: y                    | 200 | 0",
                "200 breaks | Range: bytes=5-14       | 206 | 200",
                "200 breaks | Range: bytes=4000-      | 416 | 200",
                "200 breaks | If-None-Match: \"1\"      | 304 | 200",
            })
    void rfc9211_2_3_theOriginsStatusIsToldWhereTheClientGetsAnother(String how, String request, int status, int told)
            throws Exception {
        start();
        origin.on("/a", ok("max-age=30, stale-if-error=60", Content.of(185, 100), OLD), failing(how));
        sidecar.get("/a");
        Response response = sidecar.get("/a", request);
        assertThat(response.status()).as(response.toString()).isEqualTo(status);
        assertThat(response.cacheStatus())
                .matches("lastref; fwd=stale; " + (told == 0 ? "" : "fwd-status=" + told + "; ")
                        + "ttl=-\\d+; detail=stale-if-error");
    }
}
