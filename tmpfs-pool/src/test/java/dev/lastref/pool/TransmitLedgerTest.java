package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.linux.TcpSocketInfo;
import dev.lastref.pool.linux.TcpSockets;
import dev.lastref.pool.linux.TcpState;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the ledger concludes from what the kernel says, with a kernel and a clock that the test moves. */
class TransmitLedgerTest {
    private static final Duration PIN_TIMEOUT = Duration.ofSeconds(60);
    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

    /** A kernel that says what it is told to. */
    private final class Kernel implements TcpSockets {
        private final Map<String, TcpSocketInfo> sockets = new HashMap<>();
        private boolean failing;
        private int asked;
        private long took;

        @Override
        public TcpSocketInfo find(InetSocketAddress local, InetSocketAddress remote) throws IOException {
            asked++;
            now += took;
            if (failing) {
                throw new IOException("made to fail");
            }
            return sockets.get(local + " " + remote);
        }

        @Override
        public void close() {}
    }

    private final Kernel kernel = new Kernel();
    private final List<Holder> resets = new ArrayList<>();
    private final List<String> resetPeers = new ArrayList<>();
    private long now = 5 * SECOND;
    private int drained;
    private TransmitLedger ledger;
    private Segment segment;
    private Segment other;

    @BeforeEach
    void open() throws IOException {
        PoolListener listener = new PoolListener() {
            @Override
            public void laggardReset(Holder laggard) {
                resets.add(laggard);
            }
        };
        ledger = new TransmitLedger(() -> now, listener, () -> drained++, () -> kernel);
        ledger.resetLaggardsAfter(PIN_TIMEOUT);
        segment = new Segment(1, SegmentState.FILLING, SegmentFiles.MEMFD.create(1, PoolConfig.PAGE), PoolConfig.PAGE);
        other = new Segment(2, SegmentState.FILLING, SegmentFiles.MEMFD.create(2, PoolConfig.PAGE), PoolConfig.PAGE);
    }

    @AfterEach
    void close() {
        ledger.stop();
        segment.file().close();
        other.file().close();
    }

    /** A client of this port that sends are made to; the connection is named and a first transmission runs. */
    private Peer connect(int port) {
        Peer peer = ledger.peer(HERE, client(port), () -> resetPeers.add("" + port));
        peer.began();
        return peer;
    }

    @Test
    void whatIsClosedKeepsNothingOfItsConnection() {
        List<byte[]> connection = new ArrayList<>(List.of(new byte[1]));
        WeakReference<byte[]> held = new WeakReference<>(connection.get(0));
        Peer peer = ledger.peer(HERE, client(7), connection.remove(0)::clone);
        peer.began();
        System.gc();
        assertThat(held.get()).as("while it is open").isNotNull();
        peer.closed();
        await().until(() -> {
            System.gc();
            return held.get() == null;
        });
    }

