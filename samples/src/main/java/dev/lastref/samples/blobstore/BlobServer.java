package dev.lastref.samples.blobstore;

import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.linux.ListeningSocket;
import dev.lastref.pool.linux.TcpOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The loop around the sockets: one thread, and each {@link Connection} goes on when its socket is ready. Owns the sockets and the blobs,
 * not the pool.
 *
 * <p>The thread is never interrupted. An interrupt within {@code FileChannel.transferTo} would close the segment's file under all other
 * clients; so closing sets a flag and wakes the selector.
 */
final class BlobServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(BlobServer.class.getName());

    /** Unsent bytes that the kernel may queue for one client: more would only be more pages that a stalled reader holds. */
    private static final int UNSENT_LIMIT = 256 * 1024;
    /** A client that takes nothing for so long is reset, and what it holds comes back. */
    private static final Duration STALLED = Duration.ofSeconds(60);

    private final TmpfsPool pool;
    private final Blobs blobs = new Blobs();
    private final Selector selector;
    private final ServerSocketChannel listener;
    /** Named by the pool's ledger, and reset by the server's thread. */
    private final Queue<Connection> laggards = new ConcurrentLinkedQueue<>();

    private final Thread thread = new Thread(this::run, "blob-server");
    private volatile boolean stopped;

    private BlobServer(TmpfsPool pool, Selector selector, ServerSocketChannel listener) {
        this.pool = pool;
        this.selector = selector;
        this.listener = listener;
    }

    /** Binds, and serves when this returns. */
    static BlobServer start(InetSocketAddress listen, TmpfsPool pool) throws IOException {
        Selector selector = Selector.open();
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(listen);
            boundWhatAClientHolds(listener);
            listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException | RuntimeException e) {
            listener.close();
            selector.close();
            throw e;
        }
        pool.ledger().resetLaggardsAfter(STALLED);
        BlobServer server = new BlobServer(pool, selector, listener);
        server.thread.start();
        return server;
    }

    /** Set once on the listening socket; every connection that it accepts inherits it. */
    private static void boundWhatAClientHolds(ServerSocketChannel listener) throws IOException {
        for (int descriptor : ListeningSocket.descriptors((InetSocketAddress) listener.getLocalAddress())) {
            TcpOption.TCP_NOTSENT_LOWAT.set(descriptor, UNSENT_LIMIT);
        }
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    private void run() {
        try {
            while (!stopped) {
                selector.select(this::ready);
                resetLaggards();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the blob server ends", e);
        } finally {
            closeAll();
        }
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Connection connection) {
            proceed(key, connection);
        } else {
            accept();
        }
    }

    private void isLaggard(Connection connection) {
        laggards.add(connection);
        selector.wakeup();
    }

    private void resetLaggards() {
        for (Connection laggard = laggards.poll(); laggard != null; laggard = laggards.poll()) {
            try {
                laggard.reset();
            } catch (IOException closedAlready) {
                LOG.log(System.Logger.Level.DEBUG, "a laggard went by itself", closedAlready);
            }
        }
    }

    private void accept() {
        try {
            SocketChannel client = listener.accept();
            if (client != null) {
                client.setOption(
                                StandardSocketOptions.TCP_NODELAY,
                                true) // a small blob must not wait for the ACK of its line
                        .configureBlocking(false)
                        .register(selector, SelectionKey.OP_READ, new Connection(client, pool, blobs, this::isLaggard));
            }
        } catch (IOException e) { // no descriptor left, or gone before it was accepted
            LOG.log(System.Logger.Level.WARNING, "cannot accept a connection", e);
        }
    }

    private static void proceed(SelectionKey key, Connection connection) {
        int interest = 0;
        try {
            interest = connection.proceed();
        } catch (IOException clientIsGone) {
            LOG.log(System.Logger.Level.DEBUG, "a connection broke", clientIsGone);
        }
        if (interest == 0) {
            close(connection);
        } else {
            key.interestOps(interest);
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) { // the others are to be closed all the same
            LOG.log(System.Logger.Level.WARNING, "closing " + part, e);
        }
    }

    /** On the server's thread, after its last turn: connections give up their sends, then the names their blobs. */
    private void closeAll() {
        for (SelectionKey key : List.copyOf(selector.keys())) {
            if (key.attachment() instanceof Connection connection) {
                close(connection);
            }
        }
        close(listener);
        close(selector);
        close(blobs);
    }

    /** Ends every connection and gives up every blob; the caller may close the pool then. */
    @Override
    public void close() {
        stopped = true;
        selector.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
