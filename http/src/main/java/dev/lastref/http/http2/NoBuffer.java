package dev.lastref.http.http2;

import java.io.IOException;

/** There is no buffer left for a connection's frames; it ends, and others go on. */
final class NoBuffer extends IOException {
    private static final long serialVersionUID = 1;

    NoBuffer() {
        super("no buffer is left for frames: too many clients of HTTP/2 do not read");
    }
}
