package dev.lastref.cache;

import dev.lastref.cache.semantics.PathRules;
import java.util.List;

/**
 * What an operator is shown of a stored response.
 *
 * @param variant the request fields that select it, empty if none do
 * @param length bytes of content
 * @param bytes what it takes of the pool
 * @param ageSeconds as its Age field says
 * @param hits requests that it has answered, about, since it was stored or last found to be still right
 * @param ttlSeconds until it is stale; negative: since when it is
 */
public record Entry(
        String url,
        String variant,
        int status,
        long length,
        long bytes,
        long ageSeconds,
        long ttlSeconds,
        int hits,
        List<String> tags) {
    /** Which come first. */
    public enum Order {
        /** Those that have answered most requests. */
        HITS,
        /** The largest. */
        BYTES,
        /** The oldest. */
        AGE;

        long rank(StoredResponse stored, long nowNanos) {
            return switch (this) {
                case HITS -> stored.uses();
                case BYTES -> stored.poolBytes();
                case AGE -> stored.freshness().ageSeconds(nowNanos);
            };
        }
    }

    static Entry of(StoredResponse stored, PathRules paths, long nowNanos) {
        return new Entry(
                stored.key().scheme() + "://" + stored.key().authority()
                        + stored.key().target(),
                stored.key().variant(),
                stored.status(),
                stored.length(),
                stored.poolBytes(),
                stored.freshness().ageSeconds(nowNanos),
                Math.floorDiv(stored.freshness().remainingNanos(nowNanos), 1_000_000_000L),
                stored.uses(),
                paths.tagsOf(stored.key(), stored.fields()));
    }
}
