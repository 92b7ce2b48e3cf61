package dev.lastref.pool;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Function;
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
 *       them as used until the kernel has proven that nobody else holds the pages. What was only copied needs no proof.
 * </ol>
 *
 * Published bytes never change while anybody may read them: an owner, a transmission or, where they were sent by reference, the kernel.
 * Safe for all threads.
 */
public final class Extent extends Placement {
    private static final VarHandle PLACEMENT;
    private static final VarHandle OWNER_TO_ASK;
    private static final AtomicIntegerFieldUpdater<Extent> OWNERS =
            AtomicIntegerFieldUpdater.newUpdater(Extent.class, "owners");
    private static final AtomicIntegerFieldUpdater<Extent> PLACEMENTS =
            AtomicIntegerFieldUpdater.newUpdater(Extent.class, "placements");

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PLACEMENT = lookup.findVarHandle(Extent.class, "placement", Placement.class);
            OWNER_TO_ASK = lookup.findVarHandle(Extent.class, "owner", ExtentOwner.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TmpfsPool pool;
    private final long expiresNanos;
    /** Where it lies now: itself until it is moved, as what it inherits says where it lay first; null once it is dead. */
    private volatile @Nullable Placement placement = this;

    /** Those of the extent; what it inherits counts the sends of its first placement. */
    private volatile int owners = 1;

    @SuppressWarnings("unused") // through PLACEMENTS
    private volatile int placements = 1;

    // The slices are in the placement before the bytes in them are published: whoever sees the one sees the other.
    /** Bytes that can be read, as they are once it is complete; before that their complement, which is negative. */
    private volatile long published = ~0L;

    private volatile @Nullable ExtentOwner owner;

    Extent(TmpfsPool pool, long expiresNanos) {
        this.pool = pool;
        this.expiresNanos = expiresNanos;
    }

    /** Bytes that can be read now. Only ever grows. */
    public long published() {
        long seen = published;
        return seen < 0 ? ~seen : seen;
    }

    /** Whether the writer has committed: {@link #published} is the extent's length. */
    public boolean isComplete() {
        return published >= 0;
    }

    /** Whether it still has an owner. */
    public boolean isLive() {
        return owners > 0;
    }

    /** Bytes of segments that are its own, padding excluded; 0 once it is dead. */
    public long chargedBytes() {
        Placement now = placement;
        return now == null ? 0 : now.reservedBytes();
    }

    /** Adds an owner, unless the last one has gone. */
    public boolean tryRetain() {
        int seen = owners;
        while (seen > 0 && !OWNERS.compareAndSet(this, seen, seen + 1)) {
            seen = owners;
        }
        return seen > 0;
    }

    /**
     * Gives up one ownership.
     *
     * @throws IllegalStateException if the caller had none to give up
     */
    public void release() {
        int seen = owners;
        while (seen > 0 && !OWNERS.compareAndSet(this, seen, seen - 1)) {
            seen = owners;
        }
        if (seen == 0) {
            throw new IllegalStateException("released by an owner more often than retained");
        }
        if (seen == 1) {
            // Whoever moves it meanwhile finds that it has none, and gives up what was moved.
            Placement last = (Placement) PLACEMENT.getAndSet(this, null);
            last.releaseByExtent();
        }
    }

    /** Names the one to ask when the pool needs the room, in place of whoever was named before. */
    public void ownedBy(ExtentOwner newOwner) {
        owner = newOwner;
    }

    /** The one that was named last; null: nobody was. */
    public @Nullable ExtentOwner owner() {
        return owner;
    }

    /**
     * Names the one to ask by who was named before, if anybody: so several owners can each see to it that all are asked.
     *
     * @param next without side effects, since it is called again if another thread names somebody meanwhile
     */
    public void updateOwner(Function<@Nullable ExtentOwner, ExtentOwner> next) {
        ExtentOwner before;
        do {
            before = owner;
        } while (!OWNER_TO_ASK.compareAndSet(this, before, next.apply(before)));
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
        Placement held = holdPlacement();
        return held == null ? null : new Transmission(this, held, from, to, pool);
    }

    /**
     * Copies the bytes from {@code from} up to, not including, {@code to} into another extent. What is in swap is waited for: not for a
     * thread that serves others.
     *
     * @return false if this extent is dead, or the pool has no room for what is not copied yet
     * @throws IllegalArgumentException if they are not all published, or do not fit the writer's length
     */
    public boolean copyTo(ExtentWriter writer, long from, long to) throws IOException {
        if (from < 0 || from > to || to > published()) {
            throw new IllegalArgumentException("range " + from + " to " + to + " of " + this);
        }
        Placement held = holdPlacement();
        if (held == null) {
            return false;
        }
        try {
            for (long at = from; at < to; ) {
                Slice slice = held.sliceAt(at);
                int length = (int) (Math.min(to, slice.end()) - at);
                if (!writer.append(slice.segment().file().view().slice(slice.offsetOf(at), length))) {
                    return false;
                }
                at += length;
            }
            return true;
        } finally {
            held.sendEnded();
        }
    }

    /** Where it lies, with a send added that keeps it there; null if it is dead. */
    private @Nullable Placement holdPlacement() {
        for (Placement now = placement; now != null; now = placement) {
            if (now.tryAddSend()) {
                return now;
            }
            // It was moved between the two lines: the next placement is there already, or none.
        }
        return null;
    }

    /** Itself, of which it is the first placement. */
    @Override
    Extent extent() {
        return this;
    }

    TmpfsPool pool() {
        return pool;
    }

    void askOwnerToReclaim() {
        ExtentOwner asked = owner;
        if (asked != null && isLive()) {
            asked.reclaim(this);
        }
    }

    /** When it is expected to die, by the pool's clock. */
    long expiresNanos() {
        return expiresNanos;
    }

    /** Where it lies now; null once it is dead. */
    @Nullable
    Placement placement() {
        return placement;
    }

    /** Where it lies, for its writer, who owns it. */
    Placement openPlacement() {
        Placement now = placement;
        if (now == null) {
            throw new IllegalStateException("the extent is dead");
        }
        return now;
    }

    /** Has another placement take over, unless it died meanwhile. */
    boolean move(Placement from, Placement to) {
        PLACEMENTS.incrementAndGet(this);
        if (PLACEMENT.compareAndSet(this, from, to)) {
            from.releaseByExtent();
            return true;
        }
        to.releaseByExtent();
        return false;
    }

    /** Gives up a placement that was begun and cannot be finished. */
    void discard(Placement unfinished) {
        PLACEMENTS.incrementAndGet(this);
        unfinished.releaseByExtent();
    }

    /** One of its placements was let go. Returns whether nobody holds the extent any more. */
    boolean placementLetGo() {
        return PLACEMENTS.decrementAndGet(this) == 0;
    }

    /** Writer only. */
    void publish(long length) {
        published = ~length;
    }

    /** Writer only: all is published. */
    void complete() {
        published = published();
    }

    @Override
    public String toString() {
        return "extent of " + published() + (isComplete() ? " bytes, " : " bytes so far, ") + owners + " owners, "
                + sends() + " sends";
    }
}
