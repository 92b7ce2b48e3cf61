package dev.lastref.http.origin;

import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HopByHop;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a response's content is (RFC 9112, section 6.3), and which of its fields go on. */
final class ResponseFraming {
    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");

    private ResponseFraming() {}

    /** A status that never has content, nor does a response to HEAD. */
    static boolean hasContent(String method, int status) {
        return !method.equals("HEAD") && status >= 200 && status != 204 && status != 304;
    }

    /** The head that goes on to readers; null if the origin's framing contradicts itself. */
    static @Nullable ResponseHead headOf(String method, int status, FieldList received) {
        FieldList.Builder fields = HopByHop.of(received).strip(received).toBuilder();
        List<String> lengths = received.all("Content-Length");
        boolean chunked = received.contains("Transfer-Encoding");
        if (chunked && !"chunked".equalsIgnoreCase(received.combined("Transfer-Encoding"))) {
            return null;
        }
        boolean agreed = lengths.stream().map(String::strip).distinct().count() <= 1;
        if (!agreed
                || !lengths.stream()
                        .map(String::strip)
                        .allMatch(length -> LENGTH.matcher(length).matches())) {
            return null;
        }
        if (!hasContent(method, status)) {
            // What a GET would have been answered with: it describes no content here, so it goes on as it is.
            return new ResponseHead(status, fields.build(), 0);
        }
        fields.remove("Content-Length");
        long length = chunked || lengths.isEmpty()
                ? ResponseHead.UNKNOWN_LENGTH
                : Long.parseLong(lengths.get(0).strip());
        return new ResponseHead(status, fields.build(), length);
    }
}
