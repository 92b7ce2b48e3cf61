package dev.lastref.http.listen;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.conduits.ConduitStreamSourceChannel;

/** Waits for the first bytes of a connection, by which the handshake of TLS is over. On the connection's I/O thread. */
final class FirstBytes implements ChannelListener<ConduitStreamSourceChannel> {
    private final StreamConnection connection;
    private final ByteBufferPool buffers;
    private final Duration atMost;
    private final Consumer<PooledByteBuffer> next;
    private XnioExecutor.@Nullable Key timer;

    /**
     * @param atMost how long to wait for them
     * @param next goes on with the bytes, ready to be read, which are its to free
     */
    FirstBytes(StreamConnection connection, ByteBufferPool buffers, Duration atMost, Consumer<PooledByteBuffer> next) {
        this.connection = connection;
        this.buffers = buffers;
        this.atMost = atMost;
        this.next = next;
    }

    /** Begins to wait; whoever sends nothing in time is cut off. */
    void await() {
        try {
            timer = connection.getIoThread().executeAfter(this::end, atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException threadHasEnded) {
            IoUtils.safeClose(connection);
            return;
        }
        connection.getSourceChannel().setReadListener(this);
        connection.getSourceChannel().resumeReads();
        handleEvent(connection.getSourceChannel());
    }

    @Override
    public void handleEvent(ConduitStreamSourceChannel channel) {
        PooledByteBuffer mine = buffers.allocate();
        int n;
        try {
            n = channel.read(mine.getBuffer());
        } catch (IOException e) { // of a handshake too
            n = -1;
        }
        if (n > 0) {
            goOn(mine);
            return;
        }
        mine.close(); // who only waits holds no memory
        if (n < 0) {
            end();
        }
    }

    private void goOn(PooledByteBuffer mine) {
        stopTimer();
        mine.getBuffer().flip();
        connection.getSourceChannel().suspendReads();
        connection.getSourceChannel().setReadListener(null);
        next.accept(mine);
    }

    private void end() {
        stopTimer();
        IoUtils.safeClose(connection);
    }

    private void stopTimer() {
        XnioExecutor.Key running = timer;
        timer = null;
        if (running != null) {
            running.remove();
        }
    }
}
