package dev.lastref.pool;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable run of bytes in the pool: one slice of a segment, or several. It can be sent from the moment its writer has
 * published a first byte.
 *
 * <p><b>Ownership, written once.</b>
 *
 * <ol>
 *   <li>An extent begins with one owner: its {@link ExtentWriter}.
 *   <li>{@link ExtentWriter#commit} hands that ownership to the caller, {@link ExtentWriter#abort} gives it up.
 *   <li>{@link #tryRetain} adds an owner. It fails, for ever, once the last owner has gone.
 *   <li>Each owner calls {@link #release} exactly once; one call too many throws.
 *   <li>Whoever sends begins a {@link Transmission} and closes it. It needs no ownership of its own: an extent that dies meanwhile
 *       stays readable until the transmission is closed. No new one can begin then.
 *   <li>When the last owner has gone the bytes are dead. When no transmission runs either, the pool may let go of them, and counts
 *       them as used until the kernel has proven that nobody else holds the pages.
 * </ol>
 *
 * Published bytes never change, not even after the extent is dead. Safe for all threads.
 */
public final class Extent {
    private static final Slice[] NO_SLICES = {};

    private final TmpfsPool pool;
    private final References references = new References();

    // Slices first, then the bytes that they hold: whoever sees a published length sees the slices under it.
    private volatile Slice[] slices = NO_SLICES;
    private volatile long published;
    private volatile boolean complete;
    private volatile @Nullable ExtentOwner owner;

    Extent(TmpfsPool pool) {
        this.pool = pool;
    }

    /** Bytes that can be read now. Only ever grows. */
    public long published() {
        return published;
    }

    /** Whether the writer has committed: {@link #published} is the extent's length. */
    public boolean isComplete() {
        return complete;
    }

    /** Whether it still has an owner. */
    public boolean isLive() {
        return references.isLive();
    }

    /** Bytes that it takes from the pool, padding included. */
    public long chargedBytes() {
        long sum = 0;
        for (Slice slice : slices) {
            sum += slice.length();
        }
        return sum;
    }

    /** Adds an owner, unless the last one has gone. */
    public boolean tryRetain() {
        return references.tryAddOwner();
    }

    /**
     * Gives up one ownership.
     *
     * @throws IllegalStateException if the caller had none to give up
     */
    public void release() {
        settle(references.releaseOwner());
    }

    /** Names the one to ask when the pool needs the room. */
    public void ownedBy(ExtentOwner newOwner) {
        owner = newOwner;
    }

    /**
     * Begins to send all of it.
     *
     * @return the transmission, which the caller closes; null if the extent is dead
     */
    public @Nullable Transmission transmit() {
        return transmit(0, Long.MAX_VALUE);
    }

    /**
     * Begins to send the bytes from {@code from} up to, not including, {@code to}.
     *
     * @return the transmission, which the caller closes; null if the extent is dead
     */
    public @Nullable Transmission transmit(long from, long to) {
        if (from < 0 || from > to) {
            throw new IllegalArgumentException("range " + from + " to " + to + " of an extent");
        }
        if (!references.tryAddSend()) {
            return null;
        }
        return new Transmission(this, from, to, pool);
    }

    void sendEnded() {
        settle(references.releaseSend());
    }

    boolean isBeingSent() {
        return references.sends() > 0;
    }

    void askOwnerToReclaim() {
        ExtentOwner asked = owner;
        if (asked != null && isLive()) {
            asked.reclaim(this);
        }
    }

    private void settle(References.Change change) {
        switch (change) {
            case NONE -> {}
            case DIED -> pool.died(this);
            case LET_GO -> pool.letGo(this);
            case DIED_AND_LET_GO -> {
                pool.died(this);
                pool.letGo(this);
            }
        }
    }

    /** The slice that holds a position, which must lie in the published prefix. */
    Slice sliceAt(long position) {
        Slice[] seen = slices;
        if (seen.length == 1) {
            return seen[0];
        }
        int low = 0;
        int high = seen.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (position < seen[middle].end()) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return seen[low];
    }

    Slice[] slices() {
        return slices;
    }

    /** Writer only. */
    void addSlice(Slice slice) {
        Slice[] grown = Arrays.copyOf(slices, slices.length + 1);
        grown[grown.length - 1] = slice;
        slices = grown;
    }

    /** Writer only: the same bytes, with another length reserved behind them. */
    void replaceLastSlice(Slice slice) {
        Slice[] changed = slices.clone();
        changed[changed.length - 1] = slice;
        slices = changed;
    }

    /** Writer only. */
    void publish(long length) {
        published = length;
    }

    /** Writer only. */
    void complete() {
        complete = true;
    }

    @Override
    public String toString() {
        return "extent of " + published + (complete ? " bytes, " : " bytes so far, ") + references;
    }
}
