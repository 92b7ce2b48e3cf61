package dev.lastref.http.listen;

import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.ConnectionTally.Refused;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.log.Seldom;
import dev.lastref.http.message.AddressText;
import dev.lastref.pool.linux.TcpSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/** The connections that clients have open, from accept to close, so that a shutdown can end each of them in order. All threads. */
public final class ClientConnections {
    private static final System.Logger LOG = System.getLogger(ClientConnections.class.getName());
    private static final long LONGEST_ASKING_MILLIS = 1000;

    private final ConnectionLimits limits;
    private final Refusals refusals;
    private final ConnectionTally tally;
    private final LongAdder accepted = new LongAdder();
    private final Map<InetAddress, Integer> byPeer = new ConcurrentHashMap<>();
    private final Seldom tell = new Seldom(System::nanoTime, Duration.ofSeconds(10));
    private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
    private final Map<XnioIoThread, Leavers> leavers = new ConcurrentHashMap<>();
    /** A thread while there is something to close: those of the administration may be waiting for somebody. */
    private final Executor closer = new ThreadPoolExecutor(
            0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), ClientConnections::closerThread);

    /** Once they are to end: how long one that is idle may still begin a request. */
    private volatile @Nullable Duration patience;

    private static Thread closerThread(Runnable run) {
        Thread thread = new Thread(run, "lastref-closer");
        thread.setDaemon(true);
        return thread;
    }

    /** Those of the administration port, which nobody counts. */
    static ClientConnections ofAdministration(Duration headTimeout, Duration send) {
        return new ClientConnections(
                ConnectionLimits.ofAdministration(headTimeout, send), new Refusals(null), new ConnectionTally());
    }

    /**
     * @param refusals is told of requests that are refused before the server sees them
     * @param tally is told of connections that come to nothing
     */
    public ClientConnections(ConnectionLimits limits, Refusals refusals, ConnectionTally tally) {
        this.limits = limits;
        this.refusals = refusals;
        this.tally = tally;
    }

    /**
     * A connection has been accepted. On its I/O thread.
     *
     * @param heapBytes that it takes of the heap at first
     * @return null: there are too many, or no heap for another, and it is closed
     */
    @Nullable
    ClientConnection accepted(StreamConnection channel, int heapBytes) {
        InetSocketAddress peer = channel.getPeerAddress(InetSocketAddress.class);
        Leavers ofItsThread =
                leavers.computeIfAbsent(channel.getIoThread(), thread -> new Leavers(thread::execute, closer));
        ClientConnection added = new ClientConnection(channel, peer.getAddress(), limits, ofItsThread, refusals, tally);
        accepted.increment();
        boolean counted = limits.counts(peer.getAddress());
        int ofPeer = counted ? byPeer.merge(peer.getAddress(), 1, Integer::sum) : 0;
        open.add(added);
        Refused why = refusal(added, ofPeer, heapBytes);
        if (why != null) {
            tally.refused(why);
            tell(peer.getAddress(), why);
            remove(added);
            added.reset();
            return null;
        }
        Duration ending = patience;
        if (ending != null) {
            endWhenIdle(added, ending);
        }
        return added;
    }

    /** Notes when it is closed; to be called when the server has set its own listener for that. On its I/O thread. */
    void watch(ClientConnection connection) {
        StreamConnection channel = connection.channel();
        ChannelListener<? super StreamConnection> before = channel.getCloseListener();
        channel.setCloseListener(closed -> {
            remove(connection);
            ChannelListeners.invokeChannelListener(closed, before);
        });
        if (!channel.isOpen()) { // closed before there was somebody to tell
            remove(connection);
        }
    }

    /** Null: none; then the memory is taken. */
    private @Nullable Refused refusal(ClientConnection added, int ofPeer, int heapBytes) {
        if (ofPeer > limits.perPeer()) {
            return Refused.PER_PEER;
        }
        if (open.size() > limits.total()) {
            return Refused.TOTAL;
        }
        return added.heap().take(heapBytes) ? null : Refused.MEMORY;
    }

    private void tell(InetAddress peer, Refused why) {
        if (tell.isTime()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "closed a new connection from {0}: {1}; others within 10 s are not told of",
                    AddressText.of(peer),
                    switch (why) {
                        case PER_PEER -> "there are as many as lastref.limits.connections-per-peer allows";
                        case TOTAL -> "there are as many as lastref.limits.connections allows";
                        case MEMORY ->
                            String.format(
                                    "%d others, and what is asked on them, hold %d KiB of the heap, and may hold %d KiB;"
                                            + " raise -Xmx, or set lastref.limits.connections to fewer",
                                    open.size() - 1,
                                    limits.connections().bytesOfAll() >> 10,
                                    limits.connections().most() >> 10);
                    });
        }
    }

    private void remove(ClientConnection connection) {
        connection.closed();
        boolean removed = open.remove(connection);
        if (removed && limits.counts(connection.peer())) {
            byPeer.computeIfPresent(connection.peer(), (same, count) -> count > 1 ? count - 1 : null);
        }
        if (removed && patience != null) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /**
     * Ends those that are idle, and lets the others end after what runs on them. A client that does not know yet, and whose request is
     * on its way, is still answered.
     *
     * @param forRequestsOnTheWay how long to wait for such a request
     */
    void end(Duration forRequestsOnTheWay) {
        patience = forRequestsOnTheWay;
        open.forEach(connection -> connection.execute(() -> {
            connection.announceEnd();
            endWhenIdle(connection, forRequestsOnTheWay);
        }));
    }

    /** Whether they are to end: no connection takes another request after the one that runs. */
    boolean isEnding() {
        return patience != null;
    }

    /** A request has ended on a connection that was told to stay before it was to end. On its I/O thread. */
    void idleWhileEnding(ClientConnection connection) {
        Duration ending = patience;
        if (ending != null) {
            endWhenIdle(connection, ending);
        }
    }

    private static void endWhenIdle(ClientConnection connection, Duration patience) {
        try {
            connection
                    .channel()
                    .getIoThread()
                    .executeAfter(connection::closeIfIdle, patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException threadHasEnded) {
            connection.reset();
        }
    }

    /**
     * Waits until all are closed.
     *
     * @return whether they are; false: the time is over
     */
    boolean awaitNone(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (this) {
            while (!open.isEmpty()) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    return false;
                }
                wait(millis);
            }
        }
        return true;
    }

    /** Whether a request runs on one, or has begun to arrive. Not on an I/O thread. */
    boolean isAnyAsking() throws InterruptedException {
        AtomicBoolean any = new AtomicBoolean();
        onEach(connection -> {
            if (connection.isAsking()) {
                any.set(true);
            }
        });
        return any.get();
    }

    /** Whether one has said something that its client has not got yet, and may lose. Not on an I/O thread: asks the kernel. */
    boolean isAnySaying(TcpSockets sockets) throws IOException {
        sockets.refresh();
        for (ClientConnection connection : open) {
            if (connection.isSaying(sockets)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Resets those on which something runs: who has got a part must not take it for the whole. What is complete and only on its way to
     * the client goes on.
     */
    void breakBusy() throws InterruptedException {
        onEach(connection -> {
            if (connection.isBusy()) {
                connection.reset();
            }
        });
    }

    /** Closes those that are left, each on its own thread, while the threads still run. */
    void closeAll() throws InterruptedException {
        onEach(ClientConnection::close);
    }

    private void onEach(Consumer<ClientConnection> act) throws InterruptedException {
        List<ClientConnection> all = List.copyOf(open);
        CountDownLatch asked = new CountDownLatch(all.size());
        for (ClientConnection connection : all) {
            // What runs on a connection is only known on its own thread.
            connection.execute(() -> {
                try {
                    act.accept(connection);
                } finally {
                    asked.countDown();
                }
            });
        }
        if (!asked.await(LONGEST_ASKING_MILLIS, TimeUnit.MILLISECONDS)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} connections could not be asked what runs on them",
                    asked.getCount());
        }
    }

    /** Those that have been accepted so far, to be closed at once or not. */
    public long accepted() {
        return accepted.sum();
    }

    /** Those that were not taken, by why; of the ones that could not even be accepted, the attempts. */
    public Map<String, Double> refused() {
        Map<String, Double> all = new LinkedHashMap<>(tally.refused());
        all.put("descriptors", (double) AcceptFailures.count());
        return all;
    }

    /** Those that are open. */
    public int count() {
        return open.size();
    }
}
