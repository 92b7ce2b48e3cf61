package dev.lastref.pool;

import dev.lastref.pool.linux.TcpSockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which connections may still hold pages of the pool, of which segments, how many bytes and for how long.
 *
 * <p>It is told by transmissions which {@link Peer} was sent pages of which segment ({@link SegmentNotes}), and looks at the peers' TCP
 * sockets by itself ({@link TrackedPeer}): those that may hold anything about once a second, and those that may hold a segment which the
 * kernel refuses to seal more often, until they have drained ({@link LookTimes}). What it spends on that is a twentieth of one CPU at most.
 *
 * <p><b>What it is for.</b> It is a hint when to ask for a seal again, and for punching ({@link DrainWatch}); it names who holds what
 * ({@link #holders}); and it resets laggards ({@link #resetLaggardsAfter}). It is never the proof that nobody holds a page: it does not
 * see a pipe into which a proxy spliced, nor a receive queue in another network namespace, nor who was never named.
 *
 * <p>Threads: its own, "lastref-ledger", which runs resets, the listener, and what depends on {@link Transmission#acknowledged}. All else may be
 * called by any thread.
 */
public final class TransmitLedger {
    private static final System.Logger LOG = System.getLogger(TransmitLedger.class.getName());

    /** Opens what the kernel is asked through. */
    interface Opener {
        TcpSockets open() throws IOException;
    }

    /** After a turn that failed, in nanoseconds. */
    private static final long PAUSE_AFTER_FAILURE = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier clock;
    private final PoolListener listener;
    private final Runnable drained;
    private final Opener opener;
    private final Thread thread;

    private final Queue<Peer> newPeers = new ConcurrentLinkedQueue<>();
    private final Queue<DrainWatch> newWatches = new ConcurrentLinkedQueue<>();
    private final Queue<Acknowledgement> newAcknowledgements = new ConcurrentLinkedQueue<>();
    /** To be told by the thread, when no lock is held. */
    private final Queue<Acknowledgement> settled = new ConcurrentLinkedQueue<>();

    // Guarded by this: who looks, the ledger's thread or somebody who asks for the holders.
    private final List<TrackedPeer> peers = new ArrayList<>();
    private final List<DrainWatch> watches = new ArrayList<>();
    private final List<Acknowledgement> acknowledgements = new ArrayList<>();
    private @Nullable TcpSockets sockets;
    private final LookTimes times;
    private long soughtLaggardsNanos;
    private boolean failing;

    private volatile int epoch = 1;
    private volatile long pinTimeoutNanos = Long.MAX_VALUE;
    /** Whether the thread waits until somebody comes. */
    private volatile boolean resting;

    private volatile boolean woken;
    private volatile boolean stopped;

    /**
     * @param drained to be run when a watched segment has drained, by all that is known
     */
    TransmitLedger(LongSupplier clock, PoolListener listener, Runnable drained, Opener opener) {
        this.clock = clock;
        this.listener = listener;
        this.drained = drained;
        this.opener = opener;
        this.times = new LookTimes(clock.getAsLong());
        this.soughtLaggardsNanos = times.lookedAtAllNanos();
        this.thread = new Thread(this::run, "lastref-ledger");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void stop() {
        stopped = true;
        wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // kept for the caller: the thread may be using the descriptor that is closed below
            }
        }
        close();
        tellSettled();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void close() {
        takeNew();
        acknowledgements.forEach(Acknowledgement::giveUp);
        settled.addAll(acknowledgements);
        acknowledgements.clear();
        if (sockets != null) {
            sockets.close();
            sockets = null;
        }
    }

    /**
     * Names a connection that transmissions will go to. Its owner calls {@link Peer#closed} when it closes it.
     *
     * @param local our side's address
     * @param remote the peer's address
     * @param reset closes the connection with a reset (SO_LINGER 0), which frees what is queued; run on the ledger's thread, so it
     *     must neither block nor throw: what belongs to an I/O thread is handed over to it. A blocking channel is shut
     *     down before it is closed, since closing one does not end a transfer that runs on it
     * @throws IllegalArgumentException if these cannot be the addresses of one connection
     */
    public Peer peer(InetSocketAddress local, InetSocketAddress remote, Runnable reset) {
        if (local.isUnresolved() || remote.isUnresolved()) {
            throw new IllegalArgumentException(
                    "a connection from " + local + " to " + remote + ": expected addresses, not names");
        }
        if (local.getAddress().getClass() != remote.getAddress().getClass()) {
            throw new IllegalArgumentException("no connection has the addresses " + local + " and " + remote
                    + ": one is of IPv4, the other of IPv6");
        }
        return new Peer(this, local, remote, reset);
    }

    /**
     * From now on resets connections that hold pages and make no progress for so long: nothing is acknowledged and, by a peer on this
     * machine, nothing is read. Who is slow and moves is left alone. Without this call nobody is reset.
     *
     * <p>What is closed on our side is nobody's to reset: the kernel ends that, by its own count of probes that an orphan may send
     * (tcp_orphan_retries).
     */
    public void resetLaggardsAfter(Duration pinTimeout) {
        if (pinTimeout.isNegative() || pinTimeout.isZero()) {
            throw new IllegalArgumentException("a pin timeout of " + pinTimeout);
        }
        pinTimeoutNanos = pinTimeout.toNanos();
        wake();
    }

    /**
     * What is found at all connections that may hold pages; who has stood still longest comes first. It looks at them for this, unless
     * that took long and was done a moment ago: whoever asks often gets what was seen then.
     */
    public synchronized List<Holder> holders() {
        if (stopped) {
            return List.of();
        }
        if (times.mayLookAtAll(clock.getAsLong())) {
            look(true);
        }
        if (!settled.isEmpty()) {
            wake();
        }
        long now = clock.getAsLong();
        return peers.stream()
                .map(peer -> peer.describe(now))
                .filter(Objects::nonNull)
                .sorted(Comparator.comparing(Holder::withoutProgress).reversed())
                .toList();
    }

    // ---- for peers, transmissions and the reclaimer, on any thread

    /** The turn that runs, or the last one. */
    int epoch() {
        return epoch;
    }

    /** Once for each connection. */
    void add(Peer peer) {
        newPeers.add(peer);
        if (resting) {
            LockSupport.unpark(thread);
        }
    }

    /** Begins to find out whether what was sent from a segment until now has drained. */
    DrainWatch watch(Segment segment) {
        DrainWatch watch = new DrainWatch(segment, epoch + 1);
        newWatches.add(watch);
        wake();
        return watch;
    }

    /**
     * The pool is short of room: for a moment those who are awaited are looked at more often, though still for a bounded part of the
     * thread's time.
     */
    void hurry() {
        if (times.hurry(clock.getAsLong())) {
            wake();
        }
    }

    /** Has it looked at until it is settled. */
    void await(Acknowledgement acknowledgement) {
        newAcknowledgements.add(acknowledgement);
        wake();
    }

    private void wake() {
        woken = true;
        LockSupport.unpark(thread);
    }

    // ---- the thread

    private void run() {
        while (!stopped) {
            woken = false;
            long idle;
            try {
                idle = turn();
                tellSettled();
            } catch (RuntimeException | Error e) { // without this thread nobody would be reset
                LOG.log(System.Logger.Level.ERROR, "the ledger's turn failed; the next one tries again", e);
                idle = PAUSE_AFTER_FAILURE;
            }
            rest(idle);
        }
    }

    void tellSettled() {
        for (Acknowledgement one = settled.poll(); one != null; one = settled.poll()) {
            one.complete();
        }
    }

    private void rest(long idleNanos) {
        if (idleNanos < Long.MAX_VALUE) {
            if (!woken) {
                LockSupport.parkNanos(this, idleNanos);
            }
            return;
        }
        resting = true;
        if (!woken && newPeers.isEmpty()) {
            LockSupport.park(this);
        }
        resting = false;
    }

    /** Looks at whom it is time to look at; returns how long there is nothing to do. */
    synchronized long turn() {
        takeNew();
        if (peers.isEmpty() && watches.isEmpty() && acknowledgements.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long began = clock.getAsLong();
        boolean all = times.isTimeForAll(began, pinTimeoutNanos);
        if (all || isAnybodyAwaited()) {
            look(all);
        }
        // Be it this turn that looked, or somebody who asked for the holders.
        if (soughtLaggardsNanos != times.lookedAtAllNanos()) {
            soughtLaggardsNanos = times.lookedAtAllNanos();
            resetLaggards();
        }
        long now = clock.getAsLong();
        return times.pause(now, now - began, isAnybodyAwaited(), pinTimeoutNanos);
    }

    private boolean isAnybodyAwaited() {
        return !acknowledgements.isEmpty() || watches.stream().anyMatch(watch -> !watch.hasDrained());
    }

    private void takeNew() {
        for (Peer peer = newPeers.poll(); peer != null; peer = newPeers.poll()) {
            peers.add(new TrackedPeer(peer));
        }
        for (DrainWatch watch = newWatches.poll(); watch != null; watch = newWatches.poll()) {
            watches.add(watch);
            times.expectSoon();
        }
        for (Acknowledgement one = newAcknowledgements.poll(); one != null; one = newAcknowledgements.poll()) {
            acknowledgements.add(one);
            times.expectSoon();
        }
        watches.removeIf(watch -> watch.isOver() || watch.isUndecidable());
    }

    /**
     * Samples those who are awaited, or all who may hold anything, and says what follows.
     */
    private void look(boolean all) {
        takeNew();
        // Before the samples: what was noted in an earlier epoch was queued before them.
        int thisEpoch = epoch + 1;
        epoch = thisEpoch;
        long now = clock.getAsLong();
        TcpSockets asked;
        IOException failure = null;
        try {
            asked = openSockets();
            asked.refresh();
        } catch (IOException e) {
            failed(e);
            return;
        }
        List<TrackedPeer> left = new ArrayList<>();
        for (TrackedPeer peer : peers) {
            if ((all && peer.mayHold()) || isAwaited(peer)) {
                try {
                    peer.sample(asked, thisEpoch, now);
                } catch (IOException e) {
                    failure = e;
                }
            }
            if (all && peer.isOfNoUse()) {
                peer.peer().forgotten();
            } else if (all) {
                left.add(peer);
            }
        }
        if (all) {
            peers.clear();
            peers.addAll(left);
            times.lookedAtAll(now, clock.getAsLong() - now);
        }
        watches.forEach(this::decide);
        acknowledgements.removeIf(each -> each.isSettled(asked) && settled.add(each));
        if (failure != null) {
            failed(failure);
        } else {
            failing = false;
        }
    }

    private TcpSockets openSockets() throws IOException {
        TcpSockets opened = sockets;
        if (opened == null) {
            opened = opener.open();
            sockets = opened;
        }
        return opened;
    }

    private boolean isAwaited(TrackedPeer peer) {
        for (DrainWatch watch : watches) {
            if (!watch.hasDrained() && watch.concerns(peer.peer())) {
                return true;
            }
        }
        return false;
    }

    /** The next look opens another way, as it would at the start. */
    private void failed(IOException e) {
        if (!failing) { // once for each run of failures
            LOG.log(System.Logger.Level.WARNING, "cannot ask who holds pages: {0}", e.getMessage());
        }
        failing = true;
        if (sockets != null) {
            sockets.close();
            sockets = null;
        }
    }

    private void decide(DrainWatch watch) {
        if (watch.hasDrained()) {
            return;
        }
        boolean held = false;
        boolean unknown = false;
        for (TrackedPeer peer : peers) {
            if (watch.concerns(peer.peer())) {
                held = true;
                unknown |= !peer.isSampled();
            }
        }
        watch.say(unknown ? DrainWatch.Word.UNKNOWN : held ? DrainWatch.Word.HELD : DrainWatch.Word.DRAINED);
        if (watch.hasDrained()) {
            times.expectSoon();
            drained.run();
        }
    }

    /** Those that have stood still longest go first. */
    private void resetLaggards() {
        long now = clock.getAsLong();
        long pinTimeout = pinTimeoutNanos;
        List<TrackedPeer> laggards = peers.stream()
                .filter(peer -> peer.isLaggard(now, pinTimeout))
                .sorted(Comparator.comparingLong((TrackedPeer peer) -> peer.withoutProgress(now))
                        .reversed())
                .toList();
        for (TrackedPeer laggard : laggards) {
            Holder what = laggard.describe(now);
            if (what != null) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "reset {0}, which has taken nothing for {1} s while {2} bytes are queued for it{3}",
                        laggard.peer(),
                        what.withoutProgress().toMillis() / 1000.0,
                        String.valueOf(what.bytes()),
                        what.sending() == null ? "" : " of " + what.sending());
                laggard.reset();
                listener.laggardReset(what);
            }
        }
    }
}
