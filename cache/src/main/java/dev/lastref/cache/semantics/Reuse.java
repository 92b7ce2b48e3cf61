package dev.lastref.cache.semantics;

/** What may be done with a stored response that was selected for a request (RFC 9111, section 4). */
public enum Reuse {
    /** It answers: it is fresh. */
    FRESH,
    /** It answers although it is stale: the client permits that (max-stale). */
    STALE,
    /** It answers although it is stale, and the origin is asked in the background (RFC 5861, section 3). */
    STALE_WHILE_REVALIDATE,
    /** The origin is asked first; if it can be, with the stored response's validators. */
    VALIDATE,
    /** It is not for this request at all: who is authorized gets nothing that others may not see, or the like. */
    NONE;

    /** Whether the stored response answers without waiting for the origin. */
    public boolean answers() {
        return this == FRESH || this == STALE || this == STALE_WHILE_REVALIDATE;
    }
}
