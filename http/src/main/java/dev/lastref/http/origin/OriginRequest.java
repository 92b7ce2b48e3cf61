package dev.lastref.http.origin;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.message.FramingFault;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSourceChannel;

/**
 * A request as the origin gets it.
 *
 * @param target path and query, as the client sent them
 * @param fields end-to-end fields, framing excluded
 * @param content the client's content, or null
 * @param interim who hears of responses that are not the last (1xx), or null
 * @param upgrade what the client wants to speak instead, or null
 */
public record OriginRequest(
        String method,
        String target,
        FieldList fields,
        @Nullable Content content,
        @Nullable Interim interim,
        @Nullable Upgrade upgrade) {
    /** RFC 9110, section 9.2.2. */
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    /** A request without content that nobody waits for. */
    public static OriginRequest inBackground(String method, String target, FieldList fields) {
        return new OriginRequest(method, target, fields, null, null, null);
    }

    /**
     * Content of a request, streamed through.
     *
     * @param channel where it comes from
     * @param length bytes, or -1: chunked
     * @param most bytes that it may have
     * @param awaitsContinue whether the client sends it only when told to (RFC 9110, section 10.1.1)
     * @param fault what is wrong with what the client sent of it; null while nothing is
     */
    public record Content(
            StreamSourceChannel channel,
            long length,
            long most,
            boolean awaitsContinue,
            Supplier<@Nullable FramingFault> fault) {}

    /** Hears of each interim response but 100 and 101, on the I/O thread. */
    public interface Interim {
        void responded(int status, FieldList fields);
    }

    /** A change of protocol that a client asks for (RFC 9110, section 7.8). */
    public interface Upgrade {
        /** Those that it may be, the client's favourite first; at least one. */
        List<String> protocols();

        /**
         * The origin has agreed; told on the I/O thread.
         *
         * @param fields of the origin's 101
         * @param tunnel to the origin; belongs to who is told
         */
        void switched(FieldList fields, Tunnel tunnel);
    }

    /** Whether it can be sent again after a connection broke before any answer. */
    boolean canBeRepeated() {
        return content == null && IDEMPOTENT.contains(method);
    }
}
