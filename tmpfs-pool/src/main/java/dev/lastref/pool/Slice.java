package dev.lastref.pool;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A run of bytes of an extent that lies in one segment. It lives while a living placement has it, and is held while any placement
 * has it; the segment counts it once for each.
 */
final class Slice {
    private static final AtomicIntegerFieldUpdater<Slice> LIVING =
            AtomicIntegerFieldUpdater.newUpdater(Slice.class, "living");
    private static final AtomicIntegerFieldUpdater<Slice> HOLDING =
            AtomicIntegerFieldUpdater.newUpdater(Slice.class, "holding");

    private final Extent extent;
    private final Segment segment;
    private final int offset;
    private final long start;
    private final int length;

    @SuppressWarnings("unused") // through LIVING
    private volatile int living = 1;

    @SuppressWarnings("unused") // through HOLDING
    private volatile int holding = 1;

    /**
     * @param extent whose bytes it holds
     * @param segment where it lies
     * @param offset first byte within the segment
     * @param start first byte within the extent
     * @param length bytes reserved; the last slice of an extent that is still being written may hold fewer
     */
    Slice(Extent extent, Segment segment, int offset, long start, int length) {
        this.extent = extent;
        this.segment = segment;
        this.offset = offset;
        this.start = start;
        this.length = length;
    }

    Extent extent() {
        return extent;
    }

    Segment segment() {
        return segment;
    }

    int offset() {
        return offset;
    }

    long start() {
        return start;
    }

    int length() {
        return length;
    }

    long end() {
        return start + length;
    }

    /** Where a position of the extent lies in the segment. */
    int offsetOf(long position) {
        return offset + (int) (position - start);
    }

    /** The same slice with another length; only before anybody else knows of it. */
    Slice withLength(int newLength) {
        return new Slice(extent, segment, offset, start, newLength);
    }

    /** Has another placement have it too, unless it is dead. The caller holds a placement that has it. */
    boolean tryShare() {
        int seen = living;
        while (seen > 0 && !LIVING.compareAndSet(this, seen, seen + 1)) {
            seen = living;
        }
        if (seen > 0) {
            HOLDING.incrementAndGet(this);
        }
        return seen > 0;
    }

    /** Whether any placement has it: bytes that are not held are never sent or read again. */
    boolean isHeld() {
        return holding > 0;
    }

    /** A placement that has it died. Returns whether the segment's last live slice went with it. */
    boolean died() {
        return LIVING.decrementAndGet(this) == 0 && segment.sliceDied(length);
    }

    /** A placement that has it was let go. Returns whether the segment's last held slice went with it. */
    boolean letGo() {
        return HOLDING.decrementAndGet(this) == 0 && segment.sliceLetGo();
    }

    @Override
    public String toString() {
        return length + " bytes at " + offset + " of " + segment;
    }
}
