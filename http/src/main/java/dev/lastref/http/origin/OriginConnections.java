package dev.lastref.http.origin;

import io.undertow.UndertowOptions;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.UndertowClient;
import io.undertow.connector.ByteBufferPool;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.XnioIoThread;

/**
 * Connections to the origin that wait for their next request. Each I/O thread has its own, and uses a connection only for requests
 * that it handles itself, so nothing here is shared between threads.
 */
final class OriginConnections {
    private static final int MOST_IDLE_A_THREAD = 128;
    /** Below what common servers keep an idle connection for, so that we are the one who closes it. */
    private static final long LONGEST_IDLE = TimeUnit.SECONDS.toNanos(50);

    private static final OptionMap OPTIONS = OptionMap.builder()
            .set(UndertowOptions.ENABLE_HTTP2, false)
            .set(UndertowOptions.ENABLE_STATISTICS, true) // counts the bytes of a request that went out
            .set(Options.TCP_NODELAY, true)
            .getMap();

    private final Origin origin;
    private final ByteBufferPool buffers;
    private final Map<XnioIoThread, Deque<Idle>> idle = new ConcurrentHashMap<>();

    private record Idle(ClientConnection connection, long sinceNanos) {}

    OriginConnections(Origin origin, ByteBufferPool buffers) {
        this.origin = origin;
        this.buffers = buffers;
    }

    /** A connection that waits, the last used first; null if there is none. On the I/O thread. */
    @Nullable
    ClientConnection takeIdle(XnioIoThread thread) {
        Deque<Idle> mine = mine(thread);
        for (Idle next = mine.pollLast(); next != null; next = mine.pollLast()) {
            if (isUsable(next)) {
                return next.connection;
            }
            IoUtils.safeClose(next.connection);
        }
        return null;
    }

    private static boolean isUsable(Idle waiting) {
        // What lies there unasked would be taken for the answer to the next request.
        return waiting.connection.isOpen()
                && System.nanoTime() - waiting.sinceNanos < LONGEST_IDLE
                && RawConnection.restOf(waiting.connection) == RawConnection.Rest.NOTHING;
    }

    /** Makes a connection; the callback runs on the I/O thread. */
    void connect(XnioIoThread thread, ClientCallback<ClientConnection> callback) {
        URI address = origin.resolved();
        if (address == null) {
            callback.failed(new UnknownHostException("the name of " + origin + " could not be resolved"));
            return;
        }
        UndertowClient.getInstance().connect(callback, address, thread, buffers, OPTIONS);
    }

    /** Keeps a connection for the next request. On its I/O thread. */
    void putBack(ClientConnection connection) {
        Deque<Idle> mine = mine(connection.getIoThread());
        if (!connection.isOpen() || mine.size() >= MOST_IDLE_A_THREAD) {
            IoUtils.safeClose(connection);
            return;
        }
        mine.addLast(new Idle(connection, System.nanoTime()));
    }

    /** Watches a new connection: the origin may close it while it waits. */
    void watch(ClientConnection connection) throws IOException {
        connection.addCloseListener(
                closed -> mine(closed.getIoThread()).removeIf(waiting -> waiting.connection == closed));
    }

    private Deque<Idle> mine(XnioIoThread thread) {
        return idle.computeIfAbsent(thread, same -> new ArrayDeque<>());
    }
}
