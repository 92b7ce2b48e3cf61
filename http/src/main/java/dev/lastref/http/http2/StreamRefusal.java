package dev.lastref.http.http2;

import java.util.Locale;

/**
 * Why a stream is refused with REFUSED_STREAM, for its client to try again: the values of {@code reason} in
 * lastref_http2_refused_streams_total.
 */
public enum StreamRefusal {
    /** As many run on the connection as may. */
    CONCURRENT("more streams than may run"),
    /** What the requests of the connection, or of all, hold on the heap is as much as it may be: see {@link HeldBytes}. */
    MEMORY("no memory for another stream"),
    /** The connection ends when those that run have ended; the client did not know yet, or has said so itself. */
    ENDING("the connection ends");

    private final String words;

    StreamRefusal(String words) {
        this.words = words;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As the log has it. */
    String words() {
        return words;
    }
}
