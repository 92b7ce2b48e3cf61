package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.cache.semantics.StoragePolicy;
import dev.lastref.cache.semantics.StorageRules;
import dev.lastref.pool.TmpfsPool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The stored responses, and the fetches under way.
 *
 * <p>Requests that ask for the same wait for one fetch. Where a response turned out not to be for all of them, those who come next
 * each ask on their own for a while, instead of waiting in a row for what they cannot share.
 *
 * <p>Threads: {@link #select} takes no lock. Does not own the pool; closing gives up every extent.
 */
public final class ResponseCache implements AutoCloseable {
    private final TmpfsPool pool;
    private volatile CacheConfig config;
    private volatile StoragePolicies policies;
    private final ResponseIndex index;
    private final Freshener freshener = new Freshener(this);
    private final UnsharedPlaces unshared;
    private final FailedRefreshes failedRefreshes;
    private final ConcurrentMap<CacheKey, Fetch> fetches = new ConcurrentHashMap<>();

    public ResponseCache(TmpfsPool pool, CacheConfig config) {
        this.pool = pool;
        this.config = config;
        this.policies = new StoragePolicies(config.rules(), config.paths());
        this.index = new ResponseIndex(pool, config);
        this.unshared = new UnsharedPlaces(config.ticker());
        this.failedRefreshes = new FailedRefreshes(config.ticker());
    }

    /**
     * The stored response that is to be considered for this request, whether it is fresh or not; null if there is none. What may be
     * done with it is said by {@link dev.lastref.cache.semantics.RequestPolicy#reuse}.
     */
    public @Nullable StoredResponse select(CacheKey key, FieldList request) {
        return index.select(key, () -> request);
    }

    /** The same; the request's fields are asked for only if the resource varies. */
    public @Nullable StoredResponse select(CacheKey key, RequestFields request) {
        return index.select(key, request);
    }

    /** A stored response that may answer a request without any wishes, or null. */
    public @Nullable StoredResponse find(CacheKey key, FieldList request) {
        StoredResponse stored = index.select(key, () -> request);
        return stored != null && isReusable(stored) ? stored : null;
    }

    private boolean isReusable(StoredResponse stored) {
        return !stored.terms().alwaysValidated()
                && stored.freshness().isFresh(config.ticker().read());
    }

    /** Whether the resource is known to have several responses, by fields of the request. */
    public boolean varies(CacheKey key) {
        return index.varies(key);
    }

    /** {@link #join(Asked, Runnable)} where nothing is stored. */
    public FetchReader join(CacheKey key, FieldList request, Runnable wake) {
        return join(Asked.of(key, request), wake);
    }

    /**
     * Waits, as a reader, for the response that another request has asked the origin for, or leads: then the caller drives the fetch.
     * {@link FetchReader#isLeader} tells which.
     *
     * @param asked with a key
     * @param wake how to tell the reader that there is news; run on any thread, must not block
     */
    public FetchReader join(Asked asked, Runnable wake) {
        return join(asked, index.place(keyOf(asked), asked.request()), false, wake);
    }

    /**
     * The same for a part of a representation, which is shared with those who ask the origin for the same part.
     *
     * @param range the Range that the origin is asked for, and on which condition
     */
    public FetchReader joinPart(Asked asked, String range, Runnable wake) {
        return join(asked, index.partPlace(keyOf(asked), asked.request(), range), true, wake);
    }

    private FetchReader join(Asked asked, CacheKey place, boolean part, Runnable wake) {
        if (unshared.contains(place)) {
            return alone(asked, wake);
        }
        while (true) {
            Fetch running = fetches.get(place);
            if (running == null) {
                Fetch mine = new Fetch(this, asked, place, part);
                FetchReader reader = mine.lead(wake);
                running = fetches.putIfAbsent(place, mine);
                if (running == null) {
                    return reader;
                }
            }
            FetchReader reader = running.tryJoin(asked.request(), wake);
            if (reader != null) {
                return reader;
            }
            fetches.remove(place, running); // it takes nobody in any more
        }
    }

    /** Waits, as a reader, for the response that another request has asked the origin for; null if there is none to wait for. */
    public @Nullable FetchReader follow(CacheKey key, FieldList request, Runnable wake) {
        Fetch running = fetches.get(index.place(key, request));
        return running == null ? null : running.tryJoin(request, wake);
    }

    private static CacheKey keyOf(Asked asked) {
        CacheKey key = asked.key();
        if (key == null) {
            throw new IllegalArgumentException("what nobody shares is asked for alone");
        }
        return key;
    }

    /**
     * Begins a fetch that nobody has to wait for: the stored response is served meanwhile.
     *
     * @param asked with a key
     * @return the fetch, which the caller drives; null if one is under way, or the last one failed a moment ago
     */
    public @Nullable Fetch refresh(Asked asked) {
        CacheKey place = index.place(keyOf(asked), asked.request());
        if (failedRefreshes.isPaused(place)) {
            return null;
        }
        Fetch mine = new Fetch(this, asked, place, false);
        mine.whenRefreshed(failed -> {
            if (failed) {
                failedRefreshes.failed(place);
            } else {
                failedRefreshes.succeeded(place);
            }
        });
        return fetches.putIfAbsent(place, mine) == null ? mine : null;
    }

    /**
     * Looks once more, for the leader of a new fetch: the fetch before it may have stored its response after the leader had looked, and
     * left the table before the leader came, or come between two looks of the leader. If so, the leader need not ask the origin; whoever
     * joined meanwhile is sent on.
     *
     * @param answers whether the stored response, which is fresh, does for the leader's request
     */
    public @Nullable StoredResponse storedMeanwhile(Fetch led, Predicate<StoredResponse> answers) {
        StoredResponse stored = find(keyOf(led.asked()), led.asked().request());
        if (stored == null || !answers.test(stored)) {
            return null;
        }
        led.leaveTable();
        led.withdraw();
        return stored;
    }

    /** {@link #alone(Asked, Runnable)} where nothing is stored. */
    public FetchReader alone(@Nullable CacheKey key, FieldList request, Runnable wake) {
        return alone(Asked.of(key, request), wake);
    }

    /** Leads a fetch that nobody else joins. Its response is stored if there is a key and HTTP allows. */
    public FetchReader alone(Asked asked, Runnable wake) {
        return new Fetch(this, asked, null, false).lead(wake);
    }

    /**
     * Gives up what is stored for the URI of this key, all variants of it, and whatever else the keys say beside it: a request that begins later does not see it, nor what was on its way
     * from the origin when this was called.
     *
     * @return how often that was said of this key, and of others that share its counter
     */
    public int invalidate(CacheKey key) {
        CacheKey uri = key.uri();
        // First the count, then the index: what is being stored is found there, or finds the count changed.
        int count = index.countInvalidation(uri);
        for (Map.Entry<CacheKey, Fetch> running : fetches.entrySet()) {
            if (running.getKey().isOf(uri) && fetches.remove(running.getKey(), running.getValue())) {
                running.getValue().outdate();
            }
        }
        index.removeAllOf(uri);
        return count;
    }

    /** A stored part of what a request asks for, whether it covers that or not; null if there is none. */
    public @Nullable StoredResponse partOf(CacheKey key, FieldList request) {
        for (StoredResponse stored : index.candidates(key, request)) {
            if (stored.part() != null) {
                return stored;
            }
        }
        return null;
    }

    /**
     * Stored responses of the resource that a request does not match, and of which the origin can name one by its strong entity tag.
     * Some of them.
     */
    public List<StoredResponse> variants(CacheKey key, FieldList request) {
        return index.variants(key, request);
    }

    /**
     * Gives up what is meant, or makes it stale. When this returns, a request that begins later gets nothing of it as fresh, neither
     * from the store nor from what was on its way from the origin. Looks through the index, unless a tag is named.
     *
     * @return stored responses that were found
     */
    public long purge(Purge named) {
        Purge purge = named.keyedBy(config.paths());
        long found = index.purge(purge);
        for (Map.Entry<CacheKey, Fetch> running : fetches.entrySet()) {
            ResponseHead head = running.getValue().head();
            CacheKey place = running.getKey();
            // What it will bring is not known before its head.
            if (head == null ? purge.mayMean(place) : purge.means(place, head.fields(), config.paths())) {
                fetches.remove(place, running.getValue());
                running.getValue().outdate();
            }
        }
        return found;
    }

    /** What is stored and meant, as an operator is shown it; in no order, and at most so many. */
    public List<Entry> entries(Purge meant, int limit) {
        return index.entries(meant, limit);
    }

    /** The same, those that come first. */
    public List<Entry> entries(Purge meant, Entry.Order order, int limit) {
        return index.entries(meant, order, limit);
    }

    /**
     * What comes from here on is stored by these; what is stored keeps the terms that it came under.
     *
     * @param maxObject bytes; larger responses stream past the pool
     * @param paths those that the cache was opened with, perhaps with other lifetimes: by the rest of them it has its keys
     */
    public void storeBy(long maxObject, StorageRules rules, PathRules paths) {
        config = config.withMaxObject(maxObject).withRules(rules);
        policies = new StoragePolicies(rules, paths);
    }

    /** The pool was resized: the index holds from here on what the pool now can, and evicts what is too much before it returns. */
    public void poolResized() {
        index.poolResized(pool);
    }

    /** Has expiry and eviction do now what is due, and returns when the extents of what left the index were released. */
    public void cleanUp() {
        index.cleanUp();
    }

    /** Entries, variants and the words about them each counted. */
    public long size() {
        return index.size();
    }

    /**
     * What the index may take of the heap may have become less: what is too much goes, on the index's own thread. Any thread; cheap where
     * nothing has to.
     */
    public void fitHeap() {
        index.fitHeap();
    }

    /** Bytes that the entries take of the heap, about. */
    public long heapBytes() {
        return index.heap().held();
    }

    @Override
    public void close() {
        fetches.clear();
        index.close();
    }

    // ---- for fetches

    void ended(CacheKey place, Fetch fetch) {
        fetches.remove(place, fetch);
    }

    /** What was asked for at this place is not for everybody who asks there. */
    void unshared(@Nullable CacheKey place) {
        if (place != null) {
            unshared.add(place);
        }
    }

    ResponseIndex index() {
        return index;
    }

    Freshener freshener() {
        return freshener;
    }

    TmpfsPool pool() {
        return pool;
    }

    CacheConfig config() {
        return config;
    }

    /** What may be stored under this key, and for how long. */
    StoragePolicy storagePolicy(CacheKey key) {
        return policies.of(key);
    }
}
