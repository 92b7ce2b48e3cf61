package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** HTTP in clear on the port that speaks TLS: whoever sends it can read what is wrong. */
class PlainOnTlsTest extends SidecarTest {
    private static final String GET = "GET /a?b HTTP/1.1\r\nHost: t\r\n\r\n";
    private static final String REASON = "plain HTTP, and this port speaks TLS: use https:// in place of http://";
    private static final int ALERT = 0x15;

    @TempDir
    Path directory;

    private Certificates startSecured(String... more) throws Exception {
        try (Programs programs = new Programs(directory)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            String[] settings = Arrays.copyOf(more, more.length + 3);
            settings[more.length] = "tls.certificate=" + certificates.chain("server");
            settings[more.length + 1] = "tls.key=" + certificates.key("server");
            settings[more.length + 2] = "access-log=" + directory.resolve("access.log");
            start(settings);
            return certificates;
        }
    }

    private JsonNode logged() throws IOException {
        Path log = directory.resolve("access.log");
        await().until(() -> !Files.readAllLines(log).isEmpty());
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).hasSize(1);
        return new JsonMapper().readTree(lines.get(0));
    }

    private static void assertSaysWhatToDo(Response response) {
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.first("Connection")).isEqualTo("close");
        assertThat(response.first("Cache-Control")).isEqualTo("no-store");
        assertThat(new String(response.body(), ISO_8859_1)).isEqualTo("400 Bad Request: " + REASON + "\n");
        assertThat(response.whole()).isTrue();
    }

    private void assertCountedOnce() {
        assertThat(sidecar.metric("lastref_requests_refused_total{reason=\"malformed\",}"))
                .isEqualTo(1);
        assertThat(sidecar.metric("lastref_tls_handshakes_failed_total{reason=\"protocol\",}"))
                .isEqualTo(1);
        assertThat(origin.requests()).isEmpty();
    }

    private static String readToEnd(Socket socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int b = socket.getInputStream().read();
                    b >= 0;
                    b = socket.getInputStream().read()) {
                all.write(b);
            }
        } catch (SocketException reset) {
            // which is an end, too
        }
        return all.toString(ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoAsksInClearIsToldSoInClear(boolean http2) throws Exception {
        startSecured("listen.http2=" + http2);
        try (RawClient client = sidecar.connect()) {
            assertSaysWhatToDo(client.send(GET).response());
            assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        }
        await().until(() -> sidecar.metric("lastref_connections") == 0);
        assertCountedOnce();
        JsonNode line = logged();
        assertThat(line.get("status").asInt()).isEqualTo(400);
        assertThat(line.get("method").asString()).isEqualTo("GET");
        assertThat(line.get("target").asString()).isEqualTo("/a?b");
        assertThat(line.get("protocol").asString()).isEqualTo("HTTP/1.1");
        assertThat(line.get("client").asString()).isEqualTo("127.0.0.1");
        assertThat(line.get("refused").asString()).isEqualTo(REASON);
    }

    @Test
    void whoHasMoreToSayCanReadItAllTheSame() throws Exception {
        startSecured();
        try (RawClient client = sidecar.connect()) {
            client.send("POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 600000\r\n\r\n");
            client.send(new byte[600_000]);
            assertSaysWhatToDo(client.response());
            assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        }
        assertCountedOnce();
    }

    /** By then nobody reads the connection for TLS any more. */
    @Test
    void whatComesBehindTheAnswerIsHeardOutToo() throws Exception {
        startSecured();
        try (RawClient client = sidecar.connect()) {
            assertSaysWhatToDo(client.send("POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 90000\r\n\r\n")
                    .response());
            for (int i = 0; i < 3; i++) {
                client.send(new byte[30_000]);
                sidecar.metric("lastref_cache_entries"); // mostly enough for it to be read alone
            }
            await().until(() -> sidecar.metric("lastref_connections") == 0);
            client.send("x"); // throws where the connection was reset, as it is by what is left unread
        }
        assertCountedOnce();
    }

    /** The first piece is the least by which TLS sees that it is none. */
    @Test
    void aHeadInPiecesIsAnsweredToo() throws Exception {
        startSecured();
        try (RawClient client = sidecar.connect()) {
            for (String piece : List.of("OPT", "IO", "NS * HT", "TP/1.1\r\nHost: t\r\n", "\r\n")) {
                client.send(piece);
                sidecar.metric("lastref_cache_entries"); // mostly enough for the piece to be read alone
            }
            assertSaysWhatToDo(client.response());
            assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        }
        assertCountedOnce();
    }

    @Test
    void whoStaysIsNotWaitedForLong() throws Exception {
        startSecured();
        try (RawClient client = sidecar.connect()) {
            assertSaysWhatToDo(client.send(GET).response());
            await().until(() -> sidecar.metric("lastref_connections") == 0);
        }
    }

    @Test
    void whoIsBehindAProxyIsNamed() throws Exception {
        startSecured("proxy-protocol=127.0.0.0/8");
        try (RawClient client = sidecar.connect()) {
            client.send("PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n" + GET);
            assertSaysWhatToDo(client.response());
            assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        }
        assertCountedOnce();
        assertThat(logged().get("client").asString()).isEqualTo("192.0.2.7");
    }

    @Test
    void whomATrustedProxyNamesIsNamed() throws Exception {
        startSecured("trusted-proxies=127.0.0.0/8");
        try (RawClient client = sidecar.connect()) {
            client.send("GET /a HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n");
            assertSaysWhatToDo(client.response());
        }
        assertThat(logged().get("client").asString()).isEqualTo("203.0.113.7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2\r\n",
                "get / http\r\n",
                "\0\0\0\0\0\0",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA /"
            })
    void whatIsNeitherGetsTheAlert(String sent) throws Exception {
        startSecured();
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(sent).read()).isEqualTo(ALERT);
            client.awaitEnd();
        }
        assertThat(sidecar.metric("lastref_requests_refused_total{reason=\"malformed\",}"))
                .isZero();
    }

    @Test
    void whatComesInClearWithinTlsIsNotAnsweredInClear() throws Exception {
        Certificates certificates = startSecured();
        origin.on("/a", ok("max-age=60", new byte[10]));
        try (Socket below = new Socket("127.0.0.1", sidecar.address().getPort());
                SSLSocket client = (SSLSocket)
                        certificates.clients().getSocketFactory().createSocket(below, "127.0.0.1", 0, false)) {
            below.setSoTimeout(30_000);
            client.getOutputStream().write("GET /a HTTP/1.1\r\nHost: t\r\n\r\n".getBytes(US_ASCII));
            assertThat(client.getInputStream().read()).isEqualTo('H');
            below.getOutputStream().write((GET + "x".repeat(20_000)).getBytes(US_ASCII)); // a whole record, for TLS
            assertThat(readToEnd(below)).doesNotContain("HTTP/1.1");
        }
        await().until(() -> sidecar.metric("lastref_connections") == 0);
        assertThat(sidecar.metric("lastref_requests_refused_total{reason=\"malformed\",}"))
                .isZero();
    }
}
