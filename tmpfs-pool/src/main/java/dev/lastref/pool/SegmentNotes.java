package dev.lastref.pool;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;

/**
 * From which segments one connection was last sent pages, and when: a few entries, written by the connection's thread and read by the
 * ledger's, without a lock and without garbage.
 *
 * <pre>
 *   63            32 31             0
 *  +----------------+----------------+
 *  |    segment     |     epoch      |   one entry; segments count from 1, so 0 is none
 *  +----------------+----------------+
 * </pre>
 *
 * <p>An epoch is a turn of the ledger. The entry is written after the send, with the epoch that was read after the send: so what a
 * sample of a later epoch finds queued includes all of it. Epochs may wrap around; they are compared by their difference.
 *
 * <p>Where more segments are sent from than there are entries, the oldest entry is forgotten, and what remains is that <em>something</em>
 * of that epoch was: the connection then may hold any segment.
 */
final class SegmentNotes {
    private static final int ENTRIES = 8;
    private static final long EPOCH = 0xffff_ffffL;

    private final AtomicLongArray entries = new AtomicLongArray(ENTRIES);
    private final AtomicInteger forgottenEpoch = new AtomicInteger();
    private volatile boolean forgotten;
    /** The writer's: the entry of the last send, which the next most likely belongs to. */
    private int latest;

    /**
     * Notes that pages of a segment were sent just now.
     *
     * @param drainedBefore entries of earlier epochs are of no use any more
     */
    void add(int segment, int epoch, int drainedBefore) {
        long entry = ((long) segment << 32) | (epoch & EPOCH);
        long there = entries.getPlain(latest);
        if (there == entry) {
            return; // the ordinary case: nothing is written
        }
        if (segment(there) != segment) {
            latest = entryFor(segment, drainedBefore);
        }
        entries.setRelease(latest, entry);
    }

    private int entryFor(int segment, int drainedBefore) {
        int free = -1;
        int oldest = 0;
        for (int i = 0; i < ENTRIES; i++) {
            long entry = entries.getPlain(i);
            if (segment(entry) == segment) {
                return i;
            }
            if (entry == 0 || epoch(entry) - drainedBefore < 0) {
                free = i;
            }
            if (epoch(entry) - epoch(entries.getPlain(oldest)) < 0) {
                oldest = i;
            }
        }
        if (free == -1) {
            forget(epoch(entries.getPlain(oldest)));
            return oldest;
        }
        return free;
    }

    /** Before the entry is overwritten: who does not see the entry must see this. */
    private void forget(int epoch) {
        if (!forgotten || epoch - forgottenEpoch.getPlain() > 0) {
            forgottenEpoch.set(epoch);
            forgotten = true;
        }
    }

    /** Whether pages of this segment were sent in this epoch or a later one, by all that is known. */
    boolean mayInclude(int segment, int since) {
        for (int i = 0; i < ENTRIES; i++) {
            long entry = entries.getAcquire(i);
            if (segment(entry) == segment && epoch(entry) - since >= 0) {
                return true;
            }
        }
        return hasForgotten(since);
    }

    /** Whether any pages were sent in this epoch or a later one. */
    boolean hasAny(int since) {
        for (int i = 0; i < ENTRIES; i++) {
            long entry = entries.getAcquire(i);
            if (entry != 0 && epoch(entry) - since >= 0) {
                return true;
            }
        }
        return hasForgotten(since);
    }

    /** The segments of this epoch and later ones that are not forgotten. */
    void forEachSince(int since, IntConsumer action) {
        for (int i = 0; i < ENTRIES; i++) {
            long entry = entries.getAcquire(i);
            if (entry != 0 && epoch(entry) - since >= 0) {
                action.accept(segment(entry));
            }
        }
    }

    private boolean hasForgotten(int since) {
        return forgotten && forgottenEpoch.get() - since >= 0;
    }

    private static int segment(long entry) {
        return (int) (entry >>> 32);
    }

    private static int epoch(long entry) {
        return (int) entry;
    }
}
