package dev.lastref.http.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.cache.FetchFailure;
import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.Reason;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Streams a request's content from the client to the origin, a buffer at a time, at the pace of the slower. Content without a length
 * goes on in chunks (RFC 9112, section 7.1). What the client does not finish never looks whole to the origin.
 *
 * <pre>
 *  OPEN ──► SENT
 *    └────► STOPPED (the client broke off, the origin wants no more, or the call is over)
 * </pre>
 */
final class RequestBody {
    private static final int BUFFERS_A_TURN = 16;
    /** Room for a chunk's size in front, and its end behind. */
    private static final int BEFORE = 10;

    private static final int BEHIND = 2;
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(ISO_8859_1);

    private enum State {
        OPEN,
        SENT,
        STOPPED
    }

    /** Who is told when it cannot go on. */
    interface Owner {
        /** The client's content ended early, or is none. */
        void clientBroke(FetchFailure why, String detail);

        /** All of it is sent. */
        void contentSent();

        /** The origin takes no more; it may have said why. */
        void originTakesNoMore(IOException why);
    }

    private final OriginRequest.Content content;
    private final OriginConnection to;
    private final Owner owner;
    private final boolean chunked;
    private final ByteBufferPool buffers;
    private State state = State.OPEN;
    private @Nullable PooledByteBuffer pooled;
    private boolean unsent;
    private boolean ended;
    private long received;
    private long written;

    RequestBody(OriginRequest.Content content, OriginConnection to, ByteBufferPool buffers, Owner owner) {
        this.content = content;
        this.to = to;
        this.buffers = buffers;
        this.owner = owner;
        this.chunked = content.length() < 0;
    }

    void start() {
        content.channel().getReadSetter().set(ready -> run());
        run();
    }

    /** The client has sent something, or the origin takes something. */
    void run() {
        if (state != State.OPEN) {
            return;
        }
        content.channel().suspendReads();
        to.suspendWrites();
        for (int i = 0; i < BUFFERS_A_TURN && state == State.OPEN; i++) {
            if (unsent && !write()) {
                return;
            }
            if (ended) {
                stop(State.SENT);
                owner.contentSent();
                return;
            }
            if (!read()) {
                return;
            }
        }
        if (state == State.OPEN) {
            to.thread().execute(this::run); // others get their turn
        }
    }

    /** Returns whether the buffer is empty. */
    private boolean write() {
        ByteBuffer buffer = buffer();
        try {
            while (buffer.hasRemaining()) {
                int n = to.write(buffer);
                if (n == 0) {
                    to.resumeWrites();
                    return false;
                }
                written += n;
            }
        } catch (IOException e) {
            stop(State.STOPPED);
            owner.originTakesNoMore(e);
            return false;
        }
        unsent = false;
        return true;
    }

    /** Returns whether there is something to write. */
    private boolean read() {
        ByteBuffer buffer = buffer();
        buffer.clear();
        if (chunked) {
            buffer.limit(buffer.capacity() - BEHIND).position(BEFORE);
        }
        int n;
        try {
            n = content.channel().read(buffer);
        } catch (IOException e) {
            broke(FetchFailure.CLIENT_BROKE, Reason.of(e));
            return false;
        }
        FramingFault fault = content.fault().get();
        if (fault != null && n <= 0) {
            broke(FetchFailure.CLIENT_MALFORMED, fault.reason());
            return false;
        }
        if (n == 0) {
            content.channel().resumeReads();
            return false;
        }
        if (n > 0) {
            received += n;
            if (received > content.most()) {
                broke(FetchFailure.CLIENT_TOO_LARGE, "more than " + content.most() + " bytes");
                return false;
            }
            frame(buffer, n);
        } else if (!chunked && received < content.length()) {
            broke(FetchFailure.CLIENT_BROKE, received + " of " + content.length() + " bytes came");
            return false;
        } else {
            ended = true;
            buffer.clear();
            buffer.put(chunked ? LAST_CHUNK : new byte[0]).flip();
        }
        unsent = true;
        return true;
    }

    private void frame(ByteBuffer buffer, int length) {
        if (!chunked) {
            buffer.flip();
            return;
        }
        int end = BEFORE + length;
        buffer.limit(end + BEHIND).position(end);
        buffer.put((byte) '\r').put((byte) '\n');
        byte[] size = (Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1);
        buffer.position(BEFORE - size.length);
        buffer.put(size);
        buffer.position(BEFORE - size.length);
    }

    private void broke(FetchFailure why, String detail) {
        stop(State.STOPPED);
        owner.clientBroke(why, detail);
    }

    private ByteBuffer buffer() {
        PooledByteBuffer mine = pooled;
        if (mine == null) {
            mine = buffers.allocate();
            pooled = mine;
        }
        return mine.getBuffer();
    }

    /** Bytes that the client has sent. */
    long received() {
        return received;
    }

    /** Bytes that the origin's connection took. */
    long written() {
        return written;
    }

    /** Whether it is the client whose turn it is. */
    boolean awaitsClient() {
        return state == State.OPEN && !unsent;
    }

    /** Whether all of it went out. */
    boolean isSent() {
        return state == State.SENT;
    }

    /** Nothing is read or written any more. */
    void stop() {
        stop(State.STOPPED);
    }

    private void stop(State last) {
        if (state == State.OPEN) {
            state = last;
            content.channel().suspendReads();
        }
        PooledByteBuffer mine = pooled;
        pooled = null;
        if (mine != null) {
            mine.close();
        }
    }
}
