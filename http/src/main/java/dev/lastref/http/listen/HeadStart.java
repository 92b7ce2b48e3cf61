package dev.lastref.http.listen;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How the head begins that a client has not completed, so that the log can name what is refused. Nothing is kept of a head that comes in
 * one piece. For the connection's I/O thread.
 */
final class HeadStart {
    /** More of a target nobody needs to find out who sends it. */
    private static final int MOST_BYTES = 1024;

    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;

    /**
     * Bytes of a head have come that is not complete, or wrong.
     *
     * @param end behind the last of them that is not wrong
     * @param headBytes of the whole head so far, those that came before included
     */
    void add(ByteBuffer from, int begin, int end, int headBytes) {
        int came = end - begin;
        boolean begins = headBytes <= came;
        int length = begins ? headBytes : came;
        int before = begins ? 0 : bytes.length;
        int kept = Math.min(MOST_BYTES, before + length);
        bytes = begins ? new byte[kept] : Arrays.copyOf(bytes, kept);
        from.get(end - length, bytes, before, kept - before);
    }

    /** No head is begun. */
    void clear() {
        bytes = NOTHING;
    }

    @Nullable
    String method() {
        return part(0);
    }

    @Nullable
    String target() {
        return part(1);
    }

    /** Null, too, if it is none that is spoken here. */
    @Nullable
    String protocol() {
        String version = part(2);
        return version != null && (version.equals("HTTP/1.1") || version.equals("HTTP/1.0")) ? version : null;
    }

    /** Of the request line, as far as it came: a method counts when it is complete. */
    private @Nullable String part(int index) {
        String all = new String(bytes, ISO_8859_1);
        int end = all.indexOf('\r');
        String[] parts = (end < 0 ? all : all.substring(0, end)).split(" ", -1);
        return parts.length < 2 || index >= parts.length || parts[index].isEmpty() ? null : parts[index];
    }
}
