package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.cache.semantics.StorageRules;
import java.time.InstantSource;

/**
 * What a cache is opened with.
 *
 * @param maxObject bytes; larger responses stream past the pool
 * @param rules what may be stored, and for how long
 * @param paths what holds instead for some URLs
 * @param ticker elapsed time, in nanoseconds, by which entries expire
 * @param clock the wall clock, against which the origin's dates are held
 * @param listener told what happens
 */
public record CacheConfig(
        long maxObject,
        StorageRules rules,
        PathRules paths,
        Ticker ticker,
        InstantSource clock,
        CacheListener listener) {
    /** As the sidecar's defaults are. */
    public static CacheConfig defaults() {
        return new CacheConfig(
                64L << 20,
                StorageRules.defaults(),
                PathRules.NONE,
                Ticker.systemTicker(),
                InstantSource.system(),
                CacheListener.NONE);
    }

    public CacheConfig withMaxObject(long bytes) {
        return new CacheConfig(bytes, rules, paths, ticker, clock, listener);
    }

    public CacheConfig withRules(StorageRules newRules) {
        return new CacheConfig(maxObject, newRules, paths, ticker, clock, listener);
    }

    public CacheConfig withPaths(PathRules newPaths) {
        return new CacheConfig(maxObject, rules, newPaths, ticker, clock, listener);
    }

    public CacheConfig withTime(Ticker newTicker, InstantSource newClock) {
        return new CacheConfig(maxObject, rules, paths, newTicker, newClock, listener);
    }

    public CacheConfig withListener(CacheListener newListener) {
        return new CacheConfig(maxObject, rules, paths, ticker, clock, newListener);
    }
}
