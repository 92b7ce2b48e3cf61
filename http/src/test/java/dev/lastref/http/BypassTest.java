package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.MemoryFiles;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What the pool cannot take streams past it: all bytes right, the origin held back, memory bounded. */
class BypassTest extends SidecarTest {
    private static final String STORABLE = "max-age=60";
    private static final int MIB = 1 << 20;

    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void closeClients() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    private RawClient stalled(String target) throws IOException {
        RawClient client = RawClient.connect(sidecar.address(), 4096).request("GET", target);
        clients.add(client);
        return client;
    }

    @Test
    void aBodyLargerThanMaxObjectIsDeliveredAndNotStored() throws Exception {
        start("cache.max-object=1MiB");
        byte[] large = Content.of(21, MIB + 1);
        byte[] largest = Content.of(22, MIB);
        origin.on("/large", ok(STORABLE, large)).on("/largest", ok(STORABLE, largest));

        Response miss = sidecar.get("/large");
        assertThat(miss.body()).isEqualTo(large);
        assertThat(miss.cacheStatus()).contains("pool-too-large").doesNotContain("stored");
        assertThat(sidecar.get("/large").isHit()).isFalse();
        sidecar.get("/largest");
        assertThat(sidecar.get("/largest").isHit()).isTrue();
        sidecar.awaitRequests("bypass", 2);
        assertThat(sidecar.metric("lastref_pool_bypass_total{reason=\"too_large\",}"))
                .isEqualTo(2);
    }

    @Test
    void aChunkedBodyThatOutgrowsMaxObjectIsDeliveredAndNotStored() throws Exception {
        start("cache.max-object=1MiB");
        byte[] large = Content.of(23, 3 * MIB);
        origin.on(
                "/a", call -> call.send(chunkedHead(STORABLE)).sendChunk(large).sendLastChunk());

        for (int i = 1; i <= 2; i++) {
            Response response = sidecar.get("/a");
            assertThat(response.body()).isEqualTo(large);
            assertThat(origin.count("/a")).isEqualTo(i);
        }
        await().until(() -> sidecar.poolBytes("live") == 0);
    }

    @Test
    void aPoolPinnedByStalledReadersStillServesEverything() throws Exception {
        start("pool.size=4MiB");
        byte[] pinned = Content.of(24, 900_000);
        byte[] other = Content.of(25, 1_500_000);
        for (int i = 0; i < 4; i++) {
            origin.on("/pinned" + i, ok(STORABLE, pinned));
        }
        origin.on("/other", ok(STORABLE, other));
        List<Response> heads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            heads.add(stalled("/pinned" + i).head());
        }
        Response past = sidecar.get("/other");

