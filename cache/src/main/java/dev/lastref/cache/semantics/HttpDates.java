package dev.lastref.cache.semantics;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Dates of HTTP fields, as seconds since 1970-01-01T00:00:00Z (RFC 9110, section 5.6.7).
 *
 * <p>Read are the three legal forms (IMF-fixdate, RFC 850's, asctime's) and what servers commonly make of them: a day of
 * one digit, a weekday that is wrong or missing, any case, more white space or none of the commas, dashes with a
 * four-digit year, {@code UTC} for {@code GMT}. Any other zone is refused, not converted: it is more often a mistake than
 * an offset. Written is IMF-fixdate only. No state: any thread may call.
 */
public final class HttpDates {
    /** What {@link #parse} answers where there is no date: absent, {@code 0}, {@code -1}, garbage. */
    public static final long ABSENT = Long.MIN_VALUE;

    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> DAYS =
            List.of("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");

    /** IMF-fixdate, RFC 850's form, asctime's. Bounded repetitions only: linear in the length of a value. */
    private static final Pattern LEGAL = Pattern.compile("(?i)[a-z]{3}, \\d{2} [a-z]{3} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT"
            + "|[a-z]{6,9}, \\d{2}-[a-z]{3}-\\d{2} \\d{2}:\\d{2}:\\d{2} GMT"
            + "|[a-z]{3} [a-z]{3} (?: ?\\d|\\d\\d) \\d{2}:\\d{2}:\\d{2} \\d{4}");

    private static final int SECONDS_OF_DAY = 86_400;
    private static final long FIRST = LocalDate.of(0, 1, 1).toEpochDay() * SECONDS_OF_DAY;
    private static final long LAST = LocalDate.of(9999, 12, 31).toEpochDay() * SECONDS_OF_DAY + SECONDS_OF_DAY - 1;

    private HttpDates() {}

    /**
     * @param now epoch seconds, for the years of two digits: one that lies more than 50 years ahead of it belongs to the
     *     century before
     * @return epoch seconds, or {@link #ABSENT}
     */
    public static long parse(@Nullable String value, long now) {
        if (value == null) {
            return ABSENT;
        }
        long usual = Fixdate.parse(value);
        return usual == ABSENT ? new Reader(value).date(Math.max(FIRST, Math.min(LAST, now))) : usual;
    }

