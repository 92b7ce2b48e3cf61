package dev.lastref.http.listen;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.http.message.ClientAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the head begins that a client has not completed, so that the log can name what is refused. Nothing is kept of a head that comes in
 * one piece. For the connection's I/O thread.
 */
final class HeadStart {
    /** More of a target nobody needs to find out who sends it. */
    private static final int MOST_BYTES = 1024;

    private static final byte[] NOTHING = {};

    private static final String END = "\r\n\r\n";

    private byte[] bytes = NOTHING;
    /** Whether there was more than is kept. */
    private boolean cut;

    private @Nullable String forwardedFor;

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
        cut = kept < headBytes;
        bytes = begins ? new byte[kept] : Arrays.copyOf(bytes, kept);
        from.get(end - length, bytes, before, kept - before);
    }

    /**
     * The head is wrong that was last {@linkplain #add added} to. What has come with that byte and behind it is looked at, once and for
     * whom it names only.
     *
     * @param end of what is not wrong
     * @param to behind the last byte that has come
     */
    void wrong(ByteBuffer from, int begin, int end, int to, int headBytes) {
        boolean begins = headBytes <= end - begin;
        if (headBytes == 0 || (!begins && cut)) {
            return;
        }
        int start = begins ? end - headBytes : end;
        byte[] came = new byte[to - start];
        from.get(start, came);
        String all = (begins ? "" : new String(bytes, ISO_8859_1)) + new String(came, ISO_8859_1);
        int whole = all.indexOf(END);
        forwardedFor = whole < 0 ? null : forwardedFor(all.substring(0, whole));
    }

    /** No head is begun. */
    void clear() {
        bytes = NOTHING;
        cut = false;
        forwardedFor = null;
    }

    /**
     * Who asks, as a wrong head says that was there to its end, in the form of {@code X-Forwarded-For}. Of another one nothing counts:
     * proxies add their word at the end as well, and what stands before it is anybody's.
     *
     * @return null: it says nothing, or its end was not there
     */
    @Nullable
    String forwardedFor() {
        return forwardedFor;
    }

    private static @Nullable String forwardedFor(String head) {
        String named = combined(head, "X-Forwarded-For:");
        String elements = named == null ? combined(head, "Forwarded:") : null;
        return elements == null ? named : ClientAddress.inForwarded(elements);
    }

    private static @Nullable String combined(String head, String name) {
        // Not at a lone CR or LF, behind which a client could write what its proxy takes for a part of another field.
        List<String> values = Arrays.stream(head.split("\r\n", -1))
                .filter(line -> line.regionMatches(/* ignoreCase= */ true, 0, name, 0, name.length()))
                .map(line -> line.substring(name.length()))
                .toList();
        return values.isEmpty() ? null : String.join(",", values);
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
