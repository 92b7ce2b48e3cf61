package dev.lastref.pool;

import java.util.Arrays;

/**
 * Where an extent's bytes lie: its slices, and who uses them there. The extent owns it, each transmission that began on it sends from
 * it. When survivors of a sparse segment are moved, the extent gets another placement; the old one stays readable until the last
 * transmission that began on it has ended. Slices that were not moved are in both.
 *
 * <p>Its slices grow while the extent is written, by the writer alone, and never change after that.
 */
final class Placement extends References {
    private static final Slice[] NO_SLICES = {};

    private final Extent extent;
    private final boolean first;
    /** A slice, or an array of them: nearly all have one, and there are as many placements as entries. */
    private volatile Object slices = NO_SLICES;

    /** The first placement of an extent. */
    Placement(Extent extent) {
        this(extent, true);
    }

    private Placement(Extent extent, boolean first) {
        this.extent = extent;
        this.first = first;
    }

    /** Another placement of the same extent, which has no slices yet. */
    Placement next() {
        return new Placement(extent, false);
    }

    /** Whether the extent began with this one. */
    boolean isFirst() {
        return first;
    }

    Extent extent() {
        return extent;
    }

    /** In the order of the extent's bytes. */
    Slice[] slices() {
        Object seen = slices;
        return seen instanceof Slice only ? new Slice[] {only} : (Slice[]) seen;
    }

    long chargedBytes() {
        if (slices instanceof Slice only) {
            return only.length();
        }
        long sum = 0;
        for (Slice slice : slices()) {
            sum += slice.length();
        }
        return sum;
    }

    /** The slice that holds a position, which must lie in the published prefix. */
    Slice sliceAt(long position) {
        if (slices instanceof Slice only) {
            return only;
        }
        Slice[] seen = slices(); // grown to several meanwhile at most
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

    // ---- the writer's

    void addSlice(Slice slice) {
        Slice[] before = slices();
        if (before.length == 0) {
            slices = slice;
            return;
        }
        Slice[] grown = Arrays.copyOf(before, before.length + 1);
        grown[grown.length - 1] = slice;
        slices = grown;
    }

    /** The same bytes, with another length reserved behind them. */
    void replaceLastSlice(Slice slice) {
        Slice[] before = slices();
        if (before.length == 1) {
            slices = slice;
            return;
        }
        Slice[] changed = before.clone();
        changed[changed.length - 1] = slice;
        slices = changed;
    }

    // ---- references

    boolean isBeingSent() {
        return sends() > 0;
    }

    /** A send has ended. */
    void sendEnded() {
        settle(releaseSend());
    }

    /** The extent has died, or moved on. */
    void releaseByExtent() {
        settle(releaseOwner());
    }

    private void settle(Change change) {
        TmpfsPool pool = extent.pool();
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
}
