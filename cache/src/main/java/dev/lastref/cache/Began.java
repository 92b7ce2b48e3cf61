package dev.lastref.cache;

/**
 * What a fetch remembers of the moment at which it began, to know later whether what it brings was made invalid meanwhile.
 *
 * @param invalidations how often keys that share a counter with its own had been invalidated
 * @param purges how many purges there had been
 */
record Began(int invalidations, long purges) {
    /** Of one that stores nothing. */
    static final Began NEVER = new Began(0, 0);
}
