package dev.lastref.http.log;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Says whether it is time again to tell of something that may happen thousands of times a second. Any thread. */
public final class Seldom {
    private final LongSupplier nanoTime;
    private final long everyNanos;
    private final AtomicLong next;

    public Seldom(LongSupplier nanoTime, Duration every) {
        this.nanoTime = nanoTime;
        this.everyNanos = every.toNanos();
        this.next = new AtomicLong(nanoTime.getAsLong());
    }

    /** True at first, and then for one caller each time so long has gone by. */
    public boolean isTime() {
        long now = nanoTime.getAsLong();
        long due = next.get();
        return now - due >= 0 && next.compareAndSet(due, now + everyNanos);
    }
}
