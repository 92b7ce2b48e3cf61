package dev.lastref.cache.semantics;

/** Numbers of bytes as fields write them: digits only. */
final class Decimal {
    /** What a number that is too large for a long becomes. */
    static final long LARGEST = Long.MAX_VALUE;

    static final long INVALID = -1;

    private Decimal() {}

    /** The number between two places, {@link #LARGEST} at most; {@link #INVALID} if there is anything but digits, or nothing. */
    static long parse(String text, int from, int to) {
        if (from >= to) {
            return INVALID;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!Ascii.isDigit(c)) {
                return INVALID;
            }
            int digit = c - '0';
            number = number > (LARGEST - digit) / 10 ? LARGEST : number * 10 + digit;
        }
        return number;
    }
}
