package dev.lastref.pool;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes dead pages out of segments that will not come free soon, so that one survivor does not keep a whole file in memory.
 *
 * <p><b>Which segments.</b> The proof of a whole segment is better than a hole, so emptying one goes first: what is left is a segment that
 * the {@link Evacuator} could not empty, since a part of it is still being written or there was no room, and a retired one whose last
 * sends do not end. One that drains is left alone: punching would only take pages out of the proof's sight. So is one for whose proof
 * somebody waits ({@link Transmission#released}).
 *
 * <p><b>When it is safe.</b> Whole pages that leave a file stay as they are for whoever holds them, unless they are parts of a large
 * folio: these may be overwritten with zeros in place. So nothing is punched where the system may give such, and no page before the
 * ledger has seen all that was sent of its segment drain; either one alone would do for the bytes in flight. It stops for good if a page
 * stays in its file all the same.
 *
 * <p><b>What it costs.</b> A few system calls a turn. The bytes stay on the account as {@link UnprovenBytes}, since nobody can be asked
 * about them any more; what was never sent goes back to the budget at once.
 *
 * <p>The reclaimer's thread only.
 */
final class Puncher {
    private static final System.Logger LOG = System.getLogger(Puncher.class.getName());
    /** A segment that was tried to be emptied, or whose last sends run, for so long will not come free soon. */
    static final long STUCK_AFTER = TimeUnit.SECONDS.toNanos(1);
    /** A segment is worth punching if one in this many of its bytes can be won. */
    private static final int WORTHWHILE = 8;

    private static final int PLANS = 16;
    private static final int RUNS_A_TURN = 64;
    /** How long the ledger is waited for; then others get their turn. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    private static final long AGAIN_AFTER = TimeUnit.SECONDS.toNanos(1);

    private final SegmentAccount account;
    private final SegmentFiles files;
    private final TransmitLedger ledger;
    private final UnprovenBytes unproven;
    private final Map<Segment, Plan> plans = new LinkedHashMap<>();
    private boolean off;

    /** Pages that were dead when the watch began; null: no page of the segment was ever sent. */
    private record Plan(List<Holes.Run> pages, @Nullable DrainWatch watch, long untilNanos) {
        boolean isSafe() {
            return watch == null || watch.hasDrained();
        }

        void end() {
            if (watch != null) {
                watch.end();
            }
        }
    }

    /**
     * @param allowed whether the start-up probe has found it safe
     */
    Puncher(
            SegmentAccount account,
            SegmentFiles files,
            TransmitLedger ledger,
            UnprovenBytes unproven,
            boolean allowed) {
        this.account = account;
        this.files = files;
        this.ledger = ledger;
        this.unproven = unproven;
        this.off = !allowed;
    }

    /**
     * Looks for segments that are stuck, and punches what may be punched by now.
     *
     * @return how long there is nothing to do
     */
    long turn(long now) {
        if (off) {
            return Long.MAX_VALUE;
        }
        long idle = plan(now);
        int left = RUNS_A_TURN;
        for (Iterator<Map.Entry<Segment, Plan>> each = plans.entrySet().iterator(); each.hasNext() && !off; ) {
            Map.Entry<Segment, Plan> next = each.next();
            Plan plan = next.getValue();
            if (!isStuck(next.getKey(), now) || plan.untilNanos() - now <= 0) {
                plan.end();
                each.remove();
            } else if (!plan.isSafe()) {
                idle = Math.min(idle, plan.untilNanos() - now);
            } else if (left == 0) {
                return 0;
            } else {
                List<Holes.Run> some =
                        plan.pages().subList(0, Math.min(left, plan.pages().size()));
                left -= some.size();
                punch(next.getKey(), some, plan.watch() == null, now);
                plan.end();
                each.remove(); // what is left of it is planned anew
            }
        }
        if (off) {
            plans.values().forEach(Plan::end);
            plans.clear();
        }
        return idle;
    }

    private long plan(long now) {
        long idle = Long.MAX_VALUE;
        for (Segment segment : account.segments()) {
            if (plans.containsKey(segment)) {
                continue;
            }
            if (!isStuck(segment, now)) {
                idle = Math.min(idle, untilStuck(segment, now));
                continue;
            }
            if (segment.canBePunched(now) && plans.size() < PLANS) {
                plan(segment, now);
            }
            idle = Math.min(idle, AGAIN_AFTER);
        }
        return Math.max(0, idle);
    }

    private void plan(Segment segment, long now) {
        segment.punchAgainAt(now + AGAIN_AFTER);
        List<Holes.Run> pages = account.deadPages(segment);
        long bytes = pages.stream().mapToLong(Holes.Run::length).sum();
        // Looked at after the pages were found dead, and before them set by those who let go: what is not marked as
        // sent, as sent to
        // somebody without a name, of whom the ledger never says anything, or as awaited, is not so as far as these
        // pages go.
        if (bytes >= segment.size() / WORTHWHILE && !segment.isAwaited() && !segment.wasSentToUnnamed()) {
            DrainWatch watch = segment.wasSentFrom() ? ledger.watch(segment) : null;
            plans.put(segment, new Plan(pages, watch, now + PATIENCE));
        }
    }

    private static boolean isStuck(Segment segment, long now) {
        return switch (segment.state()) {
            case LIVE -> segment.wasTriedToBeEmptied(STUCK_AFTER, now) && segment.isLive() && !segment.isEvicting(now);
            case RETIRED -> segment.isHeld() && now - segment.retiredNanos() >= STUCK_AFTER;
            case PREPARED, FILLING, DRAINING, UNPROVEN, RELEASED -> false;
        };
    }

    /** As far as is known now: a live one may be tried to be emptied, which wakes nobody else. */
    private static long untilStuck(Segment segment, long now) {
        return switch (segment.state()) {
            case LIVE -> segment.wasTriedToBeEmptied(0, now) ? STUCK_AFTER : Long.MAX_VALUE;
            case RETIRED -> segment.retiredNanos() + STUCK_AFTER - now;
            case PREPARED, FILLING, DRAINING, UNPROVEN, RELEASED -> Long.MAX_VALUE;
        };
    }

    private void punch(Segment segment, List<Holes.Run> runs, boolean neverSent, long now) {
        if (files.mayHaveLargeFolios()) {
            stop("the system may give shared memory in large folios now");
            return;
        }
        int punched = 0;
        try {
            for (Holes.Run run : runs) {
                if (!segment.file().punch(run.offset(), run.length())) {
                    stop(run + " of " + segment + " stayed in the file");
                    break;
                }
                account.punched(segment, run, neverSent);
                punched += run.length();
            }
        } catch (IOException e) {
            stop(e.getMessage());
        }
        if (neverSent) {
            unproven.tellReturned(punched);
        } else if (punched > 0) {
            unproven.addHoles(segment, punched, now);
        }
    }

    private void stop(@Nullable String why) {
        off = true;
        LOG.log(System.Logger.Level.WARNING, "dead pages are no longer punched out of segments: " + why);
    }
}
