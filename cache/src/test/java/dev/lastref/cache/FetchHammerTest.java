package dev.lastref.cache;

import static dev.lastref.cache.Scene.NO_FIELDS;
import static dev.lastref.cache.Scene.body;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.unstorable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A thread that drives a fetch and others that read it, over and over: whoever is told to wait is woken exactly once, and everybody
 * gets every byte in its place, from the pool, from windows, and across the change from one to the other.
 */
class FetchHammerTest {
    private static final int READERS = 3;
    private static final int PATIENCE_SECONDS = 20;

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void everybodyGetsEveryByteThroughThePool() throws Exception {
        hammer(400, 8 << 20, 0, 64 << 20, 40_000);
    }

    @Test
    void everybodyGetsEveryByteWhenTheBodyGrowsTooLargeForThePool() throws Exception {
        hammer(400, 8 << 20, 0, 5_000, 30_000);
    }

    @Test
    void everybodyGetsEveryByteWhenThePoolFillsInTheMiddle() throws Exception {
        // What is left is one segment, which each round fills, breaking off within a buffer.
        hammer(400, 1 << 20, 3 << 18, 64 << 20, 330_000);
    }

    @Test
    void whoeverSeesTheHeadSeesWhetherItIsForThem() throws Exception {
        try (TmpfsPool pool = TestPools.open(1 << 20);
                ResponseCache cache = new ResponseCache(pool, CacheConfig.defaults())) {
            for (int round = 0; round < 5_000; round++) {
                // Of its own: what cannot be shared is not waited for the next time.
                CacheKey key = key("/private" + round);
                // Many of them, so that telling them all apart takes a while.
                FetchReader leader = cache.join(key, NO_FIELDS, () -> {});
                List<FetchReader> followers = Stream.generate(() -> cache.join(key, NO_FIELDS, () -> {}))
                        .limit(30)
                        .toList();
                FetchReader last = followers.get(followers.size() - 1);
                CountDownLatch looking = new CountDownLatch(1);
                Future<Boolean> detached = threads.submit(() -> {
                    looking.countDown();
                    while (last.head() == null) {
                        Thread.onSpinWait();
                    }
                    return last.isDetached();
                });
                looking.await();
                leader.fetch().respond("GET", unstorable(0), System.nanoTime());
                assertThat(detached.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                        .as("detached by the head, round %d", round)
                        .isTrue();
                leader.fetch().complete();
                followers.forEach(FetchReader::close);
                leader.close();
            }
        }
    }

    private void hammer(int rounds, long capacity, long foreign, long maxObject, int length) throws Exception {
        Random random = new Random(seed);
        try (TmpfsPool pool = TestPools.open(capacity);
                ResponseCache cache =
                        new ResponseCache(pool, CacheConfig.defaults().withMaxObject(maxObject))) {
            ExtentWriter others = foreign == 0 ? null : pool.tryAllocate(foreign);
            Transmission kept = others == null ? null : others.extent().transmit();
            try {
                for (int round = 0; round < rounds; round++) {
                    oneRound(cache, key("/" + round), random, length);
                    cache.invalidate(key("/" + round));
                }
            } finally {
                if (others != null) {
                    kept.close();
                    others.abort();
                }
            }
        }
    }

    private void oneRound(ResponseCache cache, CacheKey key, Random random, int length) throws Exception {
        byte[] body = body(random.nextLong(), length / 2 + random.nextInt(length / 2));
        boolean known = random.nextInt(4) == 0;
        ResponseHead head = fresh(60, known ? body.length : ResponseHead.UNKNOWN_LENGTH);
        Client leading = new Client(random.nextLong());
        FetchReader leader = leading.join(cache, key);
        Fetch fetch = leader.fetch();
        leading.fetch = fetch;
        List<Future<Client>> clients = new ArrayList<>();
        clients.add(threads.submit(leading));
        for (int i = 1; i < READERS; i++) {
            Client client = new Client(random.nextLong());
            client.fetch = fetch;
            boolean early = random.nextBoolean();
            if (early) {
                client.join(cache, key);
            }
            clients.add(threads.submit(() -> {
                if (!early) {
                    client.join(cache, key);
                }
                return client.call();
            }));
        }
        long driverSeed = random.nextLong();
        threads.submit(() -> drive(fetch, head, body, new Random(driverSeed))).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        for (Future<Client> client : clients) {
            client.get(PATIENCE_SECONDS, TimeUnit.SECONDS).check(body);
        }
    }

    /** Sends the body in pieces, all from one buffer, which is spoilt as soon as it may be used again. */
    private Void drive(Fetch fetch, ResponseHead head, byte[] body, Random random) throws InterruptedException {
        fetch.respond("GET", head, System.nanoTime());
        Semaphore taken = new Semaphore(0);
        byte[] buffer = new byte[12_000];
        int at = 0;
        while (at < body.length) {
            int n = Math.min(body.length - at, 1 + random.nextInt(random.nextBoolean() ? 300 : buffer.length));
            System.arraycopy(body, at, buffer, 0, n);
            at += n;
            ByteBuffer offered = ByteBuffer.wrap(buffer, 0, n);
            boolean free =
                    at == body.length ? fetch.offerLast(offered, taken::release) : fetch.offer(offered, taken::release);
            if (!free && !taken.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the readers never took the window that ends at " + at + ", " + this);
            }
            Arrays.fill(buffer, (byte) '!');
        }
        fetch.complete();
        assertThat(taken.availablePermits()).as("a window is taken once").isZero();
        return null;
    }

    @Override
    public String toString() {
        return "seed " + seed;
    }

    /** Reads as a client's connection does: it sends when told to, and waits when told to. */
    private final class Client implements Callable<Client> {
        private final Semaphore wakes = new Semaphore(0);
        private final Random random;
        private final CollectingSink sink;
        private Fetch fetch;
        private FetchReader reader;
        private FetchReader.Step last;

        Client(long seed) {
            this.random = new Random(seed);
            this.sink = new CollectingSink(
                    offered -> random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(random.nextBoolean() ? 100 : offered));
        }

        FetchReader join(ResponseCache cache, CacheKey key) {
            reader = cache.join(key, NO_FIELDS, wakes::release);
            return reader;
        }

        @Override
        public Client call() throws Exception {
            try (FetchReader mine = reader) {
                if (mine.fetch() != fetch) {
                    return this; // too late to join: it would lead a fetch of its own
                }
                while (reader.park(() -> reader.head() != null || reader.isDetached())) {
                    awaitWake();
                }
                last = reader.isDetached() ? FetchReader.Step.BROKEN : stepToTheEnd();
                return this;
            }
        }

        private FetchReader.Step stepToTheEnd() throws IOException, InterruptedException {
            while (true) {
                FetchReader.Step step = reader.step(sink);
                switch (step) {
                    case WAIT -> awaitWake();
                    case BLOCKED -> Thread.onSpinWait();
                    case END, BROKEN -> {
                        return step;
                    }
                }
            }
        }

        private void awaitWake() throws InterruptedException {
            if (!wakes.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("never woken, " + FetchHammerTest.this);
            }
        }

        void check(byte[] body) {
            assertThat(wakes.availablePermits()).as("wakes without a wait").isZero();
            if (reader.fetch() == fetch && !reader.isDetached()) {
                assertThat(last).isEqualTo(FetchReader.Step.END);
                assertThat(Arrays.mismatch(sink.bytes(), body))
                        .as("first wrong byte of %d; %s", body.length, FetchHammerTest.this)
                        .isEqualTo(-1);
            }
        }
    }
}
