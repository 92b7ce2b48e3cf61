package dev.lastref.http.http2;

import java.nio.ByteBuffer;

/** Content of a request that has come and nobody has read: at most a window's worth, on the heap, however small its frames were. */
final class ReceivedContent {
    private static final int FIRST_BYTES = 2048;
    private static final byte[] NONE = {};

    private byte[] bytes = NONE;
    private int from;
    private int to;

    void append(ByteBuffer more) {
        int length = more.remaining();
        if (bytes.length - to < length) {
            makeRoomFor(length);
        }
        more.get(bytes, to, length);
        to += length;
    }

    /** Each byte is moved a bounded number of times: by a move at least half of what there is becomes free. */
    private void makeRoomFor(int length) {
        int held = to - from;
        int needed = held + length;
        byte[] target = needed <= bytes.length / 2 ? bytes : new byte[Math.max(FIRST_BYTES, 2 * needed)];
        System.arraycopy(bytes, from, target, 0, held);
        bytes = target;
        from = 0;
        to = held;
    }

    /** Returns how many bytes were moved. */
    int read(ByteBuffer target) {
        int n = Math.min(to - from, target.remaining());
        target.put(bytes, from, n);
        from += n;
        if (isEmpty()) {
            drop();
        }
        return n;
    }

    boolean isEmpty() {
        return from == to;
    }

    /** Returns how many bytes were dropped. */
    int drop() {
        int n = to - from;
        bytes = NONE;
        from = 0;
        to = 0;
        return n;
    }
}
