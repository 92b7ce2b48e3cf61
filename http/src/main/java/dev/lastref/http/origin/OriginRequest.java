package dev.lastref.http.origin;

import dev.lastref.cache.semantics.FieldList;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSourceChannel;

/**
 * A request as the origin gets it.
 *
 * @param target path and query, as the client sent them
 * @param fields end-to-end fields, framing excluded
 * @param content the client's content, or null
 */
public record OriginRequest(
        String method,
        String target,
        FieldList fields,
        @Nullable Content content) {
    /** RFC 9110, section 9.2.2. */
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    /**
     * Content of a request, streamed through.
     *
     * @param channel where it comes from
     * @param length bytes, or -1: chunked
     */
    public record Content(StreamSourceChannel channel, long length) {}

    /** Whether it can be sent again after a connection broke before any answer. */
    boolean canBeRepeated() {
        return content == null && IDEMPOTENT.contains(method);
    }
}
