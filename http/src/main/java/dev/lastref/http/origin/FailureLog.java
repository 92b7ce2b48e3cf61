package dev.lastref.http.origin;

import dev.lastref.cache.FetchFailure;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Logs the origin's failures: the first at once, then at most one line in some seconds, with the count of those left out. */
final class FailureLog {
    private static final System.Logger LOG = System.getLogger(FailureLog.class.getName());
    private static final long EVERY = TimeUnit.SECONDS.toNanos(5);

    private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());
    private final AtomicInteger leftOut = new AtomicInteger();

    void failed(String origin, OriginRequest request, FetchFailure why, String detail) {
        String text =
                "origin " + origin + ", " + request.method() + " " + request.target() + ": " + why + ", " + detail;
        if (!why.isOrigins()) { // the clients' doing
            LOG.log(System.Logger.Level.DEBUG, text);
            return;
        }
        long now = System.nanoTime();
        long next = nextNanos.get();
        if (now - next < 0 || !nextNanos.compareAndSet(next, now + EVERY)) {
            leftOut.incrementAndGet();
            return;
        }
        int others = leftOut.getAndSet(0);
        LOG.log(System.Logger.Level.WARNING, others == 0 ? text : text + " (and " + others + " other failures before)");
    }
}
