package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the origin is asked for, and why.
 *
 * @param key under which the response is stored if it may be; null: it is not
 * @param request the fields by which the origin chooses its response
 * @param invalidated what an unsafe request makes invalid if it succeeds; null: the request is safe
 * @param answersGet whether the response to the unsafe request may be stored for later GETs of what it made invalid
 * @param stored the stored response that the origin is asked to validate, if it has a validator, and that may stand in for an origin
 *     that fails; null: none
 * @param variants stored responses of the same resource that do not match the request, and of which the origin may name one by its
 *     strong entity tag
 * @param standInNanos for how long past its freshness the stored response may stand in; zero: never
 */
public record Asked(
        @Nullable CacheKey key,
        FieldList request,
        @Nullable CacheKey invalidated,
        boolean answersGet,
        @Nullable StoredResponse stored,
        List<StoredResponse> variants,
        long standInNanos) {
    /** For a response by which a stored one is brought up to date, or in whose place it may stand. */
    public Asked(CacheKey key, FieldList request, @Nullable StoredResponse stored, long standInNanos) {
        this(key, request, null, false, stored, List.of(), standInNanos);
    }

    /** For a response that nothing is stored of. */
    public static Asked of(@Nullable CacheKey key, FieldList request) {
        return new Asked(key, request, null, false, null, List.of(), 0);
    }

    /** For a response of which others are stored that do not match this request. */
    public static Asked among(CacheKey key, FieldList request, List<StoredResponse> variants) {
        return new Asked(key, request, null, false, null, List.copyOf(variants), 0);
    }

    /** For the response to an unsafe request, or another that is not stored. */
    public static Asked passed(FieldList request, @Nullable CacheKey invalidated) {
        return new Asked(null, request, invalidated, false, null, List.of(), 0);
    }

    /** For the response to a POST, which may answer a later GET (RFC 9110, section 9.3.3). */
    public static Asked posted(FieldList request, CacheKey target) {
        return new Asked(null, request, target, true, null, List.of(), 0);
    }

    /** Whether the stored response may answer although the origin failed (RFC 5861, section 4). */
    public boolean standsIn(long nowNanos) {
        return stored != null && standInNanos > 0 && -stored.freshness().remainingNanos(nowNanos) < standInNanos;
    }

    /** Without regard to what is stored, which turned out to be of no use. */
    public Asked afresh() {
        return new Asked(key, request, invalidated, answersGet, null, List.of(), 0);
    }
}
