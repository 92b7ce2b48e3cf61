package dev.lastref.http.origin;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoFuture;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/**
 * Connections to one origin: makes them, and keeps those that wait for their next request. Each I/O thread has its own, and uses a
 * connection only for requests that it handles itself, so nothing but a count is shared between threads.
 */
final class OriginConnections {
    private static final int MOST_IDLE_A_THREAD = 128;
    /** Below what common servers keep an idle connection for, so that we are the one who closes it. */
    private static final long LONGEST_IDLE = TimeUnit.SECONDS.toNanos(50);

    private static final OptionMap OPTIONS = OptionMap.create(Options.TCP_NODELAY, true);

    private final Origin origin;
    private final int most;
    private final @Nullable OriginTls tls;
    private final Map<XnioIoThread, Deque<Idle>> idle = new ConcurrentHashMap<>();
    private final AtomicInteger idleCount = new AtomicInteger();

    private record Idle(OriginConnection connection, long sinceNanos) {}

    /**
     * @param most connections, those that wait included
     * @param tls what is spoken over them; null: nothing
     */
    OriginConnections(Origin origin, int most, @Nullable OriginTls tls) {
        this.origin = origin;
        this.most = most;
        this.tls = tls;
    }

    /** A connection that waits, the last used first; null if there is none. On the I/O thread. */
    @Nullable
    OriginConnection takeIdle(XnioIoThread thread) {
        Deque<Idle> mine = mine(thread);
        for (Idle next = mine.pollLast(); next != null; next = mine.pollLast()) {
            idleCount.decrementAndGet();
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
        if (address == null) {
            return null;
        }
        if (origin.slots().taken() + idleCount.get() > most) {
            closeOneOf(thread);
        }
        return thread.openStreamConnection(address, whenOpen, OPTIONS);
    }

    /** Makes room: a connection that waits is of no use to another thread. */
    private void closeOneOf(XnioIoThread notThis) {
        for (Map.Entry<XnioIoThread, Deque<Idle>> other : idle.entrySet()) {
            if (other.getKey() != notThis) {
                try {
                    other.getKey().execute(() -> {
                        Idle longest = other.getValue().pollFirst();
                        if (longest != null) {
                            idleCount.decrementAndGet();
                            longest.connection.close();
                        }
                    });
                } catch (RejectedExecutionException threadHasEnded) {
                    // and its connections with it
                }
            }
        }
    }

    /** Connections that wait for their next request. */
    int idle() {
        return idleCount.get();
    }

    /** What a connection that was made is for us. */
    OriginConnection open(StreamConnection made) {
        if (tls == null) {
            return new OriginConnection(made, null, null);
        }
        TransportEnd end = TransportEnd.under(made);
        return new OriginConnection(tls.over(made, origin), tls, end);
    }

    /** Keeps a connection for the next request. On its I/O thread. */
    void putBack(OriginConnection connection) {
        Deque<Idle> mine = mine(connection.thread());
        if (!connection.isOpen()
                || mine.size() >= MOST_IDLE_A_THREAD
                || origin.slots().taken() + idleCount.get() > most) {
            connection.close();
            return;
        }
        mine.addLast(new Idle(connection, System.nanoTime()));
        idleCount.incrementAndGet();
        // Whatever comes while nothing is asked, and be it the end, ends it.
        connection.listen(() -> drop(mine, connection), connection::suspendWrites);
        connection.resumeReads();
    }

    private void drop(Deque<Idle> mine, OriginConnection connection) {
        if (connection.isOpen() && connection.rest() == OriginConnection.Rest.NOTHING) {
            return; // of TLS only, such as a session ticket
        }
        if (mine.removeIf(waiting -> waiting.connection == connection)) {
            idleCount.decrementAndGet();
        }
        connection.close();
    }

    private Deque<Idle> mine(XnioIoThread thread) {
        return idle.computeIfAbsent(thread, same -> new ArrayDeque<>());
    }
}
