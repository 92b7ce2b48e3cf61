package dev.lastref.http.early;

import dev.lastref.http.log.LoggedRequest;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What the log is to be told of an early answer when it has ended. Made only while somebody reads the log. */
record EarlyNote(
        long epochMillis,
        long startNanos,
        InetAddress client,
        @Nullable InetAddress peer,
        String host,
        String target,
        int status,
        String requestId,
        @Nullable String referer,
        @Nullable String userAgent,
        @Nullable String traceparent) {

    /**
     * @param bytes of content that were sent
     * @param aborted whether there was more to send
     */
    LoggedRequest ended(long bytes, boolean aborted) {
        return new LoggedRequest(
                epochMillis,
                client,
                peer,
                "GET",
                host,
                target,
                "HTTP/1.1",
                status,
                bytes,
                System.nanoTime() - startNanos,
                "hit",
                requestId,
                referer,
                userAgent,
                traceparent,
                aborted,
                null);
    }
}
