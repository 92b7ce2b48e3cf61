package dev.lastref.http.listen;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.ReadReadyHandler;

/**
 * Reads a connection for as long as all its requests are answered early, through its {@link StrictSource}. The server is told of the
 * connection with the first request that is not: until then it has nothing of it in memory. On the connection's I/O thread.
 *
 * <p>It is the conduit that asks it, not the channel, whose listeners cost more than their work. So it is asked, too, by a connection that
 * somebody ends who has set a listener of his own; its source says then what is to be done.
 */
final class EarlyReader implements ReadReadyHandler {
    private static final System.Logger LOG = System.getLogger(EarlyReader.class.getName());

    private final StreamConnection connection;
    private final ByteBuffer reading;
    private final ByteBufferPool buffers;
    private final boolean secured;
    private final Consumer<PooledByteBuffer> server;
    private final ReadReadyHandler channels;

    /**
     * @param reading of the I/O thread, with nothing in it that is of use; as large as those of the pool
     * @param secured whether it goes through TLS
     * @param server takes the connection over, with what has been read of it and not answered; ready to be read, and the callee's
     */
    EarlyReader(
            StreamConnection connection,
            ByteBuffer reading,
            ByteBufferPool buffers,
            boolean secured,
            Consumer<PooledByteBuffer> server) {
        this.connection = connection;
        this.reading = reading;
        this.buffers = buffers;
        this.secured = secured;
        this.server = server;
        this.channels = new ChannelListenerHandler<>(connection.getSourceChannel());
    }

    /** Begins with what has come already. */
    void start() {
        ConduitStreamSourceChannel channel = connection.getSourceChannel();
        channel.getConduit().setReadReadyHandler(this);
        channel.setReadListener(itself -> readReady());
        readReady();
    }

    @Override
    public void readReady() {
        try {
            read();
        } catch (RuntimeException | Error fault) { // of ours: nobody else would tell of it, nor end the connection
            LOG.log(System.Logger.Level.ERROR, "reading a connection, which is closed", fault);
            IoUtils.safeClose(connection);
        }
    }

    private void read() {
        ConduitStreamSourceChannel channel = connection.getSourceChannel();
        reading.clear();
        if (secured) {
            // While reads are resumed TLS has each record that it has opened followed by another look at the socket.
            channel.suspendReads();
        }
        int n = -1;
        try {
            n = channel.read(reading);
        } catch (IOException clientIsGone) {
            // as if it had said that it goes
        }
        if (n > 0) {
            handOver(channel);
        } else if (n < 0) {
            IoUtils.safeClose(connection);
        } else if (!channel.isReadResumed()) {
            channel.resumeReads();
        }
    }

    private void handOver(ConduitStreamSourceChannel channel) {
        PooledByteBuffer unanswered = buffers.allocate();
        unanswered.getBuffer().put(reading.flip()).flip();
        channel.getConduit().setReadReadyHandler(channels);
        channel.setReadListener(null);
        channel.suspendReads();
        server.accept(unanswered);
    }

    @Override
    public void forceTermination() {
        channels.forceTermination();
    }

    @Override
    public void terminated() {
        channels.terminated();
    }
}
