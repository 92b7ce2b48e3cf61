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
 *   <li>While the {@link TransmitLedger} knows of somebody who holds its pages, only after a multiple of the longest: the answer is known.
 *   <li>When all whom the ledger knows of have drained, at once; should that be refused too, somebody whom it does not know holds
 *       pages, and it is not listened to any more.
 *   <li>After each refusal there is a pause of four times what it took, or of the longest delay if that is less, in which only those are
 *       asked about of which the ledger says that they have drained. Segments that come meanwhile wait for its word first. So however many
 *       are held, most of the thread's time is left for making room.
 * </ul>
 *
 * Used by the reclaimer's thread.
 */
final class ProbeTimes {
    private static final long FIRST_DELAY = TimeUnit.MILLISECONDS.toNanos(10);
    /** Of the longest delay, while the ledger knows who holds a segment: it may be wrong, so it is asked all the same. */
    static final int DELAYS_WHILE_HELD = 8;
    /** What a vain question took is waited for so many times before the next one. */
    static final int PAUSES = 4;

    /** A segment that was refused, or came in a pause, and what the ledger says of it. */
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
    /** When the pause after the last vain question ends. */
    private long pauseEndsNanos;

    private boolean pausing;
    /** Whether the ledger was wrong when it was last listened to: then its word does not end a pause. */
    private boolean ledgerWasWrong;

    ProbeTimes(TransmitLedger ledger) {
        this.ledger = ledger;
    }

    /** How long to wait before the next question; 0 or less: it is due. */
    long dueIn(Segment segment, long now, long longestDelay) {
        long pause = pausing ? Math.max(0, pauseEndsNanos - now) : 0;
        pausing = pause > 0;
        Refused before = refused.get(segment);
        if (before == null) {
            if (pause == 0 || !segment.wasSentFrom()) {
                return 0;
            }
            before = new Refused(ledger.watch(segment));
            before.lastNanos = now;
            refused.put(segment, before);
        }
        long byDelay = segment.probes() == 0 ? 0 : segment.nextProbeNanos() - now;
        before.askedOnItsWord = before.word() == DrainWatch.Word.DRAINED;
        return switch (before.word()) {
            case UNKNOWN -> Math.max(byDelay, pause);
            case HELD -> Math.max(pause, before.lastNanos + DELAYS_WHILE_HELD * longestDelay - now);
            case DRAINED -> ledgerWasWrong ? pause : 0;
        };
    }

    /**
     * The kernel has refused the seal just now. Returns the delay until the next question, as far as is known now.
     *
     * @param tookNanos what the question took
     */
    long refused(Segment segment, long now, long longestDelay, long tookNanos) {
        pausing = true;
        pauseEndsNanos = now + Math.min(longestDelay, PAUSES * tookNanos);
        Refused known = refused.computeIfAbsent(segment, added -> new Refused(ledger.watch(added)));
        known.watchWasWrong |= known.askedOnItsWord;
        ledgerWasWrong |= known.askedOnItsWord;
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
            ledgerWasWrong &= !last.askedOnItsWord;
        }
    }
}
