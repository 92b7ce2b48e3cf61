package dev.lastref.http.listen;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Says once that connections cannot be accepted, mostly since the process has no descriptor left, and once that they can again. XNIO,
 * which accepts them, tries again by itself after at most 30 s, and would log each attempt. {@link DescriptorReserve} hears of it here.
 *
 * <p>XNIO does not tell about it in another way, so this looks at what it logs. One for the process, as is XNIO's log.
 */
final class AcceptFailures implements Filter {
    private static final System.Logger LOG = System.getLogger(AcceptFailures.class.getName());
    /** "Socket accept failed, backing off". */
    private static final String FAILED = "XNIO008001";

    /** Without a failure for this long, it is over. */
    private static final Duration SETTLED = Duration.ofSeconds(5);

    /** Held here: the JDK forgets loggers that nobody holds, with their filters. */
    private static final Logger XNIO = Logger.getLogger("org.xnio.nio");

    private static final LongAdder COUNT = new LongAdder();

    private static final Set<Runnable> TOLD = ConcurrentHashMap.newKeySet();

    private static volatile boolean failing;
    private static long sinceNanos;
    private static long lastNanos;

    private AcceptFailures() {}

    /**
     * Begins to tell.
     *
     * @param whenFailed runs after each failure, on XNIO's accepting thread; it is quick
     */
    static void tell(Runnable whenFailed) {
        TOLD.add(whenFailed);
        if (!(XNIO.getFilter() instanceof AcceptFailures)) {
            XNIO.setFilter(new AcceptFailures());
        }
    }

    /** The opposite of {@link #tell}. */
    static void forget(Runnable whenFailed) {
        TOLD.remove(whenFailed);
    }

    /** Attempts to accept that have failed so far. */
    static long count() {
        return COUNT.sum();
    }

    /** Somebody waits to be accepted, or may, and it was not even tried: there is nothing to do it with. */
    static void untried() {
        failed("no descriptor is left for one");
    }

    /** A client's connection has been accepted. */
    static void accepted() {
        if (failing) {
            goesOn();
        }
    }

    private static synchronized void goesOn() {
        long now = System.nanoTime();
        // At the edge some succeed between those that fail.
        if (failing && now - lastNanos >= SETTLED.toNanos()) {
            failing = false;
            Duration took = Duration.ofNanos(now - sinceNanos);
            LOG.log(System.Logger.Level.INFO, "connections are accepted again, after {0} s", took.toSeconds());
        }
    }

    @Override
    public boolean isLoggable(LogRecord record) {
        String message = record.getMessage();
        if (message == null || !message.startsWith(FAILED)) {
            return true;
        }
        failed(message.substring(message.lastIndexOf(": ") + 2));
        TOLD.forEach(Runnable::run);
        return false;
    }

    private static synchronized void failed(String why) {
        COUNT.increment();
        lastNanos = System.nanoTime();
        if (!failing) {
            failing = true;
            sinceNanos = lastNanos;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no connection can be accepted for now: {0}. Those there are go on, others wait; it is tried again without"
                            + " further word. Is the limit of open files (ulimit -n) enough?",
                    why);
        }
    }
}
