package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Request;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an origin sends behind the content goes to those who take it, and nowhere else (RFC 9110, section 6.5). */
class TrailersTest extends SidecarTest {
    private static final String STORABLE = "max-age=60";
    private static final byte[] CONTENT = Content.of(97, 3000);
    private static final String TAKES = "TE: trailers";

    /** Chunked content with these lines behind it. */
    private static Script trailed(String cacheControl, byte[] content, String... lines) {
        return call -> {
            call.send(chunkedHead(cacheControl)).sendChunk(content);
            call.send("0\r\n" + section(lines));
        };
    }

    private static String section(String... lines) {
        return (lines.length == 0 ? "" : String.join("\r\n", lines) + "\r\n") + "\r\n";
    }

    /** Head, content and trailer lines, as they came. */
    private record Came(String head, byte[] content, List<String> trailers) {}

    private static Came read(RawClient client) throws IOException {
        Response head = client.head();
        assertThat(head.first("Transfer-Encoding")).isEqualTo("chunked");
        java.io.ByteArrayOutputStream content = new java.io.ByteArrayOutputStream();
        for (int n = size(client); n > 0; n = size(client)) {
            content.writeBytes(client.read(n));
            assertThat(line(client)).isEmpty();
        }
        List<String> trailers = new java.util.ArrayList<>();
        for (String line = line(client); !line.isEmpty(); line = line(client)) {
            trailers.add(line);
        }
        return new Came(head.head(), content.toByteArray(), trailers);
    }

    private static int size(RawClient client) throws IOException {
        return Integer.parseInt(line(client), 16);
    }

