package dev.lastref.pool;

import dev.lastref.pool.linux.DeferredFrees;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread that moves segments through the second half of their life. Each cycle does a bounded amount of work: retire what is
 * dead, ask owners to make room where the pool runs low, punch what is stuck, and put the kernel's question to a few draining segments.
 *
 * <p>When a question is due is said by {@link ProbeTimes}; those never asked go first. While allocations are being refused the longest
 * delay is short: then a late answer costs more than a vain question.
 */
final class Reclaimer {
    private static final System.Logger LOG = System.getLogger(Reclaimer.class.getName());
    private static final int PROBES_A_CYCLE = 4;
    private static final long LONGEST_DELAY = TimeUnit.SECONDS.toNanos(2);
    private static final long LONGEST_DELAY_UNDER_PRESSURE = TimeUnit.MILLISECONDS.toNanos(200);
    /** How long an owner that was asked to let go is waited for before others are asked. */
    private static final long OWNERS_MAY_TAKE = TimeUnit.MILLISECONDS.toNanos(100);

    /** A segment is worth emptying if one in this many of its bytes is dead. */
    private static final int SPARSE = 8;
    /** Segments are emptied even without need once one in this many bytes of the pool is dead. */
    private static final int DEAD_AT_MOST = 10;

    private static final int SEGMENTS_MOVED_A_CYCLE = 2;
    /** Of some there is little or nothing to move, or no room. */
    private static final int SEGMENTS_VISITED_A_CYCLE = 16;

    private static final long EVACUATE_AGAIN_AFTER = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long SOON = TimeUnit.SECONDS.toNanos(1);

    private static final long PRESSURE_LASTS = TimeUnit.SECONDS.toNanos(1);

    private final SegmentAccount account;
    private final PoolConfig config;
    private final TransmitLedger ledger;
    private final SwapWatch swap;
    private final UnprovenBytes unproven;
    private final Puncher puncher;
    private final Preparer preparer;
    private final Evacuator evacuator;
    private final ProbeTimes probeTimes;
    private final Pace pace;
    private final Thread thread;
    /** DRAINING, and not looked at yet: nobody else knows of them, so a cycle that fails must leave the rest here. */
    private final Deque<Segment> arrived = new ArrayDeque<>();

    private final List<Segment> draining = new ArrayList<>();
    /** The largest allocation refused since room was last made. */
    private final AtomicLong demand = new AtomicLong();

    private boolean movingFailed;
    private boolean askingFailed;

    private volatile long pressureEndsNanos;
    /** Until then owners may give way to a smaller pool by themselves: they know better than we what they can do without. */
    private volatile long ownersChooseUntilNanos;
    /** Whether there is news since the cycle began. Beside the thread's permit, which waiting for the pool's lock may use up. */
    private volatile boolean woken;

    private volatile long unprovenForNanos;
    private volatile boolean stopped;

    /** @param pace at which room is being taken */
    Reclaimer(
            SegmentAccount account,
            SegmentFiles files,
            PoolConfig config,
            TransmitLedger ledger,
            SwapWatch swap,
            Pace pace) {
        this.account = account;
        this.pace = pace;
        this.config = config;
        this.ledger = ledger;
        this.swap = swap;
        this.unproven = new UnprovenBytes(account, config.listener(), new LedgerHint(ledger));
        this.puncher = new Puncher(account, files, ledger, unproven, config.punching());
        this.unprovenForNanos = config.unprovenFor().toNanos();
        this.preparer = new Preparer(account, swap);
        this.evacuator = new Evacuator(account, config);
        this.pressureEndsNanos = config.nanoClock().getAsLong();
        this.ownersChooseUntilNanos = pressureEndsNanos;
        this.probeTimes = new ProbeTimes(ledger);
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
        woken = true;
        LockSupport.unpark(thread);
    }

    /** An allocation of this many bytes was refused. */
    void demand(long bytes) {
        demand.accumulateAndGet(Math.min(bytes, account.budget().capacity() / 2), Math::max);
        pressureEndsNanos = now() + PRESSURE_LASTS;
        ledger.hurry();
        wake();
    }

    /** The pool is to be another size. */
    void resized() {
        ownersChooseUntilNanos = now() + OWNERS_MAY_TAKE;
        wake();
    }

    /** From now on what cannot be proven stays on the account for so long. */
    void unprovenFor(Duration duration) {
        unprovenForNanos = duration.toNanos();
        wake();
    }

