package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreshnessTest {
    private static final long SECOND = 1_000_000_000L;

    /** Sun, 06 Nov 1994 08:49:37 GMT. */
    private static final long DATE = 784_111_777;

    private static final String AT_DATE = HttpDates.format(DATE);
    private static final String MINUTE_LATER = HttpDates.format(DATE + 60);

    private static long lifetime(String... response) {
        FieldList fields = FieldList.of(response);
        return Freshness.explicitLifetimeSeconds(CacheControl.ofResponse(fields), fields, (DATE + 10) * 1000 + 999);
    }

    private static Freshness arrived(long delaySeconds, long epochMillis, String... response) {
        return Freshness.of(FieldList.of(response), 60 * SECOND, -delaySeconds * SECOND, 0, epochMillis);
    }

    @Test
    void rfc9111_4_2_1_sMaxAgeBeatsMaxAge() {
        assertThat(lifetime("Cache-Control", "max-age=60, s-maxage=10", "Expires", MINUTE_LATER))
                .isEqualTo(10);
        assertThat(lifetime("Cache-Control", "s-maxage=x, max-age=60")).isZero();
    }

    @Test
    void rfc9111_5_3_maxAgeBeatsExpires() {
        assertThat(lifetime("Cache-Control", "max-age=5", "Date", AT_DATE, "Expires", MINUTE_LATER))
                .isEqualTo(5);
        assertThat(lifetime("Cache-Control", "max-age=x", "Date", AT_DATE, "Expires", MINUTE_LATER))
                .isZero();
    }

    @Test
    void rfc9111_4_2_1_expiresCountsFromDate() {
        assertThat(lifetime("Date", AT_DATE, "Expires", MINUTE_LATER)).isEqualTo(60);
        assertThat(lifetime("Date", MINUTE_LATER, "Expires", AT_DATE)).isZero();
        assertThat(lifetime("Date", AT_DATE, "Expires", "Fri, 31 Dec 9999 23:59:59 GMT"))
                .isEqualTo(DeltaSeconds.MAX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday", "0"})
    void rfc9110_6_6_1_theTimeOfArrivalStandsInForABadDate(String date) {
        assertThat(lifetime("Date", date, "Expires", MINUTE_LATER)).isEqualTo(50);
        assertThat(lifetime("Expires", MINUTE_LATER)).isEqualTo(50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "", "never"})
    void rfc9111_5_3_anInvalidExpiresIsInThePast(String expires) {
        assertThat(lifetime("Date", AT_DATE, "Expires", expires)).isZero();
    }

    @Test
    void rfc9111_4_2_1_severalExpiresCountOnlyIfTheyAgree() {
        assertThat(lifetime("Date", AT_DATE, "Expires", MINUTE_LATER, "Expires", MINUTE_LATER))
                .isEqualTo(60);
        assertThat(lifetime("Date", AT_DATE, "Expires", MINUTE_LATER, "Expires", AT_DATE))
                .isZero();
        assertThat(lifetime("Date", AT_DATE, "Expires", MINUTE_LATER, "Expires", "0"))
                .isZero();
    }

    @Test
    void rfc9111_4_2_2_aSilentResponseNamesNoLifetime() {
        assertThat(lifetime("Date", AT_DATE, "Cache-Control", "public")).isEqualTo(DeltaSeconds.ABSENT);
    }

    @ParameterizedTest(name = "Age {0}, delay {1}, {2} s after Date: {3}")
    @CsvSource({
        "0,   0,  0,  0",
        "5,   0,  0,  5",
        "5,   3,  0,  8",
        "0,   3,  0,  3",
        "0,   0,  7,  7",
        "5,   3,  7,  8",
        "5,   3,  9,  9",
        "0,   0, -7,  0",
        "0,  -3,  0,  0",
    })
    void rfc9111_4_2_3_initialAge(long age, long delay, long afterDate, long expected) {
        Freshness freshness =
                arrived(delay, (DATE + afterDate) * 1000 + 999, "Age", Long.toString(age), "Date", AT_DATE);
        assertThat(freshness.initialAgeNanos()).isEqualTo(expected * SECOND);
        assertThat(freshness.ageSeconds(0)).isEqualTo(expected);
    }

    @Test
    void rfc9111_4_2_3_ageGrowsWithTheTicker() {
        Freshness freshness = arrived(0, DATE * 1000, "Age", "20", "Date", AT_DATE);
        assertThat(freshness.ageSeconds(15 * SECOND - 1)).isEqualTo(34);
        assertThat(freshness.ageSeconds(15 * SECOND)).isEqualTo(35);
        assertThat(freshness.remainingNanos(15 * SECOND)).isEqualTo(25 * SECOND);
        assertThat(freshness.lifetimeSeconds()).isEqualTo(60);
        assertThat(freshness.lifetimeNanos()).isEqualTo(60 * SECOND);
    }

    @Test
    void rfc9111_4_2_freshMeansLifetimeGreaterThanAge() {
        Freshness freshness = arrived(0, DATE * 1000, "Age", "20");
        assertThat(freshness.isFresh(40 * SECOND - 1)).isTrue();
        assertThat(freshness.isFresh(40 * SECOND)).isFalse();
        assertThat(freshness.remainingNanos(41 * SECOND)).isEqualTo(-SECOND);
    }

    @Test
    void aTickerMayWrapAndMayNotRunBackwards() {
        long start = Long.MAX_VALUE - SECOND;
        Freshness freshness = Freshness.of(FieldList.EMPTY, 60 * SECOND, start, start, 0);
        assertThat(freshness.ageSeconds(start + 3 * SECOND)).isEqualTo(3);
        assertThat(freshness.ageSeconds(start - 3 * SECOND)).isZero();
    }

    @ParameterizedTest(name = "[{0}] is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "5|5",
                " 5 |5",
                "5, 9|5",
                ",7|7",
                "99999999999999999999|2147483648",
                "-5|0",
                "x|0",
                "x, 5|0",
                "5.5|0",
                "''|0",
                "+5|0"
            })
    void rfc9111_5_1_ageField(String age, long expected) {
        assertThat(arrived(0, 0, "Age", age).ageSeconds(0)).isEqualTo(expected);
    }

    @Test
    void rfc9111_5_1_theFirstOfSeveralAgesCounts() {
        assertThat(arrived(0, 0, "Age", "3", "Age", "9").ageSeconds(0)).isEqualTo(3);
    }

    @Property
    void ageNeverShrinksAndNeverOverflows(
            @ForAll long lifetime,
            @ForAll long request,
            @ForAll long response,
            @ForAll long millis,
            @ForAll long first,
            @ForAll long second) {
        FieldList fields = FieldList.of("Age", "2147483648", "Date", AT_DATE);
        Freshness freshness = Freshness.of(fields, lifetime, request, response, millis);
        assertThat(freshness.initialAgeNanos()).isGreaterThanOrEqualTo(DeltaSeconds.MAX * SECOND);
        List<Long> ages = new ArrayList<>();
        for (long now : new long[] {first, second, response}) {
            ages.add(freshness.ageNanos(now));
            assertThat(freshness.ageNanos(now)).isGreaterThanOrEqualTo(freshness.initialAgeNanos());
            assertThat(freshness.ageSeconds(now)).isEqualTo(DeltaSeconds.MAX);
            assertThat(freshness.isFresh(now)).isEqualTo(freshness.lifetimeNanos() > freshness.ageNanos(now));
        }
        if (first - response >= second - response && second - response >= 0) {
            assertThat(ages.get(0)).isGreaterThanOrEqualTo(ages.get(1));
        }
        assertThat(ages.get(2)).isEqualTo(freshness.initialAgeNanos());
    }
}
