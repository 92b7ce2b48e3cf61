package dev.lastref.http.origin;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what the heads of origins' responses hold on the heap, those of all calls together: those that are being received, and those
 * of calls that run. A call that would hold more is ended. Bytes as estimated from above. All threads.
 */
public final class HeldHeads {
    private static final int SHARE_OF_HEAP = 8;
    private static final long LEAST = 2 << 20;

    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most bytes */
    HeldHeads(long most) {
        this.most = most;
    }

    /**
     * An eighth of the heap.
     *
     * @param heap bytes, as by {@link Runtime#maxMemory}
     */
    public static HeldHeads ofHeap(long heap) {
        return new HeldHeads(Math.max(LEAST, heap / SHARE_OF_HEAP));
    }

    /** What is held now. */
    long bytes() {
        return held.get();
    }

    /** What one call holds of it. */
    Share share() {
        return new Share();
    }

    /** What one call holds. For its I/O thread. */
    final class Share {
        private long mine;

        private Share() {}

        /** It holds so many bytes now; returns false, and holds what it did, where there is no room for more. */
        boolean hold(long bytes) {
            long more = bytes - mine;
            if (held.addAndGet(more) > most && more > 0) {
                held.addAndGet(-more);
                return false;
            }
            mine = bytes;
            return true;
        }

        /** It holds nothing any more. More than once. */
        void free() {
            held.addAndGet(-mine);
            mine = 0;
        }
    }
}
