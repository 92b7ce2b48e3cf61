package dev.lastref.http.origin;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * How many requests an origin has at a time, and who waits to be the next. Who takes a slot releases it, once. All threads; only
 * requests that go to the origin come here.
 */
final class OriginSlots {
    private final int most;
    private final int mostWaiting;
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    /** Changed by who has the lock. */
    private volatile int taken;

    /** Somebody who waits. */
    record Waiter(Runnable granted) {
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    OriginSlots(int most, int mostWaiting) {
        this.most = most;
        this.mostWaiting = mostWaiting;
    }

    /** Takes a slot, if one is free and nobody was first. */
    synchronized boolean tryTake() {
        if (taken >= most || !waiting.isEmpty()) {
            return false;
        }
        taken++;
        return true;
    }

    /**
     * Waits for a slot.
     *
     * @param granted run by whoever releases the slot, which is taken then
     * @return null: too many wait already
     */
    synchronized @Nullable Waiter await(Runnable granted) {
        if (taken < most) { // one became free since
            taken++;
            granted.run();
            return new Waiter(granted);
        }
        if (waiting.size() >= mostWaiting) {
            return null;
        }
        Waiter added = new Waiter(granted);
        waiting.addLast(added);
        return added;
    }

    /**
     * Waits no longer.
     *
     * @return false: the slot has been granted, and must be released
     */
    synchronized boolean cancel(Waiter waiter) {
        return waiting.remove(waiter);
    }

    /** Gives a slot back, or on to who waits longest. */
    void release() {
        Waiter next;
        synchronized (this) {
            next = waiting.pollFirst();
            if (next == null) {
                taken--;
            }
        }
        if (next != null) {
            next.granted.run();
        }
    }

    /** Requests that run or wait. */
    synchronized int outstanding() {
        return taken + waiting.size();
    }

    /** Requests that run. */
    int taken() {
        return taken;
    }

    /** Requests that wait. */
    synchronized int waiting() {
        return waiting.size();
    }
}
