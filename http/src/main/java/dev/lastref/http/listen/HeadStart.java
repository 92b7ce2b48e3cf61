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
    private static final String PROTOCOL = "HTTP/";

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
     * The head is wrong that was last {@linkplain #add added} to. What has come with that byte and behind it is looked at, once: for the
     * rest of a request line whose method was right, and for whom it names.
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
        if (method() != null) {
            bytes = all.substring(0, Math.min(all.length(), MOST_BYTES)).getBytes(ISO_8859_1);
        }
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

    /** Null: it was not there to its end. */
    @Nullable
    String method() {
        String line = line();
        int blank = line.indexOf(' ');
        return blank <= 0 ? null : line.substring(0, blank);
    }

    /** What stands between method and protocol, blanks that should not be there included; null: nothing. */
    @Nullable
    String target() {
        String line = line();
        int from = line.indexOf(' ') + 1;
        int to = Math.max(from - 1, beforeProtocol(line));
        return from == 0 || from >= to ? null : line.substring(from, to);
    }

    /** Null, too, if it is none that is spoken here. */
    @Nullable
    String protocol() {
        String line = line();
        String version = line.substring(Math.min(line.length(), beforeProtocol(line) + 1));
        return version.equals("HTTP/1.1") || version.equals("HTTP/1.0") ? version : null;
    }

    /** Where the blank is behind which a protocol begins, be it not all of it; else the line's end. */
    private static int beforeProtocol(String line) {
        int blank = line.lastIndexOf(' ');
        String last = line.substring(blank + 1);
        return last.startsWith(PROTOCOL) || PROTOCOL.startsWith(last) ? blank : line.length();
    }

    /** The request line, as far as it came. */
    private String line() {
        String all = new String(bytes, ISO_8859_1);
        int end = 0;
        while (end < all.length() && all.charAt(end) != '\r' && all.charAt(end) != '\n') {
            end++;
        }
        return all.substring(0, end);
    }
}