    private void run() {
        while (!stopped) {
            woken = false;
            long idleNanos;
            try {
                idleNanos = cycle();
            } catch (RuntimeException | Error e) { // without this thread no memory would ever come back
                LOG.log(System.Logger.Level.ERROR, "a reclaimer cycle failed; the next one tries again", e);
                idleNanos = LONGEST_DELAY;
            }
            if (!woken && idleNanos == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else if (!woken && idleNanos > 0) {
                LockSupport.parkNanos(this, idleNanos);
            }
        }
    }

    /** One turn of the duty cycle; returns how long there is nothing to do. */
    private long cycle() {
        arrived.addAll(account.retire());
        long ahead = pace.ahead(now(), account.budget().capacity());
        for (Segment segment = arrived.poll(); segment != null; segment = arrived.poll()) {
            if (preparer.fillAgain(segment, now())) {
                config.listener().reclaimedToFillAgain(segment.size());
                segment.tellReleased();
            } else if (segment.file().isSealable()) {
                draining.add(segment);
            } else {
                unproven.add(segment, now());
            }
        }
        boolean waiting = makeRoom(ahead);
        long idle = Math.min(preparer.prepare(now()), probe());
        idle = Math.min(idle, swap.look(now()));
        idle = Math.min(idle, puncher.turn(now()));
        idle = Math.min(idle, unproven.letGo(now(), unprovenForNanos));
        return waiting ? Math.min(idle, LONGEST_DELAY_UNDER_PRESSURE) : idle;
    }

    /**
     * Asks owners to give up as many segments' extents as the pool is short of. An extent that nobody owns by name, such as one that is
     * being written, cannot be asked for, and an owner may have reasons to keep one: so a segment that was asked for in vain no longer
     * counts as coming, and is asked for again only while allocations are refused, and then after all others.
     *
     * @param ahead bytes that are about to be wanted
     * @return whether some that were asked for are awaited
     */
    private boolean makeRoom(long ahead) {
        long demanded = demand.get();
        long now = now();
        Budget budget = account.budget();
        long toCome = Math.max(ahead, demanded);
        long wanted = Math.max(budget.reserve(), toCome + budget.keptForMoves()); // which allocations do not get
        long coming = account.availableBytes();
        boolean shrinking = coming < 0;
        boolean awaited = shrinking; // then it is looked again until it has shrunk
        long dead = 0;
        List<Candidate> sparse = new ArrayList<>();
        List<Candidate> candidates = new ArrayList<>();
        for (Segment segment : account.segments()) {
            if (isComing(segment, now)) {
                coming += segment.charged();
                awaited |= segment.state() == SegmentState.LIVE;
            } else if (segment.state() == SegmentState.LIVE) {
                Candidate candidate = Candidate.of(segment);
                dead += candidate.dead();
                if (candidate.dead() >= segment.size() / SPARSE && segment.canBeEvacuated(now)) {
                    sparse.add(candidate);
                }
                if (segment.timesAsked() == 0 || ((shrinking || isUnderPressure(now)) && !segment.isEvicting(now))) {
                    candidates.add(candidate);
                }
            }
        }
        boolean wasteful = dead > account.budget().capacity() / DEAD_AT_MOST;
        if (coming >= wanted && !wasteful) {
            if (!awaited) {
                demand.compareAndSet(demanded, 0);
            }
            return awaited;
        }
        if (evacuate(sparse, now) > 0 || coming >= wanted) {
            return true; // the next cycle sees what became free by it
        }
        if (shrinking && ownersChooseUntilNanos - now > 0) {
            return true;
        }
        candidates.sort(Comparator.comparingInt(Candidate::timesAsked)
                .thenComparingLong(Candidate::emptiness)
                .thenComparingInt(Candidate::id));
        for (Candidate candidate : candidates) {
            Segment victim = candidate.segment();
            // What is being sent would stay on the account, and could not even be hit meanwhile.
            if (coming < wanted && !victim.isBeingSent()) {
                evict(victim, now);
                coming += victim.charged();
                awaited = true;
            }
        }
        return awaited;
    }

    /** Moves what lives in the emptiest segments, up to a bound. Returns the bytes moved. */
    private long evacuate(List<Candidate> sparse, long now) {
        sparse.sort(Comparator.comparingLong(Candidate::dead).reversed());
        long moved = 0;
        int visited = 0;
        for (Candidate candidate : sparse) {
            if (moved >= (long) SEGMENTS_MOVED_A_CYCLE * config.segmentSize()
                    || visited++ == SEGMENTS_VISITED_A_CYCLE) {
                break;
            }
            candidate.segment().evacuateAgainAt(now + EVACUATE_AGAIN_AFTER, now);
            try {
                moved += evacuator.evacuate(candidate.segment());
                movingFailed = false;
            } catch (IOException e) {
                if (!movingFailed) { // once for each run of failures
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "cannot move what lives in " + candidate.segment() + ", so it stays there: "
                                    + e.getMessage());
                }
                movingFailed = true;
                break;
            }
        }
        return moved;
    }

