package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.EncodingChoice;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.cache.semantics.ReuseTerms;
import dev.lastref.cache.semantics.Validators;
import dev.lastref.cache.semantics.VaryRule;
import dev.lastref.pool.Extent;
import dev.lastref.pool.TmpfsPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * The stored responses by their keys.
 *
 * <p>Caffeine holds them: weighed by the bytes that they take from the pool, each expires when it is of no more use, and removal for
 * whatever cause gives up the entry's extent. What they take of the heap has {@linkplain HeapBound a bound of its own}. A new response is
 * published before the old one is released, so a request finds one or the other.
 *
 * <p>Threads: {@link #select} takes no lock. Expiry and eviction run on a thread of the index's own, never on the caller's. Closing
 * gives up every extent.
 */
final class ResponseIndex implements AutoCloseable {
    /** A response is not stored if during its fetch a key with the same counter was invalidated: with so many that is seldom another's. */
    private static final int INVALIDATION_COUNTERS = 1 << 16;

    /** Fields of proactive negotiation (RFC 9110, section 12.5), in lower case. */
    private static final Set<String> NEGOTIATION =
            Set.of("accept", "accept-charset", "accept-encoding", "accept-language");

    private final CacheConfig config;
    private final Maintenance maintenance = new Maintenance();
    private final Cache<CacheKey, IndexEntry> index;
    /** How often something was invalidated, in a few counters that keys share: by it a fetch knows that it began before. */
    private final AtomicIntegerArray invalidations = new AtomicIntegerArray(INVALIDATION_COUNTERS);

    private final SharedParts shared = new SharedParts();
    private final HeapBound heap;

    private final PurgeLog purges;
    private final TagIndex tags;
    private final MoreOfOneUri more = new MoreOfOneUri();

    private volatile boolean closed;

    ResponseIndex(TmpfsPool pool, CacheConfig config) {
        this.config = config;
        this.purges = new PurgeLog(config.paths());
        this.tags = new TagIndex(config.paths());
        this.heap = new HeapBound(config.indexHeap(), maintenance, config.listener());
        this.index = Caffeine.newBuilder()
                .executor(maintenance)
                .scheduler(maintenance.scheduler())
                .ticker(config.ticker())
                .maximumWeight(pool.usableBytes())
                .weigher((CacheKey key, IndexEntry entry) -> entry.poolBytes())
                .expireAfter(Expiry.writing((CacheKey key, IndexEntry entry) ->
                        Duration.ofNanos(entry.usefulNanos(config.ticker().read()))))
                .removalListener(this::removed)
                .build();
    }

    // Neither is ever null here: that is for caches of weak or soft references.
    private void removed(@Nullable CacheKey key, @Nullable IndexEntry entry, RemovalCause cause) {
        if (entry instanceof StoredResponse stored) {
            tags.remove(stored);
            more.remove(stored);
            if (cause == RemovalCause.SIZE) {
                config.listener().evicted(stored.length());
            }
        }
        if (entry != null) {
            heap.left(entry);
            entry.removed();
        }
    }

    /** The stored response that is to be considered for this request, fresh or not (RFC 9111, sections 4 and 4.1). */
    @Nullable
    StoredResponse select(CacheKey primary, RequestFields request) {
        IndexEntry entry = index.getIfPresent(primary);
        if (entry instanceof StoredResponse stored) {
            return stored.part() == null || covers(stored, request.all()) ? stored : null;
        }
        return entry instanceof VaryEntry vary ? select(vary, primary, request) : null;
    }

    private @Nullable StoredResponse select(VaryEntry vary, CacheKey primary, RequestFields request) {
        StoredResponse best = null;
        boolean bestVaries = false;
        for (int i = 0; i < vary.rules().size(); i++) {
            VaryEntry.Rule rule = vary.rules().get(i);
            boolean varies = !rule.rule().isNone();
            FieldList selecting = request.named(rule.rule().names());
            if (index.getIfPresent(rule.keyOf(primary, selecting)) instanceof StoredResponse stored
                    && (stored.part() == null || covers(stored, request.all()))
                    && (best == null || isBetter(stored, varies, best, bestVaries))) {
                best = stored;
                bestVaries = varies;
            }
        }
        return best;
    }

    private boolean covers(StoredResponse stored, FieldList request) {
        return stored.covers(request, Math.floorDiv(config.clock().millis(), 1000L));
    }

    /** Runs on the index's own thread, as soon as that has time. */
    void inBackground(Runnable task) {
        maintenance.executeNow(task);
    }

    /**
     * A fresh one; of those one with a Vary, which a default response may have been sent without; of those the most recent one by its
     * Date.
     */
    private boolean isBetter(StoredResponse one, boolean oneVaries, StoredResponse other, boolean otherVaries) {
        long now = config.ticker().read();
        boolean fresh = one.freshness().isFresh(now);
        if (fresh != other.freshness().isFresh(now)) {
            return fresh;
        }
        return oneVaries == otherVaries ? date(one) > date(other) : oneVaries;
    }

    private static long date(StoredResponse response) {
        return HttpDates.parse(response.fields().first("Date"), 0);
    }

    /** Every stored response that could have been chosen for this request, one for each rule at most. */
    List<StoredResponse> candidates(CacheKey primary, FieldList request) {
        IndexEntry entry = index.getIfPresent(primary);
        List<StoredResponse> found = new ArrayList<>(1);
        if (entry instanceof StoredResponse stored) {
            found.add(stored);
        } else if (entry instanceof VaryEntry vary) {
            for (VaryEntry.Rule rule : vary.rules()) {
                if (index.getIfPresent(rule.keyOf(primary, request)) instanceof StoredResponse stored) {
                    found.add(stored);
                }
            }
        }
        return found;
    }

    /**
     * Stored responses of the resource that a request does not match, and of which the origin can name one by its entity tag (RFC 9111,
     * section 4.3.1). Some of them: those stored last. Not such as the client could not read, nor such as were chosen by who asked.
     */
    List<StoredResponse> variants(CacheKey primary, FieldList request) {
        if (!(index.getIfPresent(primary) instanceof VaryEntry vary)) {
            return List.of();
        }
        List<StoredResponse> found = new ArrayList<>(vary.latest().size());
        for (CacheKey key : vary.latest()) {
            if (index.policy().getIfPresentQuietly(key) instanceof StoredResponse stored
                    && stored.status() == 200
                    && ExtentHolders.takesAnother(stored.extent())
                    && Validators.of(stored.fields()).hasStrongTag()
                    && isNegotiated(primary, stored)
                    && EncodingChoice.isAcceptable(request, stored.fields())) {
                found.add(stored);
            }
        }
        return found;
    }

    /** Whether it varies by what clients can read alone, and not by who they are. */
    private boolean isNegotiated(CacheKey primary, StoredResponse stored) {
        return NEGOTIATION.containsAll(
                config.paths().varyOf(primary, stored.fields()).names());
    }

    /** Whether the resource is known to have variants. */
    boolean varies(CacheKey primary) {
        return index.getIfPresent(primary) instanceof VaryEntry;
    }

    /** What the request probably asks for, as far as is known: requests of the same place may get the same response. */
    CacheKey place(CacheKey primary, FieldList request) {
        return index.getIfPresent(primary) instanceof VaryEntry vary ? vary.keyOf(primary, request) : primary;
    }

    /**
     * The same for a part. Requests from before an invalidation are at another place than those from after it.
     *
     * @param range which part
     */
    CacheKey partPlace(CacheKey primary, FieldList request, String range) {
        CacheKey place = place(primary, request);
        // A blank in front, as no variant has.
        return place.withVariant(place.variant() + " " + invalidations.get(counterOf(primary)) + " " + range);
    }

    /** To be asked before the origin is. */
    Began begin(CacheKey primary) {
        return new Began(invalidations.get(counterOf(primary)), purges.now());
    }

    /**
     * Whether what was asked for then has been made invalid, or purged, since. Also, though seldom, where another key was.
     *
     * @param fields of the response
     */
    boolean isOutdated(CacheKey primary, FieldList fields, Began then) {
        return invalidations.get(counterOf(primary)) != then.invalidations()
                || purges.hasMeant(primary, fields, then.purges());
    }

    /** From now on no response that was asked for before is stored under this key; answers how often that was said. */
    int countInvalidation(CacheKey primary) {
        return invalidations.incrementAndGet(counterOf(primary));
    }

    private static int counterOf(CacheKey primary) {
        return Math.floorMod(primary.uri().hashCode(), INVALIDATION_COUNTERS);
    }

    /**
     * Removes what is stored for a URI, under whatever keys. Variants are only found through the entry under the primary key: what comes
     * later is of another generation.
     */
    void removeAllOf(CacheKey uri) {
        index.invalidate(uri);
        for (StoredResponse stored : more.of(uri)) {
            index.invalidate(stored.key().primary());
            remove(stored);
        }
    }

    /** Removes this response, if it is still there. */
    void remove(StoredResponse stored) {
        index.asMap().remove(stored.key(), stored);
    }

    /**
     * Publishes a response; what it replaces is given up after that. What is there stays if it {@linkplain Precedence is more recent}.
     *
     * @param request whose response it is
     * @param deposited what to store; its extent passes to the index
     * @param replaced the response of which this is a newer head, with the same content; null: whichever is there
     * @param began when the origin was asked: what has been made invalid since is given up
     * @return the response, or the one that stands in its place; null if neither is there
     */
    @Nullable
    StoredResponse publish(
            CacheKey primary, FieldList request, Deposited deposited, @Nullable StoredResponse replaced, Began began) {
        return purges.storing(() -> publishUnpurged(primary, request, deposited, replaced, began))
                .there();
    }

    /**
     * Publishes what has come from the origin, like {@link #publish}.
     *
     * @return whether it is stored
     */
    boolean store(CacheKey primary, FieldList request, Deposited deposited, Began began) {
        return purges.storing(() -> publishUnpurged(primary, request, deposited, null, began))
                .entered();
    }

    /** Whether a response would be stored if it came to its end now: it is neither outdated, nor is what is there more recent. */
    boolean wouldStore(CacheKey primary, FieldList request, Deposited deposited, Began began) {
        FieldList fields = deposited.head().fields();
        VaryRule rule = config.paths().varyOf(primary, fields);
        long now = config.ticker().read();
        return !purges.storing(() -> isOutdated(primary, fields, began))
                && candidates(primary, request).stream()
                        .filter(there -> rule.equals(config.paths().varyOf(primary, there.fields())))
                        .noneMatch(there -> Precedence.stays(there, deposited, now));
    }

    /** What came of publishing: what is under the key now, and whether that is what was published. */
    private record Published(@Nullable StoredResponse there, boolean entered) {}

    private Published publishUnpurged(
            CacheKey primary, FieldList request, Deposited deposited, @Nullable StoredResponse replaced, Began began) {
        SharedParts.OfOne parts = shared.ofOne();
        CacheKey key = parts.key(keyFor(primary, request, deposited));
        ResponseHead head = deposited.head();
        FieldList fields = parts.fields(head.fields());
        StoredResponse response = StoredResponse.of(
                key,
                new ResponseHead(head.status(), fields, head.length()),
                deposited.freshness(),
                parts.terms(deposited.terms()),
                deposited.extent(),
                index,
                Math.max(parts.heapBytes() + tags.heapBytes(key, fields) + more.heapBytes(key), countedBefore(key)));
        tags.add(response);
        more.add(response);
        long nowNanos = config.ticker().read();
        IndexEntry now = index.asMap().compute(key, (same, before) -> {
            boolean stays = before instanceof StoredResponse there && Precedence.stays(there, deposited, nowNanos);
            boolean outdated = isOutdated(primary, deposited.head().fields(), began);
            boolean overtaken = replaced != null && replaced.key().equals(key) && before != replaced;
            return outdated || overtaken || stays ? before : response;
        });
        if (now != response) {
            tags.remove(response);
            more.remove(response);
            response.removed();
        } else {
            heap.entered(response, index);
            if (replaced != null && !replaced.key().equals(key)) {
                remove(replaced);
            }
            endOlderVariants(primary, request, response);
            Extent extent = deposited.extent();
            if (extent != null) {
                ExtentHolders.add(extent, response, index);
            }
        }
        if (closed) {
            index.invalidateAll();
        }
        return new Published(now instanceof StoredResponse stored ? stored : null, now == response);
    }

    /** What the one counts that stands there: mostly the new one says the same, which is known then, and nobody else's. */
    private long countedBefore(CacheKey key) {
        return index.policy().getIfPresentQuietly(key) instanceof StoredResponse before ? before.headBytes() : 0;
    }

    /**
     * A response that does not vary is the most recent answer to this very request, too: what was chosen for it by a Vary before, and is
     * preferred to defaults, is so no more (RFC 9111, section 4).
     */
    private void endOlderVariants(CacheKey primary, FieldList request, StoredResponse latest) {
        if (latest.key().variant().isEmpty()
                || latest.part() != null
                || !config.paths().varyOf(primary, latest.fields()).isNone()
                || !(index.getIfPresent(primary) instanceof VaryEntry vary)) {
            return;
        }
        for (VaryEntry.Rule rule : vary.rules()) {
            if (!rule.rule().isNone()
                    && index.policy().getIfPresentQuietly(rule.keyOf(primary, request)) instanceof StoredResponse older
                    && Precedence.isOlder(older.fields(), older.freshness(), latest)
                    && date(older) <= date(latest)) {
                remove(older);
            }
        }
    }

    /**
     * Has what is meant leave the index, or be stale; what was asked for before and is stored later too. Complete when it returns.
     *
     * @return responses that were found
     */
    long purge(Purge purge) {
        purges.add(purge);
        if (!purge.isByKey()) {
            return tags.tagged(purge.name()).stream()
                    .filter(stored -> purge.means(stored.key(), stored.fields(), config.paths()))
                    .filter(stored -> purge(stored, purge.soft()))
                    .count();
        }
        long found = 0;
        for (Map.Entry<CacheKey, IndexEntry> there : index.asMap().entrySet()) {
            if (purge.mayMean(there.getKey())) {
                if (there.getValue() instanceof StoredResponse stored) {
                    found += purge(stored, purge.soft()) ? 1 : 0;
                } else if (!purge.soft()) {
                    index.asMap().remove(there.getKey(), there.getValue());
                }
            }
        }
        return found;
    }

    /** Returns whether it was still there. */
    private boolean purge(StoredResponse stored, boolean soft) {
        if (!soft) {
            return index.asMap().remove(stored.key(), stored);
        }
        StoredResponse stale = stored.terms().keepNanos() > 0 && stored.tryRetainContent()
                ? stored.nowStale(config.ticker().read())
                : null;
        if (stale == null) {
            return index.asMap().remove(stored.key(), stored);
        }
        tags.add(stale);
        more.add(stale);
        if (index.asMap().replace(stored.key(), stored, stale)) {
            heap.entered(stale, index);
            return true;
        }
        tags.remove(stale);
        more.remove(stale);
        stale.removed();
        return false;
    }

    /** Those that are meant, as an operator is shown them. */
    List<Entry> entries(Purge meant, int limit) {
        long now = config.ticker().read();
        return index.asMap().values().stream()
                .filter(StoredResponse.class::isInstance)
                .map(StoredResponse.class::cast)
                .filter(stored -> meant.means(stored.key(), stored.fields(), config.paths()))
                .limit(limit)
                .map(stored -> Entry.of(stored, config.paths(), now))
                .toList();
    }

    /** Those that are meant and come first. */
    List<Entry> entries(Purge meant, Entry.Order order, int limit) {
        PriorityQueue<Ranked> first = new PriorityQueue<>(Comparator.comparingLong(Ranked::rank));
        long now = config.ticker().read();
        for (IndexEntry entry : index.asMap().values()) {
            if (entry instanceof StoredResponse stored && meant.means(stored.key(), stored.fields(), config.paths())) {
                // Ranked once: what it is ranked by changes meanwhile.
                first.add(new Ranked(order.rank(stored, now), stored));
                if (first.size() > limit) {
                    first.remove();
                }
            }
        }
        return first.stream()
                .sorted(Comparator.comparingLong(Ranked::rank).reversed())
                .map(ranked -> Entry.of(ranked.stored(), config.paths(), now))
                .toList();
    }

    private record Ranked(long rank, StoredResponse stored) {}

    private CacheKey keyFor(CacheKey primary, FieldList request, Deposited deposited) {
        VaryRule rule = config.paths().varyOf(primary, deposited.head().fields());
        if (rule.isNone() && !varies(primary)) {
            return primary;
        }
        long now = config.ticker().read();
        long expires = now
                + deposited.freshness().remainingNanos(now)
                + deposited.terms().keepNanos();
        VaryEntry vary = (VaryEntry) index.asMap()
                .compute(primary, (same, before) -> VaryEntry.after(before, rule, expires, primary, request));
        heap.entered(vary, index);
        return vary.keyOf(primary, request);
    }

    /** What is to be stored. */
    record Deposited(
            ResponseHead head,
            Freshness freshness,
            ReuseTerms terms,
            @Nullable Extent extent) {
        /** Which part of the representation it is; null: all of it. */
        @Nullable
        ContentRange part() {
            return ContentRange.ofPart(head.status(), head.fields());
        }
    }

    void poolResized(TmpfsPool pool) {
        index.policy().eviction().ifPresent(eviction -> eviction.setMaximum(pool.usableBytes()));
    }

    /** See {@link ResponseCache#fitHeap}. */
    void fitHeap() {
        if (!closed) {
            heap.fit(index);
        }
    }

    /** What the entries take of the heap. */
    HeapBound heap() {
        return heap;
    }

    /** Tags that some stored response has. */
    int tagCount() {
        return tags.size();
    }

    void cleanUp() {
        index.cleanUp();
        maintenance.awaitGathered(); // removal listeners are queued on it
    }

    /** Entries, variants and the words about them each counted. */
    long size() {
        return index.estimatedSize();
    }

    @Override
    public void close() {
        closed = true;
        index.invalidateAll();
        index.cleanUp();
        // Removal listeners are queued on it: it runs them, then ends.
        maintenance.close();
    }
}