    private static String line(RawClient client) throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < 2 || line.charAt(line.length() - 2) != '\r') {
            int b = client.read();
            assertThat(b).as("the connection ended after " + line).isNotNegative();
            line.append((char) b);
        }
        return line.substring(0, line.length() - 2);
    }

    private Came ask(String method, String... fields) throws IOException {
        try (RawClient client = sidecar.connect().request(method, "/a", fields)) {
            return read(client);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TAKES, "te: Trailers", "TE: deflate;q=0.5, trailers", "TE: deflate|TE: trailers"})
    void rfc9112_7_1_2_theyReachWhoTakesThem(String te) throws Exception {
        start();
        origin.on("/a", trailed(STORABLE, CONTENT, "X-Sum: 1", "X-Sum:\t2 ", "ETag: \"1\"", "X-Empty:"));
        Came came = ask("GET", te.split("\\|"));
        assertThat(came.content()).isEqualTo(CONTENT);
        assertThat(came.trailers()).containsExactlyInAnyOrder("X-Sum: 1", "X-Sum: 2", "ETag: \"1\"", "X-Empty: ");
        assertThat(came.head()).doesNotContain("X-Sum");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: y", "TE: deflate", "TE: trailersandmore", "TE: ", "Trailer: X-Sum"})
    void rfc9110_6_5_1_theyAreDroppedForWhoDoesNotSaySo(String field) throws Exception {
        start();
        origin.on("/a", trailed(STORABLE, CONTENT, "X-Sum: 1"));
        Came came = ask("GET", field);
        assertThat(came.content()).isEqualTo(CONTENT);
        assertThat(came.trailers()).isEmpty();
        assertThat(came.head()).doesNotContain("X-Sum");
    }

    @Test
    void rfc9112_7_1_aClientOfHttp10GetsContentAlone() throws Exception {
        start();
        origin.on("/a", trailed(STORABLE, CONTENT, "X-Sum: 1"));
        try (RawClient client = sidecar.connect().send("GET /a HTTP/1.0\r\nHost: test\r\nTE: trailers\r\n\r\n")) {
            Response response = client.response();
            assertThat(response.body()).isEqualTo(CONTENT);
            assertThat(response.head()).doesNotContain("X-Sum");
        }
    }

    @Test
    void rfc9111_3_1_theyAreNotStored() throws Exception {
        start();
        origin.on("/a", trailed(STORABLE, CONTENT, "X-Sum: 1"));
        ask("GET", TAKES);
        Response hit = sidecar.get("/a", TAKES);
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).isEqualTo(CONTENT);
        assertThat(hit.head()).doesNotContain("X-Sum");
    }

    /** One fetch, and each client gets what it takes; what is for the first one alone, the first one alone gets. */
    @Test
    void whoWaitsWithOthersGetsThemByWhatItTakesItself() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/a", call -> {
            call.send(chunkedHead(STORABLE + ", private=\"X-One\""));
            call.sendChunk(Arrays.copyOf(CONTENT, 1000));
            gate.await();
            call.sendChunk(Arrays.copyOfRange(CONTENT, 1000, 3000));
            call.send("0\r\n" + section("X-Sum: 1", "X-One: 2"));
        });
        try (RawClient leader = sidecar.connect().request("GET", "/a", TAKES)) {
            await().until(() -> origin.count("/a") == 1);
            try (RawClient taking = sidecar.connect().request("GET", "/a", TAKES);
                    RawClient other = sidecar.connect().request("GET", "/a")) {
                // Each has a part of it, so all wait for the rest.
                for (RawClient client : List.of(leader, taking, other)) {
                    assertThat(client.head().status()).isEqualTo(200);
                    assertThat(client.read(5 + 1000)).hasSize(1005);
                }
                gate.open();
                assertThat(end(leader)).containsPattern("\r\n0\r\n(X-Sum: 1\r\n|X-One: 2\r\n){2}\r\n$");
                assertThat(end(taking)).endsWith("\r\n0\r\nX-Sum: 1\r\n\r\n");
                assertThat(end(other)).endsWith("\r\n0\r\n\r\n");
            }
        }
        assertThat(origin.count("/a")).isOne();
    }

    private static String end(RawClient client) throws IOException {
        client.socket().shutdownOutput();
        return new String(client.read(Long.MAX_VALUE), ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 3",
                "Transfer-Encoding: gzip",
                "Host: evil",
                "Connection: close",
                "Keep-Alive: timeout=5",
                "TE: trailers",
                "Trailer: X",
                "Upgrade: x",
                "Proxy-Anything: x",
                "X-Nominated: by the head",
                "Cache-Control: no-store",
                "CDN-Cache-Control: max-age=1",
                "Any-Cache-Control: max-age=1",
                "Surrogate-Control: max-age=1",
                "Expires: 0",
                "Age: 5",
                "Date: Thu, 29 Feb 2024 12:00:00 GMT",
                "Vary: *",
                "Set-Cookie: a=b",
                "set-cookie: a=b",
                "WWW-Authenticate: Basic",
                "Authorization: Basic YTpi",
                "Location: /b",
                "Content-Type: text/html",
                "Content-Encoding: gzip",
                "Content-Range: bytes 0-1/2",
                "Cache-Status: x; hit",
                "Via: 1.1 x",
                "X-Request-Id: 1",
                "Access-Control-Allow-Origin: *",
                "Strict-Transport-Security: max-age=1",
                "X-Odd: \u00e4"
            })
    void rfc9110_6_5_1_whatIsForTheHeadAloneIsDropped(String line) throws Exception {
        start();
        origin.on("/a", call -> {
            call.send(chunkedHead(STORABLE, "Connection: X-Nominated")).sendChunk(CONTENT);
            call.send("0\r\n" + section(line, "X-Sum: 1"));
        });
        Came came = ask("GET", TAKES);
        assertThat(came.content()).isEqualTo(CONTENT);
        assertThat(came.trailers()).containsExactly("X-Sum: 1");
        assertThat(came.head().lines()).doesNotContain(line);
        assertThat(sidecar.get("/a").isHit()).as("stored as its head says").isTrue();
    }

    /** More than a client can be expected to keep: nothing of it, and the content all the same. */
    @ParameterizedTest
    @CsvSource({"64, 10, true", "65, 10, false", "10, 700, true", "10, 1000, false"})
    void theyAreBounded(int lines, int length, boolean passed) throws Exception {
        start();
        String[] all = new String[lines];
        for (int i = 0; i < lines; i++) {
            all[i] = "X-Line: " + "x".repeat(length);
        }
        origin.on("/a", trailed(STORABLE, CONTENT, all));
        Came came = ask("GET", TAKES);
        assertThat(came.content()).isEqualTo(CONTENT);
        assertThat(came.trailers()).hasSize(passed ? lines : 0);
    }

    /** However they are cut on their way. */
    @Test
    void theyMayComeByteByByte() throws Exception {
        start();
        origin.on("/a", call -> {
            call.send(chunkedHead("no-store"));
            for (byte b : "5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n".getBytes(ISO_8859_1)) {
                call.send(new byte[] {b});
            }
        });
        for (int i = 0; i < 2; i++) {
            Came came = ask("GET", TAKES);
            assertThat(new String(came.content(), ISO_8859_1)).isEqualTo("hello");
            assertThat(came.trailers()).containsExactlyInAnyOrder("X-Sum: 1", "X-More: 2");
        }
    }

    /** The whole has them; who gets a part of it has no use for what is said of the whole. */
    @Test
    void aPartThatIsCutOutHasNone() throws Exception {
        start();
        origin.on("/a", trailed(STORABLE, CONTENT, "X-Sum: 1"));
        try (RawClient client = sidecar.connect().request("GET", "/a", TAKES, "Range: bytes=0-")) {
            String all = end(client);
            assertThat(all).contains(new String(CONTENT, ISO_8859_1));
        }
        assertThat(sidecar.get("/a", TAKES, "Range: bytes=0-9").body()).isEqualTo(Arrays.copyOf(CONTENT, 10));
    }

    /** An origin that breaks off within them has not sent all of its response. */
    @Test
    void rfc9112_8_aSectionThatIsCutShortIsNoEnd() throws Exception {
        start();
        origin.on("/a", call -> {
            call.send(chunkedHead(STORABLE)).sendChunk(CONTENT).send("0\r\nX-Sum: 1\r\n");
            call.close();
        });
        try (RawClient client = sidecar.connect().request("GET", "/a", TAKES)) {
            Response response = client.response();
            assertThat(response.whole() && response.status() == 200).isFalse();
        }
        assertThat(sidecar.get("/a").isHit()).isFalse();
    }

    // ---- what the origin is told

    /** It may think them needed only where nobody else gets the response, who might drop them. */
    @ParameterizedTest(name = "{0} with {1} and Connection: {2}: {3}")
    @CsvSource({
        "POST, TE: trailers, TE, true",
        "POST, TE: trailers, 'keep-alive, te', true",
        "POST, TE: trailers, keep-alive, false", // another hop may have passed it on unread
        "POST, 'TE: deflate, trailers;q=1', TE, false",
        "POST, 'TE: deflate, Trailers', TE, true",
        "POST, X: y, TE, false",
        "DELETE, TE: trailers, TE, true",
        "GET, TE: trailers, TE, false",
    })
    void rfc9110_10_1_4_theOriginIsToldOfAClientThatIsAlone(
            String method, String field, String connection, boolean told) throws Exception {
        start();
        origin.on("/a", trailed("no-store", CONTENT, "X-Sum: 1"));
        Came came = ask(method, field, "Connection: " + connection);
        assertThat(came.trailers()).hasSize(field.contains("railers") && !field.contains("q=1") ? 1 : 0);
        Request request = origin.requests("/a").get(0);
        assertThat(request.all("TE")).isEqualTo(told ? List.of("trailers") : List.of());
        assertThat(request.all("Connection")).isEqualTo(told ? List.of("TE") : List.of());
    }

    // ---- HTTP/2

    @Test
    void rfc9113_8_1_byHttp2TheyComeInAFrameOfTheirOwn() throws Exception {
        start();
        origin.on("/a", trailed(STORABLE, CONTENT, "X-Sum: 1", "Content-Length: 3", "grpc-status: 0"));
        try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
            List<Frame> frames = client.get(1, "/a").stream(1);
            Frame last = frames.get(frames.size() - 1);
            assertThat(frames.get(0).status()).isEqualTo(200);
            assertThat(RawHttp2.content(frames)).isEqualTo(CONTENT);
            assertThat(last.type()).isEqualTo(RawHttp2.HEADERS);
            assertThat(last.endsStream()).isTrue();
            assertThat(last.payload())
                    .isIn(
                            RawHttp2.block("x-sum", "1", "grpc-status", "0"),
                            RawHttp2.block("grpc-status", "0", "x-sum", "1"));
            assertThat(frames.subList(0, frames.size() - 1)).noneMatch(Frame::endsStream);

            List<Frame> hit = client.get(3, "/a").stream(3);
            assertThat(RawHttp2.content(hit)).isEqualTo(CONTENT);
            assertThat(hit.get(hit.size() - 1).type()).isEqualTo(RawHttp2.DATA);
        }
        assertThat(sidecar.metric("lastref_http2_faulty_connections_total")).isZero();
    }

    @Test
    void rfc9113_8_1_byHttp2TheyMayBeAllThereIs() throws Exception {
        start();
        origin.on("/a", call -> call.send(chunkedHead("no-store") + "0\r\ngrpc-status: 5\r\n\r\n"));
        try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
            for (int stream = 1; stream < 6; stream += 2) {
                List<Frame> frames = client.get(stream, "/a").stream(stream);
                assertThat(frames.get(0).status()).isEqualTo(200);
                assertThat(RawHttp2.content(frames)).isEmpty();
                assertThat(frames.get(frames.size() - 1).payload()).isEqualTo(RawHttp2.block("grpc-status", "5"));
                assertThat(frames).filteredOn(Frame::endsStream).hasSize(1);
            }
        }
    }

    @Test
    void byHttp2AHeadHasNone() throws Exception {
        start();
        origin.on("/a", trailed(STORABLE, CONTENT, "X-Sum: 1"));
        sidecar.get("/a");
        origin.on("/a", call -> call.send(chunkedHead(STORABLE)));
        try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
            List<Frame> frames = client
                    .send(
                            RawHttp2.HEADERS,
                            RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                            1,
                            RawHttp2.block(":method", "HEAD", ":scheme", "http", ":authority", "test", ":path", "/a"))
                    .stream(1);
            assertThat(frames).hasSize(1);
        }
    }
}
