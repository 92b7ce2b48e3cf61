package dev.lastref.cache.semantics;

/**
 * A number of seconds as cache fields carry it (RFC 9111, section 1.2.2), and the two ways of having none.
 *
 * <p>A value that is {@code >= 0} is seconds; one below zero is {@link #ABSENT} or {@link #INVALID}. Nothing is boxed.
 */
public final class DeltaSeconds {
    /** Nothing was said. */
    public static final long ABSENT = -1;

    /** Something was said that is not a number of seconds, or two different numbers were. */
    public static final long INVALID = -2;

    /** 2^31, about 68 years: greater values become this one. */
    public static final long MAX = 1L << 31;

    private DeltaSeconds() {}

    /** ASCII digits and nothing else, or {@link #INVALID}; a number beyond {@link #MAX} becomes MAX. */
    public static long parse(String digits) {
        if (digits.isEmpty()) {
            return INVALID;
        }
        long seconds = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (!Ascii.isDigit(c)) {
                return INVALID;
            }
            seconds = Math.min(MAX, seconds * 10 + (c - '0'));
        }
        return seconds;
    }
}
