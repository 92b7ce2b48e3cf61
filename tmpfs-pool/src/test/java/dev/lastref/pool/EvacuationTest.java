package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.TestPools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EvacuationTest {
    private static final long CAPACITY = 16L << 20;

    private final AtomicLong evacuated = new AtomicLong();
    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY).withListener(new PoolListener() {
        @Override
        public void evacuated(long bytes) {
            evacuated.addAndGet(bytes);
        }
    }));

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void sparseSegmentsAreEmptiedAndWhatLivesInThemStaysRight() throws Exception {
        long seed = System.nanoTime();
        System.out.println("sparseSegmentsAreEmptied: seed " + seed);
        Random random = new Random(seed);
        List<Stored> kept = new ArrayList<>();
        List<Stored> given = new ArrayList<>();
        for (int i = 0; pool.snapshot().bytes(Use.FREE) > CAPACITY / 4; i++) {
            Stored stored = new Stored(Pools.write(pool, i, 1000 + random.nextInt(40_000)), i);
            (i % 3 == 0 ? kept : given).add(stored);
        }
        // One reader began before anything moves, and goes on after.
        Transmission early = kept.get(0).extent.transmit();
        given.forEach(stored -> stored.extent.release());
        await().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> {
            assertThat(pool.snapshot().bytes(Use.DEAD)).isLessThan(CAPACITY / 8);
            assertThat(pool.snapshot().bytes(Use.FREE)).isGreaterThan(CAPACITY / 2);
        });
        assertThat(evacuated.get()).isPositive();
        kept.forEach(stored -> Pools.assertHolds(stored.extent, stored.seed, stored.extent.published()));
        Pools.assertReads(early, kept.get(0).seed);
        early.close();
        kept.forEach(stored -> stored.extent.release());
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    @Test
    void whatDiesTogetherLiesTogether() throws Exception {
        Extent brief = pool.tryAllocate(1000, Duration.ofSeconds(1).toNanos()).extent();
        Extent alsoBrief =
                pool.tryAllocate(1000, Duration.ofSeconds(2).toNanos()).extent();
        Extent lasting = pool.tryAllocate(1000, Duration.ofDays(1).toNanos()).extent();
        assertThat(segmentOf(alsoBrief)).isSameAs(segmentOf(brief));
        assertThat(segmentOf(lasting)).isNotSameAs(segmentOf(brief));
        List.of(brief, alsoBrief, lasting).forEach(Extent::release);
    }

    private static Segment segmentOf(Extent extent) {
        return extent.openPlacement().slices()[0].segment();
    }

    @Test
    void anExtentOfSeveralSegmentsMovesOnlyOutOfTheSparseOne() throws Exception {
        int segment = pool.snapshot().segmentSize();
        Extent filler = Pools.write(pool, 1, segment - 80 * 1024);
        // Its first slice ends the filler's segment, which turns sparse; the others are full.
        Extent large = Pools.write(pool, 2, 2 * segment + 80 * 1024);
        List<Slice> before = List.of(large.openPlacement().slices());
        assertThat(before).hasSize(3);
        List<Extent> others = new ArrayList<>();
        while (pool.snapshot().bytes(Use.FREE) > 3L * segment) {
            others.add(Pools.write(pool, 3, segment));
        }
        Transmission early = large.transmit();
        filler.release();
        // Room is wanted: what is kept free is used up.
        await().pollInterval(1, TimeUnit.MILLISECONDS)
                .atMost(20, TimeUnit.SECONDS)
                .until(() -> {
                    ExtentWriter writer = pool.tryAllocate(segment);
                    if (writer != null) {
                        Pools.append(writer, 3, segment);
                        others.add(writer.commit());
                    }
                    return large.openPlacement().slices()[0] != before.get(0);
                });
        Slice[] after = large.openPlacement().slices();
        assertThat(after[after.length - 1]).isSameAs(before.get(2));
        assertThat(after[after.length - 2]).isSameAs(before.get(1));
        Pools.assertHolds(large, 2, large.published());
        Pools.assertReads(early, 2);
        early.close();
        large.release();
        others.forEach(Extent::release);
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    @Test
    void anExtentWithoutBytesKeepsNoSegmentFromBeingEmptied() throws Exception {
        int segment = pool.snapshot().segmentSize();
        Extent empty = pool.tryAllocate().commit();
        Segment sparse = segmentOf(empty);
        Extent survivor = Pools.write(pool, 1, 16 * 1024);
        Extent filler = Pools.write(pool, 2, segment - 64 * 1024);
        assertThat(segmentOf(survivor)).isSameAs(sparse);
        assertThat(segmentOf(filler)).isSameAs(sparse);
        List<Extent> others = new ArrayList<>();
        filler.release();
        await().pollInterval(1, TimeUnit.MILLISECONDS)
                .atMost(20, TimeUnit.SECONDS)
                .until(() -> {
                    ExtentWriter writer = pool.tryAllocate(segment);
                    if (writer != null) {
                        Pools.append(writer, 3, segment);
                        others.add(writer.commit());
                    }
                    return sparse.state() != SegmentState.FILLING && !sparse.isLive();
                });
        Pools.assertHolds(survivor, 1, 16 * 1024);
        assertThat(empty.isLive()).isTrue();
        empty.release();
        survivor.release();
        others.forEach(Extent::release);
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    /** Readers, and owners who let go, meet what is being moved at every moment of it. */
    @Test
    void nobodyNoticesThatExtentsMove() throws Exception {
        long seed = System.nanoTime();
        System.out.println("nobodyNoticesThatExtentsMove: seed " + seed);
        int count = 600;
        AtomicReferenceArray<Extent> shelf = new AtomicReferenceArray<>(count);
        long deadline = System.nanoTime() + Duration.ofSeconds(4).toNanos();
        ExecutorService executor = Executors.newFixedThreadPool(3);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            Random random = new Random(seed + t);
            boolean writes = t == 0;
            all.add(executor.submit(() -> {
                while (System.nanoTime() - deadline < 0) {
                    int place = random.nextInt(count);
                    if (writes) {
                        ExtentWriter writer = pool.tryAllocate(500 + place * 60);
                        Extent next = null;
                        if (writer != null) {
                            Pools.append(writer, place, 500 + place * 60);
                            next = writer.commit();
                        }
                        Extent old = shelf.getAndSet(place, next);
                        if (old != null) {
                            old.release();
                        }
                    } else {
                        Extent extent = shelf.get(place);
                        try (Transmission transmission = extent == null ? null : extent.transmit()) {
                            if (transmission != null) {
                                Pools.assertReads(transmission, place);
                                assertThat(transmission.position()).isEqualTo(500 + place * 60);
                            }
                        }
                    }
                }
                return null;
            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
        executor.shutdown();
        assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        System.out.println("nobodyNoticesThatExtentsMove: " + evacuated.get() + " bytes moved");
        assertThat(evacuated.get()).isPositive();
        for (int place = 0; place < count; place++) {
            Extent extent = shelf.get(place);
            if (extent != null) {
                Pools.assertHolds(extent, place, 500 + place * 60);
                extent.release();
            }
        }
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    private record Stored(Extent extent, long seed) {}
}
