package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** The time of a test, moved by hand. Elapsed time and wall clock go together, unless the clock is set; the ticker passes zero on its way. */
final class FakeTime implements Ticker, InstantSource {
    private static final Duration TICKER_START = Duration.ofSeconds(-5);
    private static final Instant CLOCK_START = Instant.parse("2024-02-29T12:00:00Z");

    /** The wall clock's first second, for a Date. */
    static final String START = "Thu, 29 Feb 2024 12:00:00 GMT";

    private final AtomicLong elapsed = new AtomicLong();
    private final AtomicLong clockIsAhead = new AtomicLong();

    @Override
    public long read() {
        return TICKER_START.toNanos() + elapsed.get();
    }

    @Override
    public Instant instant() {
        return CLOCK_START.plusNanos(elapsed.get()).plusMillis(clockIsAhead.get());
    }

    void advance(Duration by) {
        elapsed.addAndGet(by.toNanos());
    }

    /** Somebody sets the wall clock, forward or back; no time passes. */
    void setClock(Duration by) {
        clockIsAhead.addAndGet(by.toMillis());
    }
}
