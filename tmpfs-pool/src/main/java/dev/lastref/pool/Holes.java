package dev.lastref.pool;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which pages were punched out of a segment, and how far their bytes have come: <em>unproven</em>, still charged, or <em>returned</em>
 * to the budget. The counts are changed under the pool's lock by the reclaimer's thread, which may read them without it.
 */
final class Holes {
    private static final int PAGE = PoolConfig.PAGE;

    private final BitSet punched = new BitSet(0);
    private int unprovenBytes;
    private int returnedBytes;

    /** A run of pages, in bytes: both are multiples of the page size. */
    record Run(int offset, int length) {
        @Override
        public String toString() {
            return length + " bytes at " + offset;
        }
    }

    /**
     * The whole pages of a segment that nothing holds and that are in the file still. Slices that are not held never are again, and
     * nothing is cut any more, so what is dead now stays dead.
     *
     * @param slices all of the segment's
     * @param size bytes of the segment, from which nothing is cut any more
     */
    List<Run> deadPages(List<Slice> slices, int size) {
        BitSet kept = new BitSet(size / PAGE);
        kept.or(punched);
        for (Slice slice : slices) {
            if (slice.isHeld() && slice.length() > 0) {
                kept.set(slice.offset() / PAGE, (slice.offset() + slice.length() - 1) / PAGE + 1);
            }
        }
        List<Run> runs = new ArrayList<>();
        int pages = size / PAGE;
        for (int from = kept.nextClearBit(0); from < pages; ) {
            int next = kept.nextSetBit(from);
            int to = next == -1 ? pages : next;
            runs.add(new Run(from * PAGE, (to - from) * PAGE));
            from = kept.nextClearBit(to);
        }
        return runs;
    }

    /**
     * Notes that a run has left the file.
     *
     * @param proven whether nobody can hold a page of it
     */
    void punched(Run run, boolean proven) {
        punched.set(run.offset() / PAGE, (run.offset() + run.length()) / PAGE);
        if (proven) {
            returnedBytes += run.length();
        } else {
            unprovenBytes += run.length();
        }
    }

    /** Notes that so many unproven bytes are let go of. */
    void letGo(int bytes) {
        if (bytes > unprovenBytes) {
            throw new IllegalStateException(bytes + " bytes of " + unprovenBytes + " unproven ones");
        }
        unprovenBytes -= bytes;
        returnedBytes += bytes;
    }

    /** Notes that the file is closed and all that was in it still is proven free: only what is unproven stays charged. */
    void restProven(int size) {
        returnedBytes = size - unprovenBytes;
    }

    boolean isPunched(int page) {
        return punched.get(page);
    }

    /** All that was punched so far. */
    int punchedBytes() {
        return unprovenBytes + returnedBytes;
    }

    int unprovenBytes() {
        return unprovenBytes;
    }

    int returnedBytes() {
        return returnedBytes;
    }
}
