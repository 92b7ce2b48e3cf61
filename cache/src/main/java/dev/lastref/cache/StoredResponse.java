package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Cache;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.RangeSelection;
import dev.lastref.cache.semantics.ReuseTerms;
import dev.lastref.pool.Extent;
import dev.lastref.pool.ExtentOwner;
import dev.lastref.pool.Transmission;
import org.jspecify.annotations.Nullable;

/**
 * A response in the store: its head on the heap, its content in the pool. Immutable but for the count of its
 * uses. There are as many as there are entries, so it has no field that only some need, and what it says of itself, its head and its
 * {@link Freshness}, are no objects of their own: a hit reads fewer.
 *
 * <p>While it is in the index it owns one reference to its extent, released on removal. Whoever serves it begins a transmission. A
 * response that was found to be still right gets a new head, as another stored response with the same extent.
 */
public sealed class StoredResponse extends Freshness implements IndexEntry, ExtentOwner permits StoredPart {
    /** What an entry has on the heap beside key and fields: itself, and the index's nodes. {@code HeapBoundTest} measures it. */
    private static final int HEAP = 184;
    /** Its extent, where it has one. */
    private static final int HEAP_OF_EXTENT = 80;

    private static final int HEAD_UNIT = 16;
    private static final int HEAD_BITS = 22;
    private static final int MOST_HEAD_UNITS = (1 << HEAD_BITS) - 1;

    private final CacheKey key;
    /** The status, three digits, in front of what the head counts. */
    private final int statusAndHead;

    private final FieldList fields;
    private final ReuseTerms terms;
    private final @Nullable Extent extent;
    private final Cache<CacheKey, IndexEntry> index;
    /** Not counted exactly: two that are answered at the same moment may count as one. */
    private int uses;

    /** Of a whole representation. */
    StoredResponse(
            CacheKey key,
            ResponseHead head,
            Freshness freshness,
            ReuseTerms terms,
            @Nullable Extent extent,
            Cache<CacheKey, IndexEntry> index,
            long headBytes) {
        super(freshness);
        this.key = key;
        this.statusAndHead =
                head.status() << HEAD_BITS | (int) Math.min(MOST_HEAD_UNITS, (headBytes + HEAD_UNIT - 1) / HEAD_UNIT);
        this.fields = head.fields();
        this.terms = terms;
        this.extent = extent;
        this.index = index;
    }

    /**
     * @param head whose length is the content's
     * @param extent the content, complete, one ownership of which passes to the response; null if there is none
     * @param index where it is to be, under its key
     * @param headBytes what its key, its fields and what is found by them bring to the heap
     */
    static StoredResponse of(
            CacheKey key,
            ResponseHead head,
            Freshness freshness,
            ReuseTerms terms,
            @Nullable Extent extent,
            Cache<CacheKey, IndexEntry> index,
            long headBytes) {
        ContentRange part = ContentRange.ofPart(head.status(), head.fields());
        return part == null
                ? new StoredResponse(key, head, freshness, terms, extent, index, headBytes)
                : new StoredPart(key, head, freshness, terms, extent, index, headBytes, part);
    }

    /** Which part of the representation it holds; null: all of it. */
    public @Nullable ContentRange part() {
        return null;
    }

    /** Whether it has what a request asks for; always, unless it is a part. */
    boolean covers(FieldList request, long epochSeconds) {
        ContentRange held = part();
        return held == null
                || RangeSelection.of(request, fields, held.completeLength(), epochSeconds)
                        .isWithin(held.range());
    }

    /** It answers a request. */
    public void used() {
        uses++;
    }

    /** How many requests it has answered, about, since it was stored or last found to be still right. */
    int uses() {
        return uses;
    }

    public CacheKey key() {
        return key;
    }

    public int status() {
        return statusAndHead >>> HEAD_BITS;
    }

    /** End-to-end fields, Content-Length excluded. */
    public FieldList fields() {
        return fields;
    }

    /** Bytes of its content. */
    public long length() {
        return extent == null ? 0 : extent.published();
    }

    /** How old it is and how long it stays fresh: it says so itself. */
    public Freshness freshness() {
        return this;
    }

    /** What it may be used for. */
    public ReuseTerms terms() {
        return terms;
    }

    public boolean hasContent() {
        return extent != null;
    }

    /**
     * Begins to send the content.
     *
     * @return null if it was removed meanwhile, or has no content
     */
    public @Nullable Transmission transmit() {
        return extent == null ? null : extent.transmit();
    }

    /** Bytes of the representation. */
    public long completeLength() {
        ContentRange held = part();
        return held == null ? length() : held.completeLength();
    }

    /**
     * Begins to send a range of the representation, of what there is of it.
     *
     * @return null if it was removed meanwhile, or has no content
     */
    public @Nullable Transmission transmit(ByteRange range) {
        ContentRange held = part();
        long start = held == null ? 0 : held.range().first();
        return extent == null ? null : extent.transmit(range.first() - start, range.end() - start);
    }

    /** Whether the content is there to be shared: then the caller owns it too, and releases what {@link #extent} answers. */
    boolean tryRetainContent() {
        return extent == null || extent.tryRetain();
    }

    /** The same response, stale from now on; the caller has retained the content for it. */
    StoredResponse nowStale(long nowNanos) {
        return of(
                key, new ResponseHead(status(), fields, length()), ended(nowNanos), terms, extent, index, headBytes());
    }

    @Nullable
    Extent extent() {
        return extent;
    }

    /** How long it is of use: while it is fresh, and after that for as long as its terms say. */
    @Override
    public long usefulNanos(long nowNanos) {
        return remainingNanos(nowNanos) + terms.keepNanos();
    }

    /**
     * All of its content, also if another entry has it too: what the entries weigh together is never less than what they keep in the
     * pool, whichever of them goes first.
     */
    @Override
    public int poolBytes() {
        return extent == null ? 0 : (int) Math.min(Integer.MAX_VALUE, extent.chargedBytes());
    }

    @Override
    public long heapBytes() {
        return HEAP + (extent == null ? 0 : HEAP_OF_EXTENT) + headBytes();
    }

    /** What it counts for its head and what is found by that. */
    long headBytes() {
        return (long) (statusAndHead & MOST_HEAD_UNITS) * HEAD_UNIT;
    }

    /** Asked while it alone has this content. Another head of it may stand in the index by then, or another response. */
    @Override
    public void reclaim(Extent asked) {
        letGo(index, key, asked);
    }

    /** Removes what is under a key, if that has this content. */
    static void letGo(Cache<CacheKey, IndexEntry> index, CacheKey key, Extent content) {
        index.asMap().computeIfPresent(key, (same, there) -> isOf(content, there) ? null : there);
    }

    /** Whether an entry has this content. */
    static boolean isOf(Extent content, @Nullable IndexEntry entry) {
        return entry instanceof StoredResponse held && held.extent == content;
    }

    @Override
    public void removed() {
        if (extent != null) {
            extent.release();
        }
    }
}
