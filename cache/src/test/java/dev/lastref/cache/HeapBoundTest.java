package dev.lastref.cache;

import static dev.lastref.cache.Scene.NO_FIELDS;
import static dev.lastref.cache.Scene.body;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the index takes of the heap: bounded, and counted as it is. */
class HeapBoundTest {
    private static final long LIMIT = 1 << 20;
    private static final byte[] NOTHING = {};

    private final TmpfsPool pool = TestPools.open(PoolConfig.of(64 << 20));
    private final FakeTime time = new FakeTime();
    private final AtomicLong evicted = new AtomicLong();
    private final AtomicLong evictedBytes = new AtomicLong();
    private final AtomicLong bypassed = new AtomicLong();
    private final ResponseCache cache = cache(LIMIT);

    private ResponseCache cache(long limit) {
        return cache(pool, limit);
    }

    private ResponseCache cache(TmpfsPool of, long limit) {
        return new ResponseCache(
                of,
                CacheConfig.defaults().withTime(time, time).withIndexHeap(limit).withListener(new CacheListener() {
                    @Override
                    public void evictedForHeap(long bytes) {
                        evicted.incrementAndGet();
                        evictedBytes.addAndGet(bytes);
                    }

                    @Override
                    public void bypassed(BypassReason reason) {
                        assertThat(reason).isEqualTo(BypassReason.HEAP);
                        bypassed.incrementAndGet();
                    }
                }));
    }

    @AfterEach
    void close() {
        cache.close();
        pool.close();
    }

    private void awaitWithin(long limit) {
        await().untilAsserted(() -> {
            cache.cleanUp();
            assertThat(cache.heapBytes()).isLessThanOrEqualTo(limit);
        });
    }

    @Test
    void responsesWithoutContentAreBoundedThoughTheyTakeNothingOfThePool() {
        for (int i = 0; i < 20_000; i++) {
            store(cache, key("/" + i), NO_FIELDS, fresh(60, 0), NOTHING);
            assertThat(cache.heapBytes()).isLessThanOrEqualTo(LIMIT + LIMIT / 16 + 1024);
        }
        awaitWithin(LIMIT);
        assertThat(cache.size()).isBetween(LIMIT / 600, LIMIT / 250);
        assertThat(evicted.get() + bypassed.get() + cache.size()).isEqualTo(20_000);
        assertThat(evicted.get()).isPositive();
    }

    @Test
    void wherePartOfTheBoundIsTakenAwayAsManyGoThoughNothingIsStoredAndComeBackLater() {
        AtomicLong limit = new AtomicLong(LIMIT);
        cache.close();
        try (ResponseCache changing = new ResponseCache(
                pool,
                CacheConfig.defaults()
                        .withTime(time, time)
                        .withIndexHeap(limit::get)
                        .withListener(new CacheListener() {
                            @Override
                            public void evictedForHeap(long bytes) {
                                evicted.incrementAndGet();
                            }
                        }))) {
            int i = 0;
            while (changing.heapBytes() < LIMIT * 7 / 8) {
                store(changing, key("/" + i++), NO_FIELDS, fresh(60, 0), NOTHING);
            }
            changing.fitHeap();
            changing.cleanUp();
            assertThat(evicted).as("there is room").hasValue(0);

            limit.set(LIMIT / 8);
            changing.fitHeap();
            await().untilAsserted(() -> assertThat(changing.heapBytes()).isBetween(1L, LIMIT / 8));
            assertThat(evicted.get() + changing.size()).isEqualTo(i);

            limit.set(LIMIT);
            while (changing.heapBytes() < LIMIT * 7 / 8) {
                store(changing, key("/" + i++), NO_FIELDS, fresh(60, 0), NOTHING);
            }
            changing.cleanUp();
            assertThat(evicted.get() + changing.size()).isEqualTo(i);
        }
    }

    @Test
    void whatIsEvictedGivesItsContentBack() {
        byte[] body = body("a", 1000);
        for (int i = 0; i < 10_000; i++) {
            store(cache, key("/" + i), body);
        }
        awaitWithin(LIMIT);
        await().untilAsserted(() -> {
            cache.cleanUp();
            assertThat(pool.snapshot().extents()).isEqualTo(cache.size());
        });
        assertThat(evictedBytes.get()).isEqualTo(1000 * evicted.get());
    }

    @Test
    void whatIsAskedForStays() {
        CacheKey asked = key("/asked");
        store(cache, asked, body("asked", 100));
        for (int i = 0; i < 20_000; i++) {
            store(cache, key("/" + i), NO_FIELDS, fresh(60, 0), NOTHING);
            if (i % 100 == 0) {
                assertThat(cache.find(asked, NO_FIELDS))
                        .as("after %d others", i)
                        .isNotNull();
                cache.cleanUp();
            }
        }
    }

    @Test
    void newHeadsOfTheSameResponseDoNotAddUp() {
        for (int i = 0; i < 10_000; i++) {
            store(cache, key("/same"), NO_FIELDS, fresh(60, 0, "ETag", "\"" + i + '"'), NOTHING);
        }
        cache.cleanUp();
        assertThat(cache.size()).isEqualTo(1);
        assertThat(cache.heapBytes()).isLessThan(1000);
        cache.invalidate(key("/same"));
        cache.cleanUp();
        assertThat(cache.heapBytes()).isZero();
    }

