package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.DeferredFrees;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TestPools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TmpfsPoolTest {
    private static final int SEGMENT = 256 * 1024;
    private static final int SEGMENTS = 16;
    private static final long CAPACITY = SEGMENTS * SEGMENT;
    private static final long SEED = 5;

    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicLong evicted = new AtomicLong();
    private final AtomicLong reclaimed = new AtomicLong();
    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY).withListener(new PoolListener() {
        @Override
        public void allocationRefused(long bytes) {
            refusals.incrementAndGet();
        }

        @Override
        public void evicted(long liveBytes) {
            evicted.addAndGet(liveBytes);
        }

        @Override
        public void reclaimed(long bytes) {
            reclaimed.addAndGet(bytes);
        }
    }));

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void whatIsWrittenIsReadBackAndTheMemoryReturns() throws Exception {
        int length = 3 * SEGMENT + 12_345;
        Extent extent = Pools.write(pool, SEED, length);
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(length);
        try (Transmission transmission = extent.transmit()) {
            extent.release();
            Pools.assertReads(transmission, SEED);
            assertThat(pool.snapshot().usedBytes()).isEqualTo(4 * SEGMENT);
            assertThat(Memfds.open()).isEqualTo(4);
        }
        awaitAllFree();
        assertThat(Memfds.open()).isZero();
        await().untilAsserted(() -> assertThat(reclaimed).hasValue(4 * SEGMENT)); // told once the account has them
    }

    @Test
    void aBodyLargerThanASegmentLiesInSeveralAndMayTakeTheWholePool() throws Exception {
        Extent extent = Pools.write(pool, SEED, (int) CAPACITY);
        assertThat(pool.snapshot().segments()).hasSize(SEGMENTS);
        assertThat(pool.snapshot().bytes(Use.FREE)).isZero();
        assertThat(Memfds.allocatedBytes()).isEqualTo(CAPACITY);
        Pools.assertHolds(extent, SEED, CAPACITY);
        extent.release();
        awaitAllFree();
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingIsTaken() throws Exception {
        Extent extent = Pools.write(pool, SEED, (int) CAPACITY - SEGMENT);
        assertThat(pool.tryAllocate(SEGMENT + 1)).isNull();
        assertThat(refusals).hasValue(1);
        assertThat(pool.snapshot().bytes(Use.FREE)).isEqualTo(SEGMENT);
        assertThat(pool.snapshot().extents()).isEqualTo(1);
        Extent last = Pools.write(pool, SEED, SEGMENT);
        assertThat(pool.tryAllocate(1)).isNull();
        assertThat(pool.tryAllocate()).isNull();
        assertThat(pool.snapshot().usedBytes()).isEqualTo(CAPACITY);
        extent.release();
        last.release();
        awaitAllFree();
    }

    @ParameterizedTest
    @ValueSource(longs = {CAPACITY + 1, 1L << 40, SEGMENT * (1L << 32), SEGMENT * ((1L << 32) + 1), Long.MAX_VALUE})
    void whatIsLargerThanThePoolIsRefusedAndNobodyIsAskedToMakeRoomForIt(long length) throws Exception {
        Extent extent = Pools.write(pool, SEED, (int) CAPACITY - 4 * SEGMENT);
        extent.ownedBy(Extent::release);
        assertThat(pool.tryAllocate(length)).isNull();
        assertThat(refusals).hasValue(1);
        Pools.write(pool, SEED, 1).release(); // lets the reclaimer run
        await().until(() -> pool.snapshot().extents() == 1 && reclaimed.get() == SEGMENT);
        assertThat(evicted).hasValue(0);
        assertThat(extent.isLive()).isTrue();
        extent.release();
        awaitAllFree();
    }

    @Test
    void anExtentOfNoBytesIsAMistake() {
        assertThatIllegalArgumentException().isThrownBy(() -> pool.tryAllocate(0));
        assertThatIllegalArgumentException().isThrownBy(() -> pool.tryAllocate(-1));
    }

    @Test
    void ownersAreAskedWhenThePoolRunsLowAndThenAllocationSucceeds() throws Exception {
        Set<Extent> owned = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < SEGMENTS; i++) {
            Extent extent = Pools.write(pool, SEED, SEGMENT);
            owned.add(extent);
            extent.ownedBy(asked -> {
                if (owned.remove(asked)) {
                    asked.release();
                }
            });
        }
        // The reserve is made without being asked for.
        await().until(() -> pool.snapshot().bytes(Use.FREE) >= 2 * SEGMENT);
        assertThat(refusals).hasValue(0);
        assertThat(owned).hasSizeGreaterThanOrEqualTo(SEGMENTS - 4);
        await().until(() -> {
            ExtentWriter writer = pool.tryAllocate(6 * SEGMENT);
            if (writer == null) {
                return false;
            }
            Pools.append(writer, SEED + 1, 6 * SEGMENT);
            Extent large = writer.commit();
            Pools.assertHolds(large, SEED + 1, 6 * SEGMENT);
            large.release();
            return true;
        });
        assertThat(refusals.get()).isPositive();
        assertThat(evicted.get()).isGreaterThanOrEqualTo(6L * SEGMENT);
        owned.forEach(extent -> Pools.assertHolds(extent, SEED, SEGMENT));
        owned.forEach(Extent::release);
        awaitAllFree();
    }

    @Test
    void aSegmentWhoseOwnersDoNotLetGoIsNotWaitedFor() throws Exception {
        // The emptiest segments are asked for first, and nobody answers for these.
        List<Extent> stubborn = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            stubborn.add(Pools.write(pool, SEED, SEGMENT / 2));
            Extent dead = Pools.write(pool, SEED, SEGMENT / 2);
            dead.release();
        }
        // Until the pool is full; how many fit depends on what is being moved meanwhile.
        int compliant = SEGMENTS - 4;
        List<GivingOwner> compliantOwners = new ArrayList<>();
        for (int i = 0; i < compliant; i++) {
            ExtentWriter next = pool.tryAllocate(SEGMENT);
            if (next != null) {
                Pools.append(next, SEED, SEGMENT);
                compliantOwners.add(new GivingOwner(next.commit()));
            }
        }
        await().until(() -> {
            ExtentWriter writer = pool.tryAllocate(SEGMENT);
            if (writer != null) {
                writer.abort();
            }
            return writer != null;
        });
        stubborn.forEach(extent -> Pools.assertHolds(extent, SEED, SEGMENT / 2));
        // Everything that can be given up is, if asked for long enough.
        fillUpTo(compliant).forEach(Extent::release);
        stubborn.forEach(Extent::release);
        compliantOwners.forEach(GivingOwner::giveUp); // those that nobody had to ask
        awaitAllFree();
    }

    /** Lets go when asked to, and once. */
    private static final class GivingOwner {
        private final Extent extent;
        private final AtomicBoolean given = new AtomicBoolean();

        GivingOwner(Extent extent) {
            this.extent = extent;
            extent.ownedBy(asked -> giveUp());
        }

        void giveUp() {
            if (!given.getAndSet(true)) {
                extent.release();
            }
        }
    }

    @Test
    void deadSegmentsThatAreStillBeingSentAreNotWaitedFor() throws Exception {
        List<Transmission> stalled = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Extent extent = Pools.write(pool, SEED, SEGMENT);
            stalled.add(extent.transmit());
            extent.release();
        }
        for (int i = 4; i < SEGMENTS; i++) {
            Pools.write(pool, SEED, SEGMENT).ownedBy(Extent::release);
        }
        List<Extent> taken = fillUpTo(SEGMENTS - 4);
        stalled.forEach(transmission -> Pools.assertReads(transmission, SEED));
        stalled.forEach(Transmission::close);
        taken.forEach(Extent::release);
        awaitAllFree();
    }

    /** Allocates until so many segments are taken by extents that nobody can be asked for. */
    private List<Extent> fillUpTo(int segments) {
        List<Extent> taken = new ArrayList<>();
        await().until(() -> {
            ExtentWriter writer = pool.tryAllocate(SEGMENT);
            if (writer != null) {
                Pools.append(writer, SEED, SEGMENT);
                taken.add(writer.commit());
            }
            return taken.size() == segments;
        });
        return taken;
    }

    @Test
    void whatIsBeingSentIsNotAskedFor() throws Exception {
        Extent sent = Pools.write(pool, SEED, SEGMENT);
        AtomicInteger asked = new AtomicInteger();
        sent.ownedBy(extent -> asked.incrementAndGet());
        try (Transmission transmission = sent.transmit()) {
            for (int i = 1; i < SEGMENTS; i++) {
                Pools.write(pool, SEED, SEGMENT).ownedBy(Extent::release);
            }
            List<Extent> taken = fillUpTo(SEGMENTS - 1);
            assertThat(asked).hasValue(0);
            Pools.assertReads(transmission, SEED);
            taken.forEach(Extent::release);
        }
        sent.release();
        awaitAllFree();
    }

    @Test
    void allocationFromManyThreadsNeverExceedsTheBudget() throws Exception {
        long seed = System.nanoTime();
        System.out.println("allocationFromManyThreads: seed " + seed);
        int threads = 4;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                Random random = new Random(seed + t);
                all.add(executor.submit(() -> {
                    allocateAndRelease(random);
                    return null;
                }));
            }
            for (Future<?> each : all) {
                while (!each.isDone()) {
                    assertThat(Memfds.allocatedBytes()).isLessThanOrEqualTo(CAPACITY);
                    assertThat(pool.snapshot().usedBytes()).isLessThanOrEqualTo(CAPACITY);
                }
                each.get();
            }
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        awaitAllFree();
    }

    private void allocateAndRelease(Random random) throws Exception {
        List<Extent> held = new ArrayList<>();
        for (int turn = 0; turn < 300; turn++) {
            int length = 1 + random.nextInt(random.nextBoolean() ? 4_000 : 3 * SEGMENT);
            ExtentWriter writer = pool.tryAllocate(length);
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

    @Test
    void aClosedPoolAllocatesNothing() {
        pool.close();
        assertThat(pool.tryAllocate(100)).isNull();
        assertThat(pool.tryAllocate()).isNull();
        pool.close();
        assertThat(Memfds.open()).isZero();
    }

    @Test
    void afterClosingTheLastToLetGoOfAnExtentClosesItsFiles() throws Exception {
        Extent extent = Pools.write(pool, SEED, 2 * SEGMENT);
        Extent other = Pools.write(pool, SEED + 1, 100);
        Pools.write(pool, SEED, 3 * SEGMENT).release();
        Transmission transmission = extent.transmit();
        pool.close();
        assertThat(Memfds.open()).isEqualTo(3);
        Pools.assertHolds(other, SEED + 1, 100);
        other.release();
        assertThat(Memfds.open()).isEqualTo(2);
        extent.release();
        Pools.assertReads(transmission, SEED);
        assertThat(Memfds.open()).isEqualTo(2);
        transmission.close();
        assertThat(Memfds.open()).isZero();
        assertThat(pool.snapshot().usedBytes()).isZero();
    }

    @Test
    void aWriterThatOutlivesThePoolEndsInItsRoomAndThenItsFileIsClosed() throws Exception {
        ExtentWriter writer = pool.tryAllocate();
        Pools.append(writer, SEED, 100);
        pool.close();
        assertThat(Pools.append(writer, SEED, 2 * SEGMENT)).isFalse();
        Extent extent = writer.commit();
        Pools.assertHolds(extent, SEED, writer.written());
        extent.release();
        assertThat(Memfds.open()).isZero();
    }

    /** The one who lets go must keep away from files that the reclaimer still asks about. */
    @Test
    void lettingGoWhileThePoolClosesNeitherDisturbsARunningProbeNorCountsASegmentTwice() throws Exception {
        // Four at a time: most of a round is a wait for the kernel's answers.
        ExecutorService four = Executors.newFixedThreadPool(4);
        List<Future<?>> rounds = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            rounds.add(four.submit(() -> {
                letGoWhileItCloses();
                return null;
            }));
        }
        four.shutdown();
        for (Future<?> round : rounds) {
            round.get();
        }
        assertThat(four.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void letGoWhileItCloses() throws Exception {
        TmpfsPool closing = TestPools.open(CAPACITY);
        try (Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            Extent other = Pools.write(closing, SEED, 100);
            Extent extent = Pools.write(closing, SEED, SEGMENT / 4);
            long sent;
            try (Transmission transmission = extent.transmit()) {
                sent = transmission.transferTo(connection.sink());
            }
            extent.release();
            await().until(() -> closing.snapshot().segments().stream().anyMatch(segment -> segment.probes() >= 3));
            Thread closer = new Thread(closing::close, "pool-closer");
            closer.start();
            // The closer waits for a probe that runs now, most likely; meanwhile the last other extent goes, and
            // then the pages, so that the probe is answered with yes.
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> isClosed(closing));
            other.release();
            connection.reader().read(sent);
            connection.reader().awaitReceived(sent);
            DeferredFrees.flush();
            await().until(() -> !closer.isAlive());
            assertThat(closing.snapshot().bytes(Use.FREE)).isEqualTo(CAPACITY);
            assertThat(closing.account().freeBytes())
                    .as("what the budget is kept by")
                    .isEqualTo(CAPACITY);
        }
    }

    private static boolean isClosed(TmpfsPool closing) {
        ExtentWriter writer = closing.tryAllocate(100);
        if (writer != null) {
            writer.abort();
        }
        return writer == null;
    }

    @Test
    void withoutDescriptorsAllocationIsRefusedWithAWarningAndRecoversAndNothingIsLost() throws Exception {
        try (ChildJvm child = ChildJvm.start(
                List.of("sh", "-c", "ulimit -n 200 && exec \"$@\"", "sh"), DescriptorLimitProgram.class)) {
            assertThat(child.awaitExit()).as(child.output()).isZero();
            assertThat(child.awaitLine("nothing lost")).isNotEmpty();
        }
    }

    private void awaitAllFree() {
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(pool.account().freeBytes()).isEqualTo(CAPACITY);
        assertThat(pool.snapshot().extents()).isZero();
        assertThat(pool.snapshot().transmissions()).isZero();
    }
}
