package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.TestPools;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ExtentWriterTest {
    private static final int SEGMENT = 256 * 1024;
    private static final int SEGMENTS = 16;
    private static final long CAPACITY = SEGMENTS * SEGMENT;
    private static final long SEED = 11;

    private final TmpfsPool pool = TestPools.open(CAPACITY);

    @AfterEach
    void closePool() {
        pool.close();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1, 63, 64, 65, 4095, 4096, 8191, 8192, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT + 12_345})
    void aKnownLengthIsReadBackAsWritten(int length) throws Exception {
        Extent extent = Pools.write(pool, SEED, length);
        Pools.assertHolds(extent, SEED, length);
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(length);
        extent.release();
        awaitAllFree();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 32 * 1024, 32 * 1024 + 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT + 12_345})
    void anUnknownLengthIsReadBackAsWrittenAndTakesNoMoreThanItNeeds(int length) throws Exception {
        Extent extent = writeUnknown(length);
        Pools.assertHolds(extent, SEED, length);
        assertThat(extent.chargedBytes()).isEqualTo(length);
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(length);
        assertThat(pool.snapshot().bytes(Use.DEAD)).isZero();
        extent.release();
        awaitAllFree();
    }

    @Test
    void anEmptyBodyOfUnknownLengthKeepsNoMemory() {
        ExtentWriter writer = pool.tryAllocate();
        Extent extent = writer.commit();
        assertThat(extent.published()).isZero();
        assertThat(extent.chargedBytes()).isZero();
        Pools.assertHolds(extent, SEED, 0);
        extent.release();
        awaitAllFree();
    }

    @Test
    void roomGivenBackByATrimIsUsedByTheNextExtent() throws Exception {
        List<Extent> extents = new ArrayList<>();
        for (int i = 0; i < 28; i++) {
            extents.add(writeUnknown(8_000));
        }
        assertThat(pool.snapshot().segments()).hasSize(1);
        for (Extent extent : extents) {
            Pools.assertHolds(extent, SEED, 8_000);
        }
        extents.forEach(Extent::release);
        awaitAllFree();
    }

    @Test
    void interleavedWritersOfUnknownLengthKeepTheirBytesApart() throws Exception {
        int writers = 3;
        List<ExtentWriter> all = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            all.add(pool.tryAllocate());
        }
        for (int turn = 0; turn < 40; turn++) {
            for (int i = 0; i < writers; i++) {
                assertThat(Pools.append(all.get(i), SEED + i, 9_001)).isTrue();
            }
        }
        List<Extent> extents = all.stream().map(ExtentWriter::commit).toList();
        for (int i = 0; i < writers; i++) {
            Pools.assertHolds(extents.get(i), SEED + i, 40 * 9_001);
            assertThat(extents.get(i).chargedBytes()).isEqualTo(40 * 9_001);
        }
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(writers * 40L * 9_001);
        assertThat(Pools.sum(pool.snapshot())).isEqualTo(CAPACITY);
        extents.forEach(Extent::release);
        awaitAllFree();
    }

    @Test
    void smallExtentsLieSideBySideInOneSegment() throws Exception {
        int count = 1_000;
        List<Extent> extents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            extents.add(Pools.write(pool, SEED + i, 200));
        }
        assertThat(pool.snapshot().segments()).singleElement().satisfies(segment -> {
            assertThat(segment.live()).isEqualTo(count * 200L);
            assertThat(segment.allocated()).isLessThanOrEqualTo(count * 256);
            assertThat(segment.extents()).isEqualTo(count);
        });
        for (int i = 0; i < count; i++) {
            Pools.assertHolds(extents.get(i), SEED + i, 200);
        }
        extents.forEach(Extent::release);
        awaitAllFree();
    }

    @Test
    void whatIsPublishedCanBeReadBeforeTheCommit() throws Exception {
        ExtentWriter writer = pool.tryAllocate(100_000);
        Extent extent = writer.extent();
        assertThat(extent.published()).isZero();
        try (Transmission follower = extent.transmit()) {
            for (int i = 0; i < 10; i++) {
                Pools.append(writer, SEED, 10_000);
                assertThat(follower.available()).isEqualTo(10_000);
                Pools.assertReads(follower, SEED);
                assertThat(extent.isComplete()).isFalse();
            }
            writer.commit();
            assertThat(extent.isComplete()).isTrue();
            assertThat(follower.position()).isEqualTo(100_000);
        }
        extent.release();
    }

    @Test
    void readersThatFollowSeeOnlyRightBytesAndEndWithAllOfThem() throws Exception {
        long seed = System.nanoTime();
        System.out.println("readersThatFollow: seed " + seed);
        int length = 3_000_000;
        int readers = 3;
        ExecutorService executor = Executors.newFixedThreadPool(readers);
        try {
            ExtentWriter writer = pool.tryAllocate();
            List<Future<Long>> results = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                Transmission transmission = writer.extent().transmit();
                results.add(executor.submit(following(writer.extent(), transmission, seed)));
            }
            ExtentWriter disturber = pool.tryAllocate();
            Random random = new Random(seed);
            while (writer.written() < length) {
                int n = (int) Math.min(length - writer.written(), 1 + random.nextInt(20_000));
                assertThat(Pools.append(writer, seed, n)).as("seed %d", seed).isTrue();
                if (random.nextInt(4) == 0 && disturber.written() < 100_000) {
                    Pools.append(disturber, seed + 1, 1_000); // so that growth in place ends now and then
                }
            }
            writer.commit();
            disturber.abort();
            for (Future<Long> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS)).as("seed %d", seed).isEqualTo(length);
            }
            writer.extent().release();
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        awaitAllFree();
    }

    private static Callable<Long> following(Extent extent, Transmission transmission, long seed) {
        return () -> {
            try (transmission) {
                long last = 0;
                while (true) {
                    boolean complete = extent.isComplete(); // before the length, which may grow until then
                    assertThat(extent.published()).isGreaterThanOrEqualTo(last);
                    last = extent.published();
                    Pools.assertReads(transmission, seed);
                    if (complete && transmission.available() == 0) {
                        return transmission.position();
                    }
                    Thread.onSpinWait();
                }
            }
        };
    }

    @Test
    void anAbortLetsFollowersReadWhatWasPublished() throws Exception {
        ExtentWriter writer = pool.tryAllocate(100_000);
        Pools.append(writer, SEED, 60_000);
        try (Transmission follower = writer.extent().transmit()) {
            writer.abort();
            assertThat(writer.extent().isLive()).isFalse();
            assertThat(writer.extent().isComplete()).isFalse();
            assertThat(follower.available()).isEqualTo(60_000);
            Pools.assertReads(follower, SEED);
        }
        awaitAllFree();
    }

    @Test
    void anExtentRetainedWhileWrittenOutlivesTheAbort() throws Exception {
        ExtentWriter writer = pool.tryAllocate(100_000);
        Pools.append(writer, SEED, 60_000);
        assertThat(writer.extent().tryRetain()).isTrue();
        writer.abort();
        Pools.assertHolds(writer.extent(), SEED, 60_000);
        writer.extent().release();
        awaitAllFree();
    }

    @Test
    void aFullPoolTakesWhatFitsAndTheRestLater() throws Exception {
        Extent other = Pools.write(pool, SEED + 1, SEGMENT);
        ExtentWriter writer = pool.tryAllocate();
        ByteBuffer bytes = ByteBuffer.wrap(SeededBytes.of(SEED, 0, (int) CAPACITY));
        assertThat(writer.append(bytes)).isFalse();
        assertThat(bytes.position()).isEqualTo(CAPACITY - SEGMENT);
        assertThat(writer.written()).isEqualTo(CAPACITY - SEGMENT);
        assertThat(writer.extent().published()).isEqualTo(CAPACITY - SEGMENT);
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(CAPACITY);
        assertThat(writer.append(bytes)).isFalse();
        other.release();
        await().until(() -> writer.append(bytes));
        Extent extent = writer.commit();
        Pools.assertHolds(extent, SEED, CAPACITY);
        extent.release();
        awaitAllFree();
    }

    @Test
    void moreThanWasAnnouncedIsRefusedAndNothingOfItWritten() throws Exception {
        ExtentWriter writer = pool.tryAllocate(1_000);
        Pools.append(writer, SEED, 600);
        ByteBuffer tooMuch = ByteBuffer.allocate(401);
        assertThatIllegalArgumentException().isThrownBy(() -> writer.append(tooMuch));
        assertThat(tooMuch.position()).isZero();
        assertThat(writer.written()).isEqualTo(600);
        Pools.append(writer, SEED, 400);
        Extent extent = writer.commit();
        Pools.assertHolds(extent, SEED, 1_000);
        extent.release();
    }

    @Test
    void aCommitBeforeTheAnnouncedLengthThrowsAndTheWriterCanGoOn() throws Exception {
        ExtentWriter writer = pool.tryAllocate(1_000);
        Pools.append(writer, SEED, 999);
        assertThatIllegalStateException()
                .isThrownBy(writer::commit)
                .withMessageContaining("999")
                .withMessageContaining("1000");
        Pools.append(writer, SEED, 1);
        writer.commit().release();
        awaitAllFree();
    }

    @Test
    void afterTheCommitNothingMoreCanBeDone() throws Exception {
        ExtentWriter writer = pool.tryAllocate(10);
        Pools.append(writer, SEED, 10);
        Extent extent = writer.commit();
        assertFinished(writer);
        assertThat(extent.isLive()).isTrue();
        extent.release();
    }

    @Test
    void afterTheAbortNothingMoreCanBeDone() {
        ExtentWriter writer = pool.tryAllocate();
        writer.abort();
        assertFinished(writer);
        awaitAllFree();
    }

    private static void assertFinished(ExtentWriter writer) {
        assertThatIllegalStateException().isThrownBy(writer::commit);
        assertThatIllegalStateException().isThrownBy(writer::abort);
        assertThatIllegalStateException().isThrownBy(() -> writer.append(ByteBuffer.allocate(0)));
    }

    @Test
    void theBufferKeepsItsLimit() throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(SeededBytes.of(SEED, 0, 2 * SEGMENT));
        bytes.limit(SEGMENT + 10);
        ExtentWriter writer = pool.tryAllocate();
        assertThat(writer.append(bytes)).isTrue();
        assertThat(bytes.position()).isEqualTo(SEGMENT + 10);
        assertThat(bytes.limit()).isEqualTo(SEGMENT + 10);
        Extent extent = writer.commit();
        Pools.assertHolds(extent, SEED, SEGMENT + 10);
        extent.release();
    }

    private Extent writeUnknown(int length) throws Exception {
        ExtentWriter writer = pool.tryAllocate();
        while (writer.written() < length) {
            assertThat(Pools.append(writer, SEED, (int) Math.min(10_000, length - writer.written())))
                    .isTrue();
        }
        return writer.commit();
    }

    private void awaitAllFree() {
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(pool.snapshot().extents()).isZero();
        assertThat(pool.snapshot().transmissions()).isZero();
    }
}
