package dev.lastref.pool;

import java.util.concurrent.TimeUnit;

/**
 * Sorts extents by how long they will live, so that those that die together fill the same segments and whole files die at once, as
 * Segcache does with its TTL buckets (Yang, Yue, Vinayak: "Segcache: a memory-efficient and scalable in-memory key-value cache for
 * small objects", NSDI 2021). The classes are geometric: within one, lifetimes differ by a constant factor.
 *
 * <p>Each class fills a segment of its own, and what is not filled yet is of no use to anybody, so a pool of few segments has few
 * classes.
 */
final class ExpiryClasses {
    /** Lifetimes below the first bound are in class 0; each next bound is four times the one before, with eight classes. */
    private static final long FIRST_BOUND = TimeUnit.SECONDS.toNanos(4);

    private static final int MOST = 8;
    /** The square root of the number of segments, divided by this: in a large pool the many that are being filled weigh little. */
    private static final int ROOT_A_CLASS = 4;

    private final int count;

    private ExpiryClasses(int count) {
        this.count = count;
    }

    /** As many as a pool of that many segments can afford: 1, 2, 4 or 8. */
    static ExpiryClasses forSegments(long segments) {
        long affordable = (long) Math.sqrt((double) segments) / ROOT_A_CLASS;
        return new ExpiryClasses((int) Math.max(1, Math.min(MOST, Long.highestOneBit(affordable))));
    }

    int count() {
        return count;
    }

    /** The shortest lifetime of a class, in nanoseconds; negative ones are in class 0 too. */
    long leastLifetimeNanos(int expiryClass) {
        int fine = expiryClass * MOST / count;
        return fine == 0 ? 0 : FIRST_BOUND << (2 * (fine - 1));
    }

    /** The class of a lifetime in nanoseconds, from 0, the shortest. */
    int of(long lifetimeNanos) {
        int fine = 0;
        for (long bound = FIRST_BOUND; fine < MOST - 1 && lifetimeNanos >= bound; bound *= 4) {
            fine++;
        }
        return fine * count / MOST;
    }
}
