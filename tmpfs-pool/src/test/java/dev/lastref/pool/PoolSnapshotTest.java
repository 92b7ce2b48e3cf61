package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.TestPools;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PoolSnapshotTest {
    private static final int SEGMENT = 64 * 1024;
    private static final long CAPACITY = 16 * SEGMENT;
    /** What nearly fills a segment. */
    private static final int BEGUN = SEGMENT - 4000;

    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT));

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void anEmptyPoolIsFree() {
        PoolSnapshot snapshot = pool.snapshot();
        assertThat(snapshot.bytes()).containsOnlyKeys(Use.values()).containsEntry(Use.FREE, CAPACITY);
        assertThat(Pools.sum(snapshot)).isEqualTo(CAPACITY);
        assertThat(snapshot.usedBytes()).isZero();
        assertThat(snapshot.segmentsByState())
                .containsOnlyKeys(
                        SegmentState.PREPARED,
                        SegmentState.FILLING,
                        SegmentState.LIVE,
                        SegmentState.RETIRED,
                        SegmentState.DRAINING,
                        SegmentState.UNPROVEN)
                .containsValues(0, 0, 0, 0, 0, 0);
    }

    @Test
    void aByteIsCountedInEachUseOfItsLife() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Extent stays = Pools.write(pool, 1, BEGUN);
            Extent extent = Pools.write(pool, 2, SEGMENT);
            // The first segment has no whole page left to begin the second extent in.
            assertThat(pool.snapshot().bytes())
                    .isEqualTo(bytes(Map.of(
                            Use.LIVE,
                            (long) BEGUN + SEGMENT,
                            Use.DEAD,
                            (long) SEGMENT - BEGUN,
                            Use.FREE,
                            CAPACITY - 2 * SEGMENT)));
            assertThat(pool.snapshot().segmentsByState())
                    .containsEntry(SegmentState.FILLING, 1)
                    .containsEntry(SegmentState.LIVE, 1);
            try (Transmission transmission = extent.transmit()) {
                transmission.transferTo(connection.sink());
                extent.release();
                await().until(() -> pool.snapshot().bytes(Use.RETIRED) == SEGMENT);
                assertThat(pool.snapshot().extents()).isEqualTo(2);
                assertThat(pool.snapshot().transmissions()).isEqualTo(1);
            }
            await().until(() -> pool.snapshot().bytes(Use.DRAINING) == SEGMENT);
            await().until(() -> pool.snapshot().segments().stream()
                    .anyMatch(segment -> segment.state() == SegmentState.DRAINING && segment.probes() > 0));
            assertThat(pool.snapshot().extents()).isEqualTo(1);
            assertThat(Pools.sum(pool.snapshot())).isEqualTo(CAPACITY);
            Extent packed = Pools.write(pool, 3, 1_000);
            assertThat(pool.snapshot().bytes(Use.FILLING)).isEqualTo(SEGMENT - 1_000);
            packed.release();
            stays.release();
        }
        await().until(() -> pool.snapshot().usedBytes() == 0);
    }

    private static Map<Use, Long> bytes(Map<Use, Long> some) {
        Map<Use, Long> all = new EnumMap<>(Use.class);
        for (Use use : Use.values()) {
            all.put(use, some.getOrDefault(use, 0L));
        }
        return all;
    }

    @Test
    void theBytesSumToTheCapacityAtEachMoment() throws Exception {
        long seed = System.nanoTime();
        System.out.println("theBytesSumToTheCapacity: seed " + seed);
        int threads = 3;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                Random random = new Random(seed + t);
                all.add(executor.submit(() -> {
                    churn(random);
                    return null;
                }));
            }
            for (Future<?> each : all) {
                while (!each.isDone()) {
                    PoolSnapshot snapshot = pool.snapshot();
                    assertThat(Pools.sum(snapshot)).as("sum, seed %d", seed).isEqualTo(CAPACITY);
                    assertThat(snapshot.bytes().values())
                            .as("bytes, seed %d", seed)
                            .allMatch(bytes -> bytes >= 0);
                }
                each.get();
            }
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        await().untilAsserted(() -> assertThat(pool.snapshot().segments()).isEmpty());
    }

    private void churn(Random random) throws Exception {
        for (int turn = 0; turn < 2_000; turn++) {
            ExtentWriter writer = random.nextBoolean() ? pool.tryAllocate() : pool.tryAllocate(9_999);
            if (writer == null) {
                continue;
            }
            Pools.append(writer, turn, 1 + random.nextInt(9_999));
            if (random.nextInt(4) == 0 || writer.extent().chargedBytes() == 9_999 && writer.written() < 9_999) {
                writer.abort();
            } else {
                Extent extent = writer.commit();
                Transmission transmission = extent.transmit();
                extent.release();
                Pools.assertReads(transmission, turn);
                transmission.close();
            }
        }
    }

    @Test
    void itDoesNotChangeAfterwards() throws Exception {
        Extent extent = Pools.write(pool, 1, 1_000);
        PoolSnapshot before = pool.snapshot();
        extent.release();
        await().until(() -> pool.snapshot().usedBytes() == 0);
        assertThat(before.bytes(Use.LIVE)).isEqualTo(1_000);
        assertThatThrownBy(() -> before.segments().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aReleasedSegmentIsInNoSnapshot() {
        PoolSnapshot impossible = new PoolSnapshot(
                CAPACITY,
                CAPACITY,
                SEGMENT,
                List.of(new SegmentSnapshot(1, SegmentState.RELEASED, SEGMENT, SEGMENT, 0, 0, 0, 0, 0, null)),
                0,
                0);
        assertThatIllegalStateException().isThrownBy(impossible::bytes);
    }
}
