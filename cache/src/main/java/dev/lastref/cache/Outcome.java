package dev.lastref.cache;

import java.util.Locale;

/** How a client's request was answered, as {@code lastref_requests_total{outcome}} counts it. */
public enum Outcome {
    /** From the store. */
    HIT,
    /** From the origin, on this request's account; the response was stored, or could have been. */
    MISS,
    /** From the store although no longer fresh. */
    STALE,
    /** From the store after the origin said that it is still right. */
    REVALIDATED,
    /** From the origin, on another request's account. */
    COALESCED,
    /** From the origin, past the pool, which could not take a response that might have been stored. */
    BYPASS,
    /** From the origin, since neither request nor response is one for a shared cache. */
    PASS;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics. */
    public String label() {
        return label;
    }
}
