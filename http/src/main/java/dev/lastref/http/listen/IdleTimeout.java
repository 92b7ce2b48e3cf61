package dev.lastref.http.listen;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;

/**
 * Closes a connection on which a client has been silent for too long. The server's own timeout does not know of early answers. Looks
 * seldom, and only then at the clock: a request costs it nothing. For the connection's I/O thread.
 */
final class IdleTimeout implements Runnable {
    private final ClientConnection connection;
    private final long limitNanos;
    private XnioExecutor.@Nullable Key next;

    IdleTimeout(ClientConnection connection, Duration limit) {
        this.connection = connection;
        this.limitNanos = limit.toNanos();
    }

    void start() {
        lookAfter(limitNanos);
    }

    @Override
    public void run() {
        next = null;
        long left = limitNanos - connection.idleNanos();
        if (!connection.channel().isOpen()) {
            return;
        }
        if (left > 0) {
            lookAfter(left);
        } else {
            connection.closeSilent();
        }
    }

    private void lookAfter(long nanos) {
        try {
            // Rounded up, or it would look a moment too early and again.
            next = connection
                    .channel()
                    .getIoThread()
                    .executeAfter(this, TimeUnit.NANOSECONDS.toMillis(nanos) + 1, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException threadHasEnded) {
            // with which all its connections are closed
        }
    }

    /** The connection is closed. */
    void cancel() {
        XnioExecutor.Key waiting = next;
        if (waiting != null) {
            waiting.remove();
            next = null;
        }
    }
}
