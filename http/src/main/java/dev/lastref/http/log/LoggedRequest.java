package dev.lastref.http.log;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A request that has ended. Holds what the exchange had anyway; text is made of it on the log's thread.
 *
 * @param epochMillis when it came
 * @param target path and query, as sent
 * @param bytes of content that were sent
 * @param nanos from its head to its last byte sent
 * @param cache hit, miss and so on, as lastref_requests_total counts it; null: the cache was not asked
 * @param aborted whether the client did not get all of the response
 */
public record LoggedRequest(
        long epochMillis,
        @Nullable InetAddress client,
        String method,
        @Nullable String host,
        String target,
        String protocol,
        int status,
        long bytes,
        long nanos,
        @Nullable String cache,
        String requestId,
        @Nullable String referer,
        @Nullable String userAgent,
        @Nullable String traceparent,
        boolean aborted) {}
