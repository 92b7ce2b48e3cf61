package dev.lastref.cache.semantics;

/**
 * A pattern of text in which {@code *} stands for any number of characters, none included, and every other character for itself.
 * Immutable; matching makes no garbage.
 */
final class Glob {
    private static final char ANY = '*';

    private final String pattern;
    private final int literals;

    Glob(String pattern) {
        this.pattern = pattern;
        this.literals = (int) pattern.chars().filter(c -> c != ANY).count();
    }

    /** How many characters it names: the more, the more specific it is. */
    int literals() {
        return literals;
    }

    boolean isExact() {
        return literals == pattern.length();
    }

    boolean matches(String text) {
        return matches(text, 0, text.length());
    }

    /** Whether it stands for all of the text from one index to another. A mismatch goes back to the last asterisk, never further. */
    boolean matches(String text, int from, int to) {
        int at = from;
        int next = 0;
        int afterAny = -1;
        int triedFrom = from;
        while (at < to) {
            if (next < pattern.length() && pattern.charAt(next) == ANY) {
                afterAny = ++next;
                triedFrom = at;
            } else if (next < pattern.length() && pattern.charAt(next) == text.charAt(at)) {
                next++;
                at++;
            } else if (afterAny >= 0) {
                next = afterAny;
                at = ++triedFrom;
            } else {
                return false;
            }
        }
        while (next < pattern.length() && pattern.charAt(next) == ANY) {
            next++;
        }
        return next == pattern.length();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
