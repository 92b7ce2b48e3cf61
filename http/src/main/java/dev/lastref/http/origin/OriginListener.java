package dev.lastref.http.origin;

/** Is told how requests to origins go. On I/O threads, so nothing may block. */
public interface OriginListener {
    /**
     * An origin has answered: its response's head is there.
     *
     * @param origin as it is configured
     * @param nanos since the request went out to it, and what it has of content; waiting for a turn or for a connection is not in it
     */
    default void answered(String origin, long nanos) {}

    /** A request was given up, since its client took too long to send its content. */
    default void contentTimedOut() {}
}
