package dev.lastref.http.listen;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.util.List;
import org.xnio.Options;
import org.xnio.channels.AcceptingChannel;

/** The two ports, on one set of I/O threads. */
public final class Listeners implements AutoCloseable {
    /** Idle keep-alive connections end after this, as nginx has it. */
    private static final int IDLE_MILLIS = 75_000;
    /** A request's head must have come within this. */
    private static final int HEAD_MILLIS = 30_000;

    private static final VarHandle CHANNEL;

    static {
        try {
            CHANNEL = MethodHandles.privateLookupIn(Undertow.ListenerInfo.class, MethodHandles.lookup())
                    .findVarHandle(Undertow.ListenerInfo.class, "channel", AcceptingChannel.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Undertow server;
    private final InetSocketAddress clients;
    private final InetSocketAddress admin;

    private Listeners(Undertow server) {
        this.server = server;
        List<Undertow.ListenerInfo> infos = server.getListenerInfo();
        this.clients = (InetSocketAddress) infos.get(0).getAddress();
        this.admin = (InetSocketAddress) infos.get(1).getAddress();
    }

    /**
     * Binds both and starts to accept.
     *
     * @throws IOException if an address cannot be bound, or the limits cannot be set
     */
    public static Listeners open(
            InetSocketAddress clientAddress,
            HttpHandler clientHandler,
            TcpLimits limits,
            InetSocketAddress adminAddress,
            HttpHandler adminHandler,
            ByteBufferPool buffers)
            throws IOException {
        Undertow server = Undertow.builder()
                .addListener(listener(clientAddress, clientHandler))
                .addListener(listener(adminAddress, adminHandler))
                .setByteBufferPool(buffers)
                .setIoThreads(Math.max(2, Runtime.getRuntime().availableProcessors()))
                .setWorkerThreads(2) // for administration only
                .setSocketOption(Options.TCP_NODELAY, true)
                .setSocketOption(Options.REUSE_ADDRESSES, true)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, false)
                // How large a request may be is for the origin to say.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                // The target goes to the origin as it came; nothing here looks at its decoded form.
                .setServerOption(UndertowOptions.DECODE_URL, false)
                .setServerOption(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MILLIS)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, HEAD_MILLIS)
                .build();
        try {
            server.start();
        } catch (RuntimeException e) {
            // It has ended its threads by itself, which close what was bound; to stop it would wait for them for ever.
            throw new IOException(
                    "cannot listen on " + text(clientAddress) + " (lastref.listen) and " + text(adminAddress)
                            + " (lastref.admin): "
                            + rootMessage(e),
                    e);
        }
        try {
            Listeners listeners = new Listeners(server);
            limits.applyTo(listeners.clients.getPort());
            return listeners;
        } catch (IOException | RuntimeException e) {
            server.stop();
            throw e;
        }
    }

    private static Undertow.ListenerBuilder listener(InetSocketAddress address, HttpHandler handler) {
        return new Undertow.ListenerBuilder()
                .setType(Undertow.ListenerType.HTTP)
                .setHost(address.getHostString())
                .setPort(address.getPort())
                .setRootHandler(handler);
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    public InetSocketAddress clients() {
        return clients;
    }

    public InetSocketAddress admin() {
        return admin;
    }

    /** Takes no new client connections; those there are go on. */
    public void stopAccepting() {
        // Not ListenerInfo.suspend(), which also closes every connection, whatever runs on it.
        ((AcceptingChannel<?>) CHANNEL.get(server.getListenerInfo().get(0))).suspendAccepts();
    }

    /** Closes both ports and every connection, and waits for the threads to end. */
    @Override
    public void close() {
        server.stop();
    }
}
