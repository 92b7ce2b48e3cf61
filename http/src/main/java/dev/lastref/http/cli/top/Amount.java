package dev.lastref.http.cli.top;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them, in few characters. */
public final class Amount {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Amount() {}

    /** Such as 38.1 MiB. */
    public static String bytes(double bytes) {
        double left = bytes;
        int unit = 0;
        while (left >= 1024 && unit < UNITS.length - 1) {
            left /= 1024;
            unit++;
        }
        return format(unit == 0 || left >= 1000 ? "%.0f %s" : "%.1f %s", left, UNITS[unit]);
    }

    /** A rate, such as 12, 0.3 or 1.2k. */
    static String rate(double aSecond) {
        if (aSecond >= 10_000) {
            return format("%.1fk", aSecond / 1000);
        }
        return aSecond == 0 || aSecond >= 10 ? format("%.0f", aSecond) : format("%.1f", aSecond);
    }

    /** Such as 12 ms. */
    public static String seconds(@Nullable Double seconds) {
        if (seconds == null) {
            return "-";
        }
        if (seconds >= 1) {
            return format("%.1f s", seconds);
        }
        double millis = seconds * 1000;
        return millis >= 10 ? format("%.0f ms", millis) : format("%.2f ms", millis);
    }

    static String percent(@Nullable Double ratio) {
        return ratio == null ? "-" : format("%.1f %%", ratio * 100);
    }

    /** Such as 3h12m, in whole units. */
    static String time(double seconds) {
        long whole = (long) Math.abs(seconds);
        String text;
        if (whole < 60) {
            text = whole + "s";
        } else if (whole < 3600) {
            text = whole / 60 + "m" + whole % 60 + "s";
        } else if (whole < 86_400) {
            text = whole / 3600 + "h" + whole % 3600 / 60 + "m";
        } else {
            text = whole / 86_400 + "d" + whole % 86_400 / 3600 + "h";
        }
        return seconds < 0 ? "-" + text : text;
    }

    private static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
