package dev.lastref.pool;

import java.util.concurrent.TimeUnit;

/**
 * When the ledger looks at its peers again:
 *
 * <ul>
 *   <li>At all of them about once a second, or eight times in a pin timeout if that is more often.
 *   <li>At those who are awaited after 10 ms, and then after twice as long each time, up to 200 ms; every 20 ms while the pool is short
 *       of room.
 *   <li>In any case so that a twentieth of one CPU is spent on it at most, as long as a look takes no more than a quarter of a second:
 *       the longer it takes, the longer the pause, up to five seconds.
 * </ul>
 *
 * Guarded by the ledger, but for {@link #hurry}, which any thread may call.
 */
final class LookTimes {
    private static final long LONGEST_BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORTEST_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(10);
    /** At those who are awaited, when nothing new has come of looking at them. */
    private static final long LONGEST_BETWEEN_AWAITING_LOOKS = TimeUnit.MILLISECONDS.toNanos(200);
    /** The same while the pool is short of room. */
    private static final long LONGEST_BETWEEN_HURRIED_LOOKS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long HURRY_LASTS = TimeUnit.SECONDS.toNanos(1);
    /** However long a look has taken: it may be that the thread did not run. */
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(5);
    /** A laggard is seen standing still so often before it is reset. */
    private static final int LOOKS_A_PIN_TIMEOUT = 8;
    /** One in this many parts of its thread's time is spent on looking. */
    private static final int SHARE = 20;

    private long lookedAtAllNanos;
    private long lookedAtAllFor;
    private long awaitingPause = SHORTEST_BETWEEN_LOOKS;
    private volatile long hurriedUntilNanos;

    LookTimes(long now) {
        this.lookedAtAllNanos = now - LONGEST_BETWEEN_LOOKS;
        this.hurriedUntilNanos = now;
    }

    /** Whether it is time to look at all. */
    boolean isTimeForAll(long now, long pinTimeoutNanos) {
        return now - lookedAtAllNanos >= betweenLooksAtAll(pinTimeoutNanos);
    }

    /** @param tookNanos what it has cost */
    void lookedAtAll(long now, long tookNanos) {
        lookedAtAllNanos = now;
        lookedAtAllFor = tookNanos;
    }

    /** Whether somebody who asks may have all looked at, by the share that looking may take. */
    boolean mayLookAtAll(long now) {
        return now - lookedAtAllNanos >= Math.min(LONGEST_PAUSE, lookedAtAllFor * SHARE);
    }

    /** When all were last looked at, by whomever. */
    long lookedAtAllNanos() {
        return lookedAtAllNanos;
    }

    /** Somebody new is awaited, or something has come of looking: the next may be near. */
    void expectSoon() {
        awaitingPause = SHORTEST_BETWEEN_LOOKS;
    }

    /** The pool is short of room. Returns whether that is news, so that the thread should not go on resting. */
    boolean hurry(long now) {
        long left = hurriedUntilNanos - now;
        if (left < HURRY_LASTS / 2) { // not for each of many refusals
            hurriedUntilNanos = now + HURRY_LASTS;
        }
        return left <= 0;
    }

    /**
     * How long to rest after a turn.
     *
     * @param spentNanos what the turn has taken
     */
    long pause(long now, long spentNanos, boolean anybodyAwaited, long pinTimeoutNanos) {
        long next = lookedAtAllNanos + betweenLooksAtAll(pinTimeoutNanos) - now;
        if (anybodyAwaited) {
            boolean hurried = hurriedUntilNanos - now > 0;
            next = Math.min(next, hurried ? Math.min(awaitingPause, LONGEST_BETWEEN_HURRIED_LOOKS) : awaitingPause);
            awaitingPause = Math.min(LONGEST_BETWEEN_AWAITING_LOOKS, 2 * awaitingPause);
        }
        return Math.max(next, Math.min(LONGEST_PAUSE, spentNanos * SHARE));
    }

    private static long betweenLooksAtAll(long pinTimeoutNanos) {
        long wanted = Math.max(SHORTEST_BETWEEN_LOOKS, pinTimeoutNanos / LOOKS_A_PIN_TIMEOUT);
        return Math.min(LONGEST_BETWEEN_LOOKS, wanted);
    }
}
