package dev.lastref.pool;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Keeps segments ready whose pages are in memory already, most of them at least, so that what is written meanwhile need not wait for
 * the kernel to find pages. They are kept within the budget, while segments are being taken, and given up a moment after the last one
 * was taken, and at once where a smaller pool must shrink: an idle pool has none.
 *
 * <p>A few are made. More are got by the way: what has died and was only ever copied from, never sent by reference, can be filled
 * again as it is. To give its pages back and to find others, and clear them, costs the system more than to write them does.
 *
 * <p>The reclaimer's thread only.
 */
final class Preparer {
    private static final System.Logger LOG = System.getLogger(Preparer.class.getName());
    /** A pool that takes no segment for so long is written to slowly, and finding pages then delays nobody. */
    private static final long IDLE_AFTER = TimeUnit.MILLISECONDS.toNanos(250);

    private final SegmentAccount account;
    private final SwapWatch swap;

    Preparer(SegmentAccount account, SwapWatch swap) {
        this.account = account;
        this.swap = swap;
    }

    /** Prepares a segment that has just come to be draining, if it can be. */
    boolean fillAgain(Segment segment, long now) {
        return account.budget().preparedSegments() > 0
                && !isIdle(now)
                && segment.canBeFilledAgain()
                && isInMemory(segment)
                && account.fillAgain(segment);
    }

    /** Who writes into a page that is in swap waits for the disk; a new file has none there. */
    private boolean isInMemory(Segment segment) {
        if (!swap.mayBeSwappedOut()) {
            return true;
        }
        try {
            return segment.file().isResident(0, segment.size());
        } catch (IOException e) {
            swap.cannotBeAsked(e);
            return false;
        }
    }

    /**
     * Prepares one segment, or gives up those that were prepared in vain.
     *
     * @return how long there is nothing to do
     */
    long prepare(long now) {
        if (isIdle(now) || account.freeBytes() < 0) {
            account.dropPrepared();
            return Long.MAX_VALUE; // until the next is taken
        }
        long since = now - account.lastTakenNanos();
        Segment next = account.beginPreparing();
        if (next == null) {
            return IDLE_AFTER - since;
        }
        try {
            account.makeWithPages(next);
            if (account.prepared(next)) {
                return 0; // there may be room for another
            }
            account.discardUnused(next);
            return IDLE_AFTER - since;
        } catch (IOException e) {
            // It is released, and writes into other segments will meet the same, and say so.
            LOG.log(System.Logger.Level.DEBUG, "cannot prepare " + next, e);
            account.discardUnused(next);
            return IDLE_AFTER - since;
        }
    }

    private boolean isIdle(long now) {
        return now - account.lastTakenNanos() >= IDLE_AFTER;
    }
}
