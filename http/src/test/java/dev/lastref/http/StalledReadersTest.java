package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.MemoryFiles;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * The scene for which all this exists: a pool of 128 MiB, 200 clients that stop half-way through bodies of 2 MB, and 800 requests for
 * other bodies of 1 MB meanwhile, each of which lives for a second only. nginx with the same tmpfs fails 799 of the 800.
 */
class StalledReadersTest extends SidecarTest {
    private static final long CAPACITY = 128L << 20;
    private static final int STALLED = 200;
    private static final int OTHERS = 800;
    private static final int TWO_MB = 2_000_000;
    private static final int ONE_MB = 1_000_000;

    @Test
    void nobodyIsHurtAndTheBoundHolds() throws Exception {
        start("pool.size=128MiB");
        for (int i = 0; i < STALLED; i++) {
            origin.on("/two" + i, generated(i, TWO_MB, 5));
        }
        for (int i = 0; i < OTHERS; i++) {
            origin.on("/one" + i, generated(1000 + i, ONE_MB, 1));
        }
        AtomicLong peak = new AtomicLong();
        AtomicBoolean watching = new AtomicBoolean(true);
        Thread watcher = new Thread(
                () -> {
                    while (watching.get()) {
                        peak.accumulateAndGet(MemoryFiles.bytes(), Math::max);
                    }
                },
                "memory-files");
        watcher.start();
        List<RawClient> slow = new ArrayList<>();
        try {
            List<Response> heads = new ArrayList<>();
            for (int i = 0; i < STALLED; i++) {
                if (i % 2 == 0) { // a hit then, which is sent by reference; for whom it is fetched it is copied
                    assertThat(sidecar.get("/two" + i).status()).isEqualTo(200);
                }
                RawClient client = RawClient.connect(sidecar.address(), 64 * 1024);
                slow.add(client.request("GET", "/two" + i));
                heads.add(client.head());
                assertThat(client.read(ONE_MB)).isEqualTo(Content.of(i, TWO_MB / 2));
            }
            assertEachIsServed();
            for (int i = 0; i < STALLED; i++) {
                byte[] rest = slow.get(i).read(TWO_MB - ONE_MB);
                assertThat(rest).as("slow client %d", i).isEqualTo(secondHalf(i));
                assertThat(heads.get(i).status()).isEqualTo(200);
            }
        } finally {
            for (RawClient client : slow) {
                client.close();
            }
            watching.set(false);
            watcher.join();
        }
        assertThat(sidecar.metric("lastref_transmit_bytes_total{path=\"sendfile\",}"))
                .isGreaterThan(STALLED / 4 * ONE_MB);
        assertThat(peak).hasValueBetween(CAPACITY / 4, CAPACITY);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(sidecar.poolBytes("free")).isEqualTo(CAPACITY));
        assertThat(MemoryFiles.bytes()).isZero();
        assertThat(sidecar.metric("lastref_transmissions_in_flight")).isZero();
    }

    /** Made when it is asked for; 1.2 GB would be a lot to keep. */
    private static ScriptedOrigin.Script generated(long seed, int length, int seconds) {
        return call ->
                ScriptedOrigin.ok("max-age=" + seconds, body(seed, length)).play(call);
    }

    /** The halves have seeds of their own, so that a client can check the first without the second. */
    private static byte[] body(long seed, int length) {
        if (length == ONE_MB) {
            return Content.of(seed, length);
        }
        byte[] both = Arrays.copyOf(Content.of(seed, length / 2), length);
        System.arraycopy(secondHalf(seed), 0, both, length / 2, length / 2);
        return both;
    }

    private static byte[] secondHalf(long seed) {
        return Content.of(100_000 + seed, TWO_MB / 2);
    }

    private void assertEachIsServed() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(16);
        try {
            List<Future<Response>> responses = new ArrayList<>();
            for (int i = 0; i < OTHERS; i++) {
                int number = i;
                responses.add(pool.submit(() -> {
                    Response response = sidecar.get("/one" + number);
                    boolean right = Arrays.equals(response.body(), Content.of(1000 + number, ONE_MB));
                    return right && response.status() == 200 ? null : response;
                }));
            }
            List<Response> wrong = new ArrayList<>();
            for (Future<Response> response : responses) {
                Response failed = response.get(60, TimeUnit.SECONDS);
                if (failed != null) {
                    wrong.add(failed);
                }
            }
            assertThat(wrong).isEmpty();
        } finally {
            pool.shutdownNow();
            assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
