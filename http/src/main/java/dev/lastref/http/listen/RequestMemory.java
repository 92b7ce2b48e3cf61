package dev.lastref.http.listen;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what requests of HTTP/1.1 hold on the heap beside their exchanges, those of all connections together: heads, complete or not,
 * requests that wait behind one that is being answered, and buffers for which there was no room outside the heap. Who asks when there is
 * none left is refused (503), and what is answered without the server goes on. Bytes as estimated from above. All threads.
 */
public final class RequestMemory {
    private static final int SHARE_OF_HEAP = 8;
    private static final long LEAST = 2 << 20;
    /** Of administrators. */
    private static final long OF_ADMINISTRATION = 4 << 20;

    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most bytes */
    RequestMemory(long most) {
        this.most = most;
    }

    /**
     * An eighth of the heap.
     *
     * @param heap bytes, as by {@link Runtime#maxMemory}
     */
    public static RequestMemory ofHeap(long heap) {
        return new RequestMemory(Math.max(LEAST, heap / SHARE_OF_HEAP));
    }

    /** That of administrators, which clients cannot use up. */
    static RequestMemory ofAdministration() {
        return new RequestMemory(OF_ADMINISTRATION);
    }

    /** Whether requests that come are to be refused. */
    boolean isScarce() {
        return held.get() >= most;
    }

    private boolean take(long bytes) {
        if (held.addAndGet(bytes) > most - most / 4) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Something is held, whether there is room for it or not. */
    void add(long bytes) {
        held.addAndGet(bytes);
    }

    /** It is gone. */
    void give(long bytes) {
        held.addAndGet(-bytes);
    }

    /** What is held now. */
    public long bytes() {
        return held.get();
    }

    /** What one connection holds of it. */
    Share share() {
        return new Share();
    }

    /** What one connection holds, until it is closed. */
    final class Share {
        private long mine;
        private boolean closed;

        private Share() {}

        /** Whether requests that come are to be refused. */
        boolean isScarce() {
            return RequestMemory.this.isScarce();
        }

        /** Returns whether there is room for that and a quarter is left to others, who hold little; then it is taken. */
        synchronized boolean take(long bytes) {
            if (closed) {
                return true;
            }
            if (!RequestMemory.this.take(bytes)) {
                return false;
            }
            mine += bytes;
            return true;
        }

        /** Something is held, whether there is room for it or not: of a request that was taken. */
        synchronized void add(long bytes) {
            if (!closed) {
                mine += bytes;
                RequestMemory.this.add(bytes);
            }
        }

        /** A part of it is held no more. */
        synchronized void give(long bytes) {
            if (!closed) {
                mine -= bytes;
                RequestMemory.this.give(bytes);
            }
        }

        /** Nothing is held any more, and what comes now is not counted. More than once. */
        synchronized void close() {
            if (!closed) {
                closed = true;
                RequestMemory.this.give(mine);
            }
        }
    }
}
