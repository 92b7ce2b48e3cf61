package dev.lastref.http.listen;

import dev.lastref.pool.linux.TcpSockets;
import java.io.IOException;
import java.time.Duration;

/**
 * Ends what clients have open, in order, and loses no request that could have been answered:
 *
 * <ol>
 *   <li>no new connection begins; those that the kernel has made already are accepted, then the port is closed, and whoever comes is
 *       refused
 *   <li>each connection ends after the request that runs on it, or has begun to arrive; an idle one waits a moment first, since a request
 *       may be on its way
 *   <li>what still runs when the time is over is cut off, visibly
 * </ol>
 */
public final class Drain {
    private static final System.Logger LOG = System.getLogger(Drain.class.getName());
    /** How long a request may have been on its way when its connection was to end. */
    private static final Duration ON_THE_WAY = Duration.ofSeconds(1);
    /** How long clients have to see that their connection has ended. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final Listeners listeners;
    private final RunningRequests requests;
    private final ClientConnections connections;

    public Drain(Listeners listeners, RunningRequests requests, ClientConnections connections) {
        this.listeners = listeners;
        this.requests = requests;
        this.connections = connections;
    }

    /** Blocks until it is done, for the grace period at most; then all that is left may be closed. */
    public void run(Duration grace) throws InterruptedException {
        long deadline = System.nanoTime() + grace.toNanos();
        Duration patience = least(ON_THE_WAY, grace.dividedBy(2));
        boolean scarce = listeners.areDescriptorsScarce();
        if (scarce) { // those that wait need what idle ones have
            connections.end(patience);
        }
        listeners.stopAccepting(grace);
        if (!scarce) {
            connections.end(patience);
        }
        if (!requests.awaitNone(until(deadline))) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} requests were cut off, still running after the grace period of {1}",
                    requests.count(),
                    grace);
            connections.breakBusy();
            return;
        }
        if (!connections.awaitNone(least(patience.plus(LINGER), until(deadline)))) {
            awaitAsked(deadline);
            awaitHeard(deadline);
        }
        if (!requests.awaitNone(until(deadline))) { // those that were on their way
            connections.breakBusy();
        }
    }

    /** Waits for requests of which some has come; for how long each may take to come is limited as ever. */
    private void awaitAsked(long deadline) throws InterruptedException {
        while (!until(deadline).isZero() && connections.isAnyAsking()) {
            connections.awaitNone(least(LOOK_EVERY, until(deadline)));
        }
    }

    /** Waits for clients that are still reading. */
    private void awaitHeard(long deadline) throws InterruptedException {
        try (TcpSockets sockets = TcpSockets.open()) {
            while (!until(deadline).isZero() && connections.isAnySaying(sockets)) {
                connections.awaitNone(least(LOOK_EVERY, until(deadline)));
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot see whether clients have got all: {0}", e.getMessage());
        }
    }

    private static Duration until(long deadlineNanos) {
        return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
