package dev.lastref.pool;

/**
 * How a capacity is divided, in bytes: all that follows from it and the size of a segment. A pool that is resized gets another.
 */
final class Budget {
    /** A pool of fewer segments keeps none for moves. */
    private static final int SEGMENTS_TO_KEEP_ONE = 32;
    /** A pool of fewer segments prepares none: each would be too much of it. */
    private static final int SEGMENTS_TO_PREPARE = 32;

    private static final int MOST_PREPARED = 4;
    /** One segment in this many may wait to be filled again: as much as is ever kept free ahead of need. */
    private static final int SEGMENTS_A_FILLED_AGAIN_ONE = 8;
    /** What may be dead and not worth moving yet: less would have the evacuator copy more than is stored. */
    private static final int DEAD_PERCENT = 7;

    /** One segment in this many is kept free, so that a large body finds room too. */
    private static final int SEGMENTS_A_RESERVED_ONE = 64;

    private final long capacity;
    private final int segmentSize;
    private final ExpiryClasses expiryClasses;

    Budget(long capacity, int segmentSize) {
        this.capacity = capacity;
        this.segmentSize = segmentSize;
        this.expiryClasses = ExpiryClasses.forSegments(capacity / segmentSize);
    }

    /** What the pool never exceeds. */
    long capacity() {
        return capacity;
    }

    ExpiryClasses expiryClasses() {
        return expiryClasses;
    }

    /** What is kept free, so that an allocation finds room without waiting for a proof. */
    long reserve() {
        return Math.max(2L, capacity / segmentSize / SEGMENTS_A_RESERVED_ONE) * segmentSize;
    }

    /** What only the evacuator may take: without any room it could make none. */
    long keptForMoves() {
        return capacity / segmentSize >= SEGMENTS_TO_KEEP_ONE ? segmentSize : 0;
    }

    /** How many segments are made ahead, to be prepared; those that are kept free, in a pool where they are few of many. */
    int preparedSegments() {
        return capacity / segmentSize >= SEGMENTS_TO_PREPARE
                ? (int) Math.min(MOST_PREPARED, reserve() / segmentSize)
                : 0;
    }

    /** How many segments may be prepared while others come to be filled again as they are. */
    long mostFilledAgain() {
        return capacity / segmentSize / SEGMENTS_A_FILLED_AGAIN_ONE;
    }

    /**
     * What extents can live in at a time: the capacity less what is kept free, the ends of segments being filled, and some for what
     * is dead and not worth moving yet.
     */
    long usable() {
        long ends = (long) SizeClass.values().length * expiryClasses.count() * segmentSize / 2;
        return (capacity - reserve() - keptForMoves() - ends) / 100 * (100 - DEAD_PERCENT);
    }
}
