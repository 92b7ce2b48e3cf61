package dev.lastref.http.listen;

import dev.lastref.http.http2.Http2Serving;
import dev.lastref.http.message.Networks;
import dev.lastref.pool.linux.ListeningSocket;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/**
 * The two ports, on one set of I/O threads. Each accepted connection gets a {@link StrictSource} in front of Undertow's parser, and a
 * {@link ClientSink} behind its responses, which is why Undertow's own builder is not used: it has no place for them.
 */
public final class Listeners implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Listeners.class.getName());
    private static final long POLL_MILLIS = 5;

    /** More than a target that is not refused can have, whatever its limit is. */
    private static final int MOST_PARAMETERS = 128 * 1024;

    private static final int MANY = 1_000_000;

    static final OptionMap HTTP = OptionMap.builder()
            .set(UndertowOptions.ENABLE_HTTP2, false)
            // How large a request may be is for the origin to say.
            .set(UndertowOptions.MAX_ENTITY_SIZE, -1L)
            // The target goes to the origin as it came; nothing here looks at its decoded form. What may not be in it
            // at all,
            // StrictSource has refused.
            .set(UndertowOptions.DECODE_URL, false)
            .set(UndertowOptions.ALLOW_UNESCAPED_CHARACTERS_IN_URL, true)
            .set(UndertowOptions.MAX_PARAMETERS, MOST_PARAMETERS)
            .set(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
            .getMap();

    /** Longer than a handshake that has begun takes to complete, mostly. */
    private static final Duration HANDSHAKES = Duration.ofMillis(100);
    /** The longest wait for connections that the kernel has made to be accepted. */
    private static final Duration QUEUE = Duration.ofSeconds(1);

    private final XnioWorker worker;
    private final AcceptingChannel<StreamConnection> clients;
    private final AcceptingChannel<StreamConnection> admin;
    private final InetSocketAddress clientAddress;
    private final ClientConnections connections;
    private final DescriptorReserve reserve;

    private Listeners(
            XnioWorker worker,
            AcceptingChannel<StreamConnection> clients,
            AcceptingChannel<StreamConnection> admin,
            ClientConnections connections,
            DescriptorReserve reserve) {
        this.worker = worker;
        this.clients = clients;
        this.admin = admin;
        this.clientAddress = (InetSocketAddress) clients.getLocalAddress();
        this.connections = connections;
        this.reserve = reserve;
        reserve.open(clients, this::isAnyWaiting);
    }

    /**
     * Binds both and starts to accept.
     *
     * @param early answers what it can of HTTP/1.1 without TLS, before the handler hears of it
     * @param http2 how it is spoken; null: not at all
     * @param tls what clients are to speak; null: no TLS
     * @param proxies networks of proxies that begin with a PROXY header
     * @param adminHeadTimeout in which the head of a request to the administration port must come
     * @param adminSendTimeout how long a client there may take nothing of an answer
     * @param reserve this one's from now on
     * @throws IOException if an address cannot be bound, or the limits cannot be set
     */
    public static Listeners open(
            InetSocketAddress clientAddress,
            HttpHandler clientHandler,
            EarlyResponders early,
            ClientConnections connections,
            TcpLimits limits,
            @Nullable Http2Serving http2,
            @Nullable ServerTls tls,
            Networks proxies,
            InetSocketAddress adminAddress,
            HttpHandler adminHandler,
            Duration adminHeadTimeout,
            Duration adminSendTimeout,
            ByteBufferPool buffers,
            DescriptorReserve reserve)
            throws IOException {
        XnioWorker worker = Xnio.getInstance(Listeners.class.getClassLoader())
                .createWorker(OptionMap.builder()
                        .set(
                                Options.WORKER_IO_THREADS,
                                Math.max(2, Runtime.getRuntime().availableProcessors()))
                        .set(Options.WORKER_TASK_CORE_THREADS, 2) // for administration only
                        .set(Options.WORKER_TASK_MAX_THREADS, 2)
                        .set(Options.CONNECTION_HIGH_WATER, MANY)
                        .set(Options.CONNECTION_LOW_WATER, MANY)
                        .getMap());
        try {
            Entrance entrance = new Entrance(clientHandler, buffers, connections, http2, proxies, tls, early);
            ClientConnections administrators = ClientConnections.ofAdministration(adminHeadTimeout, adminSendTimeout);
            // Its requests run too, some for hours.
            RunningRequests administration = new RunningRequests(administrators, adminHandler);
            Entrance back =
                    new Entrance(administration, buffers, administrators, null, Networks.of("none"), null, null);
            AcceptingChannel<StreamConnection> admin = listen(worker, adminAddress, "lastref.admin", back::admit);
            UnlimitedConnections unlimited = new UnlimitedConnections(worker);
            AcceptingChannel<StreamConnection> clients = listen(worker, clientAddress, "lastref.listen", accepted -> {
                AcceptFailures.accepted();
                unlimited.accepted();
                entrance.admit(accepted);
            });
            InetSocketAddress local = (InetSocketAddress) clients.getLocalAddress();
            unlimited.expect(limits.applyTo(local), () -> limits.applyToAccepted(local.getPort()));
            admin.resumeAccepts();
            return new Listeners(worker, clients, admin, connections, reserve);
        } catch (IOException | RuntimeException e) {
            worker.shutdownNow(); // closes what was bound
            throw e;
        }
    }

    private static AcceptingChannel<StreamConnection> listen(
            XnioWorker worker,
            InetSocketAddress address,
            String setting,
            ChannelListener<StreamConnection> whenAccepted)
            throws IOException {
        OptionMap options = OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, worker.getIoThreadCount())
                .set(Options.TCP_NODELAY, true)
                .set(Options.REUSE_ADDRESSES, true)
                .set(Options.BALANCING_TOKENS, 1)
                .set(Options.BALANCING_CONNECTIONS, 2)
                .set(Options.BACKLOG, 1000)
                .getMap();
        try {
            return worker.createStreamConnectionServer(
                    BoundAddress.of(address), channel -> accept(channel, whenAccepted), options);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + " (" + setting + "): "
                            + e.getMessage() + ListenHint.of(e, setting),
                    e);
        }
    }

    /**
     * A port that is closed while connections wait is no fault, as which XNIO's own adapter would log it. Nor would that close a connection
     * whose listener fails, which then nobody reads from, or has.
     */
    static void accept(AcceptingChannel<StreamConnection> channel, ChannelListener<StreamConnection> whenAccepted) {
        try {
            StreamConnection accepted = channel.accept();
            if (accepted != null && !ChannelListeners.invokeChannelListener(accepted, whenAccepted)) {
                IoUtils.safeClose(accepted);
            }
        } catch (ClosedChannelException stopping) {
            // as it should
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "accepting a connection", e);
        }
    }

    /**
     * Sets other limits for connections of clients that are yet to come; there are none any more where no connection is taken.
     *
     * @throws IOException if the kernel refuses
     */
    public void limit(TcpLimits limits) throws IOException {
        try {
            limits.applyTo(clientAddress);
        } catch (IOException e) {
            if (clients.isOpen()) {
                throw e;
            }
        }
    }

    public InetSocketAddress clients() {
        return clientAddress;
    }

    public InetSocketAddress admin() {
        return (InetSocketAddress) admin.getLocalAddress();
    }

    /**
     * Takes no new client connections; those there are go on, and so do those that the kernel has made and nobody has accepted yet.
     * Whoever comes is refused.
     *
     * @param atMost how long it may take to accept what waits
     */
    public void stopAccepting(Duration atMost) throws InterruptedException {
        // Where others have to end first, or there is no descriptor for them, half of the time is theirs.
        Duration queue = areDescriptorsScarce() ? atMost.dividedBy(2) : least(QUEUE, atMost);
        try {
            // Before what is held back is others': to look for them takes some.
            List<Integer> listening = ListeningSocket.descriptors(clientAddress);
            for (int descriptor : listening) {
                ListeningSocket.refuseHandshakes(descriptor);
            }
            reserve.giveUp();
            awaitAccepted(listening, queue);
        } catch (IOException notOnThisKernel) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "the port is closed without waiting for connections that nobody has accepted: {0}",
                    notOnThisKernel.toString());
        }
        IoUtils.safeClose(clients);
    }

    /** Whether clients wait to be accepted, since there is no descriptor for them. */
    boolean areDescriptorsScarce() {
        return reserve.areScarce();
    }

    private static void awaitAccepted(List<Integer> listening, Duration atMost)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        long handshakes = began + least(HANDSHAKES, atMost).toNanos();
        long deadline = began + atMost.toNanos();
        while (System.nanoTime() - handshakes < 0 || (System.nanoTime() - deadline < 0 && isAnyWaiting(listening))) {
            Thread.sleep(POLL_MILLIS);
        }
    }

    private boolean isAnyWaiting() throws IOException {
        return isAnyWaiting(ListeningSocket.descriptors(clientAddress));
    }

    private static boolean isAnyWaiting(List<Integer> listening) throws IOException {
        for (int descriptor : listening) {
            if (ListeningSocket.waiting(descriptor) > 0) {
                return true;
            }
        }
        return false;
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** Closes both ports and every connection, and waits for the threads to end. */
    @Override
    public void close() {
        IoUtils.safeClose(clients);
        IoUtils.safeClose(admin);
        reserve.close();
        try {
            connections.closeAll(); // while there are threads for what follows from it
            worker.shutdown();
            worker.awaitTermination();
        } catch (InterruptedException e) {
            worker.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
