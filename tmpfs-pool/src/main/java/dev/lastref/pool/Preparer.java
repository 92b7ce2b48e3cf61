package dev.lastref.pool;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a few segments ready whose pages are in memory already, so that what is written meanwhile need not wait for the kernel to
 * find pages. They are made within the budget, while segments are being taken, and given up a moment after the last one was taken,
 * and at once where a smaller pool must shrink: an idle pool has none.
 *
 * <p>The reclaimer's thread only.
 */
final class Preparer {
    private static final System.Logger LOG = System.getLogger(Preparer.class.getName());
    /** A pool that takes no segment for so long is written to slowly, and finding pages then delays nobody. */
    private static final long IDLE_AFTER = TimeUnit.MILLISECONDS.toNanos(250);

    private final SegmentAccount account;

    Preparer(SegmentAccount account) {
        this.account = account;
    }

    /**
     * Prepares one segment, or gives up those that were prepared in vain.
     *
     * @return how long there is nothing to do
     */
    long prepare(long now) {
        long since = now - account.lastTakenNanos();
        if (since >= IDLE_AFTER || account.freeBytes() < 0) {
            account.dropPrepared();
            return Long.MAX_VALUE; // until the next is taken
        }
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
}
