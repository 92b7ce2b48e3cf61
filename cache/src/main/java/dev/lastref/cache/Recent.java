package dev.lastref.cache;

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
    /** So many say the same that it stays when one of them goes. */
    private static final int COMMON = 8;

    private final Object[] seen;
    /** How often each was seen again. */
    private final byte[] again;

    /** @param places how many values are remembered at most, a power of two; those of the same place displace each other */
    Recent(int places) {
        if (Integer.bitCount(places) != 1) {
            throw new IllegalArgumentException(places + " places, expected a power of two");
        }
        this.seen = new Object[places];
        this.again = new byte[places];
    }

    /** The value itself, or one that is equal to it. */
    @SuppressWarnings("unchecked") // it is equal to a T, and was one when it came
    T share(T value) {
        int place = placeOf(value);
        Object known = seen[place];
        if (value.equals(known)) {
            again[place] = (byte) Math.min(COMMON, again[place] + 1);
            return (T) known;
        }
        seen[place] = value;
        again[place] = 0;
        return value;
    }

    /** Whether many have shared it lately. */
    boolean isCommon(T value) {
        int place = placeOf(value);
        return again[place] == COMMON && value.equals(seen[place]);
    }

    private int placeOf(T value) {
        int hash = value.hashCode();
        return (hash ^ (hash >>> 16)) & (seen.length - 1);
    }
}
