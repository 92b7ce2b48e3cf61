package dev.lastref.http.listen;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connections that the kernel made after the port was opened and before its socket had limits to inherit. There is no way to set them
 * before, since the server binds and listens in one; so they are set on those connections themselves, as soon as they are accepted.
 *
 * <p>Any thread.
 */
final class UnlimitedConnections {
    private static final System.Logger LOG = System.getLogger(UnlimitedConnections.class.getName());

    private final Executor worker;
    private final AtomicInteger awaited = new AtomicInteger();
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile Limiting limiting = () -> {};

    /** Sets the limits on all connections that are accepted by now. */
    @FunctionalInterface
    interface Limiting {
        void run() throws IOException;
    }

    /** @param worker may read /proc */
    UnlimitedConnections(Executor worker) {
        this.worker = worker;
    }

    /** So many at most are yet to be accepted without limits. Before the first is. */
    void expect(int connections, Limiting limits) {
        limiting = limits;
        awaited.set(connections);
    }

    /** A connection was accepted; the kernel hands them out in the order in which it made them. */
    void accepted() {
        if (awaited.get() > 0 && awaited.getAndDecrement() > 0 && !asked.getAndSet(true)) {
            worker.execute(this::limit);
        }
    }

    private void limit() {
        asked.set(false); // who comes from here on may be missed
        try {
            limiting.run();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "clients that connected while the port was being opened may have more queued than others: {0}",
                    e.getMessage());
        }
    }
}
