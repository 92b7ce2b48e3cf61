package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.semantics.CacheKey;
import java.time.Duration;

/**
 * Where the origin failed while a stale response was being served. It is not asked there again in the background before a while has
 * passed: a second at first, then twice as long each time, up to half a minute. What is remembered is bounded in bytes, as in
 * {@link UnsharedPlaces}. Safe for all threads.
 */
final class FailedRefreshes {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    /** Of the heap: some 9,000 places of the usual length. */
    private static final long MOST_BYTES = 2 << 20;
    /** Of a place, beside its key. */
    private static final int NODE = 130;

    /** When it may be asked again, by the ticker, and how long that is since it failed. */
    private record Pause(long untilNanos, long nanos) {}

    private final Ticker ticker;
    private final Cache<CacheKey, Pause> pauses;

    FailedRefreshes(Ticker ticker) {
        this.ticker = ticker;
        this.pauses = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(ticker)
                .expireAfterWrite(LONGEST.multipliedBy(2))
                .maximumWeight(MOST_BYTES)
                .weigher((CacheKey place, Pause pause) -> (int) place.heapBytes() + NODE)
                .build();
    }

    /** Whether it is too early to ask again. */
    boolean isPaused(CacheKey place) {
        Pause pause = pauses.getIfPresent(place);
        return pause != null && pause.untilNanos - ticker.read() > 0;
    }

    void failed(CacheKey place) {
        pauses.asMap().compute(place, (same, before) -> {
            long nanos = before == null ? FIRST.toNanos() : Math.min(LONGEST.toNanos(), 2 * before.nanos);
            return new Pause(ticker.read() + nanos, nanos);
        });
    }

    void succeeded(CacheKey place) {
        if (pauses.estimatedSize() > 0) {
            pauses.invalidate(place);
        }
    }
}
