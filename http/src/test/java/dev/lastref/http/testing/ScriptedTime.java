package dev.lastref.http.testing;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.semantics.HttpDates;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** The time in a sidecar's store, moved by the test. Elapsed time and wall clock go together, unless the clock is set. */
public final class ScriptedTime implements Ticker, InstantSource {
    private static final Instant START = Instant.parse("2024-02-29T12:00:00Z");

    private final AtomicLong elapsedNanos = new AtomicLong();
    private final AtomicLong clockIsAheadMillis = new AtomicLong();
    private volatile Runnable whenRead = () -> {};

    /** Runs whenever somebody asks for the elapsed time, on the thread that does, which it may hold up. */
    public void whenRead(Runnable hook) {
        whenRead = hook;
    }

    @Override
    public long read() {
        whenRead.run();
        // A ticker may begin anywhere, and passes zero.
        return elapsedNanos.get() - Duration.ofSeconds(30).toNanos();
    }

    @Override
    public Instant instant() {
        return START.plusNanos(elapsedNanos.get()).plusMillis(clockIsAheadMillis.get());
    }

    public void advance(Duration by) {
        elapsedNanos.addAndGet(by.toNanos());
    }

    public void advanceSeconds(long seconds) {
        advance(Duration.ofSeconds(seconds));
    }

    /** Somebody sets the wall clock, forward or back; no time passes. */
    public void setClock(Duration by) {
        clockIsAheadMillis.addAndGet(by.toMillis());
    }

    /** So many seconds from now, by the wall clock, as fields of HTTP have it. */
    public String date(long seconds) {
        return HttpDates.format(instant().getEpochSecond() + seconds);
    }
}
