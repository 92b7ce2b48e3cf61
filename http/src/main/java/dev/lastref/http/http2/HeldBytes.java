package dev.lastref.http.http2;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what requests by HTTP/2 hold on the heap, those of all connections together: a few bytes on the wire can stand for a large
 * head (HPACK), and one connection runs many requests. What is beyond is refused, for the client to try again. Bytes as estimated from
 * above: a head as decoded, with what its objects need, and content that nobody has read. All threads.
 */
public final class HeldBytes {
    /** A stream with its exchange, besides its head. */
    static final int STREAM = 2048;

    private static final int SHARE_OF_HEAP = 16;
    private static final long LEAST = 1 << 20;
    /** One connection may hold this part of all, */
    private static final int SHARE_OF_ONE = 4;
    /** but no more. */
    private static final long MOST_OF_ONE = 4 << 20;

    private final long most;
    private final AtomicLong held = new AtomicLong();

    HeldBytes(long most) {
        this.most = most;
    }

    /**
     * A sixteenth of the heap.
     *
     * @param heap bytes, as by {@link Runtime#maxMemory}
     */
    public static HeldBytes ofHeap(long heap) {
        return new HeldBytes(Math.max(LEAST, heap / SHARE_OF_HEAP));
    }

    /** What one connection may hold. */
    long mostOfOne() {
        return Math.min(MOST_OF_ONE, most / SHARE_OF_ONE);
    }

    /** Returns whether there is so much left; then it is taken. */
    boolean take(long bytes) {
        if (held.addAndGet(bytes) > most) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Gives back what was taken. */
    void give(long bytes) {
        held.addAndGet(-bytes);
    }

    /** What one connection holds of it. */
    Share share() {
        return new Share();
    }

    /** What one connection holds. For its I/O thread. */
    final class Share {
        private long mine;

        private Share() {}

        /** Something comes onto the heap for the client; returns whether it may. */
        boolean take(long bytes) {
            if (mine + bytes > mostOfOne() || !HeldBytes.this.take(bytes)) {
                return false;
            }
            mine += bytes;
            return true;
        }

        /** What {@link #take} has admitted is gone. */
        void give(long bytes) {
            mine -= bytes;
            HeldBytes.this.give(bytes);
        }
    }

    /** What is held now. */
    public long bytes() {
        return held.get();
    }
}
