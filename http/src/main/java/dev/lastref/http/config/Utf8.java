package dev.lastref.http.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;

/** Reads text that must be UTF-8: what stands in place of other bytes would be part of a value that nobody has written. */
final class Utf8 {
    private Utf8() {}

    /** @throws IOException if it is none, with the line and what to do as the end of a sentence */
    static String text(byte[] bytes) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        if (UTF_8.newDecoder().decode(in, out, /* endOfInput= */ true).isError()) {
            long line = 1 + out.flip().chars().filter(c -> c == '\n').count();
            throw new IOException(
                    "line " + line + " is no text in UTF-8: expected that encoding, or \\uXXXX for what is not ASCII");
        }
        return out.flip().toString();
    }
}
