package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Range field of bytes, {@code bytes=0-4, -5} (RFC 9110, section 14.1.2).
 *
 * <p>Section 14.2 leaves it to us which ones to ignore: every one that is malformed, one with more than {@value #MOST} members (the
 * whole costs less than so many parts), and, when it is {@linkplain #within applied}, one whose parts together are longer than the
 * whole, which no honest client asks for.
 *
 * <p>Immutable. Reading takes time linear in the value's length.
 */
public final class ByteRanges {
    /** Apache httpd allows 200; a client that wants more parts than this gets the whole. */
    static final int MOST = 64;

    private static final String UNIT = "bytes=";
    private static final long NONE = -1;

    /** Two numbers each: first and last, or {@link #NONE} where there is none. */
    private final long[] specs;

    private ByteRanges(long[] specs) {
        this.specs = specs;
    }

    /** The ranges that a request asks for; null if it asks for none, or in a way that is ignored. */
    public static @Nullable ByteRanges of(FieldList request) {
        List<String> lines = request.all("Range");
        return lines.size() == 1 ? parse(lines.get(0)) : null;
    }

    static @Nullable ByteRanges parse(String value) {
        String text = Ascii.trim(value);
        if (text.length() < UNIT.length() || !Ascii.equalsIgnoreCase(text.substring(0, UNIT.length()), UNIT)) {
            return null;
        }
        List<String> members = Members.of(text.substring(UNIT.length()));
        if (members.isEmpty() || members.size() > MOST) {
            return null;
        }
        long[] specs = new long[2 * members.size()];
        for (int i = 0; i < members.size(); i++) {
            if (!readInto(specs, 2 * i, members.get(i))) {
                return null;
            }
        }
        return new ByteRanges(specs);
    }

    private static boolean readInto(long[] specs, int at, String member) {
        int dash = member.indexOf('-');
        if (dash < 0) {
            return false;
        }
        boolean hasFirst = dash > 0;
        boolean hasLast = dash < member.length() - 1;
        long first = hasFirst ? Decimal.parse(member, 0, dash) : NONE;
        long last = hasLast ? Decimal.parse(member, dash + 1, member.length()) : NONE;
        specs[at] = first;
        specs[at + 1] = last;
        boolean numbers = (!hasFirst || first != Decimal.INVALID) && (!hasLast || last != Decimal.INVALID);
        return numbers && (hasFirst || hasLast) && !(hasFirst && hasLast && last < first);
    }

    public int size() {
        return specs.length / 2;
    }

    /** Whether it is one range from the first byte to wherever the end is. */
    public boolean isEverything() {
        return size() == 1 && specs[0] == 0 && specs[1] == NONE;
    }

    /** What it selects of so many bytes. */
    public RangeSelection within(long length) {
        List<ByteRange> ranges = new ArrayList<>(size());
        boolean satisfiable = false;
        long total = 0;
        for (int i = 0; i < specs.length; i += 2) {
            long first = specs[i];
            long last = specs[i + 1];
            if (first == NONE) { // the last so many bytes
                satisfiable |= last > 0;
                first = Math.max(0, length - last);
                last = length - 1;
            } else {
                satisfiable |= first < length;
                last = last == NONE ? length - 1 : Math.min(last, length - 1);
            }
            if (first <= last) {
                ByteRange range = new ByteRange(first, last);
                ranges.add(range);
                total += range.length();
            }
        }
        if (!satisfiable) {
            return RangeSelection.UNSATISFIABLE;
        }
        // Some bytes from the end of nothing are satisfiable, and cannot be said in a Content-Range.
        return ranges.isEmpty() || total > length ? RangeSelection.WHOLE : RangeSelection.parts(ranges);
    }
}
