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
 * @param invalidated what an unsafe request makes invalid if it succeeds; null: the request is safe
 * @param standInNanos for how long past its freshness it may stand in; zero: never
 */
public record Asked(
        @Nullable CacheKey key,
        FieldList request,
        @Nullable CacheKey invalidated,
        @Nullable StoredResponse stored,
        long standInNanos) {
    /** For a response by which a stored one is brought up to date, or in whose place it may stand. */
    public Asked(CacheKey key, FieldList request, @Nullable StoredResponse stored, long standInNanos) {
        this(key, request, null, stored, standInNanos);
    }

    /** For a response that nothing is stored of. */
    public static Asked of(@Nullable CacheKey key, FieldList request) {
        return new Asked(key, request, null, null, 0);
    }

    /** For the response to an unsafe request, or another that is not stored. */
    public static Asked passed(FieldList request, @Nullable CacheKey invalidated) {
        return new Asked(null, request, invalidated, null, 0);
    }

    /** Without the stored response, which turned out to be of no use. */
    public Asked afresh() {
        return new Asked(key, request, invalidated, null, 0);
    }
}
