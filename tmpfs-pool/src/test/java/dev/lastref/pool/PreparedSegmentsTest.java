package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.linux.TmpfsFile;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PreparedSegmentsTest {
    private static final int SEGMENT = 64 * 1024;
    private static final int SEGMENTS = 64;
    private static final long CAPACITY = (long) SEGMENTS * SEGMENT;

    /** Stands still unless a test moves it: the pool is never idle. */
    private final AtomicLong clock = new AtomicLong(1);

    private final TmpfsPool pool =
            TestPools.open(PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT).withNanoClock(clock::get));
    private final List<Extent> extents = new ArrayList<>();

    @AfterEach
    void closePool() {
        extents.forEach(Extent::release);
        pool.close();
    }

    private void write(int length) throws Exception {
        extents.add(Pools.write(pool, extents.size(), length));
    }

    private Set<Integer> preparedIds() {
        return pool.snapshot().segments().stream()
                .filter(segment -> segment.state() == SegmentState.PREPARED)
                .map(SegmentSnapshot::id)
                .collect(Collectors.toSet());
    }

    private void awaitPrepared(int count) {
        // A segment is charged first, and gets its pages after that.
        await().until(() -> preparedIds().size() == count
                && pool.account().availableBytes() == pool.account().freeBytes() + (long) count * SEGMENT);
    }

    @Test
    void whileSegmentsAreTakenTheNextAreReadyWithTheirPagesAndOnTheAccount() throws Exception {
        assertThat(preparedIds()).isEmpty();
        write(SEGMENT);
        awaitPrepared(2);
        PoolSnapshot snapshot = pool.snapshot();
        assertThat(snapshot.bytes(Use.FILLING)).isEqualTo(2 * SEGMENT);
        assertThat(snapshot.bytes(Use.FREE)).isEqualTo(CAPACITY - 3 * SEGMENT);
        assertThat(Pools.sum(snapshot)).isEqualTo(CAPACITY);
        assertThat(Memfds.allocatedBytes()).isEqualTo(3 * SEGMENT);

        Set<Integer> ready = preparedIds();
        write(SEGMENT);
        write(SEGMENT);
        assertThat(pool.snapshot().segments())
                .filteredOn(segment -> ready.contains(segment.id()))
                .allMatch(segment -> segment.state() != SegmentState.PREPARED && segment.live() == SEGMENT);
        for (int i = 0; i < extents.size(); i++) {
            Pools.assertHolds(extents.get(i), i, SEGMENT);
        }
    }

    @Test
    void anIdlePoolHasNone() throws Exception {
        write(SEGMENT);
        awaitPrepared(2);
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY - SEGMENT);
        assertThat(Memfds.open()).isEqualTo(1);
        extents.remove(0).release();
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    @Test
    void theyNeverStandInTheWayOfAnAllocation() throws Exception {
        write(SEGMENT);
        awaitPrepared(2);
        // All that there is but the one segment that is kept for moves.
        write((SEGMENTS - 2) * SEGMENT);
        assertThat(pool.tryAllocate(SEGMENT)).isNull();
        Pools.assertHolds(extents.get(1), 1, (SEGMENTS - 2) * SEGMENT);
        assertThat(pool.snapshot().usedBytes()).isLessThanOrEqualTo(CAPACITY);
        assertThat(Memfds.allocatedBytes()).isLessThanOrEqualTo(CAPACITY);
    }

    @Test
    void aPoolThatIsMadeSmallerGivesThemUp() throws Exception {
        write(4 * SEGMENT);
        awaitPrepared(2);
        pool.resize(4 * SEGMENT);
        await().until(() -> pool.capacity() == 4 * SEGMENT);
        assertThat(preparedIds()).isEmpty();
        Pools.assertHolds(extents.get(0), 0, 4 * SEGMENT);
    }

    @Test
    void whereMemoryDoesNotSufficeForThemThePoolDoesWithout() throws Exception {
        FaultyFiles files = new FaultyFiles(1).with(FaultyFiles.Fault.ALLOCATE, 1);
        try (TmpfsPool without =
                TmpfsPool.open(PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT).withNanoClock(clock::get), files)) {
            Extent one = Pools.write(without, 1, SEGMENT);
            await().until(() -> files.count(FaultyFiles.Fault.ALLOCATE) >= 2);
            Extent other = Pools.write(without, 2, SEGMENT);
            Pools.assertHolds(other, 2, SEGMENT);
            one.release();
            other.release();
            files.heal();
            clock.addAndGet(Duration.ofSeconds(1).toNanos());
            await().until(() -> without.snapshot().bytes(Use.FREE) == CAPACITY);
        }
    }

    /** Files of which the system takes its time to make those that are prepared, until the test lets it. */
    private static final class SlowlyMade implements SegmentFiles {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final AtomicInteger made = new AtomicInteger();

        @Override
        public TmpfsFile create(int id, int size) throws IOException {
            if (Thread.currentThread().getName().equals("lastref-reclaimer")) {
                begun.countDown();
                try {
                    assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                made.incrementAndGet();
            }
            return SegmentFiles.MEMFD.create(id, size);
        }
    }

    private TmpfsPool open(SegmentFiles files) throws Exception {
        return TmpfsPool.open(PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT).withNanoClock(clock::get), files);
    }

    @Test
    void whileTheSystemMakesOneOthersAllocateAndItIsOnTheAccountAlready() throws Exception {
        SlowlyMade files = new SlowlyMade();
        try (TmpfsPool slow = open(files)) {
            Extent one = Pools.write(slow, 1, SEGMENT);
            assertThat(files.begun.await(30, TimeUnit.SECONDS)).isTrue();
            Extent other = Pools.write(slow, 2, SEGMENT); // would wait for the lock
            assertThat(files.made).hasValue(0);
            assertThat(slow.snapshot().usedBytes()).isEqualTo(3 * SEGMENT);
            assertThat(Pools.sum(slow.snapshot())).isEqualTo(CAPACITY);
            Extent more = Pools.write(slow, 3, (SEGMENTS - 4) * SEGMENT); // but for the one that is kept for moves
            assertThat(slow.tryAllocate(SEGMENT))
                    .as("what is being prepared is not free")
                    .isNull();
            assertThat(slow.snapshot().bytes(Use.FREE)).isEqualTo(SEGMENT);
            files.goOn.countDown();
            one.release();
            other.release();
            more.release();
            clock.addAndGet(Duration.ofSeconds(1).toNanos());
            await().until(() -> slow.snapshot().bytes(Use.FREE) == CAPACITY);
        }
    }

    @Test
    void oneThatIsMadeWhileThePoolIsMadeSmallerIsGivenUp() throws Exception {
        SlowlyMade files = new SlowlyMade();
        try (TmpfsPool slow = open(files)) {
            Extent extent = Pools.write(slow, 1, 4 * SEGMENT);
            assertThat(files.begun.await(30, TimeUnit.SECONDS)).isTrue();
            slow.resize(4 * SEGMENT);
            assertThat(slow.capacity()).isEqualTo(5 * SEGMENT);
            files.goOn.countDown();
            await().until(() -> slow.capacity() == 4 * SEGMENT);
            assertThat(files.made).hasValue(1);
            assertThat(Memfds.open()).isEqualTo(4);
            extent.release();
        }
    }

    @Test
    void oneThatIsMadeWhileThePoolIsClosedIsClosed() throws Exception {
        SlowlyMade files = new SlowlyMade();
        TmpfsPool slow = open(files);
        Pools.write(slow, 1, SEGMENT).release();
        assertThat(files.begun.await(30, TimeUnit.SECONDS)).isTrue();
        Thread closing = new Thread(slow::close, "closing");
        closing.start();
        await().until(() -> isRefused(slow));
        files.goOn.countDown();
        closing.join(30_000);
        assertThat(closing.isAlive()).isFalse();
        assertThat(Memfds.open()).isZero();
        assertThat(slow.snapshot().bytes(Use.FREE)).isEqualTo(CAPACITY);
    }

    private static boolean isRefused(TmpfsPool pool) throws IOException {
        ExtentWriter writer = pool.tryAllocate(1);
        if (writer != null) {
            writer.abort();
        }
        return writer == null;
    }

    @Test
    void closingThePoolClosesThem() throws Exception {
        write(SEGMENT);
        awaitPrepared(2);
        extents.remove(0).release();
        pool.close();
        assertThat(Memfds.open()).isZero();
        assertThat(pool.snapshot().bytes(Use.FREE)).isEqualTo(CAPACITY);
    }
}
