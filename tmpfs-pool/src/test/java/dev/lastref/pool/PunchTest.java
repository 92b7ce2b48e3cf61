package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.FaultyFiles.Fault;
import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.linux.TestCalls;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.NetworkNamespace;
import dev.lastref.pool.testing.Requires;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TestPools;
import dev.lastref.pool.testing.TmpfsMount;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Dead pages are punched out of segments that do not come free, and never while somebody is known to hold them. One extent, the keeper,
 * pins the segment of another, the goner: by a send that does not end, or by being written still.
 */
@Timeout(120)
class PunchTest {
    private static final int SEGMENT = 1 << 20;
    private static final long CAPACITY = 16L * SEGMENT;
    private static final int KEEPER = 256 * 1024;
    private static final int GONER = SEGMENT - KEEPER;
    private static final long BEING_KEPT = 1;
    private static final long GONE = 2;

    private final AtomicLong jumped = new AtomicLong();
    private final AtomicLong byPunching = new AtomicLong();
    private final FaultyFiles faults = new FaultyFiles(1);
    private final PoolListener listener = new PoolListener() {
        @Override
        public void reclaimedByPunching(long bytes) {
            byPunching.addAndGet(bytes);
        }
    };
    private final List<TmpfsPool> pools = new ArrayList<>();

    @BeforeEach
    void whereItIsSafe() {
        Requires.that(KernelProbe.run().punchingIsSafe(), "a kernel that gives memfds no large folios");
    }

    @AfterEach
    void closePools() {
        pools.forEach(TmpfsPool::close);
    }

    private PoolConfig config() {
        return PoolConfig.of(CAPACITY)
                .withSegmentSize(SEGMENT)
                .withNanoClock(() -> System.nanoTime() + jumped.get())
                .withUnprovenFor(Duration.ofHours(1))
                .withListener(listener)
                .withPunching(true);
    }

    private TmpfsPool open(PoolConfig config) {
        TmpfsPool pool = TestPools.open(config);
        pools.add(pool);
        return pool;
    }

    private static Peer peer(TmpfsPool pool, SocketChannel socket) throws IOException {
        return pool.ledger()
                .peer(
                        (InetSocketAddress) socket.getLocalAddress(),
                        (InetSocketAddress) socket.getRemoteAddress(),
                        () -> {});
    }

    private static Segment onlySegment(Extent extent) {
        Slice[] slices = extent.openPlacement().slices();
        assertThat(slices).hasSize(1);
        return slices[0].segment();
    }

    /** A segment full of two extents, of which the goner was sent to somebody, and the keeper is being sent to a reader that is slow. */
    private final class Pinned implements AutoCloseable {
        final Loopback slow = Loopback.open(SlowReader.expecting(BEING_KEPT));
        final TmpfsPool pool;
        final Segment segment;
        final Transmission keeping;
        private final Extent goner;
        private boolean ended;

        Pinned(TmpfsPool pool) throws IOException {
            this.pool = pool;
            Extent keeper = Pools.write(pool, BEING_KEPT, KEEPER);
            goner = Pools.write(pool, GONE, GONER);
            segment = onlySegment(keeper);
            assertThat(onlySegment(goner)).isSameAs(segment);
            keeping = keeper.transmit().to(peer(pool, slow.sender()));
            keeping.transferTo((file, position, count) -> slow.sink().transferFrom(file, position, 10_000));
            slow.reader().read(10_000);
            slow.reader().awaitReceived(10_000);
            keeper.release();
        }

        void sendGonerTo(SocketChannel socket, FileSink sink) throws IOException {
            try (Transmission transmission = goner.transmit().to(peer(pool, socket))) {
                await().until(() -> {
                    transmission.transferTo(sink);
                    return transmission.position() == GONER;
                });
            }
        }

        void letGo() {
            goner.release();
            await().until(() -> segment.state() == SegmentState.RETIRED);
        }

        long inMemory() {
            return Memfds.allocatedBySegment().getOrDefault(segment.id(), 0L);
        }

        void awaitPunched() {
            await().atMost(Duration.ofSeconds(30)).until(() -> inMemory() == KEEPER);
            await().until(() -> pool.snapshot().bytes(Use.UNPROVEN) == GONER);
            assertThat(pool.snapshot().bytes(Use.RETIRED)).isEqualTo(KEEPER);
            assertThat(Pools.sum(pool.snapshot())).isEqualTo(CAPACITY);
        }

