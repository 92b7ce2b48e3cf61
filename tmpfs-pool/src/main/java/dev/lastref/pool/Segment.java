package dev.lastref.pool;

import dev.lastref.pool.linux.TmpfsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One tmpfs-backed file from which extents are cut front to back, and the account of what in it is still of use.
 *
 * <pre>
 *  0                                      allocated              size
 *  +-------+----+-------------+----+-----+----+------------------+
 *  | live  |dead| live        |pad | live|dead|  not yet cut     |
 *  +-------+----+-------------+----+-----+----+------------------+
 * </pre>
 *
 * Cutting, listing and moving from state to state happen under the pool's lock. The two counts of slices fall without it: an extent
 * may be let go of by any thread.
 */
final class Segment {
    /** Stands for the lifetime of what is in a segment that nothing was meant for yet. */
    static final long NOT_FILLED = -1;

    private final int id;
    private final int size;
    /** Set before anything is cut from it; taken when nobody can need it any more. */
    private @Nullable TmpfsFile file;

    private final List<Slice> slices = new ArrayList<>();
    private final Holes holes = new Holes();
    private final AtomicLong liveBytes = new AtomicLong();
    /** Live bytes with what it takes to begin the next slice where it may. */
    private final AtomicLong liveFootprint = new AtomicLong();

    private final AtomicInteger liveSlices = new AtomicInteger();
    private final AtomicInteger heldSlices = new AtomicInteger();

    /** Guarded by this; null: nobody waits for it. */
    private @Nullable CompletableFuture<Void> released;

    /** Set by whoever sends, and never taken back. */
    private volatile boolean sentToUnnamed;

    // Read without the lock by the reclaimer; whoever sees LIVE sees all extents that were cut.
    private volatile SegmentState state;

    /** Whether the kernel was ever given pages of it to send. */
    private volatile boolean sentFrom;

    private int allocated;
    /** Of all its slices. */
    private int alignment = 1;

    private long leastLifetimeNanos = NOT_FILLED;
    private long latestExpiryNanos;
    private long retiredNanos;
    private long punchAgainNanos;
    private long firstEvacuatedNanos;
    private long evacuateAgainNanos;
    private int timesAsked;
    private long askedUntilNanos;
    private int probes;
    private long nextProbeNanos;

    /**
     * Begins as PREPARED or FILLING, as given.
     *
     * @param file null: it is made later, while it is PREPARED
     */
    Segment(int id, SegmentState state, @Nullable TmpfsFile file, int size) {
        this.id = id;
        this.state = state;
        this.file = file;
        this.size = size;
    }

    int id() {
        return id;
    }

    int size() {
        return size;
    }

    TmpfsFile file() {
        TmpfsFile made = file;
        if (made == null) {
            throw new IllegalStateException("segment " + id + " has no file, " + state);
        }
        return made;
    }

    /** It is charged, and now it has a file too. Nobody else knows it yet but by the pool's lock, which is taken after this. */
    void hasFile(TmpfsFile made) {
        file = made;
    }

    /**
     * Takes its file away, for another segment to be filled in it. Whoever came to read or to send from this one in spite of all
     * counting meets an exception, and not what another wrote.
     */
    TmpfsFile giveUpFile() {
        TmpfsFile made = file();
        file = null;
        return made;
    }

    /** Closes its file, if it has one. */
    void closeFile() {
        TmpfsFile made = file;
        if (made != null) {
            made.close();
        }
    }

    SegmentState state() {
        return state;
    }

    int allocated() {
        return allocated;
    }

    long liveBytes() {
        return liveBytes.get();
    }

    boolean isLive() {
        return liveSlices.get() > 0;
    }

    boolean isHeld() {
        return heldSlices.get() > 0;
    }

    int liveSlices() {
        return liveSlices.get();
    }

    /**
     * Bytes that moving what lives in it elsewhere would win: the dead ones but for padding, which would be needed there too, and what
     * was punched.
     */
    long bytesWonByMoving() {
        return Math.max(
                0, (state == SegmentState.FILLING ? allocated : size) - liveFootprint.get() - holes.punchedBytes());
    }

