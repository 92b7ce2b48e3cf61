package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.block;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A GET with content, by which some origins choose their answer, is nobody else's business. */
class ContentOfGetTest extends SidecarTest {
    private static final String LENGTH = "Content-Length: 5\r\n\r\nquery";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n5\r\nquery\r\n0\r\n\r\n";

    /** The origin answers what it is asked by the content. */
    private void serve() {
        start();
        origin.on(
                "/search",
                call -> ok("max-age=600", ("for <" + new String(call.body(), ISO_8859_1) + ">").getBytes(ISO_8859_1))
                        .play(call));
    }

    private Response ask(String method, String framedContent) throws IOException {
        try (RawClient client = sidecar.connect()) {
            return client.send(method + " /search HTTP/1.1\r\nHost: test\r\n" + framedContent)
                    .response(method);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {LENGTH, CHUNKED})
    void rfc9110_9_3_1_itsAnswerIsNotStoredForOthers(String framedContent) throws Exception {
        serve();
        Response answer = ask("GET", framedContent);
        assertThat(answer.body()).asString().isEqualTo("for <query>");
        assertThat(answer.cacheStatus()).contains("fwd=bypass").doesNotContain("stored");
        Response others = sidecar.get("/search");
        assertThat(others.isHit()).isFalse();
        assertThat(others.body()).asString().isEqualTo("for <>");
    }

    @ParameterizedTest
    @ValueSource(strings = {LENGTH, CHUNKED})
    void rfc9110_9_3_1_whatIsStoredForOthersIsNotItsAnswer(String framedContent) throws Exception {
        serve();
        sidecar.get("/search");
        assertThat(ask("GET", framedContent).body()).asString().isEqualTo("for <query>");
        assertThat(ask("HEAD", framedContent).cacheStatus()).contains("fwd=bypass");
        Response hit = sidecar.get("/search");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).asString().isEqualTo("for <>");
    }

    @Test
    void rfc9110_9_3_1_noContentIsNone() throws Exception {
        serve();
        assertThat(ask("GET", "Content-Length: 0\r\n\r\n").cacheStatus()).contains("stored");
        assertThat(ask("GET", "Content-Length: 0\r\n\r\n").isHit()).isTrue();
    }

    /** Nor what becomes of it: who waits for a GET must not get the fault of somebody else's content. */
    @Test
    void rfc9110_9_3_1_nobodyWaitsForIt() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/search", call -> {
            gate.await();
            ok("max-age=600", "for all".getBytes(ISO_8859_1)).play(call);
        });
        try (RawClient broken = sidecar.connect();
                RawClient other = sidecar.connect()) {
            broken.send("GET /search HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nqu");
            other.request("GET", "/search");
            await().until(() -> origin.count("/search") >= 1);
            broken.close();
            gate.open();
            assertThat(other.response().body()).asString().isEqualTo("for all");
        }
    }

    @Test
    void rfc9110_9_3_1_byHttp2Alike() throws Exception {
        serve();
        try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
            byte[] head = block(":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/search");
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, head);
            client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, "query".getBytes(ISO_8859_1));
            assertThat(RawHttp2.content(client.stream(1))).asString().isEqualTo("for <query>");
            assertThat(RawHttp2.content(client.get(3, "/search").stream(3)))
                    .asString()
                    .isEqualTo("for <>");
            byte[] onlyIfCached = block(
                    ":method",
                    "GET",
                    ":scheme",
                    "http",
                    ":authority",
                    "test",
                    ":path",
                    "/search",
                    "cache-control",
                    "only-if-cached");
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 9, onlyIfCached);
            client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 9, "query".getBytes(ISO_8859_1));
            assertThat(client.stream(9).get(0).status())
                    .as("nothing that is stored")
                    .isEqualTo(504);
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 11, head);
            client.send(RawHttp2.RST_STREAM, 0, 11, RawHttp2.number(8));
            assertThat(RawHttp2.content(client.get(13, "/search").stream(13)))
                    .asString()
                    .isEqualTo("for <>");
        }
    }
}
