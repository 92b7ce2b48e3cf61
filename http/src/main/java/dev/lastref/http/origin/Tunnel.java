package dev.lastref.http.origin;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/**
 * Bytes both ways between a client and the origin, once they speak something else than HTTP (RFC 9110, section 7.8). Each side is read
 * only as fast as the other takes it; a side that has said all closes the other's direction, and both ends are closed when both have, when
 * one breaks, or when nothing has moved for a while.
 *
 * <p>Both connections belong to one I/O thread, on which all of it happens. Whoever gets one either {@linkplain #connect connects} or
 * {@linkplain #close closes} it.
 */
public final class Tunnel implements AutoCloseable {
    private static final int BUFFERS_A_TURN = 16;

    private final StreamConnection origin;
    private final ByteBuffer behind;
    private final ByteBufferPool buffers;
    private final Duration idle;
    private final Deadline deadline;
    private final Runnable whenClosed;
    private @Nullable StreamConnection client;
    private @Nullable Direction up;
    private @Nullable Direction down;
    private boolean closed;

    /**
     * @param behind what the origin has sent already
     * @param whenClosed told when both connections are closed
     */
    Tunnel(StreamConnection origin, ByteBuffer behind, ByteBufferPool buffers, Duration idle, Runnable whenClosed) {
        this.origin = origin;
        this.behind = behind;
        this.buffers = buffers;
        this.idle = idle;
        this.whenClosed = whenClosed;
        this.deadline = new Deadline(origin.getIoThread(), this::close);
        deadline.in(idle);
    }

    /** Joins the two. The client's connection is closed with the origin's. */
    public void connect(StreamConnection to) {
        if (closed) {
            IoUtils.safeClose(to);
            return;
        }
        client = to;
        up = new Direction(to, origin, ByteBuffer.allocate(0));
        down = new Direction(origin, to, behind);
        up.start();
        down.start();
        run(up);
        run(down);
    }

    private void run(@Nullable Direction direction) {
        if (closed || direction == null) {
            return;
        }
        try {
            direction.run();
        } catch (IOException broken) {
            close();
            return;
        }
        if (up != null && up.ended && down != null && down.ended) {
            close();
        }
    }

    /** Ends both connections. On the I/O thread. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            deadline.clear();
            IoUtils.safeClose(origin);
            IoUtils.safeClose(client);
            free(up);
            free(down);
            whenClosed.run();
        }
    }

    private static void free(@Nullable Direction direction) {
        if (direction != null) {
            direction.free();
        }
    }

    /** From one to the other. It has a buffer only while there is something in it. */
    private final class Direction {
        private final StreamConnection from;
        private final StreamConnection to;
        private ByteBuffer unsent;
        private @Nullable PooledByteBuffer pooled;
        private boolean atEnd;
        private boolean ended;

        Direction(StreamConnection from, StreamConnection to, ByteBuffer unsent) {
            this.from = from;
            this.to = to;
            this.unsent = unsent;
        }

        void start() {
            from.getSourceChannel().setReadListener(ready -> Tunnel.this.run(this));
            to.getSinkChannel().setWriteListener(ready -> Tunnel.this.run(this));
        }

        void run() throws IOException {
            for (int i = 0; i < BUFFERS_A_TURN && !ended; i++) {
                if (!write()) {
                    from.getSourceChannel().suspendReads();
                    to.getSinkChannel().resumeWrites();
                    return;
                }
                if (atEnd) {
                    end();
                    return;
                }
                if (!read()) {
                    to.getSinkChannel().suspendWrites();
                    from.getSourceChannel().resumeReads();
                    return;
                }
            }
            if (!ended) {
                from.getIoThread().execute(() -> Tunnel.this.run(this)); // others get their turn
            }
        }

        private boolean write() throws IOException {
            while (unsent.hasRemaining()) {
                if (to.getSinkChannel().write(unsent) == 0) {
                    return false;
                }
                deadline.in(idle);
            }
            return true;
        }

        private boolean read() throws IOException {
            PooledByteBuffer mine = pooled;
            if (mine == null) {
                mine = buffers.allocate();
                pooled = mine;
            }
            ByteBuffer buffer = mine.getBuffer();
            buffer.clear();
            int n = from.getSourceChannel().read(buffer);
            buffer.flip();
            unsent = buffer;
            atEnd = n < 0;
            if (n <= 0) {
                free();
            } else {
                deadline.in(idle);
            }
            return n != 0;
        }

        private void end() throws IOException {
            from.getSourceChannel().suspendReads();
            to.getSinkChannel().shutdownWrites();
            ended = to.getSinkChannel().flush();
            if (!ended) {
                to.getSinkChannel().resumeWrites();
            }
        }

        void free() {
            unsent = ByteBuffer.allocate(0);
            if (pooled != null) {
                pooled.close();
                pooled = null;
            }
        }
    }
}
