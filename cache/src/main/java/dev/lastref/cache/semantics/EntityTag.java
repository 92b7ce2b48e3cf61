package dev.lastref.cache.semantics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entity tag: {@code "x"} or {@code W/"x"} (RFC 9110, section 8.8.3).
 *
 * @param weak whether it stands for equivalent content only, not for the same bytes
 * @param opaque what is between the quotes; compared byte by byte
 */
public record EntityTag(boolean weak, String opaque) {
    /** Reads one tag; null if it is none. The {@code W} is case-sensitive. */
    public static @Nullable EntityTag parse(@Nullable String value) {
        if (value == null) {
            return null;
        }
        String tag = Ascii.trim(value);
        int end = endOf(tag, 0);
        return end == tag.length() && end > 0 ? at(tag, 0, end) : null;
    }

    /** The tag that a response names; null if it names none, several, or something else. */
    public static @Nullable EntityTag of(FieldList response) {
        List<String> lines = response.all("ETag");
        return lines.size() == 1 ? parse(lines.get(0)) : null;
    }

    /** The same tag as it stands there, without a copy; null where {@link #of} would say so. */
    public static @Nullable String textOf(FieldList response) {
        String only = response.only("ETag");
        return only != null && endOf(only, 0) == only.length() ? only : null;
    }

    /** Whether both stand for the same bytes (section 8.8.3.2). */
    public boolean matchesStrongly(EntityTag other) {
        return !weak && !other.weak && opaque.equals(other.opaque);
    }

    /** Whether both stand for equivalent content. */
    public boolean matchesWeakly(EntityTag other) {
        return opaque.equals(other.opaque);
    }

    /** Where the tag that begins there ends; -1 if none does. */
    static int endOf(String text, int from) {
        int at = text.startsWith("W/", from) ? from + 2 : from;
        if (at >= text.length() || text.charAt(at) != '"') {
            return -1;
        }
        at++;
        while (at < text.length() && isTagCharacter(text.charAt(at))) {
            at++;
        }
        return at < text.length() && text.charAt(at) == '"' ? at + 1 : -1;
    }

    /** The tag between two places that {@link #endOf} has found. */
    static EntityTag at(String text, int from, int to) {
        boolean weak = text.charAt(from) == 'W';
        return new EntityTag(weak, text.substring(from + (weak ? 3 : 1), to - 1));
    }

    private static boolean isTagCharacter(char c) {
        return c > ' ' && c != '"' && c != 0x7f;
    }

    @Override
    public String toString() {
        return (weak ? "W/\"" : "\"") + opaque + '"';
    }
}
