package dev.lastref.pool;

import org.jspecify.annotations.Nullable;

/**
 * A run of bytes of an extent that lies in one segment. It is live while a living placement has it, and held while any placement has
 * it; the segment counts it once for each.
 *
 * <p>Nearly all placements have one slice, which nobody else ever has: such a placement is its own slice, and what is referenced is one
 * and the same. Where there are several, each is a {@link SharedSlice}.
 */
abstract sealed class Slice extends References permits Placement, SharedSlice {
    // Where it lies is set once, before it is listed in its segment or published. Plain fields: who may read them has
    // seen what was published, or holds the pool's lock.
    private @Nullable Segment segment;
    private int offset;
    /** Written under the pool's lock; who reads without it may see the one before, while it is being written. */
    private int length;

    /**
     * Says where it lies.
     *
     * @param in the segment
     * @param firstByte within the segment
     * @param bytes reserved; the last slice of an extent that is still being written may hold fewer
     */
    final void lieAt(Segment in, int firstByte, int bytes) {
        segment = in;
        offset = firstByte;
        length = bytes;
    }

    /** Whether it was said yet. */
    final boolean liesSomewhere() {
        return segment != null;
    }

    /** Whose bytes it holds. */
    abstract Extent extent();

    /** First byte within the extent. */
    abstract long start();

    final Segment segment() {
        Segment in = segment;
        if (in == null) {
            throw new IllegalStateException("no room was cut for it");
        }
        return in;
    }

    final int offset() {
        return offset;
    }

    final int length() {
        return length;
    }

    final long end() {
        return start() + length;
    }

    /** Where a position of the extent lies in the segment. */
    final int offsetOf(long position) {
        return offset + (int) (position - start());
    }

    /** Only while it is the segment's last, or gives up its end. */
    final void setLength(int bytes) {
        length = bytes;
    }

    /** Has another placement have it too, unless it is dead. The caller holds a placement that has it. */
    abstract boolean tryShare();

    /** A placement that has it died. Returns whether the segment's last live slice went with it. */
    abstract boolean died();

    /** A placement that has it was let go. Returns whether the segment's last held slice went with it. */
    abstract boolean letGo();
}