    /** Its slices, from front to back, until it drains. */
    List<Slice> slices() {
        return slices;
    }

    /** What was punched out of it. */
    Holes holes() {
        return holes;
    }

    /** Bytes of it that are on the account: its size, but for what was punched and given back. */
    int charged() {
        return size - holes.returnedBytes();
    }

    boolean isBeingSent() {
        if (heldSlices.get() > liveSlices.get()) {
            return true;
        }
        for (Slice slice : slices) {
            Placement placement = slice.extent().placement();
            if (placement != null && placement.isBeingSent() && placement.touches(this)) {
                return true;
            }
        }
        return false;
    }

    int roomAt(int alignment) {
        return Math.max(0, size - aligned(alignment));
    }

    /** Cuts the next slice for a placement. There must be room. */
    Slice cut(Placement placement, long start, int length, int sliceAlignment) {
        int offset = aligned(sliceAlignment);
        if (state != SegmentState.FILLING || length > size - offset) {
            throw new IllegalStateException(length + " bytes from " + this);
        }
        alignment = sliceAlignment;
        allocated = offset + length;
        addLive(length, 0);
        liveSlices.incrementAndGet();
        heldSlices.incrementAndGet();
        Slice slice = placement.add(this, offset, start, length);
        slices.add(slice);
        long expiresNanos = slice.extent().expiresNanos();
        latestExpiryNanos =
                slices.size() == 1 ? expiresNanos : latestExpiryNanos + Math.max(0, expiresNanos - latestExpiryNanos);
        return slice;
    }

    /** Whether the slice ends where the next one would be cut, so that it can grow or shrink in place. */
    boolean isLast(Slice slice) {
        return state == SegmentState.FILLING && slice.offset() + slice.length() == allocated;
    }

    /** Lists another slice in the place of one: the same bytes. */
    void replace(Slice slice, Slice same) {
        slices.set(slices.lastIndexOf(slice), same); // it is near the end, as it was being written until now
    }

    /** Changes the length of the last slice. */
    void resize(Slice slice, int length) {
        if (!isLast(slice) || length > size - slice.offset()) {
            throw new IllegalStateException("resize " + slice + " to " + length);
        }
        allocated = slice.offset() + length;
        changeLength(slice, length);
    }

    /** Gives up the end of a slice that is not the last: those bytes are dead. */
    void abandonEnd(Slice slice, int length) {
        changeLength(slice, length);
    }

    private void changeLength(Slice slice, int length) {
        addLive(length, slice.length());
        slice.setLength(length);
    }

    private void addLive(int length, int instead) {
        liveBytes.addAndGet(length - instead);
        liveFootprint.addAndGet(footprint(length) - footprint(instead));
    }

    private int footprint(int length) {
        return (length + alignment - 1) & -alignment;
    }

    private int aligned(int to) {
        return (allocated + to - 1) & -to;
    }

    /** Any thread. Returns whether that was the last live slice. */
    boolean sliceDied(int bytes) {
        addLive(0, bytes);
        return liveSlices.decrementAndGet() == 0;
    }

    /** Any thread. Returns whether that was the last held slice. */
    boolean sliceLetGo() {
        return heldSlices.decrementAndGet() == 0;
    }

    boolean wasSentFrom() {
        return sentFrom;
    }

    /**
     * Whether another segment can be filled in its file, once nothing is held: the kernel was never given a page of it and has only ever
     * copied from them, none was punched out, and nobody's interrupt has closed the channel.
     */
    boolean canBeFilledAgain() {
        return !sentFrom && holes.punchedBytes() == 0 && file().channel().isOpen();
    }

    /** Any thread, before pages of it are given to the kernel. */
    void markSentFrom() {
        if (!sentFrom) { // most often it is, and then the line stays shared
            sentFrom = true;
        }
    }

    void moveTo(SegmentState next) {
        state = state.to(next);
        if (next == SegmentState.DRAINING) {
            slices.clear();
        }
    }

