package dev.lastref.pool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread that moves segments through the second half of their life. Each cycle does a bounded amount of work: retire what is
 * dead, ask owners to make room where the pool runs low, and put the kernel's question to a few draining segments.
 *
 * <p>A granted seal costs about 0.1 ms, a refused one 160 ms, so a segment that was refused is asked again after a delay that doubles,
 * and those never asked go first. While allocations are being refused the delay stays short: then a late answer costs more than a
 * vain question.
 */
final class Reclaimer {
    private static final System.Logger LOG = System.getLogger(Reclaimer.class.getName());
    private static final int PROBES_A_CYCLE = 4;
    private static final long FIRST_DELAY = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_DELAY = TimeUnit.SECONDS.toNanos(2);
    private static final long LONGEST_DELAY_UNDER_PRESSURE = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long PRESSURE_LASTS = TimeUnit.SECONDS.toNanos(1);

    private final TmpfsPool pool;
    private final PoolConfig config;
    private final Thread thread;
    private final List<Segment> draining = new ArrayList<>();
    private final long reserve;
    /** The largest allocation refused since room was last made. */
    private final AtomicLong demand = new AtomicLong();

    private volatile long pressureEndsNanos;
    private volatile boolean stopped;

    Reclaimer(TmpfsPool pool, PoolConfig config) {
        this.pool = pool;
        this.config = config;
        this.reserve = 2L * config.segmentSize();
        this.pressureEndsNanos = config.nanoClock().getAsLong();
        this.thread = new Thread(this::run, "lastref-reclaimer");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Ends the thread and waits for it: at most one refused probe, 160 ms. */
    void stop() {
        stopped = true;
        wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // kept for the caller: the files must not be closed under a running probe
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Bytes to keep free, so that an allocation finds room without waiting for a proof. */
    long reserve() {
        return reserve;
    }

    /** An allocation of this many bytes was refused. */
    void demand(long bytes) {
        demand.accumulateAndGet(Math.min(bytes, config.capacity() / 2), Math::max);
        pressureEndsNanos = now() + PRESSURE_LASTS;
        wake();
    }

    private void run() {
        while (!stopped) {
            long idleNanos;
            try {
                idleNanos = cycle();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a reclaimer cycle failed; the next one tries again", e);
                idleNanos = LONGEST_DELAY;
            }
            if (idleNanos == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else if (idleNanos > 0) {
                LockSupport.parkNanos(this, idleNanos);
            }
        }
    }

    /** One turn of the duty cycle; returns how long there is nothing to do. */
    private long cycle() {
        draining.addAll(pool.retire());
        boolean waiting = makeRoom();
        long idle = probe();
        return waiting ? Math.min(idle, LONGEST_DELAY_UNDER_PRESSURE) : idle;
    }

    /** Asks owners to give up as many segments' extents as the pool is short of. Returns whether any were asked. */
    private boolean makeRoom() {
        long wanted = Math.max(reserve, demand.get());
        long coming = pool.freeBytes();
        List<Segment> candidates = new ArrayList<>();
        for (Segment segment : pool.segments()) {
            if (isComing(segment)) {
                coming += segment.size();
            } else if (segment.state() == SegmentState.LIVE && !segment.isEvicting()) {
                candidates.add(segment);
            }
        }
        if (coming >= wanted) {
            demand.set(0);
            return false;
        }
        candidates.sort(Comparator.comparingLong(Reclaimer::emptiness).thenComparingInt(Segment::id));
        boolean asked = false;
        for (Segment victim : candidates) {
            // What is being sent would stay on the account, and could not even be hit meanwhile.
            if (coming < wanted && !victim.isBeingSent()) {
                evict(victim);
                coming += victim.size();
                asked = true;
            }
        }
        return asked;
    }

    /** Whether the segment's bytes will be free soon, by all that is known. */
    private static boolean isComing(Segment segment) {
        return switch (segment.state()) {
            case RETIRED -> true;
            case DRAINING -> segment.probes() == 0; // once refused, it may take long
            case LIVE -> segment.isEvicting() && !segment.isBeingSent();
            case FILLING, RELEASED -> false;
        };
    }

    /** Eighths of the segment that live: the emptier goes first, the older among equals. */
    private static long emptiness(Segment segment) {
        return segment.liveBytes() * 8 / segment.size();
    }

    private void evict(Segment victim) {
        config.listener().evicted(victim.liveBytes());
        victim.markEvicting();
        pool.extentsOf(victim).forEach(Extent::askOwnerToReclaim);
    }

    /** Asks the kernel about some draining segments; returns the time until the next one is due. */
    private long probe() {
        draining.sort(Comparator.comparingInt(Segment::probes).thenComparingLong(Segment::nextProbeNanos));
        int asked = 0;
        long idle = Long.MAX_VALUE;
        for (Segment segment : List.copyOf(draining)) {
            long due = segment.probes() == 0 ? 0 : segment.nextProbeNanos() - now();
            if (due > 0) {
                idle = Math.min(idle, due);
            } else if (asked == PROBES_A_CYCLE || stopped) {
                return 0;
            } else if (isReleased(segment)) {
                draining.remove(segment);
                pool.release(segment);
            } else {
                asked++;
                long delay = delayAfter(segment.probes());
                segment.probeAgainAt(now() + delay);
                idle = Math.min(idle, delay);
            }
        }
        return idle;
    }

    private boolean isReleased(Segment segment) {
        long began = now();
        boolean granted;
        try {
            granted = segment.file().sealAgainstWrites();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot ask about " + segment + "; its bytes stay on the account", e);
            granted = false;
        }
        config.listener().sealProbed(granted, now() - began);
        return granted;
    }

    private long delayAfter(int probes) {
        long longest = pressureEndsNanos - now() > 0 ? LONGEST_DELAY_UNDER_PRESSURE : LONGEST_DELAY;
        return Math.min(longest, FIRST_DELAY << Math.min(probes, 20));
    }

    private long now() {
        return config.nanoClock().getAsLong();
    }
}
