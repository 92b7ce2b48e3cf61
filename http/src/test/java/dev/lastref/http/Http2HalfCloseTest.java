package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.block;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of HTTP/2 that shut down their side and read on, and those that only seem to. */
class Http2HalfCloseTest extends SidecarTest {
    private static final byte[] LARGE = Content.of(5, 8_000_000);
    private static final byte[] SMALL = Content.of(6, 10);
    private static final int INITIAL_WINDOW = 4;
    private static final int OPEN = 16_000_000;

    @TempDir
    Path directory;

    private final Gate gate = new Gate();

    private RawHttp2 connect(int window) throws IOException {
        return RawHttp2.connect(sidecar.address(), INITIAL_WINDOW, window).open(0, 1_000_000_000);
    }

    private void serve() throws IOException {
        origin.on("/large", ok("max-age=600", LARGE));
        origin.on("/slow", call -> {
            gate.await();
            ok("no-store", SMALL).play(call);
        });
        start("pool.size=64MiB", "pool.pin-timeout=1s");
        sidecar.get("/large");
    }

    private void awaitNoConnection() {
        await().atMost(Duration.ofSeconds(30)).until(() -> sidecar.metric("lastref_http2_connections") == 0);
        await().atMost(Duration.ofSeconds(30)).until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    /** What comes of each stream, to the connection's end. */
    private static Map<Integer, java.io.ByteArrayOutputStream> contents(RawHttp2 client) throws IOException {
        Map<Integer, java.io.ByteArrayOutputStream> contents = new HashMap<>();
        for (Frame frame = client.read(); frame != null; frame = client.read()) {
            assertThat(frame.type()).isNotEqualTo(RawHttp2.RST_STREAM);
            if (frame.type() == RawHttp2.DATA) {
                contents.computeIfAbsent(frame.stream(), id -> new java.io.ByteArrayOutputStream())
                        .writeBytes(frame.payload());
            }
        }
        return contents;
    }

    @Test
    void whatRunsIsServedToItsEnd() throws Exception {
        serve();
        try (RawHttp2 client = connect(OPEN)) {
            client.get(1, "/slow").get(3, "/large").get(5, "/large").endOutput();
            await().until(() -> origin.count("/slow") == 1);
            gate.open();
            Map<Integer, java.io.ByteArrayOutputStream> contents = contents(client);
            assertThat(contents.keySet()).containsExactlyInAnyOrder(1, 3, 5);
            assertThat(contents.get(1).toByteArray()).isEqualTo(SMALL);
            assertThat(contents.get(3).toByteArray()).isEqualTo(LARGE);
            assertThat(contents.get(5).toByteArray()).isEqualTo(LARGE);
            assertThat(client.wasReset()).isFalse();
        }
        awaitNoConnection();
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, true", "TLSv1.2, false"})
    void overTlsItIsServedIfTheVersionKnowsHalfClosedConnections(String version, boolean served) throws Exception {
        try (Programs programs = new Programs(directory)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            origin.on("/large", ok("max-age=600", LARGE));
            origin.on("/slow", call -> {
                gate.await();
                ok("no-store", SMALL).play(call);
            });
            start(
                    "pool.size=64MiB",
                    "pool.pin-timeout=1s",
                    "tls.certificate=" + certificates.chain("server"),
                    "tls.key=" + certificates.key("server"));
            SSLSocket socket = (SSLSocket) certificates
                    .clients()
                    .getSocketFactory()
                    .createSocket(
                            sidecar.address().getAddress(), sidecar.address().getPort());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            parameters.setProtocols(new String[] {version});
            socket.setSSLParameters(parameters);
            try (RawHttp2 client = RawHttp2.over(socket, INITIAL_WINDOW, OPEN)) {
                client.open(0, 1_000_000_000).get(1, "/slow").get(3, "/large");
                await().until(() -> origin.count("/slow") == 1);
                client.endOutput();
                gate.open();
                if (served) {
                    Map<Integer, java.io.ByteArrayOutputStream> contents = contents(client);
                    assertThat(contents.get(1).toByteArray()).isEqualTo(SMALL);
                    assertThat(contents.get(3).toByteArray()).isEqualTo(LARGE);
                }
            }
        }
        awaitNoConnection();
    }

    @Test
    void whatWaitsForAWindowIsBrokenOffVisiblySinceNoneWillBeOpened() throws Exception {
        serve();
        try (RawHttp2 client = connect(1000)) {
            client.get(1, "/large").get(3, "/slow").endOutput();
            await().until(() -> origin.count("/slow") == 1);
            List<Frame> answer = client.stream(1);
            assertThat(RawHttp2.content(answer)).hasSize(1000);
            assertThat(answer.get(answer.size() - 1).error()).as("CANCEL").isEqualTo(8);
            gate.open();
            assertThat(RawHttp2.content(client.stream(3))).isEqualTo(SMALL);
            while (client.read() != null) {
                // to its end
            }
            assertThat(client.wasReset()).isFalse();
        }
        awaitNoConnection();
    }

    @Test
    void aRequestWhoseContentWillNotComeIsBrokenOffOnBothSides() throws Exception {
        serve();
        origin.on("/post", call -> call.body());
        try (RawHttp2 client = connect(OPEN)) {
            client.get(1, "/slow")
                    .send(
                            RawHttp2.HEADERS,
                            RawHttp2.END_HEADERS,
                            3,
                            block(":method", "POST", ":scheme", "http", ":authority", "test", ":path", "/post"));
            await().until(() -> origin.count("/post") == 1);
            client.send(RawHttp2.DATA, 0, 3, new byte[100]).endOutput();
            assertThat(client.stream(3)).last().matches(frame -> frame.type() == RawHttp2.RST_STREAM);
            gate.open();
            assertThat(RawHttp2.content(client.stream(1))).isEqualTo(SMALL);
        }
        awaitNoConnection();
    }

    /** The kernel of a client that is gone for good says so when something is sent to it, although there is no answer to send. */
    @Test
    void aClientThatIsGoneIsFoundOutWhileItsAnswersAreAwaited() throws Exception {
        serve();
        try (RawHttp2 client = connect(OPEN)) {
            client.get(1, "/slow");
            await().until(() -> origin.count("/slow") == 1);
            while (client.read().type() != RawHttp2.WINDOW_UPDATE) {
                // all that was said so far, or the end would be a reset
            }
        }
        awaitNoConnection();
        gate.open();
    }

    @Test
    void aClientThatBreaksItsConnectionIsLetGoOfAtOnce() throws Exception {
        serve();
        RawHttp2 client = connect(OPEN).get(1, "/slow");
        await().until(() -> origin.count("/slow") == 1);
        client.reset();
        awaitNoConnection();
        gate.open();
    }

    @Test
    void aClientThatReadsNothingAfterItsEndIsCutOffAfterThePinTimeout() throws Exception {
        serve();
        try (RawHttp2 client = connect(OPEN)) {
            client.get(1, "/large").get(3, "/large").endOutput();
            awaitNoConnection();
            while (client.read() != null) {
                // what the kernel had passed on
            }
            assertThat(client.wasReset()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whereNothingRunsTheConnectionEnds(boolean afterARequest) throws Exception {
        serve();
        try (RawHttp2 client = connect(OPEN)) {
            if (afterARequest) {
                client.get(1, "/large").stream(1);
            }
            client.endOutput();
            while (client.read() != null) {
                // to its end
            }
            assertThat(client.wasReset()).isFalse();
        }
        awaitNoConnection();
    }
}
