package dev.lastref.http.memory;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one kind of thing holds on the heap, that of all connections together, and how much it may be. Who takes something gives it back.
 * Bytes, as estimated from above. All threads.
 */
public final class HeapShare {
    private final @Nullable HeapAccount all;
    private final long most;
    private final long mostTaken;
    private final long mostOfAll;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param all which this is counted in; null: none
     * @param most at which it is full
     * @param mostTaken up to which something is taken: the rest is for what must be
     * @param mostOfAll that all may hold for something to be taken
     */
    HeapShare(@Nullable HeapAccount all, long most, long mostTaken, long mostOfAll) {
        this.all = all;
        this.most = most;
        this.mostTaken = mostTaken;
        this.mostOfAll = mostOfAll;
        if (all != null) {
            all.count(held::get);
        }
    }

    /** One that is counted for itself alone. */
    public static HeapShare apart(long most) {
        return new HeapShare(null, most, most, Long.MAX_VALUE);
    }

    /** Returns whether there is room for so much; then it is taken. */
    public boolean take(long bytes) {
        boolean room = held.addAndGet(bytes) <= mostTaken;
        if (all == null) {
            return room || giveBack(bytes);
        }
        long sum = all.held();
        if (!room || sum > mostOfAll) {
            return giveBack(bytes);
        }
        all.grownTo(sum);
        return true;
    }

    /** Something is held, whether there is room for it or not. */
    public void add(long bytes) {
        held.addAndGet(bytes);
        if (all != null) {
            all.grownTo(all.held());
        }
    }

    private boolean giveBack(long bytes) {
        held.addAndGet(-bytes);
        return false;
    }

    /** It is gone. */
    public void give(long bytes) {
        held.addAndGet(-bytes);
    }

    /** Whether it is used up. */
    public boolean isScarce() {
        return held.get() >= most;
    }

    /** Whether it is used up, or all that there is. */
    public boolean isExhausted() {
        return isScarce() || bytesOfAll() >= mostOfAll;
    }

    /** What is held now. */
    public long bytes() {
        return held.get();
    }

    /** What is held now with all that is counted together with this. */
    public long bytesOfAll() {
        return all == null ? held.get() : all.held();
    }

    /** What may be held. */
    public long most() {
        return most;
    }

    /** What one holds of it. */
    public Part part() {
        return new Part();
    }

    /** What one connection or call holds, until it is over. */
    public final class Part {
        private long mine;
        private boolean closed;

        private Part() {}

        /** Whether all of the share is used up. */
        public boolean isScarce() {
            return HeapShare.this.isScarce();
        }

        /** Whether that is, or all that there is. */
        public boolean isExhausted() {
            return HeapShare.this.isExhausted();
        }

        /** Returns whether there is room for so much; then it is taken. Once it is closed there always is: it is on its way out. */
        public synchronized boolean take(long bytes) {
            if (closed) {
                return true;
            }
            if (!HeapShare.this.take(bytes)) {
                return false;
            }
            mine += bytes;
            return true;
        }

        /** Something is held, whether there is room for it or not: of what was let in. */
        public synchronized void add(long bytes) {
            if (!closed) {
                mine += bytes;
                HeapShare.this.add(bytes);
            }
        }

        /** A part of it is held no more. */
        public synchronized void give(long bytes) {
            if (!closed) {
                mine -= bytes;
                HeapShare.this.give(bytes);
            }
        }

        /** It holds so much now; returns false, and holds what it did, where there is no room for more. */
        public synchronized boolean hold(long bytes) {
            if (bytes > mine) {
                return take(bytes - mine);
            }
            give(mine - bytes);
            return true;
        }

        /** It holds nothing now, and may again. */
        public synchronized void free() {
            give(mine);
        }

        /** Nothing is held any more, and what comes now is not counted. More than once. */
        public synchronized void close() {
            if (!closed) {
                closed = true;
                HeapShare.this.give(mine);
            }
        }
    }
}
