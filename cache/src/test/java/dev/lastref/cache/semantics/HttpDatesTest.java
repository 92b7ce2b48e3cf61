package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDatesTest {
    private static final long NOW = Instant.parse("2026-11-21T12:00:00Z").getEpochSecond();
    private static final long FIRST = Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();
    private static final long LAST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
    private static final long EXAMPLE = 784_111_777;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
            })
    void rfc9110_5_6_7_theThreeFormsAreOneDate(String text) {
        assertThat(HttpDates.parse(text, NOW)).isEqualTo(EXAMPLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Mon, 06 Nov 1994 08:49:37 GMT",
                "06 Nov 1994 08:49:37 GMT",
                "sun, 06 nov 1994 08:49:37 gmt",
                "SUN, 06 NOV 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun 06 Nov 1994 08:49:37 GMT",
                " Sun,  06  Nov  1994  08:49:37  GMT ",
                "Sun, 06-Nov-1994 08:49:37 GMT",
                "Sun, 06 Nov 94 08:49:37 GMT",
                "Sunday, 06 Nov 1994 08:49:37 GMT",
                "Nov 6 08:49:37 1994",
            })
    void commonIllegalFormsAreRead(String text) {
        assertThat(HttpDates.parse(text, NOW)).isEqualTo(EXAMPLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "-1",
                "now",
                "784111777",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 AEST",
                "Sun, 06 Nov 1994 08:49:37 +0000",
                "Sun, 06 Nov 1994 08:49:37 GMT+1",
                "Sun, 06 Nov 1994 08:49:37 GMT, x",
                "Sun, 06 Nov 1994 08.49.37 GMT",
                "Sun, 06 Nov 1994 8:49:37 GMT",
                "Sun, 06 Nov 1994 24:00:00 GMT",
                "Sun, 06 Nov 1994 08:60:00 GMT",
                "Sun, 06 Nov 1994 08:49:61 GMT",
                "Sun, 00 Nov 1994 08:49:37 GMT",
                "Sun, 31 Nov 1994 08:49:37 GMT",
                "Sun, 29 Feb 1994 08:49:37 GMT",
                "Sun, 06 Nox 1994 08:49:37 GMT",
                "Sun, 06 Nov 994 08:49:37 GMT",
                "Sun, 06 Nov 19940 08:49:37 GMT",
                "Sun, 06Nov1994 08:49:37 GMT",
                "Sux, 06 Nov 1994 08:49:37 GMT",
                "Sun Nov  6 08:49:37 94",
                "1994-11-06T08:49:37Z",
                "Sun, 0\u0666 Nov 1994 08:49:37 GMT",
            })
    void rfc9111_5_3_anythingElseIsNoDate(String text) {
        assertThat(HttpDates.parse(text, NOW)).isEqualTo(HttpDates.ABSENT);
    }

    @Test
    void anAbsentFieldIsNoDate() {
        assertThat(HttpDates.parse(null, NOW)).isEqualTo(HttpDates.ABSENT);
    }

    @ParameterizedTest(name = "{0} seen at {1} is {2}")
    @CsvSource({
        "21-Nov-76 12:00:00, 2026-11-21T12:00:00Z, 2076-11-21T12:00:00Z",
        "21-Nov-76 12:00:01, 2026-11-21T12:00:00Z, 1976-11-21T12:00:01Z",
        "01-Jan-00 00:00:00, 2026-11-21T12:00:00Z, 2000-01-01T00:00:00Z",
        "01-Jan-99 00:00:00, 2026-11-21T12:00:00Z, 1999-01-01T00:00:00Z",
        "01-Jan-05 00:00:00, 2099-11-21T12:00:00Z, 2105-01-01T00:00:00Z",
        "01-Jan-94 00:00:00, 2060-01-01T00:00:00Z, 2094-01-01T00:00:00Z",
        "29-Feb-00 00:00:00, 2060-01-01T00:00:00Z, 2000-02-29T00:00:00Z",
    })
    void rfc9110_5_6_7_aTwoDigitYearIsNotMoreThanFiftyYearsAhead(String text, Instant now, Instant expected) {
        assertThat(HttpDates.parse("Monday, " + text + " GMT", now.getEpochSecond()))
                .isEqualTo(expected.getEpochSecond());
    }

    @Test
    void rfc9110_5_6_7_aLeapSecondIsLegal() {
        assertThat(HttpDates.parse("Sat, 31 Dec 2016 23:59:60 GMT", NOW))
                .isEqualTo(Instant.parse("2017-01-01T00:00:00Z").getEpochSecond());
    }

    @Test
    void rfc9110_5_6_7_imfFixdateIsWritten() {
        assertThat(HttpDates.format(EXAMPLE)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
        assertThat(HttpDates.format(0)).isEqualTo("Thu, 01 Jan 1970 00:00:00 GMT");
        assertThat(HttpDates.format(-1)).isEqualTo("Wed, 31 Dec 1969 23:59:59 GMT");
        assertThatIllegalArgumentException().isThrownBy(() -> HttpDates.format(LAST + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> HttpDates.format(FIRST - 1));
    }

    @Property
    void whatIsWrittenIsReadBackAndIsWhatTheJdkWrites(
            @ForAll @LongRange(min = -62_167_219_200L, max = 253_402_300_799L) long second) {
        String text = HttpDates.format(second);
        LocalDateTime utc = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        assertThat(text)
                .isEqualTo(DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
                        .format(utc));
        assertThat(HttpDates.parse(text, NOW)).isEqualTo(second);
        String asctime = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US)
                .format(utc);
        assertThat(HttpDates.parse(asctime, NOW)).isEqualTo(second);
    }

    @Property(tries = 5000)
    void anyStringIsReadWithoutThrowing(@ForAll("dates") String text, @ForAll long now) {
        assertThat(HttpDates.parse(text, now))
                .satisfiesAnyOf(
                        date -> assertThat(date).isEqualTo(HttpDates.ABSENT),
                        date -> assertThat(date).isGreaterThanOrEqualTo(FIRST));
    }

    @Provide
    Arbitrary<String> dates() {
        Arbitrary<String> pieces = Arbitraries.of(
                        "Sun",
                        "Sunday",
                        ", ",
                        " ",
                        "-",
                        "Nov",
                        "Feb",
                        "06",
                        "29",
                        "00",
                        "94",
                        "1994",
                        "08:49:37",
                        "GMT")
                .list()
                .ofMaxSize(12)
                .map(list -> String.join("", list));
        Arbitrary<String> shaped = Arbitraries.integers()
                .between(0, 99)
                .list()
                .ofSize(5)
                .map(n -> String.format(
                        "Mon, %02d-Feb-%02d %02d:%02d:%02d GMT", n.get(0), n.get(1), n.get(2), n.get(3), n.get(4)));
        return Arbitraries.oneOf(pieces, shaped, Arbitraries.strings());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Thu, 18 Aug 2050 02:01:18 GMT      | true",
                "thu, 18 AUG 2050 02:01:18 gmt      | true",
                "' Thu, 18 Aug 2050 02:01:18 GMT '  | true",
                "Thursday, 18-Aug-50 02:01:18 GMT   | true",
                "Thu Aug 18 02:01:18 2050           | true",
                "'Thu Aug  8 02:01:18 2050'         | true",
                "Thu, 18 Aug 2050 02:01:18 UTC      | false",
                "Thu, 18 Aug 50 02:01:18 GMT        | false",
                "Thu 18 Aug 2050 02:01:18 GMT       | false",
                "'Thu, 18  Aug  2050 02:01:18 GMT'  | false",
                "Thu, 18-Aug-2050 02:01:18 GMT      | false",
                "Thu, 18 Aug 2050 2:01:18 GMT       | false",
                "Thu, 8 Aug 2050 02:01:18 GMT       | false",
                "18 Aug 2050 02:01:18 GMT           | false",
                "Thu, 31 Feb 2050 02:01:18 GMT      | false",
                "Xyz, 18 Aug 2050 02:01:18 GMT      | false",
                "0                                  | false",
            })
    void rfc9111_5_3_onlyTheLegalFormsCountStrictly(String text, boolean legal) {
        assertThat(HttpDates.parseStrictly(text, 0) != HttpDates.ABSENT).isEqualTo(legal);
    }

    /** A date of the usual form with some characters that are not: a blank behind it keeps the quick reader out. */
    @Property
    void theQuickReaderSaysWhatTheOtherOneSaysOrNothing(
            @ForAll @LongRange(min = -3_000_000_000L, max = 5_000_000_000L) long seconds,
            @ForAll("changes") List<Integer> changes) {
        StringBuilder text = new StringBuilder(HttpDates.format(seconds));
        for (int i = 0; i + 1 < changes.size(); i += 2) {
            text.setCharAt(changes.get(i) % text.length(), "0123456789 ,:-jJaAnNzZ".charAt(changes.get(i + 1) % 22));
        }
        String date = text.toString();
        long quick = Fixdate.parse(date);
        long other = HttpDates.parse(date + " ", NOW);
        assertThat(quick).as(date).isIn(other, HttpDates.ABSENT);
        assertThat(HttpDates.parse(date, NOW)).as(date).isEqualTo(other);
        if (changes.size() < 2) {
            assertThat(quick).isEqualTo(seconds);
        }
    }

    @Provide
    Arbitrary<List<Integer>> changes() {
        return Arbitraries.integers().between(0, 1000).list().ofMaxSize(6);
    }
}