    private static InetSocketAddress client(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Our end: acknowledged up to a position, with so much queued behind it. */
    private void here(Peer peer, long acknowledged, long queued) {
        here(peer, TcpState.ESTABLISHED, acknowledged, queued);
    }

    private void here(Peer peer, TcpState state, long acknowledged, long queued) {
        kernel.sockets.put(HERE + " " + peer.remote(), new TcpSocketInfo(state, 77, 0, queued, acknowledged, 0, 0));
    }

    /** The client's end, on this machine: received up to a position, so much of it unread. */
    private void there(Peer peer, long received, long unread) {
        kernel.sockets.put(
                peer.remote() + " " + HERE, new TcpSocketInfo(TcpState.ESTABLISHED, 78, unread, 0, 0, received, 0));
    }

    private void gone(Peer peer) {
        kernel.sockets.remove(HERE + " " + peer.remote());
    }

    /** Time passes, and the ledger's thread does what it would do meanwhile. */
    private void pass(Duration time) {
        long end = now + time.toNanos();
        while (now < end) {
            long idle = ledger.turn();
            now = Math.min(end, now + Math.min(idle, SECOND));
        }
        ledger.turn();
    }

    private Holder onlyHolder() {
        assertThat(ledger.holders()).hasSize(1);
        return ledger.holders().get(0);
    }

    // ---- marks

    @Test
    void aSegmentHasDrainedWhenEverythingQueuedBehindItIsAcknowledged() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        here(peer, 1000, 500);
        DrainWatch watch = ledger.watch(segment);
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.UNKNOWN);
        ledger.turn();
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.HELD);
        here(peer, 1499, 1);
        pass(Duration.ofSeconds(2));
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.HELD);
        assertThat(drained).isZero();
        here(peer, 1500, 0);
        pass(Duration.ofSeconds(2));
        assertThat(watch.hasDrained()).isTrue();
        assertThat(drained).isEqualTo(1);
        assertThat(ledger.holders()).isEmpty();
    }

    @Test
    void aBusyConnectionDrainsThoughItsQueueIsNeverEmpty() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 1000, 500);
        DrainWatch watch = ledger.watch(segment);
        ledger.turn();
        for (long acknowledged = 1100; acknowledged < 1500; acknowledged += 100) {
            peer.sentFrom(other);
            here(peer, acknowledged, 500);
            pass(Duration.ofMillis(100));
            assertThat(watch.word()).as("acknowledged %d", acknowledged).isEqualTo(DrainWatch.Word.HELD);
        }
        here(peer, 1500, 500);
        pass(Duration.ofMillis(100));
        assertThat(watch.hasDrained()).isTrue();
        assertThat(onlyHolder().segments()).contains(2);
    }

    @Test
    void whatIsSentAfterTheWatchBeganDoesNotMatterToIt() {
        Peer early = connect(1);
        early.sentFrom(segment);
        here(early, 1000, 500);
        DrainWatch watch = ledger.watch(segment);
        ledger.turn();
        here(early, 1500, 200);
        early.sentFrom(segment);
        pass(Duration.ofMillis(100));
        assertThat(watch.hasDrained()).isTrue();
        assertThat(onlyHolder().segments()).containsExactly(1);
    }

    @Test
    void aWatchThatBeginsWhileAMarkIsAwaitedGetsAMarkOfItsOwn() {
        Peer peer = connect(1);
        peer.sentFrom(other);
        here(peer, 1000, 500);
        pass(Duration.ofSeconds(1));
        peer.sentFrom(segment);
        here(peer, 1000, 900);
        DrainWatch watch = ledger.watch(segment);
        pass(Duration.ofMillis(100));
        here(peer, 1500, 400);
        pass(Duration.ofMillis(100));
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.HELD);
        here(peer, 1900, 10);
        pass(Duration.ofMillis(100));
        assertThat(watch.hasDrained()).isTrue();
    }

    @Test
    void aPeerOnThisMachineHoldsUntilItHasRead() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        here(peer, 1500, 0);
        there(peer, 1500, 1);
        DrainWatch watch = ledger.watch(segment);
        pass(Duration.ofSeconds(2));
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.HELD);
        assertThat(onlyHolder().state()).isEqualTo(Holder.State.UNREAD);
        there(peer, 1500, 0);
        pass(Duration.ofSeconds(2));
        assertThat(watch.hasDrained()).isTrue();
    }

    @Test
    void whatHasArrivedAndIsNotAcknowledgedYetIsCountedOnce() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 1000, 500);
        there(peer, 1300, 700);
        ledger.turn();
        assertThat(onlyHolder().bytes()).isEqualTo(500 + 700 - 300);
    }

    @Test
    void aPeerOnThisMachineMustReadAWholePacketPastTheMarkUnlessItHasReadAll() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 1500, 0);
        there(peer, 1500, 600);
        DrainWatch watch = ledger.watch(segment);
        ledger.turn();
        here(peer, 500_000, 0);
        there(peer, 500_000, 100_000);
        pass(Duration.ofMillis(100));
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.HELD);
        here(peer, 5_000_000, 0);
        there(peer, 5_000_000, 100_000);
        pass(Duration.ofMillis(100));
        assertThat(watch.hasDrained()).isTrue();
    }

    @Test
    void withoutPositionsOnlyAnEmptyQueueIsDrained() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, TcpSocketInfo.UNKNOWN, 500);
        DrainWatch watch = ledger.watch(segment);
        ledger.turn();
        here(peer, TcpSocketInfo.UNKNOWN, 100);
        pass(Duration.ofSeconds(1));
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.HELD);
        here(peer, TcpSocketInfo.UNKNOWN, 0);
        pass(Duration.ofSeconds(1));
        assertThat(watch.hasDrained()).isTrue();
    }

    @Test
    void whoWasNeverNamedMakesTheLedgerSayThatItDoesNotKnow() {
        segment.sentToUnnamed();
        DrainWatch watch = ledger.watch(segment);
        pass(Duration.ofSeconds(1));
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.UNKNOWN);
    }

    @Test
    void aKernelThatDoesNotAnswerIsNoWordAtAllAndNoReasonToResetAnybody() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 1000, 500);
        pass(Duration.ofSeconds(1));
        kernel.failing = true;
        DrainWatch watch = ledger.watch(segment);
        pass(PIN_TIMEOUT.multipliedBy(3));
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.UNKNOWN);
        assertThat(resetPeers).isEmpty();
        kernel.failing = false;
        here(peer, 1500, 0);
        pass(Duration.ofSeconds(2));
        assertThat(watch.hasDrained()).isTrue();
    }

    @Test
    void nobodyIsAskedAboutWhoHoldsNothing() {
        Peer peer = connect(1);
        peer.ended();
        pass(Duration.ofSeconds(10));
        assertThat(kernel.asked).isZero();
    }

    // ---- closed connections

    @Test
    void anOrphanHoldsUntilTheKernelKnowsItNoMore() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        here(peer, TcpState.FIN_WAIT1, 1000, 500);
        peer.closed();
        DrainWatch watch = ledger.watch(segment);
        pass(Duration.ofSeconds(5));
        assertThat(onlyHolder().state()).isEqualTo(Holder.State.ORPHANED);
        gone(peer);
        pass(Duration.ofSeconds(2));
        assertThat(watch.hasDrained()).isTrue();
        assertThat(ledger.holders()).isEmpty();
    }

    @Test
    void aPeerOnThisMachineHoldsWhatItHasNotReadEvenIfOurSocketIsGone() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        peer.closed();
        there(peer, 1500, 700);
        DrainWatch watch = ledger.watch(segment);
        pass(Duration.ofSeconds(5));
        assertThat(watch.word()).isEqualTo(DrainWatch.Word.HELD);
        assertThat(onlyHolder().bytes()).isEqualTo(700);
        there(peer, 1500, 0);
        pass(Duration.ofSeconds(2));
        assertThat(watch.hasDrained()).isTrue();
    }

    @Test
    void anotherConnectionWithTheSameAddressesIsNotTakenForIt() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        here(peer, TcpState.FIN_WAIT1, 1000, 500);
        peer.closed();
        DrainWatch watch = ledger.watch(segment);
        ledger.turn();
        kernel.sockets.put(HERE + " " + peer.remote(), new TcpSocketInfo(TcpState.ESTABLISHED, 99, 0, 300, 20, 0, 0));
        pass(Duration.ofSeconds(2));
        assertThat(watch.hasDrained()).isTrue();
    }

    @Test
    void aConnectionThatWasClosedBeforeAnybodyLookedIsNotTheOneThatHasItsAddressesNow() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        peer.closed();
        here(peer, TcpState.ESTABLISHED, 20, 300); // a closed one is in no such state
        there(peer, 320, 200);
        DrainWatch watch = ledger.watch(segment);
        pass(Duration.ofSeconds(2));
        assertThat(watch.hasDrained()).isTrue();
        assertThat(ledger.holders()).isEmpty();
    }

    @Test
    void whatAnotherConnectionWithTheSameAddressesHasNotReadIsNotItsOwn() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        here(peer, TcpState.FIN_WAIT1, 1000, 500);
        there(peer, 1500, 700);
        peer.closed();
        ledger.turn();
        assertThat(onlyHolder().state()).isEqualTo(Holder.State.ORPHANED);
        kernel.sockets.put(HERE + " " + peer.remote(), new TcpSocketInfo(TcpState.ESTABLISHED, 99, 0, 0, 20, 0, 0));
        there(peer, 20, 20);
        assertThat(ledger.holders()).isEmpty();
    }

    @Test
    void whatAPeerOnThisMachineHasNotReadIsHeldAlsoWhenOurEndIsInTimeWait() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        here(peer, TcpState.FIN_WAIT1, 1000, 500);
        there(peer, 1500, 700);
        peer.closed();
        ledger.turn();
        kernel.sockets.put(HERE + " " + peer.remote(), new TcpSocketInfo(TcpState.TIME_WAIT, 99, 0, 0, -1, -1, -1));
        assertThat(onlyHolder().state()).isEqualTo(Holder.State.UNREAD);
        assertThat(onlyHolder().bytes()).isEqualTo(700);
    }

    @Test
    void aConnectionThatTheKernelForgotIsKnownAgainOnceItIsSentTo() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        pass(Duration.ofSeconds(3));
        assertThat(ledger.holders()).isEmpty();
        here(peer, 1000, 500);
        peer.began();
        peer.sentFrom(segment);
        ledger.turn();
        assertThat(onlyHolder().bytes()).isEqualTo(500);
    }

    // ---- acknowledgements

    /** Looks twice, as the ledger does; null: not settled, else whether everything was acknowledged. */
    private Boolean acknowledged(Acknowledgement acknowledgement, CompletableFuture<Void> result) {
        ledger.await(acknowledgement);
        pass(Duration.ofMillis(50));
        ledger.tellSettled();
        return result.isDone() ? !result.isCompletedExceptionally() : null;
    }

    @Test
    void whatAnotherConnectionAcknowledgesIsNotTakenForOurs() {
        Peer peer = connect(1);
        here(peer, 1000, 500);
        CompletableFuture<Void> result = new CompletableFuture<>();
        Acknowledgement acknowledgement = new Acknowledgement(peer, result);
        assertThat(acknowledged(acknowledgement, result)).isNull();
        kernel.sockets.put(HERE + " " + peer.remote(), new TcpSocketInfo(TcpState.ESTABLISHED, 99, 0, 0, 20, 0, 0));
        pass(Duration.ofSeconds(1));
        ledger.tellSettled();
        assertThat(result).isCompletedExceptionally();
    }

    @Test
    void aConnectionThatWasClosedBeforeTheFirstLookHasAcknowledgedNothingByWhoeverCameAfterIt() {
        Peer peer = connect(1);
        peer.closed();
        here(peer, TcpState.ESTABLISHED, 20, 0);
        CompletableFuture<Void> result = new CompletableFuture<>();
        assertThat(acknowledged(new Acknowledgement(peer, result), result)).isFalse();
    }

    @Test
    void ourEndInTimeWaitHasHadEverythingAcknowledged() {
        Peer peer = connect(1);
        here(peer, 1000, 500);
        CompletableFuture<Void> result = new CompletableFuture<>();
        Acknowledgement acknowledgement = new Acknowledgement(peer, result);
        assertThat(acknowledged(acknowledgement, result)).isNull();
        kernel.sockets.put(HERE + " " + peer.remote(), new TcpSocketInfo(TcpState.TIME_WAIT, 99, 0, 0, -1, -1, -1));
        pass(Duration.ofSeconds(1));
        ledger.tellSettled();
        assertThat(result).isCompleted();
    }

    // ---- laggards

    @Test
    void aReaderWithoutProgressIsResetOnceAfterThePinTimeout() {
        Peer peer = connect(1);
        peer.sending("/large");
        peer.sentFrom(segment);
        here(peer, 1000, 500);
        pass(PIN_TIMEOUT.minusSeconds(2));
        assertThat(resetPeers).isEmpty();
        pass(Duration.ofSeconds(4));
        assertThat(resetPeers).containsExactly("1");
        pass(PIN_TIMEOUT.multipliedBy(3));
        assertThat(resetPeers).containsExactly("1");
        assertThat(resets).singleElement().satisfies(laggard -> {
            assertThat(laggard.remote()).isEqualTo(peer.remote());
            assertThat(laggard.bytes()).isEqualTo(500);
            assertThat(laggard.sending()).isEqualTo("/large");
            assertThat(laggard.withoutProgress()).isBetween(PIN_TIMEOUT, PIN_TIMEOUT.plusSeconds(2));
            assertThat(laggard.segments()).containsExactly(1);
            assertThat(laggard.state()).isEqualTo(Holder.State.SENDING);
        });
    }

    @Test
    void whoSendsAndReadsNothingMakesNoProgress() {
        ledger.resetLaggardsAfter(Duration.ofSeconds(10));
        Peer peer = connect(1);
        peer.sentFrom(segment);
        for (int second = 0; second < 12; second++) {
            // It has sent another byte, which we have read and acknowledged.
            kernel.sockets.put(
                    HERE + " " + peer.remote(), new TcpSocketInfo(TcpState.ESTABLISHED, 77, 0, 500, 1000, second, 0));
            kernel.sockets.put(
                    peer.remote() + " " + HERE, new TcpSocketInfo(TcpState.ESTABLISHED, 78, 400, 0, second, 1000, 0));
            pass(Duration.ofSeconds(1));
        }
        assertThat(resetPeers).containsExactly("1");
    }

    @Test
    void addressesThatNoConnectionHasAreRefused() {
        InetSocketAddress name = InetSocketAddress.createUnresolved("peer.test", 1);
        InetSocketAddress v6 = new InetSocketAddress("::1", 1);
        assertThatIllegalArgumentException().isThrownBy(() -> ledger.peer(HERE, name, () -> {}));
        assertThatIllegalArgumentException().isThrownBy(() -> ledger.peer(HERE, v6, () -> {}));
    }

    @Test
    void whoeverAsksOftenGetsWhatWasSeenAMomentAgoIfLookingTakesLong() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 1000, 500);
        kernel.took = Duration.ofMillis(50).toNanos();
        ledger.holders();
        int asked = kernel.asked;
        now += Duration.ofMillis(500).toNanos();
        assertThat(ledger.holders()).hasSize(1);
        assertThat(kernel.asked).isEqualTo(asked);
        now += SECOND * 2;
        ledger.holders();
        assertThat(kernel.asked).isGreaterThan(asked);
    }

    @Test
    void aReaderThatOnlyHasATransmissionRunningIsOneToo() {
        Peer peer = connect(1); // what it was sent was copied: no page, but the extent is kept
        here(peer, 1000, 500);
        pass(PIN_TIMEOUT.plusSeconds(2));
        assertThat(resetPeers).containsExactly("1");
    }

    @Test
    void aReaderThatAcknowledgesALittleNowAndThenIsLeftAlone() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        for (int i = 0; i < 20; i++) {
            here(peer, 1000 + i, 500);
            pass(PIN_TIMEOUT.dividedBy(2));
        }
        assertThat(resetPeers).isEmpty();
    }

    @Test
    void aReaderOnThisMachineThatReadsALittleNowAndThenIsLeftAlone() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 100_000, 50_000); // its window is closed: nothing more is acknowledged
        for (int i = 0; i < 20; i++) {
            there(peer, 100_000, 60_000 - i);
            pass(PIN_TIMEOUT.dividedBy(2));
        }
        assertThat(resetPeers).isEmpty();
    }

    @Test
    void whoWaitsForUsIsNoLaggard() {
        Peer peer = connect(1); // its transmission follows an origin that is silent
        peer.sentFrom(segment);
        here(peer, 1500, 0);
        pass(PIN_TIMEOUT.multipliedBy(3));
        assertThat(resetPeers).isEmpty();
    }

    @Test
    void theClockOfAnIdleConnectionBeginsWithWhatItIsSentNext() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        here(peer, 1500, 0);
        pass(PIN_TIMEOUT.multipliedBy(5));
        peer.began();
        peer.sentFrom(segment);
        here(peer, 1500, 900);
        pass(PIN_TIMEOUT.minusSeconds(2));
        assertThat(resetPeers).isEmpty();
        pass(Duration.ofSeconds(4));
        assertThat(resetPeers).containsExactly("1");
    }

    @Test
    void aProcessThatWasSuspendedDoesNotTakeItsOwnPauseForTheirs() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 1000, 500);
        ledger.turn();
        now += PIN_TIMEOUT.multipliedBy(10).toNanos();
        ledger.turn();
        here(peer, 1200, 300);
        pass(Duration.ofSeconds(2));
        assertThat(resetPeers).isEmpty();
    }

    @Test
    void anOrphanIsNotOursToReset() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        peer.ended();
        here(peer, TcpState.FIN_WAIT1, 1000, 500);
        peer.closed();
        pass(PIN_TIMEOUT.multipliedBy(3));
        assertThat(resetPeers).isEmpty();
        assertThat(onlyHolder().withoutProgress()).isGreaterThan(PIN_TIMEOUT.multipliedBy(2));
    }

    @Test
    void theOldestLaggardGoesFirstAndIsListedFirst() {
        Peer late = connect(1);
        late.sentFrom(segment);
        here(late, 1000, 500);
        Peer early = connect(2);
        early.sentFrom(segment);
        here(early, 1000, 500);
        pass(Duration.ofSeconds(5));
        here(late, 1001, 499);
        pass(Duration.ofMillis(1500));
        assertThat(ledger.holders()).extracting(Holder::remote).containsExactly(client(2), client(1));
        ledger.resetLaggardsAfter(Duration.ofSeconds(30));
        pass(Duration.ofSeconds(40));
        assertThat(resetPeers).containsExactly("2", "1");
    }

    @Test
    void whileThePoolIsShortOfRoomThoseWhoAreAwaitedAreLookedAtMoreOftenForAMoment() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 1000, 500);
        ledger.watch(segment);
        pass(Duration.ofSeconds(3));
        int calm = looksWithin(Duration.ofMillis(900));
        ledger.hurry();
        int hurried = looksWithin(Duration.ofMillis(900));
        assertThat(calm).isBetween(4, 12);
        assertThat(hurried).as("bounded, too").isBetween(40, 100);
        pass(Duration.ofSeconds(1));
        assertThat(looksWithin(Duration.ofMillis(900))).isLessThanOrEqualTo(12);
    }

    private int looksWithin(Duration time) {
        int before = kernel.asked;
        pass(time);
        return kernel.asked - before; // of one connection, which is known by then not to end on this machine
    }

    @Test
    void aLookThatTakesLongIsNotHurried() {
        Peer peer = connect(1);
        peer.sentFrom(segment);
        here(peer, 1000, 500);
        ledger.watch(segment);
        kernel.took = Duration.ofMillis(20).toNanos();
        pass(Duration.ofSeconds(2));
        ledger.hurry();
        assertThat(looksWithin(Duration.ofMillis(900)))
                .as("a twentieth of the time")
                .isLessThanOrEqualTo(4); // passing time ends with one
    }

    @Test
    void withoutAPinTimeoutNobodyIsReset() {
        TransmitLedger lenient = new TransmitLedger(() -> now, PoolListener.NONE, () -> {}, () -> kernel);
        Peer peer = lenient.peer(HERE, client(1), () -> resetPeers.add("1"));
        peer.began();
        here(peer, 1000, 500);
        for (int i = 0; i < 10_000; i++) {
            lenient.turn();
            now += SECOND;
        }
        assertThat(resetPeers).isEmpty();
        assertThat(lenient.holders()).hasSize(1);
        lenient.stop();
    }

    @Test
    void aPinTimeoutOfNothingIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> ledger.resetLaggardsAfter(Duration.ZERO));
    }
}
