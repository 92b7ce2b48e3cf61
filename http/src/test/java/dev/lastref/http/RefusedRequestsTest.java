package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.END_HEADERS;
import static dev.lastref.http.testing.RawHttp2.END_STREAM;
import static dev.lastref.http.testing.RawHttp2.GOAWAY;
import static dev.lastref.http.testing.RawHttp2.HEADERS;
import static dev.lastref.http.testing.RawHttp2.RST_STREAM;
import static dev.lastref.http.testing.RawHttp2.block;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests that no exchange is made for: they are counted by why, and in the access log all the same. */
class RefusedRequestsTest extends SidecarTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> REASONS = List.of(
            "malformed",
            "method",
            "head_timeout",
            "content_too_large",
            "target_too_long",
            "head_too_large",
            "unsupported",
            "loop",
            "memory",
            "refused_stream",
            "connection_error");

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("access.log");
    }

    private List<String> lines(int count) {
        Awaitility.await().until(() -> read().size() >= count);
        assertThat(read()).hasSize(count);
        return read();
    }

    private List<String> read() {
        try {
            return Files.readAllLines(file());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private double refused(String reason) {
        return sidecar.metric("lastref_requests_refused_total{reason=\"" + reason + "\",}");
    }

    private void assertOnlyRefused(String reason) {
        for (String each : REASONS) {
            assertThat(refused(each)).as(each).isEqualTo(each.equals(reason) ? 1 : 0);
        }
    }

    private static @Nullable String text(JsonNode line, String field) {
        return line.has(field) ? line.get(field).asString() : null;
    }

    @Test
    void everyReasonIsASeriesFromTheStart() {
        start("listen.http2=false");
        assertOnlyRefused("none");
    }

    static Stream<Arguments> heads() {
        String large = "x".repeat(300);
        return Stream.of(
                Arguments.of("GET /a b HTTP/1.1\r\n", 400, "malformed", "GET", "/a b", "1.1"),
                Arguments.of("GET  /a HTTP/1.1\r\n", 400, "malformed", "GET", " /a", "1.1"),
                Arguments.of("GET /a\u001b[1m HTTP/1.0\r\n", 400, "malformed", "GET", "/a\u001b[1m", "1.0"),
                Arguments.of("GET /a#b c", 400, "malformed", "GET", "/a#b c", null),
                Arguments.of("GET /a HTTX/1.1\r\n", 400, "malformed", "GET", "/a HTTX/1.1", null),
                Arguments.of("GET /a HTTP/1.1\nHost: t\n\n", 400, "malformed", "GET", "/a", "1.1"),
                Arguments.of("GET /a\rHost: t", 400, "malformed", "GET", "/a", null),
                Arguments.of("G\u0000T /a HTTP/1.1\r\n", 400, "malformed", null, null, null),
                Arguments.of("GET /a HTTP/1.1\r\nHost: t\r\nBad Name: x\r\n\r\n", 400, "malformed", "GET", "/a", "1.1"),
                Arguments.of("GET /a HTTP/1.0\r\nA : x\r\n\r\n", 400, "malformed", "GET", "/a", "1.0"),
                Arguments.of("\r\n\r\n\r\n\r\n\r\n\r\n", 400, "malformed", null, null, null),
                Arguments.of("\u0016\u0003\u0001\u0002\u0000\u0001", 400, "malformed", null, null, null),
                Arguments.of("GET /\" HTTP/2.0\r\n\r\n", 505, "unsupported", "GET", "/\"", null),
                Arguments.of("M".repeat(40) + " / HTTP/1.1\r\n\r\n", 501, "unsupported", null, null, null),
                Arguments.of("GET /" + large, 414, "target_too_long", "GET", "/" + large, null),
                Arguments.of(
                        "GET /a?b HTTP/1.1\r\nHost: t\r\nX: " + large.repeat(4) + "\r\n\r\n",
                        431,
                        "head_too_large",
                        "GET",
                        "/a?b",
                        "1.1"),
                Arguments.of(
                        "GET /a HTTP/1.1\r\nHost: t\r\n" + "a: b\r\n".repeat(9) + "\r\n",
                        431,
                        "head_too_large",
                        "GET",
                        "/a",
                        "1.1"));
    }

    @ParameterizedTest(name = "{1} {2}")
    @MethodSource("heads")
    void aHeadThatTheServerDoesNotGetToSeeIsCountedAndLogged(
            String head, int status, String reason, String method, String target, String version) throws Exception {
        start("access-log=" + file(), "limits.url=200", "limits.head=1KiB", "limits.fields=8");
        try (RawClient client = sidecar.connect()) {
            client.send(head);
            assertThat(client.response().status()).isEqualTo(status);
        }
        JsonNode line = JSON.readTree(lines(1).get(0));
        assertThat(line.get("status").asInt()).isEqualTo(status);
        assertThat(line.get("client").asString()).isEqualTo("127.0.0.1");
        assertThat(line.get("bytes").asInt()).isPositive();
        assertThat(line.get("refused").asString()).isNotEmpty();
        assertThat(text(line, "method")).isEqualTo(method);
        assertThat(text(line, "target")).isEqualTo(target);
        assertThat(text(line, "protocol")).isEqualTo(version == null ? null : "HTTP/" + version);
        assertThat(line.has("requestId") || line.has("cache")).isFalse();
        assertOnlyRefused(reason);
        assertThat(origin.requests()).isEmpty();
    }

    static Stream<Arguments> headsBehindAProxy() {
        String get = "GET /a HTTP/1.1\r\n";
        String named = "x-forwarded-for: 198.51.100.1, 203.0.113.7, 127.0.0.2\r\n";
        String cookie = "Cookie: " + "c".repeat(3000) + "\r\n";
        return Stream.of(
                Arguments.of("127.0.0.0/8", get + named + "\r\n", "203.0.113.7"),
                Arguments.of("127.0.0.0/8", get + cookie + named + "\r\n", "203.0.113.7"),
                Arguments.of("127.0.0.0/8", get + named + "X-Forwarded-For: 192.0.2.1\r\n\r\n", "192.0.2.1"),
                Arguments.of("127.0.0.0/8", get + "Forwarded: for=\"[2001:db8::7]:80\"\r\n\r\n", "2001:db8::7"),
                Arguments.of("127.0.0.0/8", get + "\r\n", "127.0.0.1"),
                Arguments.of("127.0.0.0/8", get + named + "Bad Name: x\r\n\r\n", "203.0.113.7"),
                Arguments.of("127.0.0.0/8", get + "Bad Name: x\r\n" + named + "\r\n", "203.0.113.7"),
                Arguments.of("127.0.0.0/8", "GET /x?q=100% HTTP/1.1\r\n" + named + "\r\n", "203.0.113.7"),
                Arguments.of("127.0.0.0/8", get + named + "A: b\nX-Forwarded-For: 192.0.2.1\r\n\r\n", "203.0.113.7"),
                // Whom the proxy names might come behind what has come.
                Arguments.of("127.0.0.0/8", get + named + "Bad Name: x\r\n", "127.0.0.1"),
                Arguments.of("none", get + named + "\r\n", "127.0.0.1"));
    }

    @ParameterizedTest
    @MethodSource("headsBehindAProxy")
    void theClientOfAHeadThatCameWholeIsWhomATrustedProxyNames(String trusted, String head, String named)
            throws Exception {
        start("access-log=" + file(), "trusted-proxies=" + trusted);
        for (int piece : new int[] {head.length(), 10}) {
            try (RawClient client = sidecar.connect()) {
                client.send(head.substring(0, piece));
                if (piece < head.length()) {
                    assertThat(client.isQuietFor(100)).isTrue(); // it is read on its own
                    client.send(head.substring(piece));
                }
                assertThat(client.response().status()).isEqualTo(400);
            }
        }
        for (String logged : lines(2).subList(0, head.length() > 1024 ? 1 : 2)) { // of one in pieces not all is kept
            JsonNode line = JSON.readTree(logged);
            assertThat(line.get("client").asString()).isEqualTo(named);
            assertThat(text(line, "peer")).isEqualTo(named.equals("127.0.0.1") ? null : "127.0.0.1");
        }
    }

    static Stream<Arguments> headsThatTheServerRefusesInSilence() {
        String percent = "a percent sign in the target that two hexadecimal digits do not follow";
        String form = "a target that is neither a path nor an http URI with a host";
        String host = "a Host that is no host";
        return Stream.of(
                Arguments.of("GET /x?q=100% HTTP/1.1\r\nHost: t\r\n\r\n", "/x?q=100%", percent),
                Arguments.of("GET /x?q=%zz HTTP/1.1\r\nHost: t\r\n\r\n", "/x?q=%zz", percent),
                Arguments.of("GET /%4 HTTP/1.1\r\nHost: t\r\n\r\n", "/%4", percent),
                Arguments.of("GET /x;%4g HTTP/1.1\r\nHost: t\r\n\r\n", "/x;%4g", percent),
                Arguments.of("GET /%zz/%q?\"\u00e9 HTTP/1.1\r\nHost: t\r\n\r\n", "/%zz/%q?\"%xE9", percent),
                Arguments.of("GET x HTTP/1.1\r\nHost: t\r\n\r\n", "x", form),
                Arguments.of("GET * HTTP/1.1\r\nHost: t\r\n\r\n", "*", form),
                Arguments.of("OPTIONS *x HTTP/1.1\r\nHost: t\r\n\r\n", "*x", form),
                Arguments.of("GET mailto:x HTTP/1.1\r\nHost: t\r\n\r\n", "mailto:x", form),
                Arguments.of("GET http:///x HTTP/1.1\r\nHost: t\r\n\r\n", "http:///x", form),
                Arguments.of("GET http://]/x HTTP/1.1\r\nHost: t\r\n\r\n", "http://]/x", form),
                Arguments.of("CONNECT t HTTP/1.1\r\nHost: t\r\n\r\n", "t", form),
                Arguments.of("GET /x HTTP/1.1\r\nHost: a b\r\n\r\n", "/x", host),
                Arguments.of("GET /x HTTP/1.1\r\nHost: t:99999\r\n\r\n", "/x", host),
                Arguments.of("GET /x HTTP/1.1\r\nHost: t/x\r\n\r\n", "/x", host),
                Arguments.of("GET /x HTTP/1.1\r\nHost: u@t\r\n\r\n", "/x", host),
                Arguments.of("GET /x HTTP/1.1\r\nHost: [::1\r\n\r\n", "/x", host),
                Arguments.of("GET /x HTTP/1.1\r\nHost: [1:2]\r\n\r\n", "/x", host),
                Arguments.of("GET /x HTTP/1.1\r\nHost: " + "t".repeat(300) + "\r\n\r\n", "/x", host));
    }

    /** Of each it would see something wrong before all of the head is there, or at its end. */
    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("headsThatTheServerRefusesInSilence")
    void whatTheServerWouldRefuseInSilenceIsCountedAndLoggedToo(String head, String target, String reason)
            throws Exception {
        start("access-log=" + file());
        try (RawClient client = sidecar.connect()) {
            client.send(head);
            assertThat(client.response().status()).isEqualTo(400);
        }
        JsonNode line = JSON.readTree(lines(1).get(0));
        assertThat(line.get("refused").asString()).isEqualTo(reason);
        assertThat(text(line, "target")).isEqualTo(target);
        assertOnlyRefused("malformed");
        assertThat(origin.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x?q=100%25", "/%c3%a9", "/x%2fy?%41=%7e", "http://t/%41", "/\"{}|^"})
    void aTargetThatIsRightIsNot(String target) throws Exception {
        start();
        origin.on(target.startsWith("/") ? target : "/%41", ok("max-age=60", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 2; i++) {
                client.send("GET " + target + " HTTP/1.1\r\nHost: t\r\n\r\n");
                assertThat(client.response().status()).isEqualTo(200);
            }
        }
        assertOnlyRefused("none");
    }

    @Test
    void aHeadThatComesInPiecesBehindAnotherRequestIsNamed() throws Exception {
        start("access-log=" + file());
        origin.on("/first", ok("max-age=60", new byte[7]));
        sidecar.get("/first");
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/first").response();
            client.send(
                    "GET /first HTTP/1.1\r\nHost: test\r\n\r\nGE"); // the first part comes with one that is answered
            client.response();
            for (String part : List.of("T /se", "cond HTT", "P/1.1\r\nHo", "st : t\r\n\r\n")) {
                client.send(part);
                sidecar.metric("lastref_cache_entries"); // mostly enough for the part to be read alone
            }
            assertThat(client.response().status()).isEqualTo(400);
        }
        JsonNode line = lines(4).stream()
                .map(each -> JSON.readTree(each))
                .filter(each -> each.has("refused"))
                .findFirst()
                .orElseThrow();
        assertThat(line.get("target").asString()).isEqualTo("/second");
        assertThat(line.get("method").asString()).isEqualTo("GET");
        assertThat(line.get("protocol").asString()).isEqualTo("HTTP/1.1");
    }

    @Test
    void aHeadThatDoesNotCompleteInTimeIsCountedAndLogged() throws Exception {
        start("access-log=" + file(), "limits.head-timeout=1s");
        try (RawClient client = sidecar.connect()) {
            client.send("GET /late HTTP/1.1\r\nHost: t");
            assertThat(client.response().status()).isEqualTo(408);
        }
        JsonNode line = JSON.readTree(lines(1).get(0));
        assertThat(line.get("status").asInt()).isEqualTo(408);
        assertThat(line.get("target").asString()).isEqualTo("/late");
        assertOnlyRefused("head_timeout");
    }

    @Test
    void theCombinedFormatHasWhatIsKnown() throws Exception {
        start("access-log=" + file(), "access-log.format=combined");
        try (RawClient client = sidecar.connect()) {
            client.send("\u0016\u0003\u0001");
            client.response();
        }
        lines(1);
        try (RawClient client = sidecar.connect()) {
            client.send("GET /\" HTTP/1.1\r\n nothing\r\n\r\n");
            client.response();
        }
        lines(2);
        try (RawClient client = sidecar.connect()) {
            client.send("GET /%zz\"\u001b HTTP/1.1\r\nHost: t\r\n\r\n");
            client.response();
        }
        List<String> logged = lines(3);
        assertThat(logged.get(2))
                .matches("127\\.0\\.0\\.1 - - \\[[^]]+] \"GET /%zz\\\\\"\\\\x1b HTTP/1\\.1\" 400 \\d+ \"-\" \"-\"");
        assertThat(logged.get(0)).matches("127\\.0\\.0\\.1 - - \\[[^]]+] \"-\" 400 \\d+ \"-\" \"-\"");
        assertThat(logged.get(1))
                .matches("127\\.0\\.0\\.1 - - \\[[^]]+] \"GET /\\\\\" HTTP/1\\.1\" 400 \\d+ \"-\" \"-\"");
    }

    @Test
    void whatTheGateRefusesIsCountedToo() throws Exception {
        start("access-log=" + file(), "limits.body=10");
        assertThat(RawClient.ask(sidecar.address(), "TRACE", "/a").status()).isEqualTo(405);
        assertThat(sidecar.get("/a", "Expect: nothing").status()).isEqualTo(417);
        assertThat(sidecar.get("/a", "Content-Length: 11").status()).isEqualTo(413);
        assertThat(lines(3)).allMatch(line -> JSON.readTree(line).has("requestId"));
        assertThat(Map.of(
                        "method", refused("method"),
                        "unsupported", refused("unsupported"),
                        "content_too_large", refused("content_too_large")))
                .allSatisfy((reason, count) -> assertThat(count).as(reason).isEqualTo(1));
    }

    // ---- HTTP/2

    private RawHttp2 http2() throws IOException {
        return RawHttp2.connect(sidecar.address());
    }

    private static byte[] request(String path, String... more) {
        String[] fields = {":method", "GET", ":scheme", "http", ":authority", "t", ":path", path};
        return block(Stream.of(fields, more).flatMap(Stream::of).toArray(String[]::new));
    }

    static Stream<Arguments> streams() {
        return Stream.of(
                Arguments.of(request("/" + "x".repeat(300)), 414, "target_too_long", "/" + "x".repeat(300)),
                Arguments.of(request("/a", "a", "x".repeat(900)), 431, "head_too_large", "/a"),
                Arguments.of(request("/%"), 400, "malformed", "/%"),
                Arguments.of(request("/a", "A", "b"), 0, "malformed", "/a"),
                Arguments.of(request("/a", "connection", "x"), 0, "malformed", "/a"));
    }

    @ParameterizedTest(name = "{1} {2}")
    @MethodSource("streams")
    void aStreamThatIsRefusedIsCountedAndLogged(byte[] head, int status, String reason, String target)
            throws Exception {
        start("access-log=" + file(), "limits.url=200", "limits.head=1KiB", "limits.fields=8");
        try (RawHttp2 client = http2()) {
            client.send(HEADERS, END_HEADERS | END_STREAM, 1, head);
            RawHttp2.Frame first = client.stream(1).get(0);
            assertThat(first.type()).isEqualTo(status == 0 ? RST_STREAM : HEADERS);
            if (status != 0) {
                assertThat(first.status()).isEqualTo(status);
            }
        }
        JsonNode line = JSON.readTree(lines(1).get(0));
        assertThat(line.get("status").asInt()).isEqualTo(status);
        assertThat(line.get("method").asString()).isEqualTo("GET");
        assertThat(line.get("target").asString()).isEqualTo(target);
        assertThat(line.get("protocol").asString()).isEqualTo("HTTP/2.0");
        assertThat(line.get("client").asString()).isEqualTo("127.0.0.1");
        assertThat(line.get("refused").asString()).isNotEmpty();
        assertOnlyRefused(reason);
        assertThat(sidecar.metric("lastref_http2_requests_total")).isZero();
    }

    @Test
    void theClientOfAStreamThatIsRefusedIsWhomATrustedProxyNames() throws Exception {
        start("access-log=" + file(), "trusted-proxies=127.0.0.0/8");
        try (RawHttp2 client = http2()) {
            client.send(HEADERS, END_HEADERS | END_STREAM, 1, request("/%", "x-forwarded-for", "1.1.1.1, 203.0.113.7"));
            assertThat(client.stream(1).get(0).status()).isEqualTo(400);
        }
        JsonNode line = JSON.readTree(lines(1).get(0));
        assertThat(line.get("client").asString()).isEqualTo("203.0.113.7");
        assertThat(line.get("peer").asString()).isEqualTo("127.0.0.1");
    }

    @Test
    void aStreamBeyondThoseThatMayRunIsCountedAndLogged() throws Exception {
        start("access-log=" + file());
        Gate gate = new Gate();
        origin.on("/a", call -> gate.await());
        try (RawHttp2 client = http2()) {
            for (int id = 1; id <= 257; id += 2) {
                client.send(HEADERS, END_HEADERS | END_STREAM, id, request("/a", "x", String.valueOf(id)));
            }
            assertThat(client.await(RST_STREAM).stream()).isEqualTo(257);
            JsonNode line = JSON.readTree(lines(1).get(0));
            assertThat(line.get("target").asString()).isEqualTo("/a");
            assertThat(line.get("host").asString()).isEqualTo("t");
            assertThat(line.get("refused").asString()).isEqualTo("more streams than may run");
            assertOnlyRefused("refused_stream");
            assertThat(sidecar.metric("lastref_http2_refused_streams_total{reason=\"concurrent\",}"))
                    .isEqualTo(1);
        } finally {
            gate.open();
        }
    }

    @Test
    void aConnectionThatEndsForWhatItsClientSentIsCountedAndLoggedOnce() throws Exception {
        start("access-log=" + file());
        try (RawHttp2 client = http2()) {
            client.send(HEADERS, END_HEADERS | END_STREAM, 2, request("/a")).get(4, "/b");
            assertThat(client.await(GOAWAY).error()).isEqualTo(1);
        }
        JsonNode line = JSON.readTree(lines(1).get(0));
        assertThat(line.get("status").asInt()).isZero();
        assertThat(line.get("refused").asString()).contains("PROTOCOL_ERROR", "not the client's");
        assertThat(line.has("target") || line.has("method")).isFalse();
        assertOnlyRefused("connection_error");
    }

    @Test
    void whoReadsAlongSeesThemAndFiltersByStatus() throws Exception {
        start();
        try (RawClient reader = RawClient.connect(sidecar.admin()).request("GET", "/api/log?status=414")) {
            assertThat(reader.head().status()).isEqualTo(200);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> sidecar.metric("lastref_log_readers") == 1);
            for (String head : List.of("\u0001", "GET /" + "x".repeat(20_000))) {
                try (RawClient client = sidecar.connect()) {
                    client.send(head);
                    client.response();
                }
            }
            StringBuilder seen = new StringBuilder();
            while (seen.indexOf("}\n") < 0) {
                seen.append(new String(reader.read(1), ISO_8859_1));
            }
            JsonNode line = JSON.readTree(seen.substring(seen.indexOf("{"), seen.indexOf("}\n") + 1));
            assertThat(line.get("status").asInt()).isEqualTo(414);
            assertThat(line.get("target").asString()).hasSize(1020); // of 1 KiB that is kept
        }
    }
}
