package dev.lastref.pool;

import dev.lastref.pool.linux.TcpSocketInfo;
import dev.lastref.pool.linux.TcpSockets;
import dev.lastref.pool.linux.TcpState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger knows of one peer: where its TCP was when it was last sampled, and what it must come past.
 *
 * <p><b>Marks.</b> A sample tells how far the peer has acknowledged and how much is queued behind that. Their sum is a position that
 * all that was sent before lies in front of: the mark. Once a later sample has acknowledged past it, all of that has drained, however
 * much was sent since; so a connection that is always busy drains too. Where the kernel tells no positions, only an empty queue is
 * a proof.
 *
 * <p><b>A peer on this machine</b> acknowledges before it reads, and its receive queue holds our pages. So its own socket is asked about
 * too: it must have read past the mark, and by a whole packet more, since the kernel merges what arrives and frees it together.
 */
final class TrackedPeer {
    /** The most that the kernel merges into one packet of a receive queue: 17 fragments of up to 64 KiB (tcp_try_coalesce). */
    private static final long LARGEST_PACKET = 17 * 64 * 1024;

    private static final int STILL_ENOUGH = 3;

    /** All that was noted in earlier epochs lies in front of a position. */
    private record Mark(int epoch, long position) {}

    private final Peer peer;
    private long hereCookie;
    private boolean mayBeOnThisMachine = true;
    private @Nullable TcpSocketInfo here;
    private @Nullable TcpSocketInfo there;
    private @Nullable Mark first;
    private @Nullable Mark second;
    private boolean holding;
    private long heldSince;
    private long progressAt;
    /** Samples in a row that found it where it was. */
    private int still;

    private boolean sampled;
    /** Another connection has its addresses now: so neither of its own sockets is left. */
    private boolean replaced;

    private boolean resetAsked;

    TrackedPeer(Peer peer) {
        this.peer = peer;
    }

    Peer peer() {
        return peer;
    }

    /** Whether it may hold pages, or keeps an extent by a transmission that runs. */
    boolean mayHold() {
        return peer.isSending() || peer.notes().hasAny(peer.drainedBefore());
    }

    /** Looks at its sockets now. */
    void sample(TcpSockets sockets, int epoch, long now) throws IOException {
        sampled = false;
        TcpSocketInfo oldHere = here;
        TcpSocketInfo oldThere = there;
        here = findHere(sockets);
        there = mayBeOnThisMachine && !replaced
                ? sockets.find(/* local= */ peer.remote(), /* remote= */ peer.local())
                : null;
        sampled = true;
        if (there == null && here != null && here.state() == TcpState.ESTABLISHED) {
            mayBeOnThisMachine = false;
        }
        if (!holding) {
            holding = true;
            heldSince = now;
            moved(now);
        } else if (hasAcknowledged(oldHere, here) || hasRead(oldThere, there)) {
            moved(now);
        } else {
            still++;
        }
        settleMarks(epoch);
        if (!mayHold()) {
            holding = false;
        }
    }

    private void moved(long now) {
        progressAt = now;
        still = 0;
    }

    private @Nullable TcpSocketInfo findHere(TcpSockets sockets) throws IOException {
        boolean closed =
                peer.isClosed(); // before the kernel is asked: a socket that was closed since is ours all the same
        TcpSocketInfo found = sockets.find(peer.local(), peer.remote());
        if (found == null) {
            return null;
        }
        if (hereCookie == 0) {
            replaced = closed && found.state().isOpenHere();
            hereCookie = replaced ? 0 : found.cookie();
            return replaced ? null : found;
        }
        if (found.cookie() == 0 || found.cookie() == hereCookie) {
            return found;
        }
        replaced = found.state()
                .isOpenHere(); // else it is ours in TIME-WAIT, which has another cookie, and queues nothing
        return null;
    }

    /** Whether the peer has acknowledged anything. What it sends us is no progress: it may send, and read nothing. */
    private static boolean hasAcknowledged(@Nullable TcpSocketInfo old, @Nullable TcpSocketInfo now) {
        if (old == null || now == null) {
            return (old == null) != (now == null);
        }
        boolean positions = old.hasPositions() && now.hasPositions();
        return positions ? old.acknowledged() != now.acknowledged() : old.sendQueue() != now.sendQueue();
    }

