package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing a sidecar that has work to do. */
class ShutdownTest extends SidecarTest {
    /** The common pool may have one thread only, and closing takes it up. */
    private static final Executor OWN_THREAD = task -> new Thread(task, "shutdown-test").start();

    private static final byte[] CONTENT = Content.of(81, 8 << 20);

    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void closeClients() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    /** It could be either protocol yet; what has come of a request is not thrown away, and has the grace period to become one. */
    @ParameterizedTest
    @ValueSource(strings = {"P", "PUT /a HT"})
    void aRequestThatHasBegunToArriveIsAnswered(String begun) throws Exception {
        start("shutdown.grace=30s");
        origin.on("/a", ok("no-store", new byte[] {1}));
        String request = "PUT /a HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n";
        RawClient client = sidecar.connect().send(begun);
        clients.add(client);
        RawClient idle = sidecar.connect();
        clients.add(idle);
        assertThat(sidecar.get("/a").status()).isEqualTo(200);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(sidecar::close, OWN_THREAD);
        assertThat(idle.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        assertThat(client.isQuietFor(2000)).as("nothing has been said to it").isTrue();
        Response response = client.send(request.substring(begun.length())).response("PUT");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.first("Connection")).isEqualToIgnoringCase("close");
        closed.get(60, TimeUnit.SECONDS);
    }

    @Test
    void runningRequestsFinishWithinTheGracePeriod() throws Exception {
        start("shutdown.grace=20s", "pool.size=64MiB");
        Gate rest = new Gate();
        origin.on("/hit", ok("max-age=60", CONTENT));
        origin.on("/miss", call -> {
            call.send(head("max-age=60", CONTENT.length)).send(CONTENT, 0, 1000);
            rest.await();
            call.send(CONTENT, 1000, CONTENT.length - 1000);
        });
        sidecar.get("/hit");
        List<Response> heads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RawClient client = RawClient.connect(sidecar.address(), 4096);
            clients.add(client.request("GET", i % 2 == 0 ? "/hit" : "/miss"));
            heads.add(client.head());
        }
        RawClient idle = sidecar.connect();
        clients.add(idle);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(sidecar::close, OWN_THREAD);
        await().until(() ->
                RawClient.ask(sidecar.admin(), "GET", "/health/ready").status() == 503);
        assertThat(closed).isNotDone();
        rest.open();

        List<CompletableFuture<byte[]>> bodies = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RawClient client = clients.get(i);
            Response head = heads.get(i);
            bodies.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return client.content(head, "GET").body();
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    },
                    OWN_THREAD));
        }
        for (CompletableFuture<byte[]> body : bodies) {
            assertThat(body.get(20, TimeUnit.SECONDS)).isEqualTo(CONTENT);
        }
        closed.get(5, TimeUnit.SECONDS);
        idle.awaitEnd();
    }

    /** One port for clients and administration, on two addresses: the drain is the clients' alone. */
    @Test
    void administrationOnTheSamePortOfAnotherAddressIsHeardToTheEnd() throws Exception {
        int port = freePortOf("127.0.0.1", "127.0.0.2");
        Gate rest = new Gate();
        origin.on("/slow", call -> {
            call.send(head("no-store", 2)).send(CONTENT, 0, 1);
            rest.await();
            call.send(CONTENT, 1, 1);
        });
        start("listen=127.0.0.1:" + port, "admin=127.0.0.2:" + port, "shutdown.grace=60s");
        RawClient slow = sidecar.connect().request("GET", "/slow");
        clients.add(slow);
        Response head = slow.head();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(sidecar::close, OWN_THREAD);
        await().ignoreExceptionsInstanceOf(SocketException.class)
                .until(() -> readiness("127.0.0.1", port).isEmpty());
        assertThat(readiness("127.0.0.2", port)).startsWith("HTTP/1.1 503 ");
        assertThat(closed).isNotDone();
        rest.open();
        assertThat(slow.content(head, "GET").body()).hasSize(2);
        closed.get(30, TimeUnit.SECONDS);
    }

    /** What it answers; empty: it cannot be connected to. A SYN that is dropped is sent again after a second, which is not waited for. */
    private static String readiness(String host, int port) throws IOException {
        try (Socket client = new Socket()) { // RawClient has a loopback address of its own
            client.connect(new InetSocketAddress(host, port), 900);
            client.setSoTimeout(10_000);
            client.getOutputStream()
                    .write("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(UTF_8));
            return new String(client.getInputStream().readAllBytes(), UTF_8);
        } catch (SocketTimeoutException | ConnectException dropped) {
            return "";
        }
    }

    /** Of those that the system gives to nobody who asks for any. */
    private static int freePortOf(String... hosts) {
        for (int port = 25_600; port < 25_700; port++) {
            if (isFree(port, hosts)) {
                return port;
            }
        }
        throw new AssertionError("no port is free");
    }

    private static boolean isFree(int port, String... hosts) {
        for (String host : hosts) {
            try (ServerSocket probe = new ServerSocket()) {
                probe.bind(new InetSocketAddress(host, port));
            } catch (IOException taken) {
                return false;
            }
        }
        return true;
    }

    @Test
    void requestsThatTakeLongerThanTheGracePeriodAreCutOffVisibly() throws Exception {
        start("shutdown.grace=200ms", "pool.size=64MiB");
        origin.on("/a", ok("max-age=60", CONTENT));
        sidecar.get("/a");
        try (RawClient client = RawClient.connect(sidecar.address(), 4096).request("GET", "/a")) {
            Response head = client.head();
            long began = System.nanoTime();
            sidecar.close();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));

            Response cut = client.content(head, "GET");
            assertThat(cut.whole()).isFalse();
            // Not by an orderly close, which is how a body without a length ends.
            assertThat(cut.ending()).isEqualTo(RawClient.Ending.RST);
        }
    }

    @Test
    void nothingIsLeftWhereAClosedSidecarListened() throws Exception {
        start();
        sidecar.close();

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> sidecar.connect())
                .isInstanceOf(IOException.class);
    }
}
