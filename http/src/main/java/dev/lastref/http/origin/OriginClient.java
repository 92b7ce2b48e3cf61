package dev.lastref.http.origin;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.Fetch;
import io.undertow.connector.ByteBufferPool;
import org.xnio.XnioIoThread;

/** Asks the origin. */
public final class OriginClient {
    private final Origin origin;
    private final OriginConnections connections;
    private final OriginTimeouts timeouts;
    private final ByteBufferPool buffers;
    private final Ticker ticker;
    private final FailureLog failures = new FailureLog();

    /**
     * @param ticker the cache's, from which a response's age is reckoned
     */
    public OriginClient(Origin origin, OriginTimeouts timeouts, ByteBufferPool buffers, Ticker ticker) {
        this.origin = origin;
        this.connections = new OriginConnections(origin);
        this.timeouts = timeouts;
        this.buffers = buffers;
        this.ticker = ticker;
    }

    public Origin origin() {
        return origin;
    }

    /** Sends the request and drives the fetch with what comes back. On the I/O thread, which does all of it. */
    public void ask(XnioIoThread thread, OriginRequest request, Fetch fetch) {
        new OriginCall(this, thread, request, fetch).start();
    }

    OriginConnections connections() {
        return connections;
    }

    FailureLog failures() {
        return failures;
    }

    OriginTimeouts timeouts() {
        return timeouts;
    }

    ByteBufferPool buffers() {
        return buffers;
    }

    long now() {
        return ticker.read();
    }
}
