package dev.lastref.pool;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * How much room allocations are about to want, by what they wanted a moment ago. What is kept free is for them to find without waiting;
 * but to prove memory free and give it back takes a turn of the reclaimer, which on a busy machine waits for its own turn, and until
 * then all that comes is refused.
 *
 * <p>{@link #wanted} is for any thread, the rest is the reclaimer's.
 */
final class Pace {
    /** In which room is made, mostly, also where others keep the reclaimer's thread from running. */
    private static final long AHEAD = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long WINDOW = AHEAD / 2;

    /** No more than one in this many bytes of the pool: what is kept free is of no other use. */
    private static final int MOST = 8;

    private final LongAdder wanted = new LongAdder();

    private long windowBegan;
    /** In a window; of windows before, the older the less. */
    private long expected;

    Pace(long now) {
        windowBegan = now;
    }

    /** An allocation took so many bytes, or was refused them. */
    void wanted(long bytes) {
        wanted.add(bytes);
    }

    /** Bytes that are to be free for what is about to come, in a pool of this capacity. */
    long ahead(long now, long capacity) {
        long elapsed = now - windowBegan;
        if (elapsed >= WINDOW) {
            double inWindow = (double) wanted.sumThenReset() * WINDOW / elapsed;
            expected = Math.max((long) inWindow, expected >> Math.min(Long.SIZE - 1, elapsed / WINDOW));
            windowBegan = now;
        }
        return Math.min(capacity / MOST, expected * (AHEAD / WINDOW));
    }
}
