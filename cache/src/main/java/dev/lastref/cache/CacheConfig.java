package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.time.InstantSource;

/**
 * What a cache is opened with.
 *
 * @param maxObject bytes; larger responses stream past the pool
 * @param defaultTtl freshness lifetime of a successful response that names none; zero: not stored
 * @param negativeTtl the same for 404 and its like
 * @param ticker elapsed time, in nanoseconds, by which entries expire
 * @param clock the wall clock, against which the origin's dates are held
 * @param listener told what happens
 */
public record CacheConfig(
        long maxObject,
        Duration defaultTtl,
        Duration negativeTtl,
        Ticker ticker,
        InstantSource clock,
        CacheListener listener) {
    /** As the sidecar's defaults are. */
    public static CacheConfig defaults() {
        return new CacheConfig(
                64L << 20,
                Duration.ZERO,
                Duration.ZERO,
                Ticker.systemTicker(),
                InstantSource.system(),
                CacheListener.NONE);
    }

    public CacheConfig withMaxObject(long bytes) {
        return new CacheConfig(bytes, defaultTtl, negativeTtl, ticker, clock, listener);
    }

    public CacheConfig withTime(Ticker newTicker, InstantSource newClock) {
        return new CacheConfig(maxObject, defaultTtl, negativeTtl, newTicker, newClock, listener);
    }

    public CacheConfig withListener(CacheListener newListener) {
        return new CacheConfig(maxObject, defaultTtl, negativeTtl, ticker, clock, newListener);
    }
}
