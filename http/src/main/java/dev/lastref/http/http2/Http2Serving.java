package dev.lastref.http.http2;

import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.message.HeadLimits;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.HttpHandler;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What all connections have in common.
 *
 * @param handler takes the requests
 * @param buffers for whoever reads content
 * @param frames buffers for frames on their way
 * @param pinNanos how long a client may take nothing of what waits for it
 * @param head how large a request's head may be
 * @param headTimeout how long a client may take for one, once it has begun it
 * @param held what all their requests hold on the heap
 * @param counters what is counted
 * @param refusals is told of requests that are refused before an exchange is made for them
 * @param tally is told of clients that take too long
 */
public record Http2Serving(
        HttpHandler handler,
        ByteBufferPool buffers,
        FrameBuffers frames,
        LongSupplier pinNanos,
        HeadLimits head,
        Duration headTimeout,
        HeapShare held,
        Http2Counters counters,
        Refusals refusals,
        ConnectionTally tally) {
    /** Bytes of a buffer for frames. */
    public static final int FRAME_BUFFER = 32 * 1024;
}
