package dev.lastref.http.origin;

import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.http.message.ResponseParser;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a response's content ends (RFC 9112, section 6.3), and which of its fields go on.
 *
 * @param length bytes, where the kind is LENGTH
 * @param keepsConnection whether the origin will take another request on the connection
 * @param head what goes on to readers
 * @param ends which fields do not, be they in the head or behind the content
 */
record ResponseFraming(Kind kind, long length, boolean keepsConnection, ResponseHead head, HopByHop ends) {
    private static final int NO_CONTENT = 204;
    /** A length of more is none that could come, and is refused before it could overflow. */
    private static final int MOST_DIGITS = 18;

    /** What ends the content. */
    enum Kind {
        /** There is none. */
        NONE,
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    /** A status that never has content, nor does a response to HEAD. */
    private static boolean hasContent(String method, int status) {
        return !method.equals("HEAD") && status >= 200 && status != NO_CONTENT && status != 304;
    }

    /** The framing of a head that was read; null if it contradicts itself. */
    static @Nullable ResponseFraming of(String method, ResponseParser parsed) {
        FieldList received = parsed.fields();
        boolean coded = received.contains("Transfer-Encoding");
        List<String> lengths = received.all("Content-Length");
        boolean chunked = coded && "chunked".equalsIgnoreCase(received.combined("Transfer-Encoding"));
        if (!agree(lengths) || (coded && (!chunked || !lengths.isEmpty() || !parsed.isHttp11()))) {
            return null;
        }
        HopByHop ends = HopByHop.of(received);
        FieldList.Builder fields = ends.kept(received);
        Via.addTo(fields, received, parsed.isHttp11());
        boolean keeps = parsed.isHttp11() && !closes(received);
        int status = parsed.status();
        if (!hasContent(method, status)) {
            if (status == NO_CONTENT) {
                // Who announces content may send it, and it would be read as the next response.
                keeps &= !coded && (lengths.isEmpty() || lengths.get(0).equals("0"));
                fields.remove("Content-Length"); // whoever believed it would wait for content (RFC 9110, section 8.6)
            }
            // Else it is what a GET would have been answered with: it describes no content here, so it goes on as it
            // is.
            return new ResponseFraming(Kind.NONE, 0, keeps, new ResponseHead(status, fields.build(), 0), ends);
        }
        fields.remove("Content-Length");
        if (chunked || lengths.isEmpty()) {
            ResponseHead head = new ResponseHead(status, fields.build(), ResponseHead.UNKNOWN_LENGTH);
            return new ResponseFraming(chunked ? Kind.CHUNKED : Kind.UNTIL_CLOSE, -1, keeps && chunked, head, ends);
        }
        long length = Long.parseLong(lengths.get(0));
        return new ResponseFraming(Kind.LENGTH, length, keeps, new ResponseHead(status, fields.build(), length), ends);
    }

    /** Whether there is none, or a number, said once or several times alike. */
    private static boolean agree(List<String> lengths) {
        for (String length : lengths) {
            if (!length.equals(lengths.get(0)) || !isNumber(length)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNumber(String digits) {
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
                return false;
            }
        }
        return !digits.isEmpty() && digits.length() <= MOST_DIGITS;
    }

    private static boolean closes(FieldList received) {
        for (String line : received.all("Connection")) {
            for (String option : line.split(",", -1)) {
                if (option.strip().equalsIgnoreCase("close")) {
                    return true;
                }
            }
        }
        return false;
    }
}