        assertThat(past.body()).isEqualTo(other);
        assertThat(past.cacheStatus()).contains("pool-full");
        assertThat(sidecar.metric("lastref_pool_bypass_total{reason=\"full\",}"))
                .isPositive();
        assertThat(MemoryFiles.bytes()).isLessThanOrEqualTo(4 * MIB);
        for (int i = 0; i < 4; i++) {
            assertThat(clients.get(i).content(heads.get(i), "GET").body()).isEqualTo(pinned);
        }
        // Once the readers are done there is room again.
        await().until(() -> {
            sidecar.get("/other");
            return sidecar.get("/other").isHit();
        });
    }

    /** Readers that follow on both I/O threads are shown first what is in the pool, then what is not. */
    @RepeatedTest(10)
    void aBodyOfUnknownLengthThatOutgrowsThePoolIsRightForEveryReader() throws Exception {
        start("pool.size=2MiB");
        byte[] large = Content.of(26, 5 * MIB);
        Gate rest = new Gate();
        origin.on("/a", call -> {
            call.send(chunkedHead(STORABLE)).sendChunk(Arrays.copyOf(large, 1000));
            rest.await();
            for (int at = 1000; at < large.length; at += 7_777) {
                call.sendChunk(Arrays.copyOfRange(large, at, Math.min(large.length, at + 7_777)));
            }
            call.sendLastChunk();
        });
        List<Response> heads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RawClient client = sidecar.connect().request("GET", "/a");
            clients.add(client);
            heads.add(client.head());
        }
        rest.open();

        List<Thread> readers = new ArrayList<>();
        AtomicLong right = new AtomicLong();
        for (int i = 0; i < 8; i++) {
            RawClient client = clients.get(i);
            Response head = heads.get(i);
            Thread reader = new Thread(
                    () -> {
                        try {
                            Response response = client.content(head, "GET");
                            right.addAndGet(Arrays.equals(response.body(), large) ? 1 : 0);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    },
                    "reader-" + i);
            readers.add(reader);
            reader.start();
        }
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(right).hasValue(8);
        assertThat(origin.count("/a")).isEqualTo(1);
        assertThat(MemoryFiles.bytes()).isLessThanOrEqualTo(2 * MIB);
        assertThat(sidecar.get("/a").isHit()).isFalse();
    }

    /** What was read into large buffers when the pool took no more is for the clients, however slow they are, and others read on meanwhile. */
    @Test
    void manyBodiesThatOutgrowThePoolTogetherAreRightForSlowClients() throws Exception {
        start("pool.size=4MiB");
        int bodies = 24;
        for (int i = 0; i < bodies; i++) {
            byte[] body = Content.of(100 + i, MIB + i * 10_007);
            origin.on(
                    "/" + i,
                    call -> call.send(chunkedHead(STORABLE)).sendChunk(body).sendLastChunk());
        }
        List<Response> heads = new ArrayList<>();
        for (int i = 0; i < bodies; i++) {
            heads.add(stalled("/" + i).head());
        }
        await().untilAsserted(() ->
                assertThat(sidecar.metric("lastref_large_buffers")).isPositive());
        byte[] other = Content.of(99, 3 * MIB);
        origin.on("/other", ok(STORABLE, other));
        assertThat(sidecar.get("/other").body()).isEqualTo(other);
        assertThat(sidecar.metric("lastref_pool_bypass_total{reason=\"full\",}"))
                .isPositive();
        for (int i = 0; i < bodies; i++) {
            byte[] body = clients.get(i).content(heads.get(i), "GET").body();
            assertThat(body).as("body %d", i).isEqualTo(Content.of(100 + i, MIB + i * 10_007));
        }
        await().untilAsserted(() ->
                assertThat(sidecar.metric("lastref_large_buffers")).isZero());
    }

    @Test
    void noLargeBufferWaitsForTheOrigin() throws Exception {
        start("pool.size=16MiB");
        byte[] body = Content.of(98, 2 * MIB);
        Gate rest = new Gate();
        origin.on("/a", call -> {
            call.send(head(STORABLE, body.length)).send(body, 0, MIB + 1);
            rest.await();
            call.send(body, MIB + 1, body.length - MIB - 1);
        });
        RawClient client = sidecar.connect().request("GET", "/a");
        clients.add(client);
        Response head = client.head();
        byte[] first = client.read(MIB + 1);
        await().untilAsserted(() ->
                assertThat(sidecar.metric("lastref_large_buffers")).isZero());
        rest.open();
        assertThat(first).isEqualTo(Arrays.copyOf(body, first.length));
        assertThat(head.first("Content-Length")).isEqualTo(String.valueOf(body.length));
        assertThat(client.read(body.length - first.length))
                .isEqualTo(Arrays.copyOfRange(body, first.length, body.length));
        await().until(() -> sidecar.get("/a").isHit());
    }

    @Test
    void theOriginIsHeldBackWhileTheClientDoesNotRead() throws Exception {
        start("cache.max-object=1MiB");
        byte[] piece = Content.of(27, 64 * 1024);
        int pieces = 2048;
        AtomicLong sent = new AtomicLong();
        origin.on("/a", call -> {
            call.send(head(STORABLE, (long) pieces * piece.length));
            for (int i = 0; i < pieces; i++) {
                call.send(piece);
                sent.set(call.sent());
            }
        });
        RawClient client = stalled("/a");
        Response head = client.head();
        // The origin has come to rest when it has sent nothing more for a while.
        AtomicLong last = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(300)).until(() -> last.getAndSet(sent.get()) == sent.get());

        // Two sockets' buffers, which the kernel enlarges to some MiB, and a buffer of the sidecar's.
        assertThat(sent.get()).isLessThan(24L * MIB);
        byte[] body = client.content(head, "GET").body();
        assertThat(body).hasSize(pieces * piece.length);
        assertThat(Arrays.copyOfRange(body, body.length - piece.length, body.length))
                .isEqualTo(piece);
    }
}
