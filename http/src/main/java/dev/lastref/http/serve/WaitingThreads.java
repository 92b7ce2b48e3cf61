package dev.lastref.http.serve;

import io.undertow.server.HttpServerExchange;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A few threads for what may wait for a disk: they bring in content that was swapped out. They come with the first such and go when there is none for
 * a while, so a system without swap has none. Nobody interrupts them, as an interrupt within a read would close a file that others
 * are sent from. Whoever makes it closes it.
 */
public final class WaitingThreads implements Executor, AutoCloseable {
    /** As many reads as a disk is asked for at a time. */
    private static final int THREADS = 4;

    private static final int SECONDS_IDLE = 5;

    private final AtomicInteger count = new AtomicInteger();
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS, THREADS, SECONDS_IDLE, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::thread);

    public WaitingThreads() {
        threads.allowCoreThreadTimeOut(true);
    }

    private Thread thread(Runnable work) {
        Thread thread = new Thread(work, "lastref-swap-in-" + count.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void execute(Runnable work) {
        threads.execute(work);
    }

    /** What waited goes on on its I/O thread. */
    static void goOn(HttpServerExchange exchange, Runnable next) {
        try {
            exchange.getIoThread().execute(next);
        } catch (RejectedExecutionException stopped) {
            next.run(); // no I/O thread is left to be in the way of
        }
    }

    /** Takes nothing more; what runs is finished. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
