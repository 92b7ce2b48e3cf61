package dev.lastref.cache.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/**
 * The arithmetic of RFC 9111, section 4.2, against its formulas written down as they stand there, in whole numbers without a bound. The
 * one difference that is meant: numbers beyond 2^31 seconds count as that many (section 1.2.2).
 */
class FreshnessByTheLetterTest {
    private static final BigInteger SECOND = BigInteger.valueOf(1_000_000_000L);
    private static final BigInteger MOST = BigInteger.ONE.shiftLeft(31);
    private static final long YEAR_2000 = 946_684_800L;
    private static final long YEAR_2100 = 4_102_444_800L;

    /** Section 4.2.3, line by line; all in nanoseconds. */
    private static BigInteger currentAge(
            long ageValue, long dateValue, long requestNanos, long responseNanos, long responseTime, long nowNanos) {
        BigInteger apparentAge = BigInteger.ZERO
                .max(BigInteger.valueOf(responseTime).subtract(BigInteger.valueOf(dateValue)))
                .multiply(SECOND);
        BigInteger responseDelay = BigInteger.valueOf(responseNanos).subtract(BigInteger.valueOf(requestNanos));
        BigInteger correctedAgeValue =
                BigInteger.valueOf(ageValue).min(MOST).multiply(SECOND).add(responseDelay);
        BigInteger correctedInitialAge = apparentAge.max(correctedAgeValue);
        BigInteger residentTime = BigInteger.valueOf(nowNanos).subtract(BigInteger.valueOf(responseNanos));
        return correctedInitialAge.add(residentTime);
    }

    /** Section 4.2.1: the first match of s-maxage, max-age, Expires minus Date. */
    private static BigInteger lifetime(long sMaxAge, long maxAge, long expires, long date) {
        BigInteger seconds = sMaxAge >= 0
                ? BigInteger.valueOf(sMaxAge)
                : maxAge >= 0
                        ? BigInteger.valueOf(maxAge)
                        : BigInteger.valueOf(expires).subtract(BigInteger.valueOf(date));
        return BigInteger.ZERO.max(seconds).min(MOST).multiply(SECOND);
    }

    @Property
    void rfc9111_4_2_aResponseIsFreshExactlyWhereItsLifetimeIsGreaterThanItsAge(
            @ForAll @LongRange(min = -1, max = 1L << 33) long sMaxAge,
            @ForAll @LongRange(min = -1, max = 1L << 33) long maxAge,
            @ForAll @LongRange(min = YEAR_2000, max = YEAR_2100) long expires,
            @ForAll @LongRange(min = YEAR_2000, max = YEAR_2100) long date,
            @ForAll @LongRange(min = 0, max = 1L << 33) long age,
            @ForAll @LongRange(min = YEAR_2000, max = YEAR_2100) long responseTime,
            @ForAll @LongRange(min = 0, max = 1L << 40) long delayNanos,
            @ForAll @LongRange(min = 0, max = 1L << 60) long residentNanos) {
        FieldList.Builder fields = FieldList.builder()
                .add("Date", HttpDates.format(date))
                .add("Expires", HttpDates.format(expires))
                .add("Age", Long.toString(age));
        if (maxAge >= 0) {
            fields.add("Cache-Control", "max-age=" + maxAge);
        }
        if (sMaxAge >= 0) {
            fields.add("Cache-Control", "s-maxage=" + sMaxAge);
        }
        FieldList response = fields.build();
        long responseNanos = delayNanos;
        long now = responseNanos + residentNanos;

        long named =
                Freshness.explicitLifetimeSeconds(CacheControl.ofResponse(response), response, responseTime * 1000);
        Freshness freshness =
                Freshness.of(response, Freshness.nanos(named), 0, responseNanos, responseTime * 1000 + 999);

        BigInteger lifetime = lifetime(sMaxAge, maxAge, expires, date);
        BigInteger currentAge = currentAge(age, date, 0, responseNanos, responseTime, now);
        // An apparent age beyond the bound is cut like every number of seconds; it is stale by then in any case.
        BigInteger cut =
                currentAge(age, Math.max(date, responseTime - MOST.longValue()), 0, responseNanos, responseTime, now);
        assertThat(BigInteger.valueOf(freshness.lifetimeNanos())).isEqualTo(lifetime);
        assertThat(BigInteger.valueOf(freshness.ageNanos(now))).isEqualTo(cut.min(BigInteger.valueOf(Long.MAX_VALUE)));
        assertThat(freshness.isFresh(now)).isEqualTo(lifetime.compareTo(currentAge) > 0);
        assertThat(BigInteger.valueOf(freshness.ageSeconds(now)))
                .isEqualTo(cut.divide(SECOND).min(MOST));
    }
}
