package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.StoragePolicy;
import dev.lastref.cache.semantics.VaryRule;
import dev.lastref.pool.Extent;
import dev.lastref.pool.TmpfsPool;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * The index of stored responses, and the fetches under way.
 *
 * <p>Caffeine holds the index: it is weighed by the bytes that the entries take from the pool, each entry expires with its own
 * freshness, and removal for whatever cause gives up the entry's extent. The new response is published before the old one is
 * released, so a request finds one or the other.
 *
 * <p>Threads: {@link #find} takes no lock. Expiry and eviction run on a thread of the cache's own, never on the caller's. Does not
 * own the pool; closing gives up every extent.
 */
public final class ResponseCache implements AutoCloseable {
    private static final int INVALIDATION_COUNTERS = 1024;

    private final TmpfsPool pool;
    private final CacheConfig config;
    private final StoragePolicy storagePolicy;
    private final Maintenance maintenance = new Maintenance();
    private final Cache<CacheKey, IndexEntry> index;
    private final ConcurrentMap<CacheKey, Fetch> fetches = new ConcurrentHashMap<>();
    /** How often something was invalidated, in a few counters that keys share: by it a fetch knows that it began before. */
    private final AtomicIntegerArray invalidations = new AtomicIntegerArray(INVALIDATION_COUNTERS);

    private volatile boolean closed;

    public ResponseCache(TmpfsPool pool, CacheConfig config) {
        this.pool = pool;
        this.config = config;
        this.storagePolicy = new StoragePolicy(config.defaultTtl(), config.negativeTtl());
        this.index = Caffeine.newBuilder()
                .executor(maintenance)
                .scheduler(maintenance.scheduler())
                .ticker(config.ticker())
                .maximumWeight(pool.usableBytes())
                .weigher((CacheKey key, IndexEntry entry) -> entry.weight())
                .expireAfter(Expiry.writing((CacheKey key, IndexEntry entry) ->
                        Duration.ofNanos(entry.remainingNanos(config.ticker().read()))))
                .removalListener(ResponseCache::removed)
                .build();
    }

    // Neither is ever null here: that is for caches of weak or soft references.
    private static void removed(@Nullable CacheKey key, @Nullable IndexEntry entry, RemovalCause cause) {
        if (entry != null) {
            entry.removed();
        }
    }

    /** A fresh stored response for this request, or null. */
    public @Nullable StoredResponse find(CacheKey key, FieldList request) {
        IndexEntry entry = index.getIfPresent(key);
        if (entry instanceof VaryEntry vary) {
            entry = index.getIfPresent(vary.keyOf(key, request));
        }
        if (entry instanceof StoredResponse stored
                && stored.freshness().isFresh(config.ticker().read())) {
            return stored;
        }
        return null;
    }

    /**
     * Waits, as a reader, for the response that another request has asked the origin for, or leads: then the caller drives the fetch.
     * {@link FetchReader#isLeader} tells which.
     *
     * @param wake how to tell the reader that there is news; run on any thread, must not block
     */
    public FetchReader join(CacheKey key, FieldList request, Runnable wake) {
        while (true) {
            Fetch running = fetches.get(key);
            if (running == null) {
                Fetch mine = new Fetch(this, key, request);
                FetchReader reader = mine.lead(wake);
                running = fetches.putIfAbsent(key, mine);
                if (running == null) {
                    return reader;
                }
            }
            FetchReader reader = running.tryJoin(request, wake);
            if (reader != null) {
                return reader;
            }
            fetches.remove(key, running); // it takes nobody in any more
        }
    }

    /** Waits, as a reader, for the response that another request has asked the origin for; null if there is none to wait for. */
    public @Nullable FetchReader follow(CacheKey key, FieldList request, Runnable wake) {
        Fetch running = fetches.get(key);
        return running == null ? null : running.tryJoin(request, wake);
    }

    /**
     * Looks once more, for the leader of a new fetch: the fetch before it may have stored its response after the leader had looked, and
     * left the table before the leader came. If so, the leader need not ask the origin; whoever joined meanwhile is sent on.
     */
    public @Nullable StoredResponse storedMeanwhile(CacheKey key, FieldList request, Fetch led) {
        StoredResponse stored = find(key, request);
        if (stored != null) {
            fetches.remove(key, led);
            led.withdraw();
        }
        return stored;
    }

    /** Leads a fetch that nobody else joins. Its response is stored if {@code key} is given and HTTP allows. */
    public FetchReader alone(@Nullable CacheKey key, FieldList request, Runnable wake) {
        return new Fetch(this, key, request).lead(wake);
    }

    /**
     * Gives up what is stored for this key, all variants of it: a request that begins later does not see it, nor what was on its way
     * from the origin when this was called.
     */
    public void invalidate(CacheKey key) {
        CacheKey primary = key.primary();
        // First the count, then the index: what is being stored is found there, or finds the count changed.
        invalidations.incrementAndGet(counterOf(primary));
        Fetch running = fetches.remove(primary);
        if (running != null) {
            running.outdate();
        }
        // Variants are only found through the entry under the primary key.
        index.invalidate(primary);
    }

    /** Another number than before once the key was invalidated; also, though seldom, when another key was. */
    int invalidations(CacheKey primary) {
        return invalidations.get(counterOf(primary));
    }

    private static int counterOf(CacheKey primary) {
        return Math.floorMod(primary.hashCode(), INVALIDATION_COUNTERS);
    }

    /** The pool was resized: the index holds from here on what the pool now can, and evicts what is too much before it returns. */
    public void poolResized() {
        index.policy().eviction().ifPresent(eviction -> eviction.setMaximum(pool.usableBytes()));
    }

    /** Entries, variants and the words about them each counted. */
    public long size() {
        return index.estimatedSize();
    }

    /** Has expiry and eviction do now what is due, and returns when the extents of what left the index were released. */
    public void cleanUp() {
        index.cleanUp();
        maintenance.awaitGathered(); // removal listeners are queued on it
    }

    @Override
    public void close() {
        closed = true;
        fetches.clear();
        index.invalidateAll();
        index.cleanUp();
        maintenance.close(); // removal listeners are queued on it
    }

    // ---- for fetches and stored responses

    /**
     * Publishes a response; what it replaces is given up after that.
     *
     * @param invalidationsBefore {@link #invalidations} when the origin was asked: if there are more now, the response is given up
     */
    void store(
            CacheKey primary,
            FieldList request,
            ResponseHead head,
            Freshness freshness,
            @Nullable Extent extent,
            int invalidationsBefore) {
        CacheKey key = primary;
        VaryRule rule = VaryRule.of(head.fields());
        if (!rule.isNone()) {
            long now = config.ticker().read();
            long expires = now + freshness.remainingNanos(now);
            VaryEntry vary = (VaryEntry)
                    index.asMap().compute(primary, (same, before) -> VaryEntry.after(before, rule, expires));
            key = vary.keyOf(primary, request);
        }
        StoredResponse response = new StoredResponse(key, head, freshness, extent);
        if (extent != null) {
            extent.ownedBy(reclaimed -> index.asMap().remove(response.key(), response));
        }
        IndexEntry now = index.asMap()
                .compute(key, (same, before) -> invalidations(primary) == invalidationsBefore ? response : before);
        if (now != response) {
            response.removed();
        }
        if (closed) {
            index.invalidateAll();
        }
    }

    void ended(CacheKey key, Fetch fetch) {
        fetches.remove(key, fetch);
    }

    TmpfsPool pool() {
        return pool;
    }

    CacheConfig config() {
        return config;
    }

    StoragePolicy storagePolicy() {
        return storagePolicy;
    }
}
