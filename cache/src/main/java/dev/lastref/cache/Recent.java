package dev.lastref.cache;

import org.jspecify.annotations.Nullable;

/**
 * Lets entries of the index share what many of them say: for each value that is equal to one of those that were seen last, that one is
 * answered. What is forgotten is not shared, and costs nothing but room.
 *
 * <p>Threads: any, without a lock. Two may overwrite each other, and then something is kept twice; values are immutable, so whoever
 * reads one that another thread has put here sees all of it.
 *
 * @param <T> immutable, with final fields, and equal where it says the same
 */
final class Recent<T> {
    private final Object[] seen;

    /** @param places how many values are remembered at most, a power of two; those of the same place displace each other */
    Recent(int places) {
        if (Integer.bitCount(places) != 1) {
            throw new IllegalArgumentException(places + " places, expected a power of two");
        }
        this.seen = new Object[places];
    }

    /** One that is equal to the value; null if none is remembered, and then this one is from now on. */
    @SuppressWarnings("unchecked") // it is equal to a T, and was one when it came
    @Nullable
    T knownOrRemember(T value) {
        int hash = value.hashCode();
        int place = (hash ^ (hash >>> 16)) & (seen.length - 1);
        Object known = seen[place];
        if (value.equals(known)) {
            return (T) known;
        }
        seen[place] = value;
        return null;
    }
}
