package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.FileLimit;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.linux.TmpfsFile;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ResizeTest {
    private static final int SEGMENT = 64 * 1024;
    private static final long CAPACITY = 16L * SEGMENT;
    private static final long SEED = 7;

    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT));

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void aLargerPoolHasTheRoomAtOnce() throws Exception {
        Extent full = Pools.write(pool, SEED, (int) CAPACITY);
        assertThat(pool.tryAllocate(SEGMENT)).isNull();
        long usableBefore = pool.usableBytes();

        pool.resize(2 * CAPACITY);

        assertThat(pool.capacity()).isEqualTo(2 * CAPACITY).isEqualTo(pool.target());
        assertThat(pool.usableBytes()).isGreaterThan(usableBefore);
        Extent more = Pools.write(pool, SEED + 1, 4 * SEGMENT);
        assertAccount();
        Pools.assertHolds(full, SEED, CAPACITY);
        full.release();
        more.release();
        awaitAllFree(2 * CAPACITY);
    }

    @Test
    void aSmallerPoolAsksOwnersAndKeepsOnServing() throws Exception {
        List<Extent> owned = new ArrayList<>();
        AtomicBoolean askedTwice = new AtomicBoolean();
        for (int i = 0; i < 13; i++) {
            Extent extent = Pools.write(pool, SEED + i, SEGMENT);
            AtomicBoolean given = new AtomicBoolean();
            extent.ownedBy(asked -> {
                if (given.compareAndSet(false, true)) {
                    asked.release();
                } else {
                    askedTwice.set(true);
                }
            });
            owned.add(extent);
        }

        pool.resize(4L * SEGMENT);

        await().until(() -> pool.capacity() == 4L * SEGMENT);
        assertAccount();
        assertThat(Memfds.allocatedBytes()).isLessThanOrEqualTo(4L * SEGMENT);
        assertThat(askedTwice).isFalse();
        // What is kept free is there as well.
        await().until(() -> {
            ExtentWriter writer = pool.tryAllocate(SEGMENT);
            if (writer != null) {
                writer.abort();
            }
            return writer != null;
        });
        assertThat(pool.tryAllocate(5 * SEGMENT)).isNull();
        for (int i = 0; i < owned.size(); i++) {
            if (owned.get(i).isLive()) {
                Pools.assertHolds(owned.get(i), SEED + i, SEGMENT);
                owned.get(i).release();
            }
        }
        awaitAllFree(4L * SEGMENT);
    }

    @Test
    void untilTheKernelHasLetGoTheCapacityIsWhatIsStillThere() throws Exception {
        try (Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            Extent sent = Pools.write(pool, SEED, SEGMENT);
            long bytes;
            try (Transmission transmission = sent.transmit()) {
                bytes = transmission.transferTo(connection.sink());
            }
            sent.release();
            List<Extent> kept = new ArrayList<>();
            for (int i = 1; i < 8; i++) {
                kept.add(Pools.write(pool, SEED + i, SEGMENT));
            }
            await().until(() -> pool.snapshot().segments().stream().anyMatch(segment -> segment.probes() > 0));

            pool.resize(7L * SEGMENT);

            // Nobody owns these by name, and the reader reads nothing: all eight stay, and the account says so.
            assertThat(pool.tryAllocate(1)).isNull();
            assertThat(pool.tryAllocate()).isNull();
            assertThat(pool.capacity()).isEqualTo(8L * SEGMENT);
            assertThat(pool.target()).isEqualTo(7L * SEGMENT);
            assertThat(pool.snapshot().bytes(Use.FREE)).isZero();
            assertThat(pool.snapshot().bytes(Use.DRAINING)).isEqualTo(SEGMENT);
            assertAccount();

            connection.reader().read(bytes);
            connection.reader().awaitReceived(bytes);
            await().until(() -> pool.capacity() == 7L * SEGMENT);
            assertThat(pool.snapshot().bytes(Use.FREE)).isZero();
            for (int i = 1; i < 8; i++) {
                Pools.assertHolds(kept.get(i - 1), SEED + i, SEGMENT);
            }
            kept.forEach(Extent::release);
            awaitAllFree(7L * SEGMENT);
        }
    }

    @Test
    void whatIsTooSmallIsRefusedAndNothingChanges() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.resize(4L * SEGMENT - 1))
                .withMessageContaining(String.valueOf(4L * SEGMENT - 1))
                .withMessageContaining("at least " + 4L * SEGMENT);
        assertThat(pool.capacity()).isEqualTo(CAPACITY);
    }

    @Test
    void whatWantsMoreDescriptorsThanThisProcessMayHaveIsRefusedWithWhatToDo() throws Exception {
        SegmentFiles few = new SegmentFiles() {
            @Override
            public TmpfsFile create(int id, int size) throws IOException {
                return SegmentFiles.MEMFD.create(id, size);
            }

            @Override
            public FileLimit mostOpen() {
                return new FileLimit(100, "267 descriptors (RLIMIT_NOFILE)");
            }
        };
        PoolConfig config = PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT);
        try (TmpfsPool small = TmpfsPool.open(config, few)) {
            long usable = small.usableBytes();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> small.resize(101L * SEGMENT))
                    .withMessageContaining(String.valueOf(101L * SEGMENT))
                    .withMessageContaining("101 segments of " + SEGMENT)
                    .withMessageContaining("267 descriptors (RLIMIT_NOFILE)")
                    .withMessageContaining("restart with that size");
            assertThat(small.target()).isEqualTo(CAPACITY);
            assertThat(small.usableBytes()).isEqualTo(usable);
            small.resize(100L * SEGMENT);
            assertThat(small.target()).isEqualTo(100L * SEGMENT);
        }
        // Opened with more than the limit, as its owner wished: it can be made smaller all the same.
        try (TmpfsPool large = TmpfsPool.open(config.withCapacity(200L * SEGMENT), few)) {
            large.resize(150L * SEGMENT);
            assertThat(large.target()).isEqualTo(150L * SEGMENT);
        }
    }

    @Test
    void aTinyPoolIsNotMadeHugeWithTheSegmentsOfATinyOne() throws Exception {
        try (TmpfsPool tiny = TestPools.open(PoolConfig.SMALLEST_CAPACITY)) {
            long tooMany = FileLimit.ofThisProcess().files();
            assertThat(tooMany).as("this process is bounded").isLessThan(Long.MAX_VALUE / SEGMENT / 8);
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> tiny.resize((tooMany + 1) * tiny.snapshot().segmentSize()))
                    .withMessageContaining("restart with that size");
        }
    }

    @Test
    void whileManyAllocateThePoolGrowsAndShrinksAndEachByteIsRightAndAccountedFor() throws Exception {
        long seed = System.nanoTime();
        System.out.println("whileManyAllocateThePoolGrowsAndShrinks: seed " + seed);
        Random sizes = new Random(seed);
        ExecutorService executor = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                Random random = new Random(seed + t);
                all.add(executor.submit(() -> {
                    churn(random);
                    return null;
                }));
            }
            for (Future<?> each : all) {
                while (!each.isDone()) {
                    pool.resize(SEGMENT * (4L + sizes.nextInt(252)));
                    assertAccount();
                    Thread.onSpinWait();
                }
                each.get();
            }
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        pool.resize(CAPACITY);
        awaitAllFree(CAPACITY);
    }

    private void churn(Random random) throws Exception {
        List<Extent> held = new ArrayList<>();
        for (int turn = 0; turn < 400; turn++) {
            int length = 1 + random.nextInt(random.nextBoolean() ? 4_000 : 3 * SEGMENT);
            ExtentWriter writer = pool.tryAllocate(length, TimeUnit.SECONDS.toNanos(1 + random.nextInt(100_000)));
            if (writer != null) {
                Pools.append(writer, length, length);
                held.add(writer.commit());
            }
            if (writer == null || random.nextInt(3) == 0) {
                held.forEach(extent -> Pools.assertHolds(extent, extent.published(), extent.published()));
                held.forEach(Extent::release);
                held.clear();
            }
        }
        held.forEach(Extent::release);
    }

    /** The states sum to the capacity, and it is at least the target. */
    private void assertAccount() {
        PoolSnapshot snapshot = pool.snapshot();
        assertThat(Pools.sum(snapshot)).isEqualTo(snapshot.capacity());
        assertThat(snapshot.bytes().values()).allMatch(bytes -> bytes >= 0);
        assertThat(snapshot.capacity()).isEqualTo(Math.max(snapshot.target(), snapshot.usedBytes()));
    }

    private void awaitAllFree(long capacity) {
        await().until(() -> pool.snapshot().bytes(Use.FREE) == capacity);
        assertThat(pool.capacity()).isEqualTo(capacity);
        assertThat(pool.account().freeBytes()).isEqualTo(capacity);
        assertThat(pool.snapshot().extents()).isZero();
    }
}