        /** The slow reader gets all that it was promised, and the rest of the segment is proven. */
        void end() throws IOException {
            slow.reader().goOn();
            await().until(() -> {
                keeping.transferTo(slow.sink());
                return keeping.position() == KEEPER;
            });
            slow.reader().awaitReceived(KEEPER);
        }

        void endSend() {
            if (!ended) {
                ended = true;
                keeping.close();
            }
        }

        @Override
        public void close() throws IOException {
            endSend();
            slow.close();
        }
    }

    private void overwriteWhatIsFree(TmpfsPool pool) throws IOException {
        List<Extent> others = new ArrayList<>();
        for (ExtentWriter writer = pool.tryAllocate(GONER); writer != null; writer = pool.tryAllocate(GONER)) {
            Pools.append(writer, 99, GONER);
            others.add(writer.commit());
        }
        assertThat(others).isNotEmpty();
        assertThat(Memfds.allocatedBytes()).isLessThanOrEqualTo(CAPACITY);
        others.forEach(Extent::release);
    }

    @Test
    void whatASlowReaderKeepsIsItsOwnPagesAndTheRestStaysOnTheAccountUnprovenUntilItsTimeIsOver() throws Exception {
        TmpfsPool pool = open(config());
        try (Loopback quick = Loopback.open(SlowReader.expecting(GONE))) {
            try (Pinned pinned = new Pinned(pool)) {
                quick.reader().goOn();
                pinned.sendGonerTo(quick.sender(), quick.sink());
                pinned.letGo();
                pinned.awaitPunched();
                overwriteWhatIsFree(pool);
                assertThat(byPunching).hasValue(0);
                pinned.end();
            }
            // The seal has proven what was in the file still, and says nothing of what was punched.
            await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY - GONER);
            assertThat(pool.snapshot().segments())
                    .singleElement()
                    .extracting(SegmentSnapshot::state, SegmentSnapshot::charged, SegmentSnapshot::unproven)
                    .containsExactly(SegmentState.UNPROVEN, GONER, GONER);
            assertThat(pool.snapshot().bytes(Use.UNPROVEN)).isEqualTo(GONER);
            assertThat(Memfds.open()).isZero();

            jumped.addAndGet(Duration.ofMinutes(61).toNanos());
            Pools.write(pool, 3, 1).release(); // has the reclaimer look at its clock
            await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
            awaitReturned();
            assertThat(pool.snapshot().segments()).isEmpty();
        }
    }

    @Test
    void whatIsUnprovenGoesBackWhenItsTimeIsOverWhileTheSegmentIsHeldStill() throws Exception {
        TmpfsPool pool = open(config());
        try (Loopback quick = Loopback.open(SlowReader.expecting(GONE));
                Pinned pinned = new Pinned(pool)) {
            quick.reader().goOn();
            pinned.sendGonerTo(quick.sender(), quick.sink());
            pinned.letGo();
            pinned.awaitPunched();
            pool.pinTimeout(Duration.ofMillis(1));
            await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY - KEEPER);
            awaitReturned();
            assertThat(pinned.segment.charged()).isEqualTo(KEEPER);
            overwriteWhatIsFree(pool);
            pinned.end();
        }
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        awaitReturned();
    }

    /** Who counts is told once the account has them. */
    private void awaitReturned() {
        await().untilAsserted(() -> assertThat(byPunching).hasValue(GONER));
    }

    @Test
    void nothingIsPunchedWhileAReaderHasNotReadIt() throws Exception {
        TmpfsPool pool = open(config());
        try (Loopback stalled = Loopback.open(SlowReader.expecting(GONE));
                Pinned pinned = new Pinned(pool)) {
            pinned.sendGonerTo(stalled.sender(), stalled.sink());
            pinned.letGo();
            jumped.addAndGet(2 * Puncher.STUCK_AFTER);
            // A segment in the same place, that nobody holds, is punched meanwhile: so the puncher has had its turn.
            try (Loopback quick = Loopback.open(SlowReader.expecting(GONE));
                    Pinned other = new Pinned(pool)) {
                quick.reader().goOn();
                other.sendGonerTo(quick.sender(), quick.sink());
                other.letGo();
                await().atMost(Duration.ofSeconds(30)).until(() -> other.inMemory() == KEEPER);
                other.end();
            }
            assertThat(pinned.inMemory()).isEqualTo(SEGMENT);
            stalled.reader().read(GONER);
            stalled.reader().awaitReceived(GONER);
            await().atMost(Duration.ofSeconds(30)).until(() -> pinned.inMemory() == KEEPER);
            pinned.end();
        }
    }

    /** The ledger cannot see them, and says that all has drained; a whole page that leaves the file stays right for them. */
    @Test
    void whatAPipeHoldsIsRightThoughItWasPunchedAndTheRoomWrittenOver() throws Exception {
        TmpfsPool pool = open(config().withUnprovenFor(Duration.ofMillis(1)));
        try (ServerSocketChannel listening =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel proxy = SocketChannel.open(listening.getLocalAddress());
                SocketChannel sender = listening.accept();
                TestCalls.SplicePipe pipe = new TestCalls.SplicePipe(1 << 20);
                Pinned pinned = new Pinned(pool)) {
            pinned.sendGonerTo(sender, (file, position, count) -> file.transferTo(position, count, sender));
            for (long spliced = 0; spliced < GONER; ) {
                spliced += pipe.spliceFrom(proxy, GONER - spliced);
            }
            pinned.letGo();
            await().atMost(Duration.ofSeconds(30)).until(() -> pinned.inMemory() == KEEPER);
            await().until(() -> byPunching.get() == GONER);
            overwriteWhatIsFree(pool);
            assertThat(pipe.read(GONER)).isEqualTo(SeededBytes.of(GONE, 0, GONER));
            pinned.end();
        }
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    /** It acknowledges before it reads, so that the ledger says that all has drained. */
    @Test
    void whatAReaderInAnotherNetworkNamespaceHoldsIsRightThoughItWasPunchedAndTheRoomWrittenOver() throws Exception {
        TmpfsPool pool = open(config().withUnprovenFor(Duration.ofMillis(1)));
        try (NetworkNamespace near = NetworkNamespace.create();
                ServerSocketChannel listening =
                        ServerSocketChannel.open().bind(new InetSocketAddress(near.hostAddress(), 0));
                SlowReader reader = near.call(
                        () -> SlowReader.connect(listening.getLocalAddress(), 4 << 20, SlowReader.expecting(GONE)));
                SocketChannel sender = listening.accept();
                Pinned pinned = new Pinned(pool)) {
            pinned.sendGonerTo(sender, (file, position, count) -> file.transferTo(position, count, sender));
            pinned.letGo();
            await().atMost(Duration.ofSeconds(30)).until(() -> pinned.inMemory() == KEEPER);
            await().until(() -> byPunching.get() == GONER);
            overwriteWhatIsFree(pool);
            assertThat(reader.received()).isZero();
            reader.read(GONER);
            reader.awaitReceived(GONER);
            pinned.end();
        }
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    @Test
    void whatWasNeverSentGoesBackAtOnceFromASegmentThatIsKeptByWhatIsBeingWritten() throws Exception {
        TmpfsPool pool = open(config());
        ExtentWriter slow = pool.tryAllocate(KEEPER);
        Pools.append(slow, BEING_KEPT, KEEPER / 2);
        Segment segment = onlySegment(slow.extent());
        Pools.write(pool, GONE, GONER).release();
        // It is full with that; what follows makes it live, and the pool short of room, so that it is tried to empty
        // it.
        List<Extent> others = new ArrayList<>();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            ExtentWriter writer = pool.tryAllocate(SEGMENT);
            if (writer != null) {
                Pools.append(writer, 3, SEGMENT);
                others.add(writer.commit());
            }
            return byPunching.get() == GONER;
        });
        assertThat(Memfds.allocatedBySegment()).containsEntry(segment.id(), (long) KEEPER / 2);
        assertThat(segment.charged()).isEqualTo(KEEPER);
        assertThat(pool.snapshot().bytes(Use.UNPROVEN)).isZero();
        assertThat(Pools.sum(pool.snapshot())).isEqualTo(CAPACITY);

        Pools.append(slow, BEING_KEPT, KEEPER / 2);
        Extent kept = slow.commit();
        Pools.assertHolds(kept, BEING_KEPT, KEEPER);
        kept.release();
        others.forEach(Extent::release);
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    @Test
    void aSegmentForWhoseProofSomebodyWaitsStaysWhole() throws Exception {
        TmpfsPool pool = open(config());
        try (Loopback quick = Loopback.open(SlowReader.expecting(GONE));
                Pinned awaited = new Pinned(pool);
                Pinned other = new Pinned(pool)) {
            quick.reader().goOn();
            CompletionStage<Void> released;
            try (Transmission transmission = awaited.goner.transmit().to(peer(pool, quick.sender()))) {
                released = transmission.released();
                await().until(() -> {
                    transmission.transferTo(quick.sink());
                    return transmission.position() == GONER;
                });
            }
            awaited.letGo();
            other.letGo();
            await().atMost(Duration.ofSeconds(30)).until(() -> other.inMemory() == KEEPER);
            assertThat(awaited.inMemory()).isEqualTo(SEGMENT);
            awaited.end();
            other.end();
            awaited.endSend();
            assertThat(released.toCompletableFuture()).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"PUNCH", "PUNCH_IN_VAIN"})
    void wherePunchingFailsTheAccountStaysAsItIsAndItIsNotTriedAgain(Fault fault) throws Exception {
        faults.with(fault, 1);
        TmpfsPool pool = TmpfsPool.open(config().withListener(TestPools.watching(listener)), faults);
        pools.add(pool);
        try (Loopback quick = Loopback.open(SlowReader.expecting(GONE));
                Pinned pinned = new Pinned(pool)) {
            quick.reader().goOn();
            pinned.sendGonerTo(quick.sender(), quick.sink());
            pinned.letGo();
            await().atMost(Duration.ofSeconds(30)).until(() -> faults.count(fault) == 1);
            faults.heal();
            assertThat(pool.snapshot().bytes(Use.RETIRED)).isEqualTo(SEGMENT);
            overwriteWhatIsFree(pool);
            pinned.end();
        }
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(byPunching).hasValue(0);
        assertThat(faults.count(fault)).isEqualTo(1);
    }

    @Test
    void filesInADirectoryArePunchedTooAndAllOfThemWaitsForItsTime() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(2 * CAPACITY)) {
            TmpfsPool pool = open(config().withDirectory(mount.path().resolve("pool")));
            try (Loopback quick = Loopback.open(SlowReader.expecting(GONE))) {
                try (Pinned pinned = new Pinned(pool)) {
                    quick.reader().goOn();
                    pinned.sendGonerTo(quick.sender(), quick.sink());
                    pinned.letGo();
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> pool.snapshot().bytes(Use.UNPROVEN) == GONER);
                    assertThat(mount.usedBytes()).isBetween((long) KEEPER, KEEPER + 4096L);
                    pinned.end();
                }
                // From when nobody held it any more, and not before, it is waited for.
                await().until(() -> pool.snapshot().bytes(Use.UNPROVEN) == SEGMENT);
                jumped.addAndGet(Duration.ofMinutes(61).toNanos());
                Pools.write(pool, 3, 1).release();
                await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
            }
            pool.close();
        }
    }

    @Test
    void whereAMountGivesHugePagesTheProbeDeniesItAndNothingIsPunched() throws Exception {
        try (TmpfsMount mount = TmpfsMount.withOptions("huge=always,size=" + 4 * CAPACITY)) {
            KernelProbe.Report report = KernelProbe.run(mount.path().resolve("pool"));
            assertThat(report.punchingIsSafe()).isFalse();
            assertThat(report.switchedOff()).startsWith("punching (").contains("huge pages");

            // Somebody who does not ask the probe.
            TmpfsPool pool = open(config().withDirectory(mount.path().resolve("pool")));
            try (Loopback quick = Loopback.open(SlowReader.expecting(GONE));
                    Pinned pinned = new Pinned(pool)) {
                quick.reader().goOn();
                pinned.sendGonerTo(quick.sender(), quick.sink());
                pinned.letGo();
                jumped.addAndGet(2 * Puncher.STUCK_AFTER);
                long used = mount.usedBytes();
                for (int i = 0; i < 3; i++) { // turns of the reclaimer
                    Pools.write(pool, 3, 1).release();
                    await().until(() -> pool.snapshot().segments().size() == 1);
                }
                assertThat(pool.snapshot().bytes(Use.RETIRED)).isEqualTo(SEGMENT);
                assertThat(mount.usedBytes()).isEqualTo(used);
                pinned.end();
            }
            pool.close();
        }
    }
}
