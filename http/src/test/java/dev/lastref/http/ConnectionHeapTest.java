package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What connections count for on the heap as they go on, and that nothing of it is left, wherever they end. */
class ConnectionHeapTest extends SidecarTest {
    /** See ConnectionBytes. */
    private static final double OPEN = 1800;

    private static final double BY_TLS = 7300;
    private static final double WITHIN_HANDSHAKE = 12800;
    private static final double OF_SERVER = 2300;
    private static final double HTTP2 = 3600;
    private static final double REQUEST = 2500;
    private static final byte[] CONTENT = new byte[10];

    private void awaitHeld(double bytes) {
        await().untilAsserted(() ->
                assertThat(sidecar.metric("lastref_connections_heap_bytes")).isEqualTo(bytes));
    }

    @Test
    void inClearByWhatIsAskedOnThem() throws Exception {
        Gate gate = new Gate();
        origin.on("/a", ok("max-age=60", CONTENT)).on("/wait", call -> {
            gate.await();
            ok("no-store", CONTENT).play(call);
        });
        start();
        sidecar.get("/a");
        awaitHeld(0);
        try (RawClient client = sidecar.connect();
                RawClient leaves = sidecar.connect()) {
            awaitHeld(2 * OPEN);
            assertThat(client.request("GET", "/a").response().isHit()).isTrue();
            awaitHeld(2 * OPEN);
            client.request("GET", "/a", LONG_WAY).response();
            awaitHeld(2 * OPEN + OF_SERVER);
            client.request("GET", "/wait");
            leaves.request("GET", "/wait");
            awaitHeld(2 * (OPEN + OF_SERVER + REQUEST));
            leaves.reset();
            gate.open();
            client.response();
            awaitHeld(OPEN + OF_SERVER);
            client.send("GET /a HT");
            awaitHeld(OPEN + OF_SERVER);
        }
        awaitHeld(0);
    }

    @Test
    void byHttp2() throws Exception {
        origin.on("/a", ok("max-age=60", CONTENT));
        start("listen.http2=true");
        try (RawClient silent = sidecar.connect()) {
            silent.send("PRI *");
            awaitHeld(OPEN);
            try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
                client.get(1, "/a");
                assertThat(client.await(RawHttp2.HEADERS).stream()).isEqualTo(1);
                awaitHeld(2 * OPEN + HTTP2);
            }
            awaitHeld(OPEN);
        }
        awaitHeld(0);
    }

    @Test
    void byTlsMoreUntilItIsAgreedOn(@TempDir Path directory) throws Exception {
        origin.on("/a", ok("max-age=60", CONTENT));
        new OverTls(directory).start(this::start);
        try (Socket begun = new Socket("127.0.0.1", sidecar.address().getPort())) {
            begun.getOutputStream().write(22); // as a record of a handshake begins
            awaitHeld(WITHIN_HANDSHAKE);
            try (RawClient client = sidecar.connect()) {
                client.request("GET", "/a").response();
                awaitHeld(WITHIN_HANDSHAKE + BY_TLS + OF_SERVER);
            }
            awaitHeld(WITHIN_HANDSHAKE);
        }
        awaitHeld(0);
    }

    @Test
    void thoseThatAreRefusedCountNothing() throws Exception {
        origin.on("/a", ok("max-age=60", CONTENT));
        start("limits.connections=1");
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a").response();
            for (int i = 0; i < 3; i++) {
                try (RawClient tooMany = sidecar.connect()) {
                    tooMany.awaitEnd();
                }
            }
            awaitHeld(OPEN + OF_SERVER);
        }
        awaitHeld(0);
    }
}
