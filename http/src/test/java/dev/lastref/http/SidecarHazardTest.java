package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.MemoryFiles;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.TestSidecar;
import dev.lastref.pool.testing.HaProxy;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that stall in the middle of hits, directly, behind HAProxy, and for longer than pin-timeout, while what they read is expired,
 * replaced, evicted, or the sidecar is shut down. The pool's own hazards are in its module; this is the whole way of a response.
 */
@Timeout(120)
class SidecarHazardTest extends SidecarTest {
    private static final long CAPACITY = 64L << 20;
    private static final int SEGMENT = 4 << 20;
    private static final int[] SIZES = {4_000, 64 * 1024, 4 << 20, SEGMENT + (3 << 20) + 777};
    private static final int FIRST = 1_500;
    private static final int RECEIVE_BUFFER = 64 * 1024;

    /** What befalls a stored response while it is being sent. */
    enum Fate {
        EXPIRED,
        REPLACED,
        EVICTED,
        SHUTDOWN
    }

    /** Who receives. */
    enum Peer {
        DIRECT,
        HAPROXY,
        PAUSES
    }

    @TempDir
    private Path directory;

    private final List<Cell> cells = new ArrayList<>();
    /** The one before which clients may pause for two seconds only. */
    private TestSidecar strict;

    private record Cell(Peer peer, String target, byte[] content, RawClient client, Response head, byte[] first) {
        @Override
        public String toString() {
            return target;
        }
    }

    @AfterEach
    void closeAll() throws IOException {
        for (Cell cell : cells) {
            cell.client().close();
        }
        if (strict != null) {
            strict.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Fate.class)
    void everyClientGetsRightBytesAndThePoolComesBack(Fate fate) throws Exception {
        Requires.command("haproxy");
        String[] settings = {"pool.size=" + CAPACITY, "pool.segment-size=" + SEGMENT, "shutdown.grace=60s"};
        start(settings);
        String[] more = Arrays.copyOf(settings, settings.length + 1);
        more[settings.length] = "pool.pin-timeout=2s";
        strict = TestSidecar.before(origin, more);
        boolean brief = fate == Fate.EXPIRED || fate == Fate.REPLACED;
        try (HaProxy proxy = HaProxy.inFrontOf(sidecar.address().getPort(), "http", directory)) {
            for (Peer peer : Peer.values()) {
                for (int size : SIZES) {
                    cells.add(open(peer, size, brief ? "max-age=3" : "max-age=600", proxy));
                }
            }
            await().until(() -> proxy.pipesUsed() > 0);
            befall(fate);
            for (Cell cell : cells) {
                assertReceives(cell);
            }
        }
        assertReleased(fate);
    }

    private Cell open(Peer peer, int size, String cacheControl, HaProxy proxy) throws IOException {
        String target = "/" + peer + "/" + size;
        byte[] content = Content.of(target.hashCode(), size);
        origin.on(target, ok(cacheControl, content), ok(cacheControl, replacement(target, size)));
        InetSocketAddress address = switch (peer) {
            case DIRECT -> sidecar.address();
            case HAPROXY -> proxy.address();
            case PAUSES -> strict.address();
        };
        assertThat(RawClient.get(peer == Peer.PAUSES ? address : sidecar.address(), target)
                        .body())
                .isEqualTo(content);
        RawClient client = RawClient.connect(address, RECEIVE_BUFFER);
        Response head = client.request("GET", target, "Connection: close").head();
        assertThat(head.isHit()).as("%s: %s", target, head).isTrue();
        return new Cell(peer, target, content, client, head, client.read(FIRST));
    }

    private static byte[] replacement(String target, int size) {
        return Content.of(~target.hashCode(), size);
    }

    private void befall(Fate fate) throws Exception {
        switch (fate) {
            case EXPIRED -> awaitExpiry();
            case REPLACED -> {
                awaitExpiry();
                for (Cell cell : cells) {
                    TestSidecar before = cell.peer() == Peer.PAUSES ? strict : sidecar;
                    assertThat(before.get(cell.target()).body())
                            .isEqualTo(replacement(cell.target(), cell.content().length));
                    assertThat(origin.count(cell.target())).isEqualTo(2);
                }
            }
            case EVICTED -> {
                for (TestSidecar each : List.of(sidecar, strict)) {
                    shrink(each);
                }
            }
            case SHUTDOWN -> {
                CompletableFuture<Void> closed =
                        CompletableFuture.runAsync(sidecar::close, task -> new Thread(task, "shutdown").start());
                await().until(() ->
                        RawClient.ask(sidecar.admin(), "GET", "/health/ready").status() == 503);
                assertThat(closed).isNotDone();
                closing = closed;
            }
        }
    }

    private CompletableFuture<Void> closing;

    private void awaitExpiry() {
        for (TestSidecar each : List.of(sidecar, strict)) {
            await().until(() -> {
                each.get("/none"); // the index looks at its clock with each request
                return each.poolBytes("live") == 0;
            });
        }
    }

    /** To four segments, which is less than the responses take. */
    private static void shrink(TestSidecar each) throws IOException {
        String wanted = "{\"lastref.pool.size\":" + 4 * SEGMENT + "}";
        try (RawClient client = RawClient.connect(each.admin())) {
            client.send("PUT /api/config HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
                    + wanted.length() + "\r\n\r\n");
            assertThat(client.send(wanted.getBytes(StandardCharsets.US_ASCII))
                            .response("PUT")
                            .status())
                    .isEqualTo(200);
        }
        await().untilAsserted(() -> assertThat(each.poolBytes("live")).isLessThan(4 * SEGMENT));
    }

    private void assertReceives(Cell cell) throws Exception {
        assertThat(cell.first()).as("%s, first bytes", cell).isEqualTo(Arrays.copyOf(cell.content(), FIRST));
        if (cell.peer() == Peer.PAUSES) {
            // What does not fit the queues is given up: nobody but the kernel watches the clock.
            await().atMost(Duration.ofSeconds(30)).until(() -> strict.metric("lastref_transmissions_in_flight") == 0);
        }
        byte[] rest = cell.client().read(cell.content().length - FIRST);
        int upTo = FIRST + rest.length;
        assertThat(rest).as(cell.toString()).isEqualTo(Arrays.copyOfRange(cell.content(), FIRST, upTo));
        boolean cut = cell.peer() == Peer.PAUSES && cell.content().length >= SEGMENT;
        if (cut) {
            assertThat(upTo).as("%s was cut", cell).isLessThan(cell.content().length);
            assertThat(cell.client().ending()).as(cell.toString()).isEqualTo(RawClient.Ending.RST);
        } else {
            assertThat(upTo).as(cell.toString()).isEqualTo(cell.content().length);
        }
    }

    private void assertReleased(Fate fate) throws Exception {
        if (fate == Fate.SHUTDOWN) {
            closing.get(30, TimeUnit.SECONDS);
            strict.close();
            assertThat(MemoryFiles.bytes()).isZero();
            return;
        }
        for (TestSidecar each : List.of(sidecar, strict)) {
            await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
                each.get("/none");
                assertThat(each.metric("lastref_transmissions_in_flight")).isZero();
                assertThat(each.poolBytes("retired")).isZero();
                assertThat(each.poolBytes("draining")).isZero();
                if (fate != Fate.EVICTED) {
                    assertThat(each.poolBytes("free")).isEqualTo(CAPACITY);
                }
            });
        }
    }
}
