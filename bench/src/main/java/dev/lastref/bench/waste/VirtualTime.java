package dev.lastref.bench.waste;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Instant;
import java.time.InstantSource;

/** The time of a run, moved by its one driver and read by all: elapsed nanoseconds and wall clock go together. */
final class VirtualTime implements Ticker, InstantSource {
    private static final Instant BEGIN = Instant.parse("2024-02-29T00:00:00Z");

    private volatile long elapsedNanos;

    @Override
    public long read() {
        return elapsedNanos;
    }

    @Override
    public Instant instant() {
        return BEGIN.plusNanos(elapsedNanos);
    }

    /** The driver only. */
    void moveTo(long nanos) {
        if (nanos < elapsedNanos) {
            throw new IllegalArgumentException("time goes back from " + elapsedNanos + " to " + nanos);
        }
        elapsedNanos = nanos;
    }
}
