package dev.lastref.cache.semantics;

/**
 * Reads the one form of a date that senders must use and nearly all do, IMF-fixdate (RFC 9110, section 5.6.7), exactly as it is written
 * there: {@code Sun, 06 Nov 1994 08:49:37 GMT}. What differs in the least is for {@link HttpDates} to make out. No garbage.
 */
final class Fixdate {
    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private static final int NAME = 3;

    private static final int DAY_AT = 5;
    private static final int MONTH_AT = 8;
    private static final int YEAR_AT = 12;
    private static final int HOUR_AT = 17;
    private static final int MINUTE_AT = 20;
    private static final int SECOND_AT = 23;
    private static final int ZONE_AT = 26;
    private static final int LENGTH = 29;

    private Fixdate() {}

    /** Epoch seconds, or {@link HttpDates#ABSENT} for what is not of this form or no date, such as a leap second's. */
    static long parse(String text) {
        if (text.length() != LENGTH || !isPunctuated(text) || named(DAYS, text, 0) < 0) {
            return HttpDates.ABSENT;
        }
        int hour = number(text, HOUR_AT, 2);
        int minute = number(text, MINUTE_AT, 2);
        int second = number(text, SECOND_AT, 2);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
            return HttpDates.ABSENT;
        }
        return HttpDates.epoch(
                number(text, YEAR_AT, 4),
                named(MONTHS, text, MONTH_AT) + 1,
                number(text, DAY_AT, 2),
                hour * 3600L + minute * 60L + second);
    }

    private static boolean isPunctuated(String text) {
        return text.charAt(NAME) == ','
                && text.charAt(DAY_AT - 1) == ' '
                && text.charAt(MONTH_AT - 1) == ' '
                && text.charAt(YEAR_AT - 1) == ' '
                && text.charAt(HOUR_AT - 1) == ' '
                && text.charAt(MINUTE_AT - 1) == ':'
                && text.charAt(SECOND_AT - 1) == ':'
                && text.charAt(ZONE_AT - 1) == ' '
                && text.endsWith("GMT");
    }

    /** Which of the names stands there, from 0 on; -1: none of them. */
    private static int named(String names, String text, int at) {
        for (int i = 0; i < names.length(); i += NAME) {
            if (text.regionMatches(at, names, i, NAME)) {
                return i / NAME;
            }
        }
        return -1;
    }

    /** Of so many digits; -1: something else stands there. */
    private static int number(String text, int at, int digits) {
        int number = 0;
        for (int i = at; i < at + digits; i++) {
            char c = text.charAt(i);
            if (!Ascii.isDigit(c)) {
                return -1;
            }
            number = number * 10 + (c - '0');
        }
        return number;
    }
}