    @Test
    void whatLeavesInEachWayIsCountedNoMore() {
        for (int i = 0; i < 300; i++) {
            FieldList language = FieldList.of("Accept-Language", "l" + i % 7);
            store(cache, key("/" + i % 50), language, fresh(60, 10, "Vary", "Accept-Language"), body(i, 10));
            store(
                    cache,
                    key("/tagged" + i),
                    NO_FIELDS,
                    fresh(60, 10, "Cache-Tag", "t" + i % 9, "ETag", "\"" + i + '"'),
                    body(i, 10));
        }
        assertThat(cache.purge(Purge.tag("t1", true))).isPositive();
        assertThat(cache.select(key("/tagged1"), NO_FIELDS))
                .as("stale, not gone")
                .isNotNull();
        cache.purge(Purge.tag("t2", false));
        cache.invalidate(key("/3"));
        cache.cleanUp();
        assertThat(cache.heapBytes()).isPositive();
        time.advance(Duration.ofHours(1));
        await().untilAsserted(() -> {
            cache.cleanUp();
            assertThat(cache.size()).isZero();
            assertThat(cache.heapBytes()).isZero();
        });
    }

    /** The second time each text is known, and held by nobody else once the first response has gone. */
    @Test
    void whatIsStoredAgainCountsAsMuchAsTheFirstTime() {
        for (int i = 0; i < 1000; i++) {
            ResponseHead head = fresh(60, 0, "ETag", "\"of-this-one-" + i + '"', "Policy", ("p" + i).repeat(300));
            store(cache, key("/" + i), NO_FIELDS, head, NOTHING);
            cache.cleanUp();
            long once = cache.heapBytes();
            store(cache, key("/" + i), NO_FIELDS, head, NOTHING);
            cache.cleanUp();
            assertThat(cache.heapBytes()).isEqualTo(once);
            cache.invalidate(key("/" + i));
        }
    }

    @Test
    void tagsByTheThousandCountAll() {
        String tags = IntStream.range(0, 20_000).mapToObj(i -> "t" + i).collect(Collectors.joining(","));
        cache.close();
        try (ResponseCache large = cache(64 << 20)) {
            store(large, key("/tagged"), NO_FIELDS, fresh(60, 0, "Cache-Tag", tags), NOTHING);
            assertThat(large.heapBytes()).isGreaterThan(20_000 * 200L);
            assertThat(large.find(key("/tagged"), NO_FIELDS).status()).isEqualTo(200);
        }
    }

    /** Who brought a text may be the first to go. */
    @Test
    void whatFewHaveCountsForEachOfThem() {
        for (int i = 0; i < 100; i++) {
            ResponseHead head = fresh(60, 0, "Policy", ("p" + i).repeat(400));
            store(cache, key("/first/" + i), NO_FIELDS, head, NOTHING);
            cache.cleanUp();
            long before = cache.heapBytes();
            store(cache, key("/other/" + i), NO_FIELDS, head, NOTHING);
            cache.cleanUp();
            assertThat(cache.heapBytes() - before).isGreaterThan(("p" + i).length() * 400L);
            cache.invalidate(key("/first/" + i));
            cache.invalidate(key("/other/" + i));
        }
    }

    /** What is counted is an estimate, and the bound as good as it: never less than there is, nor much more. */
    @Test
    void whatIsCountedIsAboutWhatTheHeapHas() throws IOException {
        estimates("with content", i -> fresh(60, 100), 100, 1.2);
        estimates("without content", i -> fresh(60, 0), 0, 1.2);
        estimates("with a validator", i -> fresh(60, 100, "ETag", "\"of-this-one-" + i + '"'), 100, 1.2);
        estimates("with a long field that others have", i -> fresh(60, 0, "Policy", "p".repeat(1500)), 0, 1.2);
        estimates("with a long field of its own", i -> fresh(60, 0, "Policy", ("p" + i).repeat(200)), 0, 1.2);
        estimates("with a tag of its own", i -> fresh(60, 100, "Cache-Tag", "t" + i), 100, 1.3);
        estimates("with the tag of others", i -> fresh(60, 100, "Cache-Tag", "t" + i % 100), 100, 1.3);
        estimates("one of a hundred variants", i -> fresh(60, 100, "Vary", "Accept-Language"), 100, 1.3);
    }

    private void estimates(String what, IntFunction<ResponseHead> heads, int length, double most) throws IOException {
        byte[] body = body("a", length);
        // Not one of TestPools: those remember where each extent was taken.
        try (TmpfsPool plain = TmpfsPool.open(PoolConfig.of(64 << 20));
                ResponseCache filled = cache(plain, Long.MAX_VALUE / 2)) {
            IntConsumer storeOne = i -> store(
                    filled,
                    key("/" + i / 100 + (what.contains("variants") ? "" : "/" + i)),
                    FieldList.of("Accept-Language", "l" + i),
                    heads.apply(i),
                    body);
            storeOne.accept(-1);
            filled.cleanUp();
            long usedBefore = used();
            long countedBefore = filled.heapBytes();
            int entries = 30_000;
            for (int i = 0; i < entries; i++) {
                storeOne.accept(i);
            }
            filled.cleanUp();
            double used = used() - usedBefore;
            double counted = filled.heapBytes() - countedBefore;
            assertThat(counted / used)
                    .as("%s: %.0f bytes counted an entry, %.0f used", what, counted / entries, used / entries)
                    .isBetween(1.0, most);
        }
    }

    /** Bytes of the heap, without what is garbage. */
    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
