package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.cache.semantics.StorageRules;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * What a cache is opened with.
 *
 * @param maxObject bytes; larger responses stream past the pool
 * @param indexHeap bytes of the heap that the entries of the index may take now, their heads with them; asked often, by any thread. Whoever
 *     makes it less says so, by {@link ResponseCache#fitHeap}
 * @param rules what may be stored, and for how long
 * @param paths what holds instead for some URLs
 * @param ticker elapsed time, in nanoseconds, by which entries expire
 * @param clock the wall clock, against which the origin's dates are held
 * @param listener told what happens
 */
public record CacheConfig(
        long maxObject,
        LongSupplier indexHeap,
        StorageRules rules,
        PathRules paths,
        Ticker ticker,
        InstantSource clock,
        CacheListener listener) {
    private static final long BESIDE = 32L << 20;
    private static final int SMALLEST_SHARE = 8;

    /** As the sidecar's defaults are. */
    public static CacheConfig defaults() {
        return new CacheConfig(
                64L << 20,
                always(heapFor(Runtime.getRuntime().maxMemory())),
                StorageRules.defaults(),
                PathRules.NONE,
                Ticker.systemTicker(),
                InstantSource.system(),
                CacheListener.NONE);
    }

    /**
     * What the index may take of a heap: two thirds of what is there beside what the rest of a sidecar takes. The collector needs room to
     * work, and requests need some for a moment.
     *
     * @param heap bytes, as by {@link Runtime#maxMemory}
     */
    public static long heapFor(long heap) {
        return Math.max(heap / SMALLEST_SHARE, (heap - BESIDE) / 3 * 2);
    }

    private static LongSupplier always(long bytes) {
        return () -> bytes;
    }

    public CacheConfig withIndexHeap(long bytes) {
        return withIndexHeap(always(bytes));
    }

    /** The same, where it changes. */
    public CacheConfig withIndexHeap(LongSupplier bytes) {
        return new CacheConfig(maxObject, bytes, rules, paths, ticker, clock, listener);
    }

    public CacheConfig withMaxObject(long bytes) {
        return new CacheConfig(bytes, indexHeap, rules, paths, ticker, clock, listener);
    }

    public CacheConfig withRules(StorageRules newRules) {
        return new CacheConfig(maxObject, indexHeap, newRules, paths, ticker, clock, listener);
    }

    public CacheConfig withPaths(PathRules newPaths) {
        return new CacheConfig(maxObject, indexHeap, rules, newPaths, ticker, clock, listener);
    }

    public CacheConfig withTime(Ticker newTicker, InstantSource newClock) {
        return new CacheConfig(maxObject, indexHeap, rules, paths, newTicker, newClock, listener);
    }

    public CacheConfig withListener(CacheListener newListener) {
        return new CacheConfig(maxObject, indexHeap, rules, paths, ticker, clock, newListener);
    }
}
