package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.linux.TcpSocketInfo;
import dev.lastref.pool.linux.TcpSockets;
import dev.lastref.pool.linux.TcpState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The time that is spent on questions, with a kernel and a ledger whose answers are known. */
class ProbeTimesTest {
    private static final long MILLISECOND = 1_000_000;
    private static final long REFUSAL = 176 * MILLISECOND;
    private static final long GRANT = MILLISECOND / 10;
    private static final long LONGEST = Duration.ofSeconds(2).toNanos();
    private static final long UNDER_PRESSURE = Duration.ofMillis(200).toNanos();
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
    private static final InetSocketAddress THERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

    private long now = 5 * MILLISECOND;
    /** What the peer has not acknowledged, as the kernel tells. */
    private long queued;

    private final TcpSockets sockets = new TcpSockets() {
        @Override
        public TcpSocketInfo find(InetSocketAddress local, InetSocketAddress remote) {
            return local.equals(HERE) ? new TcpSocketInfo(TcpState.ESTABLISHED, 77, 0, queued, 1000, 0, 0) : null;
        }

        @Override
        public void close() {}
    };
    private final TransmitLedger ledger = new TransmitLedger(() -> now, PoolListener.NONE, () -> {}, () -> sockets);
    private final ProbeTimes times = new ProbeTimes(ledger);
    private final Peer peer = ledger.peer(HERE, THERE, () -> {});
    private final List<Segment> draining = new ArrayList<>();
    /** Those whose seal the kernel would grant. */
    private final Set<Segment> free = new HashSet<>();

    private long spentInVain;

    @AfterEach
    void close() {
        ledger.stop();
        draining.forEach(segment -> segment.file().close());
    }

    private Segment drains(boolean sent) throws IOException {
        int id = draining.size() + 1;
        Segment segment =
                new Segment(id, SegmentState.FILLING, SegmentFiles.MEMFD.create(id, PoolConfig.PAGE), PoolConfig.PAGE);
        if (sent) {
            peer.began();
            segment.markSentFrom();
            peer.sentFrom(segment);
            peer.ended();
        }
        draining.add(segment);
        return segment;
    }

    /** Time passes: the ledger looks and each segment is asked about when it is due, as the reclaimer would. */
    private void pass(Duration time, long longestDelay) {
        long end = now + time.toNanos();
        while (now < end) {
            ledger.turn();
            for (Segment segment : List.copyOf(draining)) {
                if (times.dueIn(segment, now, longestDelay) > 0) {
                    continue;
                }
                if (free.contains(segment)) {
                    now += GRANT;
                    times.released(segment);
                    draining.remove(segment);
                    segment.file().close();
                } else {
                    now += REFUSAL;
                    spentInVain += REFUSAL;
                    times.refused(segment, now, longestDelay, REFUSAL);
                }
            }
            now += 5 * MILLISECOND;
        }
    }

    @Test
    void whatSomebodyHoldsIsAskedAboutSeldomHoweverManySegmentsItIs() throws IOException {
        queued = 500;
        for (int i = 0; i < 100; i++) {
            drains(/* sent= */ true);
        }
        pass(Duration.ofSeconds(60), LONGEST);
        assertThat(spentInVain)
                .as("of a minute")
                .isLessThan(Duration.ofSeconds(13).toNanos());
        assertThat(spentInVain)
                .as("it is asked all the same: the ledger may be wrong")
                .isPositive();
    }

    @Test
    void underPressureHalfOfTheTimeIsLeftForMakingRoom() throws IOException {
        queued = 500;
        for (int i = 0; i < 100; i++) {
            drains(/* sent= */ true);
        }
        pass(Duration.ofSeconds(60), UNDER_PRESSURE);
        assertThat(spentInVain)
                .as("of a minute")
                .isLessThan(Duration.ofSeconds(30).toNanos());
    }

    @Test
    void whomTheLedgerDoesNotSeeDoesNotTakeAllOfTheTimeEither() throws IOException {
        queued = 0; // a proxy's pipe holds them
        for (int i = 0; i < 100; i++) {
            drains(/* sent= */ true);
        }
        pass(Duration.ofSeconds(60), LONGEST);
        assertThat(spentInVain)
                .as("of a minute")
                .isLessThan(Duration.ofSeconds(15).toNanos());
    }

    @Test
    void whatHasDrainedIsAskedAboutAlsoWhileOthersAreHeld() throws IOException {
        queued = 500;
        for (int i = 0; i < 20; i++) {
            drains(/* sent= */ true);
        }
        pass(Duration.ofSeconds(10), LONGEST);
        queued = 0;
        free.addAll(draining);
        pass(Duration.ofMillis(500), LONGEST);
        assertThat(draining).isEmpty();
    }

    @Test
    void whatWasNeverSentIsAskedAboutAtOnce() throws IOException {
        queued = 500;
        drains(/* sent= */ true);
        pass(Duration.ofMillis(1), LONGEST); // refused: a pause begins
        free.add(drains(/* sent= */ false));
        pass(Duration.ofMillis(1), LONGEST);
        assertThat(draining).hasSize(1);
    }
}
