package dev.lastref.http.origin;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoFuture;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/**
 * Connections to the origin that wait for their next request. Each I/O thread has its own, and uses a connection only for requests
 * that it handles itself, so nothing here is shared between threads.
 */
final class OriginConnections {
    private static final int MOST_IDLE_A_THREAD = 128;
    /** Below what common servers keep an idle connection for, so that we are the one who closes it. */
    private static final long LONGEST_IDLE = TimeUnit.SECONDS.toNanos(50);

    private static final OptionMap OPTIONS = OptionMap.create(Options.TCP_NODELAY, true);

    private final Origin origin;
    private final Map<XnioIoThread, Deque<Idle>> idle = new ConcurrentHashMap<>();

    private record Idle(OriginConnection connection, long sinceNanos) {}

    OriginConnections(Origin origin) {
        this.origin = origin;
    }

    /** A connection that waits, the last used first; null if there is none. On the I/O thread. */
    @Nullable
    OriginConnection takeIdle(XnioIoThread thread) {
        Deque<Idle> mine = mine(thread);
        for (Idle next = mine.pollLast(); next != null; next = mine.pollLast()) {
            next.connection.suspendReads();
            if (isUsable(next)) {
                return next.connection;
            }
            next.connection.close();
        }
        return null;
    }

    private static boolean isUsable(Idle waiting) {
        // What lies there unasked would be taken for the answer to the next request.
        return waiting.connection.isOpen()
                && System.nanoTime() - waiting.sinceNanos < LONGEST_IDLE
                && waiting.connection.rest() == OriginConnection.Rest.NOTHING;
    }

    /**
     * Makes a connection; the listener runs on the I/O thread.
     *
     * @return null if the origin's name could not be resolved
     */
    @Nullable
    IoFuture<StreamConnection> connect(XnioIoThread thread, ChannelListener<StreamConnection> whenOpen) {
        InetSocketAddress address = origin.resolved();
        return address == null ? null : thread.openStreamConnection(address, whenOpen, OPTIONS);
    }

    /** Keeps a connection for the next request. On its I/O thread. */
    void putBack(OriginConnection connection) {
        Deque<Idle> mine = mine(connection.thread());
        if (!connection.isOpen() || mine.size() >= MOST_IDLE_A_THREAD) {
            connection.close();
            return;
        }
        mine.addLast(new Idle(connection, System.nanoTime()));
        // Whatever comes while nothing is asked, and be it the end, ends it.
        connection.listen(() -> drop(mine, connection), connection::suspendWrites);
        connection.resumeReads();
    }

    private static void drop(Deque<Idle> mine, OriginConnection connection) {
        mine.removeIf(waiting -> waiting.connection == connection);
        connection.close();
    }

    private Deque<Idle> mine(XnioIoThread thread) {
        return idle.computeIfAbsent(thread, same -> new ArrayDeque<>());
    }
}
