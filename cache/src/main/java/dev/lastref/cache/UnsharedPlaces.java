package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.semantics.CacheKey;
import java.time.Duration;

/**
 * Where responses were lately not for everybody who waited for them. Who asks there does not wait for another's response, which would
 * only make requests stand in a row (Varnish calls it hit-for-miss). Forgotten after a while, so that one response that cannot be
 * shared does not end the sharing for good. Clients choose how long their URLs are, so it is bytes that are bounded, not places. Safe
 * for all threads.
 */
final class UnsharedPlaces {
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    /** Of the heap: some 9,000 places of the usual length. */
    private static final long MOST_BYTES = 2 << 20;
    /** Of a place, beside its key. */
    private static final int NODE = 100;

    private final Cache<CacheKey, Boolean> places;

    UnsharedPlaces(Ticker ticker) {
        places = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(ticker)
                .expireAfterWrite(REMEMBERED)
                .maximumWeight(MOST_BYTES)
                .weigher((CacheKey place, Boolean there) -> (int) place.heapBytes() + NODE)
                .build();
    }

    void add(CacheKey place) {
        places.put(place, Boolean.TRUE);
    }

    boolean contains(CacheKey place) {
        return places.getIfPresent(place) != null;
    }
}
