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
 * <p>It is asked by the conduit, not by the channel, and reads into what its thread has: on the way of a hit, what neither does is seen
 * in the profile.
 */
final class EarlyReader implements ReadReadyHandler {
    private static final int MOST_AT_ONCE = 16 * 1024;

    /** Has nothing between two calls. */
    private static final ThreadLocal<ByteBuffer> OF_THREAD =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(MOST_AT_ONCE));

    private final StreamConnection connection;
    private final ByteBufferPool buffers;
    private final Consumer<PooledByteBuffer> server;
    private final ByteBuffer buffer = OF_THREAD.get();
    private final ReadReadyHandler channels;

    /**
     * @param server takes the connection over, with what has been read of it and not answered; ready to be read, and the callee's
     */
    EarlyReader(StreamConnection connection, ByteBufferPool buffers, Consumer<PooledByteBuffer> server) {
        this.connection = connection;
        this.buffers = buffers;
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
        ConduitStreamSourceChannel channel = connection.getSourceChannel();
        buffer.clear();
        int n = -1;
        try {
            n = channel.read(buffer);
        } catch (IOException clientIsGone) {
            // as if it had said that it goes
        } catch (RuntimeException | Error fault) { // of ours: nobody else would end it
            IoUtils.safeClose(connection);
            throw fault;
        }
        if (n > 0) {
            channel.getConduit().setReadReadyHandler(channels);
            channel.setReadListener(null);
            channel.suspendReads();
            PooledByteBuffer pooled = buffers.allocate();
            pooled.getBuffer().put(buffer.flip()).flip();
            server.accept(pooled);
            return;
        }
        if (n < 0) {
            IoUtils.safeClose(connection);
        } else if (!channel.isReadResumed()) {
            channel.resumeReads();
        }
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
