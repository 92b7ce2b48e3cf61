package dev.lastref.pool;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Segments that nothing is sent from any more, and about which the kernel cannot be asked. Their files are closed, which changes no
 * byte in flight and gives back every page that nobody holds; but which those are nobody can tell, so all of it stays on the account
 * until a hint or a bound in time lets it go.
 *
 * <p>The reclaimer's thread only.
 */
final class UnprovenSegments {
    private static final long BETWEEN_HINTS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SegmentAccount account;
    private final PoolConfig config;
    private final HoldingHint hint;
    private final List<Waiting> waiting = new ArrayList<>();

    private record Waiting(Segment segment, long untilNanos) {}

    UnprovenSegments(SegmentAccount account, PoolConfig config, HoldingHint hint) {
        this.account = account;
        this.config = config;
        this.hint = hint;
    }

    /** Takes over a draining segment that cannot be sealed. */
    void add(Segment segment, long now) {
        segment.file().close();
        if (!segment.wasSentFrom()) { // only ever copied, so the kernel had no page of it
            account.release(segment);
            config.listener().reclaimed(segment.size());
            segment.tellReleased();
            return;
        }
        account.unproven(segment);
        waiting.add(new Waiting(segment, now + config.unprovenFor().toNanos()));
    }

    /** Lets go of those whose time has come; returns how long there is nothing to do. */
    long letGo(long now) {
        long idle = Long.MAX_VALUE;
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            Waiting next = each.next();
            boolean free = switch (hint.of(next.segment())) {
                case DRAINED -> true;
                case HELD -> false;
                case UNKNOWN -> next.untilNanos() - now <= 0;
            };
            if (free) {
                each.remove();
                account.release(next.segment());
                config.listener().reclaimedUnproven(next.segment().size());
                hint.forget(next.segment());
                next.segment().tellUnproven("the kernel cannot be asked about files in a directory");
            } else {
                idle = BETWEEN_HINTS;
            }
        }
        return idle;
    }
}
