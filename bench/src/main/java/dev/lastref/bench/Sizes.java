package dev.lastref.bench;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes as they are typed and shown: {@code 64KiB}, {@code 1m}, {@code 200}. */
public final class Sizes {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(?:([kmg])(?:i?b)?)?", Pattern.CASE_INSENSITIVE);

    private Sizes() {}

    /**
     * Bytes of a size, binary units: {@code 1k} is 1024.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public static long parse(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no size, expected for example 200, 64k or 256MiB");
        }
        String unit = matcher.group(2);
        int shift = unit == null ? 0 : 10 * ("kmg".indexOf(unit.toLowerCase(Locale.ROOT)) + 1);
        return Long.parseLong(matcher.group(1)) << shift;
    }

    /** The shortest exact form: {@code 64 KiB}. */
    public static String show(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB"};
        int unit = 0;
        long value = bytes;
        while (unit < units.length - 1 && value >= 1024 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return value + " " + units[unit];
    }
}
