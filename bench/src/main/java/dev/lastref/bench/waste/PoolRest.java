package dev.lastref.bench.waste;

import dev.lastref.pool.PoolSnapshot;
import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.SegmentState;
import dev.lastref.pool.TmpfsPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits, in real time, until the reclaimer has done what can be done now: it is asleep, nothing that is dead is still to be retired or
 * asked about, and there is room. Where there is none although the reclaimer sleeps, it is given a moment, and no more.
 */
final class PoolRest {
    private static final String RECLAIMER = "lastref-reclaimer";
    /** The pool keeps one in so many of its bytes free, or two segments. */
    private static final int RESERVED = 64;

    private static final long SOME_ROOM_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(5);
    private static final long AT_MOST_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final TmpfsPool pool;
    private final Thread reclaimer;

    PoolRest(TmpfsPool pool) {
        this.pool = pool;
        this.reclaimer = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(RECLAIMER))
                .reduce((older, newer) -> older.getId() > newer.getId() ? older : newer)
                .orElseThrow(() -> new IllegalStateException("the pool has no thread named " + RECLAIMER));
    }

    void await() throws InterruptedException {
        long begun = System.nanoTime();
        while (true) {
            long waited = System.nanoTime() - begun;
            if (waited > AT_MOST_NANOS || (sleeps() && isTidy(waited))) {
                return;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("while waiting for the reclaimer");
            }
            LockSupport.parkNanos(PAUSE_NANOS); // the reclaimer may have no other core to run on
        }
    }

    private boolean sleeps() {
        return switch (reclaimer.getState()) {
            case WAITING, TIMED_WAITING -> true;
            case NEW, RUNNABLE, BLOCKED -> false;
            case TERMINATED -> throw new IllegalStateException("the reclaimer has ended");
        };
    }

    private boolean isTidy(long waited) {
        PoolSnapshot account = pool.snapshot();
        boolean toDo = account.segments().stream().anyMatch(PoolRest::isUnseen);
        long prepared = (long) account.segmentsByState().getOrDefault(SegmentState.PREPARED, 0) * account.segmentSize();
        boolean room = account.bytes(Use.FREE) + prepared
                >= Math.max(2L * account.segmentSize(), account.capacity() / RESERVED);
        return !toDo && (room || waited > SOME_ROOM_NANOS);
    }

    private static boolean isUnseen(SegmentSnapshot segment) {
        return switch (segment.state()) {
            case FILLING, LIVE -> segment.extents() == 0 && segment.allocated() > 0;
            case RETIRED, DRAINING -> segment.probes() == 0;
            case PREPARED, UNPROVEN, RELEASED -> false;
        };
    }
}
