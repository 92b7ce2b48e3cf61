package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import org.jspecify.annotations.Nullable;

/**
 * What the origin is asked for, and why.
 *
 * @param key under which the response is stored if it may be; null: it is not
 * @param request the fields by which the origin chooses its response
 * @param stored the stored response that the origin is asked to validate, if it has a validator, and that may stand in for an origin
 *     that fails; null: none
 * @param standInNanos for how long past its freshness it may stand in; zero: never
 */
public record Asked(
        @Nullable CacheKey key, FieldList request, @Nullable StoredResponse stored, long standInNanos) {
    /** For a response that nothing is stored of. */
    public static Asked of(@Nullable CacheKey key, FieldList request) {
        return new Asked(key, request, null, 0);
    }

    /** Without the stored response, which turned out to be of no use. */
    public Asked afresh() {
        return of(key, request);
    }
}
