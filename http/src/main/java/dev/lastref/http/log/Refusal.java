package dev.lastref.http.log;

/** Why a request is refused before anybody looks for an answer: the values of {@code reason} in lastref_requests_refused_total. */
public enum Refusal {
    /** What is no request, or can be read as two: 400, or a stream of HTTP/2 that is reset for it. */
    MALFORMED("malformed"),
    /** CONNECT and TRACE: 405. */
    METHOD("method"),
    /** Begun, and not complete in time: 408. */
    HEAD_TIMEOUT("head_timeout"),
    /** 413. */
    CONTENT_TOO_LARGE("content_too_large"),
    /** 414. */
    TARGET_TOO_LONG("target_too_long"),
    /** 431. */
    HEAD_TOO_LARGE("head_too_large"),
    /** An expectation, a coding, a method or a version that nobody here knows: 417, 501, 505. */
    UNSUPPORTED("unsupported"),
    /** It has come through here again and again: 508. */
    LOOP("loop"),
    /** Requests hold as much memory as they may: 503. */
    MEMORY("memory"),
    /** A stream of HTTP/2 beyond those that may run, or that there is memory for: REFUSED_STREAM. */
    REFUSED_STREAM("refused_stream"),
    /** What a client sent by HTTP/2 ended its connection, with whatever ran on it (RFC 9113, section 5.4.1). */
    CONNECTION_ERROR("connection_error");

    private final String label;

    Refusal(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** What a status that is answered for a refusal stands for. */
    public static Refusal of(int status) {
        return switch (status) {
            case 405 -> METHOD;
            case 408 -> HEAD_TIMEOUT;
            case 413 -> CONTENT_TOO_LARGE;
            case 414 -> TARGET_TOO_LONG;
            case 431 -> HEAD_TOO_LARGE;
            case 417, 501, 505 -> UNSUPPORTED;
            case 503 -> MEMORY;
            case 508 -> LOOP;
            default -> MALFORMED;
        };
    }
}