    /**
     * The three legal forms in any case, and nothing else: what an Expires in another form means is said to be the past (RFC
     * 9111, section 5.3).
     *
     * @param now as for {@link #parse}
     * @return epoch seconds, or {@link #ABSENT}
     */
    public static long parseStrictly(@Nullable String value, long now) {
        return value != null && LEGAL.matcher(Ascii.trim(value)).matches() ? parse(value, now) : ABSENT;
    }

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT}; throws for a year beyond 0 to 9999, which the form cannot say. */
    public static String format(long epochSeconds) {
        if (epochSeconds < FIRST || epochSeconds > LAST) {
            throw new IllegalArgumentException(
                    "IMF-fixdate has years of four digits, and epoch second " + epochSeconds + " lies outside of them");
        }
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(epochSeconds, SECONDS_OF_DAY));
        int second = Math.floorMod(epochSeconds, SECONDS_OF_DAY);
        StringBuilder text = new StringBuilder(29);
        capitalised(text, DAYS.get(date.getDayOfWeek().getValue() - 1)).append(", ");
        digits(text, date.getDayOfMonth(), 2).append(' ');
        capitalised(text, MONTHS.get(date.getMonthValue() - 1)).append(' ');
        digits(text, date.getYear(), 4).append(' ');
        digits(text, second / 3600, 2).append(':');
        digits(text, second / 60 % 60, 2).append(':');
        return digits(text, second % 60, 2).append(" GMT").toString();
    }

    private static StringBuilder capitalised(StringBuilder text, String word) {
        return text.append((char) (word.charAt(0) - 'a' + 'A')).append(word, 1, 3);
    }

    private static StringBuilder digits(StringBuilder text, int number, int width) {
        String s = Integer.toString(number);
        return text.append("0".repeat(width - s.length())).append(s);
    }

    /** Of a date, and a second of that day; ABSENT if there is no such day. */
    static long epoch(int year, int month, int day, long second) {
        boolean valid = year >= 0 && month >= 1 && day >= 1 && second >= 0;
        // The month's place in a list, and a year of at most four digits before its century: both are in range.
        return valid && day <= YearMonth.of(year, month).lengthOfMonth()
                ? LocalDate.of(year, month, day).toEpochDay() * SECONDS_OF_DAY + second
                : ABSENT;
    }

    /** One pass over one value; a negative number, or false, says that something else was found than looked for. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        long date(long now) {
            skip(" \t");
            String word = word();
            if (isDay(word)) {
                skip(" \t,");
                word = word();
            }
            return word.isEmpty() ? fixdate(now) : asctime(word);
        }

        /** {@code 06 Nov 1994 08:49:37 GMT} and {@code 06-Nov-94 08:49:37 GMT}. */
        private long fixdate(long now) {
            int day = number(1, 2);
            boolean separated = skip(" \t-");
            int month = MONTHS.indexOf(word()) + 1;
            separated &= skip(" \t-");
            int start = at;
            int year = number(2, 4);
            int width = at - start;
            separated &= skip(" \t");
            long second = time();
            skip(" \t");
            String zone = word();
            if (!separated || width == 3 || !(zone.equals("gmt") || zone.equals("utc")) || !atEnd()) {
                return ABSENT;
            }
            return width == 2 ? inCentury(year, month, day, second, now) : epoch(year, month, day, second);
        }

        /** {@code Nov  6 08:49:37 1994}. */
        private long asctime(String monthName) {
            int month = MONTHS.indexOf(monthName) + 1;
            boolean separated = skip(" \t");
            int day = number(1, 2);
            separated &= skip(" \t");
            long second = time();
            separated &= skip(" \t");
            int year = number(4, 4);
            return separated && atEnd() ? epoch(year, month, day, second) : ABSENT;
        }

        /** The latest year with these last two digits that is not more than 50 years ahead. */
        private static long inCentury(int twoDigits, int month, int day, long second, long now) {
            LocalDate today = LocalDate.ofEpochDay(Math.floorDiv(now, SECONDS_OF_DAY));
            long limit = today.plusYears(50).toEpochDay() * SECONDS_OF_DAY + Math.floorMod(now, SECONDS_OF_DAY);
            int year = (today.getYear() + 50) / 100 * 100 + twoDigits;
            // In that century it may lie beyond the limit, and 29 February may not exist in it.
            long date = epoch(year, month, day, second);
            return date != ABSENT && date <= limit ? date : epoch(year - 100, month, day, second);
        }

        /** Seconds of the day. A leap second, 60, is the first second of the next minute. */
        private long time() {
            int hour = number(2, 2);
            boolean colons = accept(':');
            int minute = number(2, 2);
            colons &= accept(':');
            int second = number(2, 2);
            boolean valid = colons && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0;
            return valid && second <= 60 ? hour * 3600L + minute * 60L + second : -1;
        }

        private String word() {
            int start = at;
            while (at < text.length() && Ascii.isAlpha(text.charAt(at))) {
                at++;
            }
            return Ascii.lower(text.substring(start, at));
        }

        private int number(int minWidth, int maxWidth) {
            int start = at;
            int number = 0;
            while (at < text.length() && at - start < maxWidth && Ascii.isDigit(text.charAt(at))) {
                number = number * 10 + (text.charAt(at++) - '0');
            }
            return at - start < minWidth ? -1 : number;
        }

        private boolean accept(char c) {
            boolean found = at < text.length() && text.charAt(at) == c;
            at += found ? 1 : 0;
            return found;
        }

        private boolean skip(String characters) {
            int start = at;
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return at > start;
        }

        private boolean atEnd() {
            skip(" \t");
            return at == text.length();
        }

        private static boolean isDay(String word) {
            for (String day : DAYS) {
                if (word.equals(day) || (word.length() == 3 && day.startsWith(word))) {
                    return true;
                }
            }
            return false;
        }
    }
}
