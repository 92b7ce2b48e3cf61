package dev.lastref.http.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lastref.http.memory.HeapShare;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Waits for a connection's first bytes, which tell what it speaks: a client that knows that we speak HTTP/2 begins with its preface
 * (RFC 9113, section 3.3), and by the first bytes of TLS the handshake is over. On the connection's I/O thread.
 */
final class FirstBytes implements ChannelListener<ConduitStreamSourceChannel> {
    private static final byte[] NOTHING = {};
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

    /** Who goes on. */
    interface Next {
        /**
         * @param first the bytes, ready to be read; the callee's
         * @param preface whether HTTP/2's preface is in front, if it was looked for
         */
        void goOn(PooledByteBuffer first, boolean preface);

        /**
         * They have not come in time: has the connection closed, which is not read any more.
         *
         * @param begun whether some have come
         */
        void late(boolean begun);

        /** There is no memory to read them into: has the connection closed. */
        void scarce();

        /** They will not come: has the connection closed, which has ended in one way or another. */
        void ended();
    }

    private final StreamConnection connection;
    private final ByteBufferPool buffers;
    private final Duration toBegin;
    private final Next next;
    private @Nullable PooledByteBuffer pooled;
    /** What has come, while more is awaited: who has begun holds no buffer either. */
    private byte[] begun = NOTHING;

    private XnioExecutor.@Nullable Key timer;
    private boolean forPreface;
    /** Null: what is read is not held. */
    private @Nullable HeapShare memory;
    /** Somebody has been told how it went on. */
    private boolean over;

    /**
     * @param toBegin how long a client that has begun may take
     */
    FirstBytes(StreamConnection connection, ByteBufferPool buffers, Duration toBegin, Next next) {
        this.connection = connection;
        this.buffers = buffers;
        this.toBegin = toBegin;
        this.next = next;
    }

    /**
     * Begins to wait, for what comes through TLS; whoever sends nothing in time is cut off.
     *
     * @param shared what a part of a record would be held in: while it is scarce nothing is read, and the connection is ended
     */
    void await(HeapShare shared) {
        memory = shared;
        start(toBegin);
    }

    /**
     * Begins to wait, and tells the preface from other beginnings: they are read as far as they may be one.
     *
     * @param idle whoever sends nothing within this is cut off
     */
    void awaitPreface(Duration idle) {
        forPreface = true;
        start(idle);
    }

    /** Whether some have come, and it is not told yet how it goes on. */
    boolean hasBegun() {
        return begun.length > 0;
    }

    private void start(Duration atMost) {
        startTimer(atMost);
        connection.getSourceChannel().setReadListener(this);
        connection.getSourceChannel().resumeReads();
        handleEvent(connection.getSourceChannel());
    }

    private void startTimer(Duration atMost) {
        try {
            timer = connection.getIoThread().executeAfter(this::late, atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException threadHasEnded) {
            IoUtils.safeClose(connection);
        }
    }

    private void late() {
        timer = null;
        if (connection.isOpen()) {
            boolean hasBegun = hasBegun();
            end(() -> next.late(hasBegun));
        } else {
            free();
        }
    }

    @Override
    public void handleEvent(ConduitStreamSourceChannel channel) {
        if (memory != null && memory.isScarce()) {
            end(next::scarce);
            return;
        }
        PooledByteBuffer mine = buffers.allocate();
        pooled = mine;
        ByteBuffer buffer = mine.getBuffer().put(begun);
        try {
            int n = channel.read(buffer);
            if (n < 0) {
                end(next::ended);
            } else if (n > 0 && isEnough(buffer)) {
                goOn(mine);
            } else {
                if (n > 0) {
                    began(buffer);
                }
                free();
            }
        } catch (IOException faultOrGone) { // of a handshake too
            end(next::ended);
        }
    }

    /** Some of what may become the preface has come: it is to go on. */
    private void began(ByteBuffer buffer) {
        if (!hasBegun()) {
            stopTimer();
            startTimer(toBegin);
        }
        begun = new byte[buffer.position()];
        buffer.get(0, begun);
    }

    private boolean isEnough(ByteBuffer buffer) {
        return !forPreface || buffer.position() >= PREFACE.length || !beginsAsPreface(buffer);
    }

    private static boolean beginsAsPreface(ByteBuffer buffer) {
        for (int i = 0; i < Math.min(buffer.position(), PREFACE.length); i++) {
            if (buffer.get(i) != PREFACE[i]) {
                return false;
            }
        }
        return true;
    }

    private void goOn(PooledByteBuffer mine) {
        stopTimer();
        over = true;
        pooled = null;
        boolean preface =
                forPreface && mine.getBuffer().position() >= PREFACE.length && beginsAsPreface(mine.getBuffer());
        mine.getBuffer().flip();
        connection.getSourceChannel().suspendReads();
        connection.getSourceChannel().setReadListener(null);
        next.goOn(mine, preface);
    }

    private void end(Runnable tell) {
        stopTimer();
        free();
        if (!over) { // to close it may lead here again
            over = true;
            connection.getSourceChannel().suspendReads();
            tell.run();
        }
    }

    private void stopTimer() {
        XnioExecutor.Key running = timer;
        timer = null;
        if (running != null) {
            running.remove();
        }
    }

    private void free() {
        PooledByteBuffer mine = pooled;
        pooled = null;
        if (mine != null) {
            mine.close();
        }
    }
}
