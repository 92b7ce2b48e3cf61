package dev.lastref.pool;

import dev.lastref.pool.linux.Swaps;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Whether pages of the pool may be in swap, looked up now and then by the reclaimer's thread, so that a hit only reads a field. Where
 * the kernel cannot say which pages are ({@code cachestat} is missing or denied) it is as if there were no swap: sends may then wait.
 */
final class SwapWatch {
    /** Swap is switched on by people. */
    static final long BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(10);

    private static final System.Logger LOG = System.getLogger(SwapWatch.class.getName());

    /** Says whether there is swap. */
    @FunctionalInterface
    interface Source {
        /** What /proc/swaps says of this system. */
        Source SYSTEM = () -> Swaps.ofThisSystem().areOn();

        boolean isOn() throws IOException;
    }

    private final Source source;
    private boolean looked;
    private long lookedNanos;
    private volatile boolean on;
    private volatile boolean blind;

    SwapWatch(Source source) {
        this.source = source;
    }

    /** Looks, if it is time to; returns how long there is nothing to do. The reclaimer's thread only. */
    long look(long now) {
        long left = looked ? lookedNanos + BETWEEN_LOOKS - now : 0;
        if (left > 0) {
            return left;
        }
        looked = true;
        lookedNanos = now;
        try {
            boolean isOn = source.isOn();
            if (isOn != on) {
                on = isOn;
            }
        } catch (IOException e) {
            on = false; // as where there is no /proc: nothing is assumed
        }
        return BETWEEN_LOOKS;
    }

    /** Whether it is worth asking the kernel which pages are in memory. Any thread. */
    boolean mayBeSwappedOut() {
        return on && !blind;
    }

    /** The kernel could not be asked. Any thread. */
    void cannotBeAsked(IOException why) {
        if (!blind) {
            blind = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "swap is on, and the kernel does not say what is in it, so hits may wait for it: {0}",
                    why.getMessage());
        }
    }
}
