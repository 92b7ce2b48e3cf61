package dev.lastref.http.listen;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.ReadReadyHandler;

/**
 * Reads a connection for as long as all its requests are answered early, through its {@link StrictSource}. The server is told of the
 * connection with the first request that is not: until then it has nothing of it in memory. On the connection's I/O thread.
 *
 * <p>It is told by the socket itself that there is something to read: the channel, which would tell its listener, asks the log first
 * each time.
 */
final class EarlyReader implements ReadReadyHandler, ChannelListener<ConduitStreamSourceChannel> {
    private static final System.Logger LOG = System.getLogger(EarlyReader.class.getName());

    private final StreamConnection connection;
    private final ByteBuffer reading;
    private final ByteBufferPool buffers;
    private final Consumer<PooledByteBuffer> server;
    private final ReadReadyHandler channel;

    /**
     * @param reading what is read is in there for as long as it is answered; one for all connections of the I/O thread, and no larger
     *     than those of {@code buffers}
     * @param server takes the connection over, with what has been read of it and not answered; ready to be read, and the callee's
     */
    EarlyReader(
            StreamConnection connection,
            ByteBuffer reading,
            ByteBufferPool buffers,
            Consumer<PooledByteBuffer> server) {
        this.connection = connection;
        this.reading = reading;
        this.buffers = buffers;
        this.server = server;
        channel = new ReadReadyHandler.ChannelListenerHandler<>(connection.getSourceChannel());
    }

    /** Begins with what has come already. */
    void start() {
        ConduitStreamSourceChannel source = connection.getSourceChannel();
        source.setReadListener(this); // for whoever invokes it, as the server does for its own
        source.getConduit().setReadReadyHandler(this);
        handleEvent(source);
    }

    @Override
    public void readReady() {
        try {
            handleEvent(connection.getSourceChannel());
        } catch (RuntimeException | Error fault) { // with it the I/O thread would end
            LOG.log(System.Logger.Level.ERROR, "a connection that could be read is closed", fault);
            IoUtils.safeClose(connection);
        }
    }

    @Override
    public void handleEvent(ConduitStreamSourceChannel source) {
        int n = -1;
        try {
            n = source.read(reading.clear());
        } catch (IOException clientIsGone) {
            // as if it had said that it goes
        }
        if (n > 0) {
            source.setReadListener(null);
            source.getConduit().setReadReadyHandler(channel);
            source.suspendReads();
            PooledByteBuffer unanswered = buffers.allocate();
            unanswered.getBuffer().put(reading.flip()).flip();
            server.accept(unanswered);
            return;
        }
        if (n < 0) {
            IoUtils.safeClose(connection);
        } else if (!source.isReadResumed()) {
            source.resumeReads();
        }
    }

    @Override
    public void forceTermination() {
        channel.forceTermination();
    }

    @Override
    public void terminated() {
        channel.terminated();
    }
}