    /** It is filled from now on, with what lives so long at least. */
    void fillFor(long lifetimeNanos) {
        leastLifetimeNanos = lifetimeNanos;
    }

    /** The shortest lifetime of its expiry class, or NOT_FILLED. */
    long leastLifetimeNanos() {
        return leastLifetimeNanos;
    }

    /** When it was seen that nothing lives in it any more. */
    long retiredNanos() {
        return retiredNanos;
    }

    void retired(long nanos) {
        retiredNanos = nanos;
    }

    /** Whether it is worth a look which of its pages can be punched. */
    boolean canBePunched(long nanos) {
        return punchAgainNanos == 0 || punchAgainNanos - nanos <= 0;
    }

    void punchAgainAt(long nanos) {
        punchAgainNanos = nanos == 0 ? 1 : nanos; // 0 means never tried
    }

    /** When the last of its extents is expected to die. */
    long latestExpiryNanos() {
        return latestExpiryNanos;
    }

    /** Whether it was tried so long ago to move what lives in it. */
    boolean wasTriedToBeEmptied(long agoNanos, long nanos) {
        return evacuateAgainNanos != 0 && nanos - firstEvacuatedNanos >= agoNanos;
    }

    /** Whether it is worth another try to move what lives in it. */
    boolean canBeEvacuated(long nanos) {
        return evacuateAgainNanos == 0 || evacuateAgainNanos - nanos <= 0;
    }

    /** It is tried now. */
    void evacuateAgainAt(long nanos, long now) {
        if (evacuateAgainNanos == 0) {
            firstEvacuatedNanos = now;
        }
        evacuateAgainNanos = nanos == 0 ? 1 : nanos; // 0 means never tried
    }

    /** How often the owners of its extents were asked to let go. */
    int timesAsked() {
        return timesAsked;
    }

    /** Whether the owners were asked and may still be about to let go. */
    boolean isEvicting(long nanos) {
        return timesAsked > 0 && askedUntilNanos - nanos > 0;
    }

    void markEvicting(long untilNanos) {
        timesAsked++;
        askedUntilNanos = untilNanos;
    }

    /** Completes when the kernel has proven that nobody holds a page; fails if there will be no proof. Asked for while it is held. */
    synchronized CompletableFuture<Void> whenReleased() {
        CompletableFuture<Void> stage = released;
        if (stage == null) {
            stage = new CompletableFuture<>();
            released = stage;
        }
        return stage;
    }

    /** Whether somebody waits for the proof: then no page may leave the file, as the proof would not cover it. */
    boolean isAwaited() {
        return stage() != null;
    }

    /** Tells who waits that it was proven free; no lock is held. */
    void tellReleased() {
        CompletableFuture<Void> stage = stage();
        if (stage != null) {
            stage.complete(null);
        }
    }

    /** Tells who waits that no proof will come; no lock is held. */
    void tellUnproven(String why) {
        CompletableFuture<Void> stage = stage();
        if (stage != null) {
            stage.completeExceptionally(
                    new IOException("whether anybody holds pages of segment " + id + " is not known: " + why));
        }
    }

    private synchronized @Nullable CompletableFuture<Void> stage() {
        return released;
    }

    /** Pages of it went to somebody whom the ledger does not know. */
    void sentToUnnamed() {
        if (!sentToUnnamed) {
            sentToUnnamed = true;
        }
    }

    boolean wasSentToUnnamed() {
        return sentToUnnamed;
    }

    /** How often the kernel has refused the seal. */
    int probes() {
        return probes;
    }

    long nextProbeNanos() {
        return nextProbeNanos;
    }

    void probeAgainAt(long nanos) {
        probes++;
        nextProbeNanos = nanos;
    }

    @Override
    public String toString() {
        return "segment " + id + " " + state + ", " + allocated + " of " + size + " bytes cut, " + liveBytes
                + " live in " + liveSlices + " slices, " + heldSlices + " held";
    }
}
