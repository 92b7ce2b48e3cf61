package dev.lastref.pool;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * When it is worth asking the kernel about a draining segment. A granted seal costs about 0.1 ms and a refused one 160 ms, so:
 *
 * <ul>
 *   <li>A segment that was never asked about is asked about at once.
 *   <li>One that was refused is asked about again after a delay that doubles, up to a longest one.
 *   <li>While the {@link TransmitLedger} knows of somebody who holds its pages, only after the longest.
 *   <li>When all whom the ledger knows of have drained, at once; should that be refused too, somebody whom it does not know holds
 *       pages, and it is not listened to any more.
 * </ul>
 *
 * Used by the reclaimer's thread.
 */
final class ProbeTimes {
    private static final long FIRST_DELAY = TimeUnit.MILLISECONDS.toNanos(10);

    /** A refused segment, and what the ledger says of it. */
    private static final class Refused {
        private final DrainWatch watch;
        private long lastNanos;
        /** The question that is being asked is asked because of the ledger's word. */
        private boolean askedOnItsWord;

        private boolean watchWasWrong;

        Refused(DrainWatch watch) {
            this.watch = watch;
        }

        DrainWatch.Word word() {
            return watchWasWrong ? DrainWatch.Word.UNKNOWN : watch.word();
        }
    }

    private final TransmitLedger ledger;
    private final Map<Segment, Refused> refused = new HashMap<>();

    ProbeTimes(TransmitLedger ledger) {
        this.ledger = ledger;
    }

    /** How long to wait before the next question; 0 or less: it is due. */
    long dueIn(Segment segment, long now, long longestDelay) {
        Refused before = refused.get(segment);
        if (before == null) {
            return 0;
        }
        long byDelay = segment.nextProbeNanos() - now;
        before.askedOnItsWord = before.word() == DrainWatch.Word.DRAINED;
        return switch (before.word()) {
            case UNKNOWN -> byDelay;
            case HELD -> Math.max(byDelay, before.lastNanos + longestDelay - now);
            case DRAINED -> 0;
        };
    }

    /** The kernel has refused the seal just now. Returns the delay until the next question, as far as is known now. */
    long refused(Segment segment, long now, long longestDelay) {
        Refused known = refused.computeIfAbsent(segment, added -> new Refused(ledger.watch(added)));
        known.watchWasWrong |= known.askedOnItsWord;
        known.lastNanos = now;
        long delay = Math.min(longestDelay, FIRST_DELAY << Math.min(segment.probes(), 20));
        segment.probeAgainAt(now + delay);
        return Math.max(0, dueIn(segment, now, longestDelay));
    }

    /** The segment needs no more questions. */
    void released(Segment segment) {
        Refused last = refused.remove(segment);
        if (last != null) {
            last.watch.end();
        }
    }
}
