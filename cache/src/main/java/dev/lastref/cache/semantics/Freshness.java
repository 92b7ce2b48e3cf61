package dev.lastref.cache.semantics;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How old a stored response is and how long it stays fresh (RFC 9111, section 4.2).
 *
 * <p>Two clocks: the wall clock, in milliseconds since the epoch, is compared once with what the origin says in Date; all
 * else is counted with a ticker in nanoseconds, like {@link System#nanoTime()}, which nobody sets back. A response is
 * fresh while its lifetime is greater than its age; at equality it is stale.
 *
 * <pre>
 *   apparent age    = max(0, response time - Date)              in whole seconds, as Date is
 *   corrected value = Age + response delay
 *   initial age     = max(apparent age, corrected value)
 *   current age     = initial age + (now - response time)
 * </pre>
 *
 * <p>Immutable. Sums saturate. What is stored extends it, rather than having one: there are as many as there are entries.
 */
public class Freshness {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long HEURISTIC_DIVISOR = 10;

    private final long lifetimeNanos;
    private final long initialAgeNanos;
    private final long requestNanos;
    private final long responseNanos;

    private Freshness(long lifetimeNanos, long initialAgeNanos, long requestNanos, long responseNanos) {
        this.lifetimeNanos = lifetimeNanos;
        this.initialAgeNanos = initialAgeNanos;
        this.requestNanos = requestNanos;
        this.responseNanos = responseNanos;
    }

    /** The same. */
    protected Freshness(Freshness same) {
        this(same.lifetimeNanos, same.initialAgeNanos, same.requestNanos, same.responseNanos);
    }

    /**
     * Of a response that has just arrived.
     *
     * @param lifetimeNanos as {@link StoragePolicy} decided; negative counts as zero
     * @param requestNanos the ticker when the request was sent
     * @param responseNanos the ticker when the response's head arrived
     * @param responseEpochMillis the wall clock at that moment
     */
    public static Freshness of(
            FieldList response, long lifetimeNanos, long requestNanos, long responseNanos, long responseEpochMillis) {
        long responseDelay = Math.max(0, responseNanos - requestNanos);
        long correctedAgeValue = saturatedSum(nanos(ageValue(response)), responseDelay);
        long initialAge = Math.max(nanos(apparentAge(response, responseEpochMillis)), correctedAgeValue);
        return new Freshness(Math.max(0, lifetimeNanos), initialAge, requestNanos, responseNanos);
    }

    /**
     * The lifetime in seconds that a response names for a shared cache: s-maxage, else max-age, else Expires minus Date.
     * Zero where what it names is unreadable or contradicts itself; {@link DeltaSeconds#ABSENT} where it names none.
     *
     * @param responseEpochMillis when the response arrived, in place of a Date that is missing or unreadable
     */
    public static long explicitLifetimeSeconds(CacheControl directives, FieldList response, long responseEpochMillis) {
        if (directives.sMaxAge() != DeltaSeconds.ABSENT) {
            return Math.max(0, directives.sMaxAge());
        }
        if (directives.maxAge() != DeltaSeconds.ABSENT) {
            return Math.max(0, directives.maxAge());
        }
        List<String> expires = response.all("Expires");
        if (expires.isEmpty()) {
            return DeltaSeconds.ABSENT;
        }
        long now = epochSeconds(responseEpochMillis);
        long date = HttpDates.parse(response.first("Date"), now);
        long end = HttpDates.parseStrictly(expires.get(0), now);
        for (String other : expires) {
            if (HttpDates.parseStrictly(other, now) != end) {
                return 0;
            }
        }
        return end == HttpDates.ABSENT ? 0 : saturatedSeconds(end - (date == HttpDates.ABSENT ? now : date));
    }

    /**
     * The lifetime that is guessed from how long the response has not changed: a tenth of the time between Last-Modified and
     * Date (section 4.2.2).
     *
     * @param responseEpochMillis as for {@link #explicitLifetimeSeconds}
     * @return nanoseconds, zero where nothing can be guessed
     */
    static long heuristicLifetimeNanos(FieldList response, long responseEpochMillis) {
        long now = epochSeconds(responseEpochMillis);
        long date = HttpDates.parse(response.first("Date"), now);
        long modified = HttpDates.parse(response.first("Last-Modified"), now);
        if (modified == HttpDates.ABSENT) {
            return 0;
        }
        return nanos((date == HttpDates.ABSENT ? now : date) - modified) / HEURISTIC_DIVISOR;
    }

    /** Seconds of the Age field: its first member, zero if that is no number (section 5.1). */
    private static long ageValue(FieldList response) {
        List<String> members = Members.of(response, "Age");
        return members.isEmpty() ? 0 : Math.max(0, DeltaSeconds.parse(members.get(0)));
    }

    /**
     * In whole seconds: a Date is cut to them, and comparing it with milliseconds would make every response up to a
     * second old on arrival, which a lifetime of one second does not survive.
     */
    private static long apparentAge(FieldList response, long responseEpochMillis) {
        long now = epochSeconds(responseEpochMillis);
        long date = HttpDates.parse(response.first("Date"), now);
        return date == HttpDates.ABSENT ? 0 : saturatedSeconds(now - date);
    }

    private static long epochSeconds(long epochMillis) {
        return Math.floorDiv(epochMillis, 1000L);
    }

    private static long saturatedSeconds(long seconds) {
        return Math.max(0, Math.min(DeltaSeconds.MAX, seconds));
    }

    /** Of seconds that are no more than 2^31, and so cannot overflow. */
    static long nanos(long seconds) {
        return saturatedSeconds(seconds) * SECOND;
    }

    private static long saturatedSum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /** The same, but no longer fresh from now on. */
    public Freshness ended(long nowNanos) {
        return new Freshness(Math.min(lifetimeNanos, ageNanos(nowNanos)), initialAgeNanos, requestNanos, responseNanos);
    }

    /** Whether the origin was asked for this one after it was asked for the other. */
    public boolean wasAskedForAfter(Freshness other) {
        return requestNanos - other.requestNanos > 0;
    }

    /** Whether this one arrived after the other. */
    public boolean arrivedAfter(Freshness other) {
        return responseNanos - other.responseNanos > 0;
    }

    /** The freshness lifetime. */
    public long lifetimeNanos() {
        return lifetimeNanos;
    }

    /** The freshness lifetime in whole seconds, cut. */
    public long lifetimeSeconds() {
        return lifetimeNanos / SECOND;
    }

    /** The corrected initial age: how old the response was when it arrived. */
    public long initialAgeNanos() {
        return initialAgeNanos;
    }

    /** The current age; a ticker before the response's arrival counts as the arrival. */
    public long ageNanos(long nowNanos) {
        return saturatedSum(initialAgeNanos, Math.max(0, nowNanos - responseNanos));
    }

    /** The current age for the Age field, in whole seconds, at most 2^31. */
    public long ageSeconds(long nowNanos) {
        return saturatedSeconds(ageNanos(nowNanos) / SECOND);
    }

    /** How long the response is fresh from now on; zero or less if it is stale, by how much. */
    public long remainingNanos(long nowNanos) {
        return lifetimeNanos - ageNanos(nowNanos);
    }

    public boolean isFresh(long nowNanos) {
        return remainingNanos(nowNanos) > 0;
    }
}
