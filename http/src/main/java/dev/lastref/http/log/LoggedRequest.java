package dev.lastref.http.log;

import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request that has ended. Holds what the exchange had anyway; text is made of it on the log's thread.
 *
 * @param epochMillis when it came, or was refused
 * @param client who asks, by the word of trusted proxies
 * @param peer whose connection it came on, where that is another one; else null
 * @param method null, as {@code target} and {@code protocol}: what came was no request, or not as much of one
 * @param target path and query, as sent
 * @param status 0: none was answered, as where a stream of HTTP/2 is reset
 * @param bytes of content that were sent
 * @param nanos from its head to its last byte sent; 0: it was refused before its head was complete
 * @param cache hit, miss and so on, as lastref_requests_total counts it; null: the cache was not asked
 * @param requestId null: it was refused before it could have one
 * @param aborted whether the client did not get all of the response
 * @param refused why, if it was before anything else was done for it
 */
public record LoggedRequest(
        long epochMillis,
        @Nullable InetAddress client,
        @Nullable InetAddress peer,
        @Nullable String method,
        @Nullable String host,
        @Nullable String target,
        @Nullable String protocol,
        int status,
        long bytes,
        long nanos,
        @Nullable String cache,
        @Nullable String requestId,
        @Nullable String referer,
        @Nullable String userAgent,
        @Nullable String traceparent,
        boolean aborted,
        @Nullable String refused) {
    private static final int MOST_CHARS_REFUSED = 1024;

    /** Characters of what its client has sent, for as long as it waits to be written. */
    int chars() {
        return length(host)
                + length(target)
                + length(requestId)
                + length(referer)
                + length(userAgent)
                + length(traceparent);
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /** One that was refused. */
    static LoggedRequest of(Refusals.Refused refused, @Nullable InetAddress client, long epochMillis) {
        return new LoggedRequest(
                epochMillis,
                client,
                Objects.equals(refused.peer(), client) ? null : refused.peer(),
                shortened(refused.method()),
                shortened(refused.host()),
                shortened(refused.target()),
                refused.protocol(),
                refused.status(),
                refused.bytes(),
                0,
                null,
                null,
                null,
                null,
                null,
                !refused.sent(),
                refused.reason());
    }

    /** What is refused for being too long is not kept at that length. */
    private static @Nullable String shortened(@Nullable String text) {
        return text == null || text.length() <= MOST_CHARS_REFUSED ? text : text.substring(0, MOST_CHARS_REFUSED);
    }
}
