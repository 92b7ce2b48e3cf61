package dev.lastref.cache;

import static dev.lastref.cache.Scene.NO_FIELDS;
import static dev.lastref.cache.Scene.body;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.read;
import static dev.lastref.cache.Scene.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import dev.lastref.pool.testing.TestPools;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Threads that store, find, read and invalidate at once, in a pool much smaller than what they store. */
class ResponseCacheHammerTest {
    private static final long CAPACITY = 2 << 20;
    private static final int KEYS = 40;
    private static final int ROUNDS = 4_000;
    private static final String SEED_FIELD = "X-Seed";

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final AtomicInteger stored = new AtomicInteger();
    private final AtomicInteger hits = new AtomicInteger();
    private final CountDownLatch storing = new CountDownLatch(2);

    @Test
    void whatIsFoundIsAlwaysTheBytesThatWereStoredWithItsHead() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(5);
        try (TmpfsPool pool = TestPools.open(CAPACITY);
                ResponseCache cache = new ResponseCache(pool, CacheConfig.defaults())) {
            List<Callable<Void>> parts = List.of(
                    () -> storeMany(cache, new Random(seed)),
                    () -> storeMany(cache, new Random(seed + 1)),
                    () -> readMany(cache, new Random(seed + 2)),
                    () -> readMany(cache, new Random(seed + 3)),
                    () -> invalidateMany(cache, new Random(seed + 4)));
            List<Future<Void>> running = new ArrayList<>();
            parts.forEach(part -> running.add(threads.submit(part)));
            for (Future<Void> part : running) {
                part.get(60, TimeUnit.SECONDS);
            }
            assertThat(stored).hasValueGreaterThan(ROUNDS / 10);
            assertThat(hits).hasValueGreaterThan(100);
            cache.close();
            assertThat(pool.snapshot().extents()).as("seed %d", seed).isZero();
            await().untilAsserted(
                            () -> assertThat(pool.snapshot().bytes(Use.FREE)).isEqualTo(CAPACITY));
        } finally {
            threads.shutdownNow();
        }
    }

    private Void storeMany(ResponseCache cache, Random random) {
        try {
            for (int i = 0; i < ROUNDS; i++) {
                storeOne(cache, random);
            }
        } finally {
            storing.countDown();
        }
        return null;
    }

    private void storeOne(ResponseCache cache, Random random) {
        long bodySeed = random.nextLong();
        int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 300_000 : 20_000);
        boolean known = random.nextBoolean();
        ResponseHead head =
                fresh(60, known ? length : ResponseHead.UNKNOWN_LENGTH, SEED_FIELD, Long.toString(bodySeed));
        if (store(cache, randomKey(random), NO_FIELDS, head, body(bodySeed, length))) {
            stored.incrementAndGet();
        }
    }

    /** Reads as long as anything is being stored: a count would be used up on misses before the first is there. */
    private Void readMany(ResponseCache cache, Random random) {
        while (storing.getCount() > 0) {
            StoredResponse found = cache.find(randomKey(random), NO_FIELDS);
            Transmission transmission = found == null ? null : found.transmit();
            if (transmission != null) {
                hits.incrementAndGet();
                int length = (int) found.length();
                long bodySeed = Long.parseLong(found.fields().first(SEED_FIELD));
                assertThat(Arrays.mismatch(read(transmission), body(bodySeed, length)))
                        .as("first wrong byte of %d; seed %d", length, seed)
                        .isEqualTo(-1);
            }
        }
        return null;
    }

    private static Void invalidateMany(ResponseCache cache, Random random) {
        for (int i = 0; i < ROUNDS; i++) {
            cache.invalidate(randomKey(random));
            Thread.yield();
        }
        return null;
    }

    private static CacheKey randomKey(Random random) {
        return key("/" + random.nextInt(KEYS));
    }
}
