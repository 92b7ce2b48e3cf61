package dev.lastref.cache;

import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.ReuseTerms;
import dev.lastref.pool.Extent;
import dev.lastref.pool.Transmission;
import org.jspecify.annotations.Nullable;

/**
 * A response in the store: its head on the heap, its content in the pool. Immutable.
 *
 * <p>While it is in the index it owns one reference to its extent, released on removal. Whoever serves it begins a transmission. A
 * response that was found to be still right gets a new head, as another stored response with the same extent.
 */
public final class StoredResponse implements IndexEntry {
    private final CacheKey key;
    private final ResponseHead head;
    private final Freshness freshness;
    private final ReuseTerms terms;
    private final @Nullable Extent extent;

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
        return head.length();
    }

    /**
     * Begins to send a range of the representation.
     *
     * @return null if it was removed meanwhile, or has no content
     */
    public @Nullable Transmission transmit(ByteRange range) {
        return extent == null ? null : extent.transmit(range.first(), range.end());
    }

    /** Whether the content is there to be shared: then the caller owns it too, and releases what {@link #extent} answers. */
    boolean tryRetainContent() {
        return extent == null || extent.tryRetain();
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
