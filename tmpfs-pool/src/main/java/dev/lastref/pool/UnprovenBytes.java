package dev.lastref.pool;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Bytes that were given back to the system and of which the kernel does not say whether anybody still holds their pages. They stay on
 * the account until a hint or a bound in time lets them go:
 *
 * <ul>
 *   <li>Whole segments in files that cannot be sealed. Their files are closed once nothing is sent from them any more, which changes
 *       no byte in flight.
 *   <li>Pages that the {@link Puncher} took out of a segment: a seal sees only what is in the file still. The ledger has said of these
 *       that they have drained, which is no proof; so the bound in time decides, and the seal of the rest changes nothing.
 * </ul>
 *
 * The reclaimer's thread only.
 */
final class UnprovenBytes {
    private static final long BETWEEN_HINTS = TimeUnit.MILLISECONDS.toNanos(100);
    /** What everybody whom the ledger knows has taken waits for this part of the bound: for those whom it does not see. */
    static final int PART_FOR_THE_UNSEEN = 8;

    private final SegmentAccount account;
    private final PoolListener listener;
    private final HoldingHint hint;
    private final List<WholeSegment> segments = new ArrayList<>();
    private final List<Waiting> holes = new ArrayList<>();

    /** Bytes that were punched out of a segment, and have waited since then. */
    private record Waiting(Segment segment, int bytes, long sinceNanos) {}

    /** A segment that has waited since its file was closed and, perhaps, since it was seen to have drained. */
    private static final class WholeSegment {
        final Segment segment;
        final long sinceNanos;
        boolean drained;
        long drainedNanos;

        WholeSegment(Segment segment, long sinceNanos) {
            this.segment = segment;
            this.sinceNanos = sinceNanos;
        }

        void drained(long now) {
            if (!drained) {
                drained = true;
                drainedNanos = now;
            }
        }
    }

    UnprovenBytes(SegmentAccount account, PoolListener listener, HoldingHint hint) {
        this.account = account;
        this.listener = listener;
        this.hint = hint;
    }

    /** Takes over a draining segment that cannot be sealed. */
    void add(Segment segment, long now) {
        segment.file().close();
        holes.removeIf(hole -> hole.segment() == segment); // in what follows
        if (!segment.wasSentFrom()) { // only ever copied, so the kernel had no page of it
            listener.reclaimed(account.release(segment));
            segment.tellReleased();
            return;
        }
        account.unproven(segment);
        segments.add(new WholeSegment(segment, now));
    }

    /** Takes over bytes that were punched out of a segment and may be held. */
    void addHoles(Segment segment, int bytes, long now) {
        holes.add(new Waiting(segment, bytes, now));
    }

    /** Bytes that were punched out of a segment went back to the budget at once. */
    void tellReturned(int bytes) {
        if (bytes > 0) {
            listener.reclaimedByPunching(bytes);
        }
    }

    /**
     * Lets go of those whose time has come.
     *
     * @param longestNanos the bound
     * @return how long there is nothing to do
     */
    long letGo(long now, long longestNanos) {
        return Math.min(letGoOfSegments(now, longestNanos), letGoOfHoles(now, longestNanos));
    }

    private long letGoOfSegments(long now, long longestNanos) {
        for (Iterator<WholeSegment> each = segments.iterator(); each.hasNext(); ) {
            WholeSegment next = each.next();
            if (isOver(next, now, longestNanos)) {
                each.remove();
                listener.reclaimedUnproven(account.release(next.segment));
                hint.forget(next.segment);
                next.segment.tellUnproven("the kernel cannot be asked about files in a directory");
            }
        }
        return segments.isEmpty() ? Long.MAX_VALUE : BETWEEN_HINTS;
    }

    private boolean isOver(WholeSegment waiting, long now, long longestNanos) {
        boolean late = waiting.sinceNanos + longestNanos - now <= 0;
        return switch (hint.of(waiting.segment)) {
            case HELD -> false;
            case UNKNOWN -> late;
            case DRAINED -> {
                waiting.drained(now);
                yield late || waiting.drainedNanos + longestNanos / PART_FOR_THE_UNSEEN - now <= 0;
            }
        };
    }

    private long letGoOfHoles(long now, long longestNanos) {
        long idle = Long.MAX_VALUE;
        for (Iterator<Waiting> each = holes.iterator(); each.hasNext(); ) {
            Waiting next = each.next();
            long left = next.sinceNanos() + longestNanos - now;
            if (left <= 0) {
                each.remove();
                listener.reclaimedByPunching(account.letGoOfHoles(next.segment(), next.bytes()));
            } else {
                idle = Math.min(idle, left);
            }
        }
        return idle;
    }
}
