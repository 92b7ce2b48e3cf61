package dev.lastref.cache;

import java.util.Locale;

/** How an origin failed to answer, and what a client is told that has not had a byte of the response yet. */
public enum FetchFailure {
    /** No connection could be made: as good as none being up, so clients may come back. */
    UNREACHABLE(503),
    /** Its certificate was refused. */
    UNTRUSTED(502),
    /** There is no origin that is known to be up. */
    NONE_AVAILABLE(503),
    /**
     * The origin has as many requests as it may, and so many wait, or wait for so long, that this one does not; or heads of responses
     * hold as much memory as they may.
     */
    OVERLOADED(503),
    /** This process has no descriptor for a connection to it: nothing is wrong with the origin. */
    EXHAUSTED(503),
    /** It did not connect, answer or go on in time. */
    TIMED_OUT(504),
    /** The connection broke. */
    BROKEN(502),
    /** What it sent is not HTTP, or contradicts itself. */
    MALFORMED(502),
    /** The body ended before its announced length. */
    TOO_SHORT(502),
    /** Given up on our side, since nobody waits for it any more: no failure of the origin, and not counted as one. */
    ABANDONED(503),
    /** The client's own content ended early: no failure of the origin either. */
    CLIENT_BROKE(400),
    /** The client's own content did not come in time: no failure of the origin either. */
    CLIENT_TIMED_OUT(408),
    /** The client's own content is longer than is allowed: no failure of the origin either. */
    CLIENT_TOO_LARGE(413),
    /** The client's own content is framed wrongly: no failure of the origin either. */
    CLIENT_MALFORMED(400),
    /** A fault of this sidecar's own. */
    INTERNAL(500);

    private final int status;
    private final String token = name().toLowerCase(Locale.ROOT).replace('_', '-');

    FetchFailure(int status) {
        this.status = status;
    }

    /** The status code (RFC 9110, section 15.6). */
    public int status() {
        return status;
    }

    /** The name that clients are told. */
    public String token() {
        return token;
    }

    /** Whether there is no answer for want of an origin's, so that it is counted, and what is stale may stand in for it. */
    public boolean isOrigins() {
        return switch (this) {
            case UNREACHABLE,
                    UNTRUSTED,
                    NONE_AVAILABLE,
                    OVERLOADED,
                    EXHAUSTED,
                    TIMED_OUT,
                    BROKEN,
                    MALFORMED,
                    TOO_SHORT -> true;
            case ABANDONED, CLIENT_BROKE, CLIENT_TIMED_OUT, CLIENT_TOO_LARGE, CLIENT_MALFORMED, INTERNAL -> false;
        };
    }
}
