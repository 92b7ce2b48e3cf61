package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one thread on which the index expires and evicts, and on which what was removed is given up.
 *
 * <p>It gathers tasks for a moment instead of waking for each: the index asks for maintenance after every few reads, and to wake a
 * thread that often costs a hit more than everything else that the index does for it. What the index cannot note in that moment
 * because its read buffer is full, it forgets; a sample of the reads is all that its policy needs.
 */
final class Maintenance implements Executor, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Maintenance.class.getName());
    private static final long GATHER_MICROS = 4000;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread named = new Thread(task, "lastref-cache");
        named.setDaemon(true);
        return named;
    });

    /** Runs the task within about four milliseconds; after the close at once, on this thread. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (!awaited.get() && awaited.compareAndSet(false, true)) {
            try {
                Future<?> unused = thread.schedule(this::runAll, GATHER_MICROS, TimeUnit.MICROSECONDS);
            } catch (RejectedExecutionException closed) {
                runAll();
            }
        }
    }

    /** Runs the task, and what was gathered before it, without waiting for more; after the close at once, on this thread. */
    void executeNow(Runnable task) {
        tasks.add(task);
        try {
            thread.execute(this::runAll);
        } catch (RejectedExecutionException closed) {
            runAll();
        }
    }

    /** Has the thread run what was gathered, without waiting for more, and returns when that is done. */
    void awaitGathered() {
        try {
            CompletableFuture.runAsync(this::runAll, thread).join();
        } catch (RejectedExecutionException closed) {
            runAll();
        }
    }

    /** Tasks that tasks bring are run too. */
    private void runAll() {
        awaited.set(false); // before the first is taken: whoever adds one from now on asks for another run
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            run(task);
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) { // the tasks behind it are not to wait for the next one
            LOG.log(System.Logger.Level.ERROR, "maintenance of the index failed", e);
        }
    }

    /** For what the index wants to do at a certain time. */
    Scheduler scheduler() {
        return Scheduler.forScheduledExecutorService(thread);
    }

    /** Runs what was given to it, and ends the thread. What it is given later is run all the same, by who gives it. */
    @Override
    public void close() {
        // What waits for its time is forgotten, but not what was gathered.
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        runAll();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
