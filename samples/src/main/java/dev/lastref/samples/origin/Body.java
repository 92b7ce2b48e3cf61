package dev.lastref.samples.origin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a response: written once, by the thread that serves the request.
 *
 * @param length in bytes, or {@link #UNKNOWN}, which makes the response chunked
 */
record Body(long length, Writer writer) {

    static final long UNKNOWN = -1;

    /** Writes all of a body, and neither flushes nor closes. */
    @FunctionalInterface
    interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }

    static Body of(byte[] bytes) {
        return new Body(bytes.length, out -> out.write(bytes));
    }

    static Body of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }
}
