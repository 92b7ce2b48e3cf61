package dev.lastref.pool;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection as the place where pages of the pool go: made once for each by {@link TransmitLedger#peer}, named to its transmissions
 * by {@link Transmission#to}, and told when it is closed.
 *
 * <p>What is sent to it is noted, without a lock, a system call or an allocation. Used by the connection's thread; the ledger reads
 * it from its own.
 */
public final class Peer {
    private static final System.Logger LOG = System.getLogger(Peer.class.getName());

    private final TransmitLedger ledger;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    /** Racy on purpose: to reset what is closed does no harm. */
    private @Nullable Runnable reset;

    private final SegmentNotes notes = new SegmentNotes();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicBoolean known = new AtomicBoolean();
    /** Racy on purpose: any thread may read a string, however it came by it, and an old one does no harm. */
    private @Nullable String sending;

    private volatile boolean closed;
    /** Written by the ledger: all that was noted in earlier epochs has drained. */
    private volatile int drainedBefore;

    Peer(TransmitLedger ledger, InetSocketAddress local, InetSocketAddress remote, Runnable reset) {
        this.ledger = ledger;
        this.local = local;
        this.remote = remote;
        this.reset = reset;
        this.drainedBefore = ledger.epoch();
    }

    /** This side's address. */
    public InetSocketAddress local() {
        return local;
    }

    /** The other side's address. */
    public InetSocketAddress remote() {
        return remote;
    }

    /** Says what is being sent, for people: the path of a request, perhaps. */
    public void sending(String what) {
        sending = what;
    }

    /**
     * Something is sent to it that need not come from the pool: until {@link #endSend} it is one that may be reset for making no progress,
     * as with a transmission. Others may be waiting for it. By the connection's thread.
     */
    public void beginSend() {
        began();
    }

    /** What {@link #beginSend} began is over; once for each. */
    public void endSend() {
        ended();
    }

    /** The connection is closed on this side. Idempotent; nothing is sent to it any more. */
    public void closed() {
        closed = true;
        reset = null; // the ledger may keep this for seconds, and the connection is large
    }

    // ---- for transmissions

    void began() {
        running.setPlain(running.getPlain() + 1);
        if (!known.getOpaque()) {
            known.set(true);
            ledger.add(this);
        }
    }

    void ended() {
        running.setRelease(running.getPlain() - 1);
    }

    /** The kernel has just taken pages of this segment. */
    void sentFrom(Segment segment) {
        notes.add(segment.id(), ledger.epoch(), drainedBefore);
    }

    TransmitLedger ledger() {
        return ledger;
    }

    // ---- for the ledger

    SegmentNotes notes() {
        return notes;
    }

    boolean isSending() {
        return running.getAcquire() > 0;
    }

    boolean isClosed() {
        return closed;
    }

    @Nullable
    String what() {
        return sending;
    }

    int drainedBefore() {
        return drainedBefore;
    }

    void drained(int before) {
        drainedBefore = before;
    }

    /** The ledger no longer has it; should it be sent to again it is added again. */
    void forgotten() {
        known.set(false);
    }

    void reset() {
        Runnable resets = reset;
        if (resets == null) {
            return;
        }
        try {
            resets.run();
        } catch (RuntimeException e) { // one that cannot be reset must not keep the others from it
            LOG.log(System.Logger.Level.WARNING, "cannot reset " + this, e);
        }
    }

    @Override
    public String toString() {
        return remote.getAddress().getHostAddress() + ":" + remote.getPort();
    }
}
