package dev.lastref.http.http2;

import static dev.lastref.http.http2.Frames.HEADER_BYTES;
import static dev.lastref.http.http2.Frames.MOST_PAYLOAD;

import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

/**
 * The frames that go to a client, gathered in one buffer and written when it is full or nothing more is to be done. Content goes in only
 * where there is room for it; what must be said at once goes behind, where there is none, and then the connection takes nothing more
 * from its client until that is gone. So a client that reads nothing can make it hold no more than that.
 */
final class FrameOutput {
    /** Kept free of content, for what is short and must be said. */
    private static final int RESERVE = 1024;
    /** A frame with less content than this is not worth its head, if a write can make more room. */
    private static final int SMALL = 4096;

    private static final int NONE = -1;
    private static final int FLAGS = 4;

    private final StreamSinkChannel channel;
    private final FrameBuffers buffers;
    private final LongSupplier nanoTime;
    private @Nullable PooledByteBuffer pooled;
    /** Behind what is in the buffer. */
    private final Deque<ByteBuffer> behind = new ArrayDeque<>();

    /** Where in the buffer the head is of the frame that was put there last, if it is content and not its end; else negative. */
    private int openAt = NONE;

    private int openStream;

    private boolean flushed = true;
    /** Something could not be said for want of a buffer; nothing more is. */
    private @Nullable NoBuffer starved;

    private boolean stalled;
    private long stalledNanos;

    FrameOutput(StreamSinkChannel channel, FrameBuffers buffers, LongSupplier nanoTime) {
        this.channel = channel;
        this.buffers = buffers;
        this.nanoTime = nanoTime;
    }

    /** Whether what is short can be said without anything having to wait behind the buffer. */
    boolean takesControl() {
        return behind.isEmpty() && (pooled == null || pooled.getBuffer().remaining() > RESERVE / 2);
    }

    /** Whether a head, or content, can go in now. */
    boolean takesMore() {
        return left() > 0;
    }

    private int left() {
        if (!behind.isEmpty() || starved != null) {
            return 0;
        }
        return pooled == null ? MOST_PAYLOAD : pooled.getBuffer().remaining() - RESERVE - HEADER_BYTES;
    }

    /** Bytes of content that can go into one frame now; writes what is there if that makes room. */
    int room() throws IOException {
        if (left() < SMALL) {
            flush();
        }
        return Math.max(0, Math.min(left(), MOST_PAYLOAD));
    }

    /**
     * Content: in a frame of its own, or in that of the same stream if it was put here just before, and there is room. Many small pieces
     * so become few frames.
     *
     * @param length of what remains in {@code from}; at most {@link #room}
     */
    void data(int stream, ByteBuffer from, int length, boolean endsStream) {
        ByteBuffer buffer = buffer();
        if (buffer == null) {
            return;
        }
        int before = openLength(buffer, stream);
        if (before >= 0 && before + length <= MOST_PAYLOAD) {
            buffer.putInt(openAt, ((before + length) << 8) | Frames.DATA);
        } else {
            openAt = buffer.position();
            openStream = stream;
            header(buffer, length, Frames.DATA, 0, stream);
        }
        if (endsStream) {
            endOpen(buffer);
        }
        int limit = from.limit();
        buffer.put(from.limit(from.position() + length));
        from.limit(limit);
        flushed = false;
    }

    /** The end of a stream's content. */
    void end(int stream) {
        ByteBuffer buffer = buffer();
        if (buffer != null && openLength(buffer, stream) >= 0) {
            endOpen(buffer);
        } else {
            frame(Frames.DATA, Frames.END_STREAM, stream, ByteBuffer.allocate(0));
        }
    }

    /** Bytes in the frame of this stream that more can be put into; negative: there is none. */
    private int openLength(ByteBuffer buffer, int stream) {
        return openAt == NONE || openStream != stream ? NONE : buffer.position() - openAt - HEADER_BYTES;
    }

