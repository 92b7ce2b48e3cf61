package dev.lastref.cache.semantics;

/**
 * Under which terms a stored response may be reused, worked out once from its directives when it is stored.
 *
 * @param allowsAuthorized whether it may answer a request that has an Authorization field (RFC 9111, section 3.5)
 * @param alwaysValidated no-cache: the origin is asked before every use (section 5.2.2.4)
 * @param neverStale must-revalidate, proxy-revalidate or s-maxage: never served stale, not on a client's word either
 *     (section 4.2.4)
 * @param staleWhileRevalidateNanos past freshness, it may be served while the origin is asked (RFC 5861, section 3)
 * @param staleIfErrorNanos past freshness, it may be served where the origin fails (RFC 5861, section 4)
 * @param keepNanos past freshness, it is worth keeping: to be served stale, or to be validated
 */
public record ReuseTerms(
        boolean allowsAuthorized,
        boolean alwaysValidated,
        boolean neverStale,
        long staleWhileRevalidateNanos,
        long staleIfErrorNanos,
        long keepNanos) {
    /** Of a response that may not be stored. */
    static final ReuseTerms NONE = new ReuseTerms(false, true, true, 0, 0, 0);

    /** Whether it may be served although it is not fresh, if somebody permits it. */
    boolean mayBeStale() {
        return !alwaysValidated && !neverStale;
    }
}
