package dev.lastref.http.http2;

import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSourceChannel;

/**
 * Takes what a client sends apart into frames (RFC 9113, section 4.1), each handed on when all of it is there. While more is waited for
 * it holds no buffer but the bytes that have come, so nobody makes it hold more than was sent.
 */
final class FrameInput {
    private static final byte[] PREFACE = {
        'P', 'R', 'I', ' ', '*', ' ', 'H', 'T', 'T', 'P', '/', '2', '.', '0', '\r', '\n', '\r', '\n', 'S', 'M', '\r',
        '\n', '\r', '\n'
    };

    private static final byte[] NOTHING = {};

    /** Takes frames. */
    interface Receiver {
        /** Whether it takes another one now. */
        boolean isReady();

        /**
         * @param payload good until this returns
         */
        void frame(int type, int flags, int stream, ByteBuffer payload) throws IOException;
    }

    private final FrameBuffers buffers;
    private @Nullable PooledByteBuffer pooled;
    /** Part of a frame, while there is no buffer. */
    private byte[] parked = NOTHING;
    /** So many bytes are counted as held for it. */
    private int held;

    private int prefaceBytes;

    FrameInput(FrameBuffers buffers) {
        this.buffers = buffers;
    }

    /** Begins with what has been read already. */
    void begin(ByteBuffer bytes) {
        parked = new byte[bytes.remaining()];
        bytes.get(parked);
    }

    /**
     * Reads once.
     *
     * @return as {@link StreamSourceChannel#read}
     */
    int read(StreamSourceChannel channel) throws IOException {
        int n = channel.read(buffer());
        if (n <= 0) {
            park();
        }
        return n;
    }

    /** Hands on whole frames, as long as the receiver takes them. */
    void drainTo(Receiver receiver) throws IOException {
        if (pooled == null && parked.length == 0) {
            return;
        }
        ByteBuffer buffer = buffer().flip();
        PooledByteBuffer mine = pooled;
        try {
            while (skipPreface(buffer) && receiver.isReady() && next(buffer, receiver)) {
                // one after the other
            }
        } finally {
            if (pooled == mine) { // the receiver may have closed everything
                buffer.compact();
                if (buffer.position() == 0) {
                    close();
                }
            }
        }
    }

    private boolean skipPreface(ByteBuffer buffer) throws ConnectionFault {
        while (prefaceBytes < PREFACE.length && buffer.hasRemaining()) {
            if (buffer.get() != PREFACE[prefaceBytes++]) {
                throw new ConnectionFault(ErrorCode.PROTOCOL_ERROR, "no preface");
            }
        }
        return prefaceBytes == PREFACE.length;
    }

    private static boolean next(ByteBuffer buffer, Receiver receiver) throws IOException {
        if (buffer.remaining() < Frames.HEADER_BYTES) {
            return false;
        }
        int at = buffer.position();
        int length = buffer.getInt(at) >>> 8;
        if (length > Frames.MOST_PAYLOAD) {
            throw new ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a frame of " + length + " bytes");
        }
        if (buffer.remaining() < Frames.HEADER_BYTES + length) {
            return false;
        }
        int type = buffer.get(at + 3) & 0xff;
        int flags = buffer.get(at + 4) & 0xff;
        int stream = buffer.getInt(at + 5) & Integer.MAX_VALUE;
        ByteBuffer payload = buffer.slice(at + Frames.HEADER_BYTES, length);
        buffer.position(at + Frames.HEADER_BYTES + length);
        receiver.frame(type, flags, stream, payload);
        return true;
    }

    /** While nothing is being read: whether a part of something is there that is not content, whose rest is owed. */
    boolean owesControl() {
        return parked.length == 0 ? prefaceBytes < PREFACE.length : parked.length < 4 || parked[3] != Frames.DATA;
    }

    private ByteBuffer buffer() throws NoBuffer {
        PooledByteBuffer mine = pooled;
        if (mine == null) {
            mine = buffers.allocate();
            pooled = mine;
            mine.getBuffer().put(parked);
            unpark();
        }
        return mine.getBuffer();
    }

    /**
     * Holds no buffer but the bytes that are there.
     *
     * @throws NoBuffer where there is no room for them
     */
    void park() throws NoBuffer {
        PooledByteBuffer mine = pooled;
        if (mine != null && mine.getBuffer().position() == 0) {
            close();
        } else if (mine != null) {
            byte[] rest = new byte[mine.getBuffer().position()];
            mine.getBuffer().get(0, rest);
            close();
            buffers.hold(rest.length);
            held = rest.length;
            parked = rest;
        }
    }

    private void unpark() {
        parked = NOTHING;
        buffers.release(held);
        held = 0;
    }

    void close() {
        PooledByteBuffer mine = pooled;
        pooled = null;
        unpark();
        if (mine != null) {
            mine.close();
        }
    }
}
