package dev.lastref.http.http2;

import io.undertow.connector.ByteBufferPool;
import io.undertow.server.HttpHandler;
import java.util.function.LongSupplier;

/**
 * What all connections have in common.
 *
 * @param handler takes the requests
 * @param buffers for whoever reads content
 * @param frames buffers for frames on their way, each with room for several of the largest
 * @param pinNanos how long a client may take nothing of what waits for it
 * @param headMillis how long a client may take for a head, once it has begun one
 * @param counters what is counted
 */
public record Http2Serving(
        HttpHandler handler,
        ByteBufferPool buffers,
        ByteBufferPool frames,
        LongSupplier pinNanos,
        int headMillis,
        Http2Counters counters) {
    /** Bytes of a buffer for frames. */
    public static final int FRAME_BUFFER = 64 * 1024;
}
