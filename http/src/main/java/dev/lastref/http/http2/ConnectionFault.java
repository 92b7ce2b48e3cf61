package dev.lastref.http.http2;

import java.io.IOException;

/** What a client does that ends its connection (RFC 9113, section 5.4.1). Has no stack trace: who sends garbage gets it cheaply. */
final class ConnectionFault extends IOException {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;
    private final String reason;

    ConnectionFault(ErrorCode code, String reason) {
        super(code + ": " + reason);
        this.code = code;
        this.reason = reason;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }

    ErrorCode code() {
        return code;
    }

    /** What the client is told, in ASCII. */
    String reason() {
        return reason;
    }
}
