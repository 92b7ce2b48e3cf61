package dev.lastref.cache.semantics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which part of which whole a 206 carries, {@code bytes 0-4/10} (RFC 9110, section 14.4). Other units, {@code *} for the length, and
 * what is invalid there are not read: such a part can be passed on, not stored.
 *
 * @param range within the whole
 * @param completeLength bytes of the whole
 */
public record ContentRange(ByteRange range, long completeLength) {
    private static final int PARTIAL_CONTENT = 206;

    public ContentRange {
        if (completeLength <= range.last()) {
            throw new IllegalArgumentException(range + " of " + completeLength + " bytes");
        }
    }

    /** What a response says; null if it does not say it once, or not properly. */
    public static @Nullable ContentRange of(FieldList response) {
        List<String> lines = response.all("Content-Range");
        return lines.size() == 1 ? parse(lines.get(0)) : null;
    }

    /** Which part a response is; null if it is none, as only a 206 is, or does not say properly which. */
    public static @Nullable ContentRange ofPart(int status, FieldList response) {
        return status == PARTIAL_CONTENT ? of(response) : null;
    }

    static @Nullable ContentRange parse(String value) {
        String text = Ascii.trim(value);
        int dash = text.indexOf('-');
        int slash = text.indexOf('/');
        if (text.length() < 6 || !Ascii.equalsIgnoreCase(text.substring(0, 6), "bytes ") || dash < 0 || slash < dash) {
            return null;
        }
        long first = Decimal.parse(text, 6, dash);
        long last = Decimal.parse(text, dash + 1, slash);
        long complete = Decimal.parse(text, slash + 1, text.length());
        boolean valid = first >= 0 && last >= first && complete > last && complete != Decimal.LARGEST;
        return valid ? new ContentRange(new ByteRange(first, last), complete) : null;
    }

    /** The value of Content-Range for a 416. */
    public static String unsatisfied(long completeLength) {
        return "bytes */" + completeLength;
    }

    /** Whether it is all there is. */
    public boolean isWhole() {
        return range.length() == completeLength;
    }

    @Override
    public String toString() {
        return range.contentRange(completeLength);
    }
}
