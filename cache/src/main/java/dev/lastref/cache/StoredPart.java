package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Cache;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.ReuseTerms;
import dev.lastref.pool.Extent;
import org.jspecify.annotations.Nullable;

/** A response in the store that holds a part of a representation (RFC 9111, section 3.3). */
final class StoredPart extends StoredResponse {
    /** Of what it says of the part. */
    private static final int HEAP = 64;

    private final ContentRange part;

    StoredPart(
            CacheKey key,
            ResponseHead head,
            Freshness freshness,
            ReuseTerms terms,
            @Nullable Extent extent,
            Cache<CacheKey, IndexEntry> index,
            long headBytes,
            ContentRange part) {
        super(key, head, freshness, terms, extent, index, headBytes);
        this.part = part;
    }

    @Override
    public long heapBytes() {
        return super.heapBytes() + HEAP;
    }

    @Override
    public ContentRange part() {
        return part;
    }
}
