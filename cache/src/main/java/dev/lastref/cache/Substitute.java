package dev.lastref.cache;

/**
 * A stored response that answers in place of what the origin sent, or failed to send.
 *
 * @param stored answers
 * @param why this is so
 * @param status that the origin answered with; 0 if it did not
 */
public record Substitute(StoredResponse stored, Why why, int status) {
    /** Why a stored response answers. */
    public enum Why {
        /** The origin said that it is still right. */
        VALIDATED,
        /** The origin failed, and it may be served stale then. */
        STALE_IF_ERROR
    }
}