    /**
     * Whether the segment's bytes will be free soon, by all that is known. Of one that was asked for a moment ago nothing was being sent
     * then; what dies in it by that, on a thread of its owner's, is held for a moment more as if it was.
     */
    private static boolean isComing(Segment segment, long now) {
        return switch (segment.state()) {
            case RETIRED -> segment.isEvicting(now) || !segment.isHeld(); // a send may stall
            case DRAINING -> segment.probes() == 0; // once refused, it may take long
            case LIVE -> segment.isEvicting(now) || (expiresSoon(segment, now) && !segment.isBeingSent());
            case PREPARED, FILLING, UNPROVEN, RELEASED -> false;
        };
    }

    /** Whether all that lives in it is about to expire, so that neither moving nor evicting it is worth the effort. */
    private static boolean expiresSoon(Segment segment, long now) {
        long left = segment.latestExpiryNanos() - now;
        return left > 0 && left < SOON;
    }

    /**
     * A segment whose owners may be asked to let go, as it was when it was looked at: extents go on dying while they are sorted.
     *
     * @param dead bytes of no use, which moving the others would win
     * @param emptiness eighths of the segment that live: the emptier goes first, the older among equals
     */
    private record Candidate(Segment segment, int timesAsked, long emptiness, long dead, int id) {
        static Candidate of(Segment segment) {
            return new Candidate(
                    segment,
                    segment.timesAsked(),
                    segment.liveBytes() * 8 / segment.size(),
                    segment.bytesWonByMoving(),
                    segment.id());
        }
    }

    private void evict(Segment victim, long now) {
        config.listener().evicted(victim.liveBytes());
        victim.markEvicting(now + OWNERS_MAY_TAKE);
        account.extentsOf(victim).forEach(Extent::askOwnerToReclaim);
    }

    /** Asks the kernel about some draining segments; returns the time until the next one is due. */
    private long probe() {
        draining.sort(Comparator.comparingInt(Segment::probes).thenComparingLong(Segment::nextProbeNanos));
        int asked = 0;
        boolean flushed = false;
        long idle = Long.MAX_VALUE;
        for (Segment segment : List.copyOf(draining)) {
            long due = probeTimes.dueIn(segment, now(), longestDelay());
            if (due > 0) {
                idle = Math.min(idle, due);
                continue;
            }
            if (asked == PROBES_A_CYCLE || stopped) {
                return 0;
            }
            if ((segment.probes() > 0 || asked > 0) && !flushed) {
                flushDeferredFrees(); // much cheaper than one more refusal: what held one segment's pages may hold the
                // others'
                flushed = true;
            }
            long began = now();
            boolean granted = isSealed(segment);
            long took = now() - began;
            config.listener().sealProbed(granted, took);
            if (granted) {
                draining.remove(segment);
                probeTimes.released(segment);
                config.listener().reclaimed(account.releaseProven(segment));
                segment.tellReleased();
            } else {
                asked++;
                idle = Math.min(idle, probeTimes.refused(segment, now(), longestDelay(), took));
            }
        }
        return idle;
    }

    private boolean isSealed(Segment segment) {
        try {
            boolean granted = segment.file().sealAgainstWrites();
            askingFailed = false;
            return granted;
        } catch (IOException e) {
            if (!askingFailed) { // once for each run of failures
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot ask whether anybody holds pages of " + segment + ", so its bytes stay on the account: "
                                + e.getMessage());
            }
            askingFailed = true;
            return false;
        }
    }

    private static void flushDeferredFrees() {
        try {
            DeferredFrees.flush();
        } catch (IOException e) {
            // Whatever was to be freed is then freed by the next traffic, if any.
            LOG.log(System.Logger.Level.DEBUG, "cannot make the kernel free what was read", e);
        }
    }

    private long longestDelay() {
        return isUnderPressure(now()) ? LONGEST_DELAY_UNDER_PRESSURE : LONGEST_DELAY;
    }

    /** Whether an allocation was refused a moment ago. */
    private boolean isUnderPressure(long now) {
        return pressureEndsNanos - now > 0;
    }

    private long now() {
        return config.nanoClock().getAsLong();
    }
}
