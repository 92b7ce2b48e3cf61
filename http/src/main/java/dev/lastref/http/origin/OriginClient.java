package dev.lastref.http.origin;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.Fetch;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.pool.Descriptors;
import io.undertow.connector.ByteBufferPool;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.xnio.XnioIoThread;

/**
 * Asks the origins. Closed once the I/O threads have ended, it gives up what was still running on them: nobody else will give back what
 * that holds.
 */
public final class OriginClient implements AutoCloseable {
    private final Origins origins;
    private final OriginSettings settings;
    private final ByteBufferPool buffers;
    private final LargeBuffers largeBuffers;
    private final Ticker ticker;
    private final Descriptors descriptors;
    private final HeapShare heads;
    private final OriginListener listener;
    private final FailureLog failures = new FailureLog();
    private final Set<OriginCall> running = ConcurrentHashMap.newKeySet();

    /**
     * @param buffers for heads, and for content that waits
     * @param largeBuffers for content that the pool takes
     * @param ticker the cache's, from which a response's age is reckoned
     * @param descriptors of this process, of which each connection to an origin takes one
     * @param heads bounds what responses' heads hold, all together
     * @param listener is told how requests go
     */
    public OriginClient(
            Origins origins,
            OriginSettings settings,
            ByteBufferPool buffers,
            LargeBuffers largeBuffers,
            Ticker ticker,
            Descriptors descriptors,
            HeapShare heads,
            OriginListener listener) {
        this.origins = origins;
        this.settings = settings;
        this.buffers = buffers;
        this.largeBuffers = largeBuffers;
        this.ticker = ticker;
        this.descriptors = descriptors;
        this.heads = heads;
        this.listener = listener;
    }

    /** Host and port that a request is about which names none. */
    public String authority() {
        return origins.authority();
    }

    /** Seconds after which a request that found no origin may be sent again. */
    public long retryAfterSeconds() {
        return origins.unavailableFor().toSeconds();
    }

    /** Sends the request and drives the fetch with what comes back. On the I/O thread, which does all of it. */
    public void ask(XnioIoThread thread, OriginRequest request, Fetch fetch) {
        new OriginCall(this, thread, request, fetch).start();
    }

    @Override
    public void close() {
        for (OriginCall call : running) {
            try {
                call.giveUp();
            } catch (RejectedExecutionException threadHasEnded) {
                // as have those who would be told
            }
        }
    }

    void began(OriginCall call) {
        running.add(call);
    }

    void ended(OriginCall call) {
        running.remove(call);
    }

    Origins origins() {
        return origins;
    }

    Descriptors descriptors() {
        return descriptors;
    }

    HeapShare heads() {
        return heads;
    }

    OriginListener listener() {
        return listener;
    }

    FailureLog failures() {
        return failures;
    }

    OriginSettings settings() {
        return settings;
    }

    OriginTimeouts timeouts() {
        return settings.timeouts();
    }

    ByteBufferPool buffers() {
        return buffers;
    }

    LargeBuffers largeBuffers() {
        return largeBuffers;
    }

    long now() {
        return ticker.read();
    }
}
