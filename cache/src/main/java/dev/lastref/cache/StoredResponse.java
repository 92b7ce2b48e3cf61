package dev.lastref.cache;

import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.RangeSelection;
import dev.lastref.cache.semantics.ReuseTerms;
import dev.lastref.pool.Extent;
import dev.lastref.pool.Transmission;
import org.jspecify.annotations.Nullable;

/**
 * A response in the store: its head on the heap, its content in the pool. Immutable but for the count of its
 * uses.
 *
 * <p>While it is in the index it owns one reference to its extent, released on removal. Whoever serves it begins a transmission. A
 * response that was found to be still right gets a new head, as another stored response with the same extent.
 */
public final class StoredResponse implements IndexEntry {
    private static final int PARTIAL_CONTENT = 206;

    private final CacheKey key;
    private final ResponseHead head;
    private final Freshness freshness;
    private final ReuseTerms terms;
    private final @Nullable Extent extent;
    private final @Nullable ContentRange part;
    /** Not counted exactly: two that are answered at the same moment may count as one. */
    private int uses;

    /**
     * @param head with a known length
     * @param extent the content, one ownership of which passes to this response; null if there is none
     */
    StoredResponse(CacheKey key, ResponseHead head, Freshness freshness, ReuseTerms terms, @Nullable Extent extent) {
        this.key = key;
        this.head = head;
        this.freshness = freshness;
        this.terms = terms;
        this.extent = extent;
        this.part = head.status() == PARTIAL_CONTENT ? ContentRange.of(head.fields()) : null;
    }

    /** Which part of the representation it holds; null: all of it. */
    public @Nullable ContentRange part() {
        return part;
    }

    /** Whether it has what a request asks for; always, unless it is a part. */
    boolean covers(FieldList request, long epochSeconds) {
        ContentRange held = part;
        return held == null
                || RangeSelection.of(request, head.fields(), held.completeLength(), epochSeconds)
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

    public ResponseHead head() {
        return head;
    }

    public Freshness freshness() {
        return freshness;
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
        return part == null ? head.length() : part.completeLength();
    }

    /**
     * Begins to send a range of the representation, of what there is of it.
     *
     * @return null if it was removed meanwhile, or has no content
     */
    public @Nullable Transmission transmit(ByteRange range) {
        long start = part == null ? 0 : part.range().first();
        return extent == null ? null : extent.transmit(range.first() - start, range.end() - start);
    }

    /** Whether the content is there to be shared: then the caller owns it too, and releases what {@link #extent} answers. */
    boolean tryRetainContent() {
        return extent == null || extent.tryRetain();
    }

    /** The same response, stale from now on; the caller has retained the content for it. */
    StoredResponse ended(long nowNanos) {
        return new StoredResponse(key, head, freshness.ended(nowNanos), terms, extent);
    }

    @Nullable
    Extent extent() {
        return extent;
    }

    /** How long it is of use: while it is fresh, and after that for as long as its terms say. */
    @Override
    public long remainingNanos(long nowNanos) {
        return freshness.remainingNanos(nowNanos) + terms.keepNanos();
    }

    /**
     * All of its content, also if another entry has it too: what the entries weigh together is never less than what they keep in the
     * pool, whichever of them goes first.
     */
    @Override
    public int weight() {
        // A response without content still takes room on the heap; it must not be free.
        long heap = key.heapBytes() + head.fields().bytes();
        long bytes = extent == null ? heap : Math.max(extent.chargedBytes(), heap);
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }

    @Override
    public void removed() {
        if (extent != null) {
            extent.release();
        }
    }
}
