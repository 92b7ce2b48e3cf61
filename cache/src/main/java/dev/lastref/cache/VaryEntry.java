package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.VaryRule;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Stands under a primary key whose responses vary: the variants are found under that key, the values of these request fields, and the
 * entry's generation. Once the entry is removed its variants are never found again, since the next one has another generation.
 *
 * @param rule the fields that the last stored response named
 * @param expiresNanos when the variant that lives longest is no longer fresh, by the cache's ticker
 */
record VaryEntry(VaryRule rule, long generation, long expiresNanos) implements IndexEntry {
    private static final AtomicLong GENERATIONS = new AtomicLong();
    private static final int WEIGHT = 128;

    /** The entry for a response that is being stored, in place of what stood under the key. */
    static VaryEntry after(@Nullable IndexEntry before, VaryRule rule, long expiresNanos) {
        if (before instanceof VaryEntry vary && vary.rule.equals(rule)) {
            return new VaryEntry(rule, vary.generation, Math.max(expiresNanos, vary.expiresNanos));
        }
        return new VaryEntry(rule, GENERATIONS.incrementAndGet(), expiresNanos);
    }

    /** Where the variant for this request is, or would be. */
    CacheKey keyOf(CacheKey primary, FieldList request) {
        return primary.withVariant(generation + " " + rule.variantOf(request));
    }

    @Override
    public long remainingNanos(long nowNanos) {
        return expiresNanos - nowNanos;
    }

    @Override
    public int weight() {
        return WEIGHT;
    }

    @Override
    public void removed() {}
}
