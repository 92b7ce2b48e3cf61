package dev.lastref.pool;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where an extent's bytes lie: its slices, and who uses them there. The extent owns it, and is its one owner; each transmission that
 * began on it sends from it. When survivors of a sparse segment are moved, the extent gets another placement; the old one stays readable
 * until the last transmission that began on it has ended. Slices that were not moved are in both.
 *
 * <p>An extent is its own first placement, and a placement is its own slice while it has no other. So the common extent, which has one
 * slice and is never moved, is one object; there are as many as there are entries.
 *
 * <p>Its slices grow while the extent is written, by the writer alone under the pool's lock, and never change after that.
 */
abstract sealed class Placement extends Slice permits Extent, NextPlacement {
    private static final Slice[] NO_SLICES = {};

    /** Null while it is its own slice, or has none yet. */
    private volatile Slice @Nullable [] several;

    /** It has no slices yet, and is its own if it gets one. */
    Placement() {}

    /** The same, unless it is to have slices of another placement too: then none is its own. */
    Placement(boolean sharesSlices) {
        several = sharesSlices ? NO_SLICES : null;
    }

    /** Another placement of the same extent, which has no slices yet. */
    Placement next() {
        return new NextPlacement(extent(), several != null);
    }

    /** Whether the extent began with this one. */
    boolean isFirst() {
        return extent() == this;
    }

    /** In the order of the extent's bytes. */
    Slice[] slices() {
        Slice[] seen = several;
        if (seen != null) {
            return seen;
        }
        return liesSomewhere() ? new Slice[] {this} : NO_SLICES;
    }

    long reservedBytes() {
        Slice[] seen = several;
        if (seen == null) {
            return length();
        }
        long sum = 0;
        for (Slice slice : seen) {
            sum += slice.length();
        }
        return sum;
    }

    /** The slice that holds a position, which must lie in the published prefix. */
    Slice sliceAt(long position) {
        Slice[] seen = several;
        if (seen == null) {
            return this;
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

    boolean touches(Segment segment) {
        for (Slice slice : slices()) {
            if (slice.segment() == segment) {
                return true;
            }
        }
        return false;
    }

    // ---- the writer's, and those of who moves it before anybody else knows of it

    /** Adds room that was cut for it, under the pool's lock. Returns the slice that it is. */
    Slice add(Segment segment, int offset, long start, int length) {
        Slice[] before = several;
        if (before == null && !liesSomewhere()) {
            lieAt(segment, offset, length);
            return this;
        }
        Slice added = new SharedSlice(extent(), segment, offset, start, length);
        if (before == null) {
            // It stays where it lies, for who looks for a byte at this moment.
            Slice first = new SharedSlice(extent(), segment(), offset(), start(), length());
            segment().replace(this, first);
            several = new Slice[] {first, added};
        } else {
            add(added);
        }
        return added;
    }

    /** Adds a slice that another placement of the extent has too. */
    void add(Slice shared) {
        Slice[] before = several == null ? NO_SLICES : several;
        Slice[] grown = Arrays.copyOf(before, before.length + 1);
        grown[before.length] = shared;
        several = grown;
    }

    // ---- its own slice

    @Override
    long start() {
        return 0;
    }

    /** Never: where it has but one slice, that is moved whenever the extent is. */
    @Override
    boolean tryShare() {
        throw new IllegalStateException("the only slice of a placement is its own");
    }

    @Override
    boolean died() {
        return segment().sliceDied(length());
    }

    @Override
    boolean letGo() {
        return segment().sliceLetGo();
    }

    // ---- references

    boolean isBeingSent() {
        return sends() > 0;
    }

    /** A send has ended. */
    void sendEnded() {
        if (releaseSend() == Change.LET_GO) {
            extent().pool().letGo(this);
        }
    }

    /** The extent has died, or moved on. Whoever ends the last send, the slices have died before they are let go of. */
    void releaseByExtent() {
        if (ownerBecomesSend()) {
            extent().pool().died(this);
        }
        sendEnded();
    }
}
