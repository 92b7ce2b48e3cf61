package dev.lastref.cache.semantics;

import org.jspecify.annotations.Nullable;

/** Adds to the value of a list field, such as Via or Cache-Status, whose members may be quoted (RFC 9110, section 5.6.1). */
public final class ListField {
    private ListField() {}

    /**
     * The members that are there and one more. A sender must not make empty members (section 5.6.1.1), and of Cache-Status one makes all
     * of the field unreadable (RFC 9651, section 4.2.1): those that came go.
     *
     * @param before all lines of the field, with commas between them; null: none
     */
    public static String added(@Nullable String before, String member) {
        if (before == null) {
            return member;
        }
        if (!hasEmptyMember(before)) {
            return before + ", " + member;
        }
        StringBuilder kept = new StringBuilder(before.length() + 2 + member.length());
        for (int from = 0; from <= before.length(); ) {
            int end = endOfMember(before, from);
            String one = Ascii.trim(before, from, end);
            if (!one.isEmpty()) {
                kept.append(one).append(", ");
            }
            from = end + 1;
        }
        return kept.append(member).toString();
    }

    private static boolean hasEmptyMember(String list) {
        for (int from = 0; from <= list.length(); ) {
            int end = endOfMember(list, from);
            int i = from;
            while (i < end && Ascii.isOws(list.charAt(i))) {
                i++;
            }
            if (i == end) {
                return true;
            }
            from = end + 1;
        }
        return false;
    }

    /** Where the comma behind it is, or the end; none that is quoted. */
    private static int endOfMember(String list, int from) {
        boolean quoted = false;
        for (int i = from; i < list.length(); i++) {
            char c = list.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                return i;
            }
        }
        return list.length();
    }
}
