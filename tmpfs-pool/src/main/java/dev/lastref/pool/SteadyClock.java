package dev.lastref.pool;

import java.util.function.LongSupplier;

/**
 * A clock that never goes back. Where the one that it reads jumps back, it stands still for that reading and goes on from there: what
 * was due in a second is due in a second, and not in an hour and a second. A jump forward it follows. Threads: any.
 */
final class SteadyClock implements LongSupplier {
    private final LongSupplier source;
    private long last;
    private long offset;

    SteadyClock(LongSupplier source) {
        this.source = source;
        this.last = source.getAsLong();
    }

    @Override
    public synchronized long getAsLong() {
        long now = source.getAsLong() + offset;
        if (now - last < 0) {
            offset += last - now;
            now = last;
        }
        last = now;
        return now;
    }
}
