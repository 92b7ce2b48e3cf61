package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.DATA;
import static dev.lastref.http.testing.RawHttp2.END_HEADERS;
import static dev.lastref.http.testing.RawHttp2.END_STREAM;
import static dev.lastref.http.testing.RawHttp2.HEADERS;
import static dev.lastref.http.testing.RawHttp2.block;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** HEAD that is refused, or that nobody can answer: the head says why, and no content follows (RFC 9110, section 9.3.2). */
class RefusedHeadTest extends SidecarTest {
    private static final String[] SETTINGS = {
        "limits.url=200", "limits.head=1KiB", "limits.fields=12", "limits.body=10", "limits.head-timeout=1s"
    };

    @TempDir
    Path directory;

    private String[] settings(String... more) {
        return Stream.of(SETTINGS, more, new String[] {"access-log=" + directory.resolve("access.log")})
                .flatMap(Stream::of)
                .toArray(String[]::new);
    }

    static Stream<Arguments> requests() {
        String fields = " HTTP/1.1\r\nHost: t\r\n";
        String close = "Connection: close\r\n";
        return Stream.of(
                Arguments.of(400, "HEAD /a b HTTP/1.1\r\n\r\n"),
                Arguments.of(400, "HEAD /a HTTP/1.0\r\nA : x\r\n\r\n"),
                Arguments.of(400, "HEAD /%" + fields + "\r\n"),
                Arguments.of(400, "HEAD /a HTTP/1.1\r\n\r\n"),
                Arguments.of(408, "HEAD /a" + fields),
                Arguments.of(413, "HEAD /a" + fields + close + "Content-Length: 11\r\n\r\n"),
                Arguments.of(414, "HEAD /" + "x".repeat(300) + fields + "\r\n"),
                Arguments.of(417, "HEAD /a" + fields + close + "Expect: nothing\r\n\r\n"),
                Arguments.of(431, "HEAD /a" + fields + "X: " + "x".repeat(1200) + "\r\n\r\n"),
                Arguments.of(431, "HEAD /a" + fields + "a: b\r\n".repeat(13) + "\r\n"),
                Arguments.of(501, "HEAD /a" + fields + "Transfer-Encoding: gzip\r\n\r\n"),
                Arguments.of(503, "HEAD /a" + fields + close + "\r\n"),
                Arguments.of(504, "HEAD /a" + fields + close + "Cache-Control: only-if-cached\r\n\r\n"),
                Arguments.of(505, "HEAD /a HTTP/2.0\r\n\r\n"),
                Arguments.of(508, "HEAD /a" + fields + close + "Via: " + VIA + "\r\n\r\n"));
    }

    private static final String VIA = "1.1 lastref, 1.1 lastref, 1.1 lastref, 1.1 lastref, 1.1 lastref";

    private void assertNoContentIsLogged(int status) throws Exception {
        Path log = directory.resolve("access.log");
        await().until(() -> !Files.readAllLines(log).isEmpty());
        var line = new JsonMapper().readTree(Files.readAllLines(log).get(0));
        assertThat(line.get("method").asString()).isEqualTo("HEAD");
        assertThat(line.get("status").asInt()).isEqualTo(status);
        assertThat(line.get("bytes").asInt()).isZero();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("requests")
    void theHeadIsAll(int status, String request) throws Exception {
        start(settings());
        origin.close();
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(request).head().status()).isEqualTo(status);
            assertThat(client.read(Long.MAX_VALUE)).asString().isEmpty();
        }
        assertNoContentIsLogged(status);
    }

    @Test
    void theHeadIsAllOfTooManyRequests() throws Exception {
        start("limits.requests-per-second-per-peer=1", "trusted-proxies=none");
        origin.close();
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 3; i++) {
                client.request("HEAD", "/a", i == 2 ? "Connection: close" : "X: y");
            }
            assertThat(List.of(
                            client.head().status(),
                            client.head().status(),
                            client.head().status()))
                    .contains(429);
            assertThat(client.read(Long.MAX_VALUE)).asString().isEmpty();
        }
    }

    @Test
    void aGetThatIsWrongBehindAHeadHasItsContent() throws Exception {
        start(settings());
        origin.close();
        try (RawClient client = sidecar.connect()) {
            client.send("HEAD /a HTTP/1.1\r\nHost: t\r\n\r\nGET /% HTTP/1.1\r\n");
            assertThat(client.head().status()).isEqualTo(503);
            assertThat(client.response().status()).isEqualTo(400);
            assertThat(client.read(Long.MAX_VALUE)).asString().isEmpty();
        }
    }

    @Test
    void theHeadIsAllInClearWhereTlsIsSpoken() throws Exception {
        try (Programs programs = new Programs(directory)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            start(settings("tls.certificate=" + certificates.chain("server"), "tls.key=" + certificates.key("server")));
        }
        try (RawClient client = sidecar.connect()) {
            assertThat(client.request("HEAD", "/a").head().status()).isEqualTo(400);
            assertThat(client.read(Long.MAX_VALUE)).asString().isEmpty();
        }
        assertNoContentIsLogged(400);
    }

    static Stream<Arguments> streams() {
        return Stream.of(
                Arguments.of(400, "/%", "a", "b"),
                Arguments.of(413, "/a", "content-length", "11"),
                Arguments.of(414, "/" + "x".repeat(300), "a", "b"),
                Arguments.of(417, "/a", "expect", "nothing"),
                Arguments.of(431, "/a", "a", "x".repeat(900)),
                Arguments.of(503, "/a", "a", "b"),
                Arguments.of(504, "/a", "cache-control", "only-if-cached"),
                Arguments.of(508, "/a", "via", VIA));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("streams")
    void theHeadIsAllOfAStream(int status, String path, String name, String value) throws Exception {
        start(settings());
        origin.close();
        byte[] head = block(":method", "HEAD", ":scheme", "http", ":authority", "t", ":path", path, name, value);
        try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
            client.send(HEADERS, END_HEADERS | (status == 413 ? 0 : END_STREAM), 1, head);
            List<RawHttp2.Frame> answer = client.stream(1);
            assertThat(answer.get(0).status()).isEqualTo(status);
            assertThat(answer).filteredOn(frame -> frame.type() == DATA).allMatch(frame -> frame.payload().length == 0);
        }
        assertNoContentIsLogged(status);
    }
}
