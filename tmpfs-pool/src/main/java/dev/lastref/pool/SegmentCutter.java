package dev.lastref.pool;

import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the room for one reservation: from the segment being filled, behind what the extent has already, or from new segments. Used
 * once, under the pool's lock.
 */
final class SegmentCutter {
    /** A first piece smaller than this, at the end of a segment, is not worth another sendfile call. */
    private static final int SMALLEST_PIECE = 64 * 1024;
    /** But the end of a segment that stays unused for it is at most one in this many bytes: segments shall not begin sparse. */
    private static final int UNFILLED = 32;

    private final Placement placement;
    private final FillingSegments filling;
    private final int expiryClass;
    private final int segmentSize;
    private final IntFunction<@Nullable List<Segment>> newSegments;

    /**
     * @param placement what the room is for
     * @param filling the segments being filled; changed
     * @param expiryClass which of them, in each size class
     * @param segmentSize bytes of a segment
     * @param newSegments makes that many segments and charges them, or answers null
     */
    SegmentCutter(
            Placement placement,
            FillingSegments filling,
            int expiryClass,
            int segmentSize,
            IntFunction<@Nullable List<Segment>> newSegments) {
        this.placement = placement;
        this.filling = filling;
        this.expiryClass = expiryClass;
        this.segmentSize = segmentSize;
        this.newSegments = newSegments;
    }

    /** All of the room from {@code from} on, in as many slices as it takes, or nothing. Returns the bytes cut. */
    long whole(SizeClass sizeClass, long from, long length) {
        int piece = firstPiece(sizeClass, length);
        long rest = length - piece;
        List<Segment> fresh = newSegments.apply((int) ((rest + segmentSize - 1) / segmentSize));
        if (fresh == null) {
            return 0;
        }
        long start = from;
        Segment current = filling.get(sizeClass, expiryClass);
        if (piece > 0 && current != null) {
            start += cut(sizeClass, current, start, piece);
        }
        for (Segment segment : fresh) {
            fillNext(sizeClass, segment);
            start += cut(sizeClass, segment, start, (int) Math.min(from + length - start, segmentSize));
        }
        return length;
    }

    /** Up to {@code wanted} bytes more of a growing extent, in one run. Returns the bytes cut. */
    int more(long start, int wanted) {
        int grown = growInPlace(wanted);
        if (grown > 0) {
            return grown;
        }
        Segment current = filling.get(SizeClass.PAGED, expiryClass);
        int room = current == null ? 0 : current.roomAt(SizeClass.PAGED.alignment());
        if (current != null && room >= Math.min(wanted, smallestPiece())) {
            return cut(SizeClass.PAGED, current, start, Math.min(wanted, room));
        }
        List<Segment> fresh = newSegments.apply(1);
        if (fresh == null) {
            // The last room of a full pool, be it small.
            return current != null && room > 0 ? cut(SizeClass.PAGED, current, start, Math.min(wanted, room)) : 0;
        }
        fillNext(SizeClass.PAGED, fresh.get(0));
        return cut(SizeClass.PAGED, fresh.get(0), start, Math.min(wanted, segmentSize));
    }

    private int growInPlace(int wanted) {
        Slice[] slices = placement.slices();
        if (slices.length == 0) {
            return 0;
        }
        Slice last = slices[slices.length - 1];
        if (!last.segment().isLast(last)) {
            return 0;
        }
        int grown = Math.min(wanted, last.segment().roomAt(1));
        if (grown > 0) {
            last.segment().resize(last, last.length() + grown);
        }
        return grown;
    }

    /** How much of an extent goes into the segment being filled: all, a worthwhile first piece, or nothing. */
    private int firstPiece(SizeClass sizeClass, long length) {
        Segment current = filling.get(sizeClass, expiryClass);
        int room = current == null ? 0 : current.roomAt(sizeClass.alignment());
        if (length <= room) {
            return (int) length;
        }
        return sizeClass == SizeClass.PAGED && room >= smallestPiece() ? room : 0;
    }

    private int smallestPiece() {
        return Math.min(SMALLEST_PIECE, segmentSize / UNFILLED);
    }

    private void fillNext(SizeClass sizeClass, Segment next) {
        Segment full = filling.put(sizeClass, expiryClass, next);
        if (full != null) {
            full.moveTo(SegmentState.LIVE);
        }
    }

    private int cut(SizeClass sizeClass, Segment segment, long start, int length) {
        segment.cut(placement, start, length, sizeClass.alignment());
        return length;
    }
}
