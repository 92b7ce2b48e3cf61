package dev.lastref.http.http2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

/**
 * The times of one connection: how long a client may take for a head that it has begun, for what waits for it, and to hear that its
 * connection ends. Looks now and then while there is something to look at, and costs nothing while there is not. For the connection's
 * I/O thread.
 */
final class ConnectionWatch {
    private static final long LONGEST_PAUSE_MILLIS = 5000;
    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int MOST_DROPPED_BYTES = 1 << 20;

    private final Http2Connection connection;
    private final Http2Serving serving;
    private XnioExecutor.@Nullable Key next;
    private boolean awaitsHead;
    private long headSinceNanos;
    private boolean ending;
    private boolean lingering;
    private long endSinceNanos;
    private long lingerNanos = LINGER_NANOS;
    private boolean silent;
    private int droppedBytes;
    private boolean cancelled;

    ConnectionWatch(Http2Connection connection, Http2Serving serving) {
        this.connection = connection;
        this.serving = serving;
    }

    /** A head, or what must come first, has begun and not ended; or has. */
    void awaitsHead(boolean does) {
        if (does && !awaitsHead) {
            headSinceNanos = connection.now();
        }
        awaitsHead = does;
        if (does) {
            arm();
        }
    }

    /** Looks, from now on. */
    void arm() {
        if (next == null && !cancelled) {
            long shortest = Math.min(
                    TimeUnit.NANOSECONDS.toMillis(serving.pinNanos().getAsLong()),
                    serving.headTimeout().toMillis());
            long pause = Math.max(SHORTEST_PAUSE_MILLIS, Math.min(LONGEST_PAUSE_MILLIS, shortest / 4));
            try {
                next = connection.channel().getIoThread().executeAfter(this::look, pause, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException threadHasEnded) {
                // with which all its connections are closed
            }
        }
    }

    private void look() {
        next = null;
        long now = connection.now();
        if (ending && now - endSinceNanos > lingerNanos) {
            connection.reset(); // nothing stays with the kernel
        } else if (!ending
                && awaitsHead
                && now - headSinceNanos > serving.headTimeout().toNanos()) {
            connection.endLate();
        } else {
            connection.probe();
            connection.endStalled(serving.pinNanos().getAsLong());
        }
        if (connection.isOpen() && (ending || awaitsHead || connection.isToBeWatched())) {
            arm();
        }
    }

    /** What is said last has so much time to go out and be heard. */
    void lingersAtMost() {
        if (!ending) {
            ending = true;
            endSinceNanos = connection.now();
            arm();
        }
    }

    /** Its client has said nothing for long, and so has had the time to take what was said to it. */
    void isSilent() {
        silent = true;
    }

    /**
     * All is said; returns whether this is new. The kernel may hold much of it still for a client that reads slowly, and would drop that
     * if the client said something to a connection that is closed.
     */
    boolean lingers() {
        if (!ending && !silent) {
            lingerNanos = Math.max(LINGER_NANOS, serving.pinNanos().getAsLong());
        }
        boolean before = lingering;
        lingering = true;
        lingersAtMost();
        return !before;
    }

    /** Drops what the client still sends. */
    void drop(StreamSourceChannel channel) throws IOException {
        ByteBuffer dropped = ByteBuffer.allocate(16 * 1024);
        int n = channel.read(dropped);
        while (n > 0 && droppedBytes < MOST_DROPPED_BYTES) {
            droppedBytes += n;
            dropped.clear();
            n = channel.read(dropped);
        }
        if (n != 0 && (n > 0 || lingering)) {
            connection.close();
        } else if (n < 0) {
            channel.suspendReads(); // it has gone, perhaps not without hearing what is left to say
        }
    }

    void cancel() {
        cancelled = true;
        XnioExecutor.Key waiting = next;
        next = null;
        if (waiting != null) {
            waiting.remove();
        }
    }
}