    /** Whether the peer, which is on this machine, has read anything. */
    private static boolean hasRead(@Nullable TcpSocketInfo old, @Nullable TcpSocketInfo now) {
        if (old == null || now == null) {
            return (old == null) != (now == null);
        }
        boolean positions = old.hasPositions() && now.hasPositions();
        return positions ? readPosition(old) != readPosition(now) : old.receiveQueue() != now.receiveQueue();
    }

    private static long readPosition(TcpSocketInfo info) {
        return info.received() - info.receiveQueue();
    }

    private void settleMarks(int epoch) {
        while (first != null && isReached(first.position())) {
            peer.drained(first.epoch());
            first = second;
            second = null;
        }
        if (!hasQueuedBytes()) {
            peer.drained(epoch);
            first = null;
            second = null;
            return;
        }
        TcpSocketInfo sender = here;
        Mark mark = new Mark(
                epoch,
                sender != null && sender.hasPositions() ? sender.acknowledged() + sender.sendQueue() : Long.MAX_VALUE);
        if (first == null) {
            first = mark;
        } else if (sender != null) { // what is gone can be sent nothing more: the first mark says it all
            second = mark;
        }
    }

    private boolean isReached(long position) {
        TcpSocketInfo sender = here;
        TcpSocketInfo receiver = there;
        boolean acknowledged = sender == null
                || sender.sendQueue() == 0
                || (sender.hasPositions() && sender.acknowledged() - position >= 0);
        boolean read = receiver == null
                || receiver.receiveQueue() == 0
                || (receiver.hasPositions()
                        && position != Long.MAX_VALUE
                        && readPosition(receiver) - position >= LARGEST_PACKET);
        return acknowledged && read;
    }

    private boolean hasQueuedBytes() {
        return (here != null && here.sendQueue() > 0) || (there != null && there.receiveQueue() > 0);
    }

    /** Bytes in its queues at the last sample. */
    private long queuedBytes() {
        TcpSocketInfo sender = here;
        TcpSocketInfo receiver = there;
        if (sender == null || receiver == null) {
            return sender != null ? sender.sendQueue() : receiver != null ? receiver.receiveQueue() : 0;
        }
        // What has arrived and is not acknowledged yet lies in both queues, in the same pages.
        long inBoth = sender.hasPositions() && receiver.hasPositions()
                ? Math.max(0, receiver.received() - sender.acknowledged())
                : 0;
        return sender.sendQueue()
                + receiver.receiveQueue()
                - Math.min(inBoth, Math.min(sender.sendQueue(), receiver.receiveQueue()));
    }

    /** Whether the last attempt to look at it succeeded: else nothing is known. */
    boolean isSampled() {
        return sampled;
    }

    /** Whether nothing can come of it any more: the connection is closed and drained, or the kernel does not know it. */
    boolean isOfNoUse() {
        boolean gone = sampled && here == null && !hasQueuedBytes();
        return gone || (peer.isClosed() && !mayHold());
    }

    long withoutProgress(long now) {
        return now - progressAt;
    }

    /** Whether it has made no progress for so long while bytes are queued for it, and can still be reset. */
    boolean isLaggard(long now, long pinTimeout) {
        return holding
                && sampled
                && still >= STILL_ENOUGH // not after one look before and one after this process was suspended
                && !resetAsked
                && !peer.isClosed()
                && hasQueuedBytes()
                && withoutProgress(now) >= pinTimeout;
    }

    void reset() {
        resetAsked = true;
        peer.reset();
    }

    /** What is known of it; null if it holds nothing. */
    @Nullable
    Holder describe(long now) {
        if (!holding || !mayHold()) {
            return null;
        }
        List<Integer> segments = new ArrayList<>();
        peer.notes().forEachSince(peer.drainedBefore(), segments::add);
        return new Holder(
                peer.remote(),
                peer.local(),
                peer.what(),
                state(),
                segments,
                queuedBytes(),
                Duration.ofNanos(now - heldSince),
                Duration.ofNanos(withoutProgress(now)));
    }

    private Holder.State state() {
        TcpSocketInfo sender = here;
        if (peer.isSending()) {
            return Holder.State.SENDING;
        }
        if (sender == null || sender.sendQueue() == 0) {
            return Holder.State.UNREAD;
        }
        return peer.isClosed() ? Holder.State.ORPHANED : Holder.State.SENT;
    }
}
