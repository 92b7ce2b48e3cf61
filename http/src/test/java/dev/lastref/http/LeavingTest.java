package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import dev.lastref.http.testing.RawHttp2;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go, one or very many at a time, and those to whom all is said. */
class LeavingTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(3, 1000);

    @TempDir
    Path directory;

    private List<RawClient> askedOnce(int count) throws IOException {
        List<RawClient> clients = new ArrayList<>();
        while (clients.size() < count) {
            RawClient client = served();
            // Where there was no room whoever came before is just leaving.
            clients.add(client != null ? client : await().until(this::served, Objects::nonNull));
        }
        return clients;
    }

    /** Null: there are as many as may be. */
    private @Nullable RawClient served() throws IOException {
        RawClient client = sidecar.connect();
        try {
            if (client.request("GET", "/").response().status() == 200) {
                return client;
            }
        } catch (SocketException refused) {
            // as without a response
        }
        client.close();
        return null;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 1000})
    void asManyAsTheLimitAllowsMayLeaveAtOnceAndAsManyCome(int count) throws Exception {
        start("limits.connections=" + count, "limits.connections-per-peer=" + count);
        origin.on("/", ok("max-age=600", CONTENT));
        for (int again = 0; again < 3; again++) {
            List<RawClient> clients = askedOnce(count);
            assertThat(served()).as("one more than the limit").isNull();
            for (int i = 0; i < count; i++) {
                if (i % 2 == 0) {
                    clients.get(i).close();
                } else {
                    clients.get(i).reset();
                }
            }
        }
    }

    private enum Speaking {
        NOTHING,
        HTTP1,
        HTTP2,
        TLS_NOTHING,
        TLS_HTTP1,
        TLS_HTTP2;

        boolean isSecured() {
            return name().startsWith("TLS");
        }
    }

    /** Asks for something, and returns the socket, TCP's, when it has the answer. */
    private Socket served(Speaking speaking, SSLContext trusting) throws IOException {
        Socket tcp =
                new Socket(sidecar.address().getAddress(), sidecar.address().getPort());
        tcp.setTcpNoDelay(true); // else what follows the handshake waits for its acknowledgement, which is delayed
        Socket top = tcp;
        if (speaking.isSecured()) {
            SSLSocket tls = (SSLSocket)
                    trusting.getSocketFactory().createSocket(tcp, "127.0.0.1", tcp.getPort(), /* autoClose= */ false);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {speaking == Speaking.TLS_HTTP2 ? "h2" : "http/1.1"});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            top = tls;
        }
        switch (speaking) {
            case NOTHING, TLS_NOTHING -> {}
            case HTTP1, TLS_HTTP1 -> {
                top.getOutputStream().write("GET / HTTP/1.1\r\nHost: test\r\n\r\n".getBytes(US_ASCII));
                assertThat(top.getInputStream().read()).isEqualTo('H');
            }
            case HTTP2, TLS_HTTP2 -> {
                RawHttp2 client = RawHttp2.over(top).get(1, "/");
                assertThat(client.stream(1)).isNotEmpty();
            }
        }
        return tcp;
    }

    private static boolean isClosing() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("lastref-closer"));
    }

    /** A close on the I/O thread looks at all others that are ready: of thousands each would cost as much as thousands. */
    @ParameterizedTest
    @EnumSource
    void whereManyLeaveAtOnceAnotherThreadClosesThem(Speaking speaking) throws Exception {
        origin.on("/", ok("max-age=600", CONTENT));
        SSLContext trusting = null;
        if (speaking.isSecured()) {
            try (Programs programs = new Programs(directory)) {
                Certificates certificates = new Certificates(programs, directory);
                certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
                start("tls.certificate=" + certificates.chain("server"), "tls.key=" + certificates.key("server"));
                trusting = certificates.clients();
            }
        } else {
            start();
        }
        await().until(() -> !isClosing()); // those of another test
        SSLContext trusted = trusting;
        // How many the thread finds ready at once is chance.
        await().atMost(Duration.ofSeconds(60)).pollDelay(Duration.ZERO).until(() -> {
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                clients.add(served(speaking, trusted));
            }
            for (int i = 0; i < clients.size(); i++) {
                clients.get(i).setSoLinger(i % 2 == 0, 0); // each other one with a reset
                clients.get(i).close();
            }
            await().until(() -> sidecar.metric("lastref_connections") == 0);
            return isClosing();
        });
    }

    @Test
    void whoSpeaksOnAfterTheEndStillGetsTheWholeResponse() throws Exception {
        byte[] large = Content.of(5, 300_000);
        origin.on("/large", ok("max-age=600", large));
        start();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            RawClient client = sidecar.connect();
            clients.add(client.send(
                    "GET /large HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\nGET /more HTTP/1.1\r\n"));
        }
        for (RawClient client : clients) {
            client.send("Host: test\r\n\r\n");
            assertThat(client.response().body()).isEqualTo(large);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
            client.close();
        }
        assertThat(origin.count("/more")).isZero();
    }

    @Test
    void whoSpeaksOnForeverAfterTheEndIsNotHeardOut() throws Exception {
        origin.on("/", ok("max-age=600", CONTENT));
        start();
        try (RawClient client = sidecar.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            assertThat(client.response().body()).isEqualTo(CONTENT);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
            byte[] more = new byte[64 * 1024];
            int sent = 0;
            try {
                for (; sent < 10_000; sent++) {
                    client.send(more);
                }
            } catch (IOException cut) {
                // as it should be
            }
            assertThat(sent).isLessThan(10_000);
        }
    }
}
