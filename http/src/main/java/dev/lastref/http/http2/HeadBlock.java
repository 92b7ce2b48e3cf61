package dev.lastref.http.http2;

import java.nio.ByteBuffer;

/**
 * Gathers the block of one HEADERS frame and those that continue it (RFC 9113, section 6.10), within bounds: nobody sees a head before
 * its end, and one without end ends the connection (CVE-2024-27316). For one connection.
 */
final class HeadBlock {
    private static final int MOST_CONTINUATIONS = 64;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** Encoded; what is more cannot be a head that would be taken. */
    private final int mostBytes;

    private ByteBuffer bytes = NONE;
    private int stream;
    private boolean endsStream;
    private boolean dependsOnItself;
    private int continuations;

    HeadBlock(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Whether its end has not come. */
    boolean isOpen() {
        return stream != 0;
    }

    int stream() {
        return stream;
    }

    boolean endsStream() {
        return endsStream;
    }

    boolean dependsOnItself() {
        return dependsOnItself;
    }

    /** A HEADERS frame. */
    void begin(int id, int flags, ByteBuffer payload) throws ConnectionFault {
        int padding = Padding.of(flags, payload);
        dependsOnItself = false;
        if (Frames.has(flags, Frames.HAS_PRIORITY)) {
            if (payload.remaining() < 5) {
                throw new ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a head without room for its priority");
            }
            dependsOnItself = (payload.getInt() & Integer.MAX_VALUE) == id;
            payload.get();
        }
        Padding.strip(padding, payload);
        stream = id;
        endsStream = Frames.has(flags, Frames.END_STREAM);
        continuations = 0;
        add(payload);
    }

    /** A CONTINUATION frame. */
    void more(ByteBuffer payload) throws ConnectionFault {
        if (++continuations > MOST_CONTINUATIONS) {
            throw new ConnectionFault(
                    ErrorCode.ENHANCE_YOUR_CALM, "a head in more than " + MOST_CONTINUATIONS + " parts");
        }
        add(payload);
    }

    private void add(ByteBuffer payload) throws ConnectionFault {
        int length = bytes.position() + payload.remaining();
        if (length > mostBytes) {
            throw new ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "a head of more than " + mostBytes + " bytes");
        }
        if (length > bytes.capacity()) {
            ByteBuffer before = bytes.flip();
            bytes = ByteBuffer.allocate(Math.min(mostBytes, Math.max(length, 2 * before.capacity())))
                    .put(before);
        }
        bytes.put(payload);
    }

    /** Its end has come: all of it, ready to be read. */
    ByteBuffer end() {
        ByteBuffer all = bytes.flip();
        bytes = NONE;
        stream = 0;
        return all;
    }
}
