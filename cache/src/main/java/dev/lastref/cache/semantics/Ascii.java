package dev.lastref.cache.semantics;

/**
 * Characters as HTTP's grammar sees them (RFC 9110, section 5.6).
 *
 * <p>The JDK's case folding is Unicode's: {@code "no-ſtore".equalsIgnoreCase("no-store")} holds there, and must not
 * here.
 */
final class Ascii {
    private Ascii() {}

    static boolean equalsIgnoreCase(String a, String b) {
        int length = a.length();
        if (length != b.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y && lower(x) != lower(y)) {
                return false;
            }
        }
        return true;
    }

    /** The same string, not a copy, where nothing changes. */
    static String lower(String s) {
        for (int i = 0; i < s.length(); i++) {
            if (s.charAt(i) != lower(s.charAt(i))) {
                char[] chars = s.toCharArray();
                for (int j = i; j < chars.length; j++) {
                    chars[j] = lower(chars[j]);
                }
                return new String(chars);
            }
        }
        return s;
    }

    static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }

    static boolean isAlpha(char c) {
        char l = lower(c);
        return l >= 'a' && l <= 'z';
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Optional white space: SP and HTAB, nothing more (RFC 9110, section 5.6.3). */
    static boolean isOws(char c) {
        return c == ' ' || c == '\t';
    }

    static String trim(String s) {
        return trim(s, 0, s.length());
    }

    static String trim(String s, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && isOws(s.charAt(start))) {
            start++;
        }
        while (end > start && isOws(s.charAt(end - 1))) {
            end--;
        }
        return s.substring(start, end);
    }

    /** A character of a token (RFC 9110, section 5.6.2). */
    static boolean isTokenChar(char c) {
        return isAlpha(c) || isDigit(c) || (c > ' ' && c < 0x7f && "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    static boolean isToken(String s) {
        for (int i = 0; i < s.length(); i++) {
            if (!isTokenChar(s.charAt(i))) {
                return false;
            }
        }
        return !s.isEmpty();
    }
}