    private void endOpen(ByteBuffer buffer) {
        buffer.put(openAt + FLAGS, (byte) Frames.END_STREAM);
        openAt = NONE;
    }

    /** A head: one frame, and as many to continue it as it needs (RFC 9113, section 4.3). */
    void headers(int stream, ByteBuffer block, boolean endsStream) {
        int type = Frames.HEADERS;
        int flags = endsStream ? Frames.END_STREAM : 0;
        do {
            int length = Math.min(block.remaining(), MOST_PAYLOAD);
            boolean last = length == block.remaining();
            ByteBuffer part = block.slice().limit(length);
            block.position(block.position() + length);
            frame(type, flags | (last ? Frames.END_HEADERS : 0), stream, part);
            type = Frames.CONTINUATION;
            flags = 0;
        } while (block.hasRemaining());
    }

    void frame(int type, int flags, int stream, ByteBuffer payload) {
        int needed = HEADER_BYTES + payload.remaining();
        ByteBuffer to = buffer();
        if (to == null) {
            return;
        }
        openAt = NONE;
        if (behind.isEmpty() && to.remaining() >= needed) {
            header(to, payload.remaining(), type, flags, stream);
            to.put(payload);
        } else {
            to = ByteBuffer.allocate(needed);
            header(to, payload.remaining(), type, flags, stream);
            behind.add(to.put(payload).flip());
        }
        flushed = false;
    }

    /** A frame with one number. */
    void number(int type, int stream, int number) {
        frame(type, 0, stream, ByteBuffer.allocate(4).putInt(number).flip());
    }

    private static void header(ByteBuffer to, int length, int type, int flags, int stream) {
        to.putInt((length << 8) | type).put((byte) flags).putInt(stream);
    }

    /** Null: there is none, and the connection ends with its next flush. */
    private @Nullable ByteBuffer buffer() {
        PooledByteBuffer mine = pooled;
        if (mine == null && starved == null) {
            try {
                mine = buffers.allocate();
                pooled = mine;
            } catch (NoBuffer none) {
                starved = none;
            }
        }
        return mine == null ? null : mine.getBuffer();
    }

    /**
     * Writes what the connection takes; returns whether that is all.
     *
     * @throws NoBuffer if something could not even be gathered
     */
    boolean flush() throws IOException {
        if (starved != null) {
            throw starved;
        }
        if (flushed) {
            return true;
        }
        flushed = writeBuffer() && writeBehind() && channel.flush();
        if (flushed) {
            stalled = false;
        } else if (!stalled) {
            stalled = true;
            stalledNanos = nanoTime.getAsLong();
        }
        return flushed;
    }

    private boolean writeBuffer() throws IOException {
        PooledByteBuffer mine = pooled;
        if (mine == null) {
            return true;
        }
        openAt = NONE; // what is on its way is not changed
        ByteBuffer buffer = mine.getBuffer().flip();
        try {
            write(buffer);
        } finally {
            buffer.compact();
        }
        if (buffer.position() > 0) {
            return false;
        }
        pooled = null;
        mine.close();
        return true;
    }

    private boolean writeBehind() throws IOException {
        for (ByteBuffer first = behind.peek(); first != null; first = behind.peek()) {
            write(first);
            if (first.hasRemaining()) {
                return false;
            }
            behind.remove();
        }
        return true;
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining() && channel.write(bytes) > 0) {
            stalled = false;
        }
    }

    /** For how long the client has not taken a byte of what waits, in nanoseconds; 0 if nothing waits. */
    long stalledNanos() {
        return stalled ? nanoTime.getAsLong() - stalledNanos : 0;
    }

    boolean isFlushed() {
        return flushed;
    }

    void close() {
        behind.clear();
        flushed = true;
        stalled = false;
        PooledByteBuffer mine = pooled;
        pooled = null;
        if (mine != null) {
            mine.close();
        }
    }
}
