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

/**
 * Reads a connection for as long as all its requests are answered early, through its {@link StrictSource}. The server is told of the
 * connection with the first request that is not: until then it has nothing of it in memory. On the connection's I/O thread.
 */
final class EarlyReader implements ChannelListener<ConduitStreamSourceChannel> {
    private final StreamConnection connection;
    private final ByteBufferPool buffers;
    private final Consumer<PooledByteBuffer> server;

    /**
     * @param server takes the connection over, with what has been read of it and not answered; ready to be read, and the callee's
     */
    EarlyReader(StreamConnection connection, ByteBufferPool buffers, Consumer<PooledByteBuffer> server) {
        this.connection = connection;
        this.buffers = buffers;
        this.server = server;
    }

    /** Begins with what has come already. */
    void start() {
        ConduitStreamSourceChannel channel = connection.getSourceChannel();
        channel.setReadListener(this);
        handleEvent(channel);
    }

    @Override
    public void handleEvent(ConduitStreamSourceChannel channel) {
        PooledByteBuffer pooled = buffers.allocate();
        ByteBuffer buffer = pooled.getBuffer();
        int n = -1;
        try {
            n = channel.read(buffer);
        } catch (IOException clientIsGone) {
            // as if it had said that it goes
        } catch (RuntimeException | Error fault) { // of ours: nobody else would end it
            pooled.close();
            IoUtils.safeClose(connection);
            throw fault;
        }
        if (n > 0) {
            channel.setReadListener(null);
            channel.suspendReads();
            buffer.flip();
            server.accept(pooled);
            return;
        }
        pooled.close();
        if (n < 0) {
            IoUtils.safeClose(connection);
        } else if (!channel.isReadResumed()) {
            channel.resumeReads();
        }
    }
}
