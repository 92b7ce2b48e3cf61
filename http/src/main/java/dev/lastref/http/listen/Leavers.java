package dev.lastref.http.listen;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Connections of one I/O thread that their clients have left, closed together. To close one on its own thread XNIO asks the selector
 * what else is ready ({@code WorkerThread.cancelKey}): where thousands leave at once, each close would go over a thousand others, and
 * the thread would serve nobody for seconds. From another thread a close does not ask.
 *
 * <p>Any thread may add; mostly it is that I/O thread.
 */
final class Leavers {
    private static final System.Logger LOG = System.getLogger(Leavers.class.getName());
    /** So many are closed at once, which costs less than another thread. */
    private static final int FEW = 16;

    private final Consumer<Runnable> thread;
    private final Executor closer;
    private List<Runnable> left = new ArrayList<>();

    /**
     * @param thread runs something on the I/O thread when that has looked at all that was ready, or throws RejectedExecutionException
     * @param closer closes where there are many; not an I/O thread; may throw RejectedExecutionException
     */
    Leavers(Consumer<Runnable> thread, Executor closer) {
        this.thread = thread;
        this.closer = closer;
    }

    /**
     * Has one closed as soon as the thread has looked at all that was ready.
     *
     * @param close ends a connection on which nothing runs, and which nobody reads any more; on the I/O thread or on another
     */
    void add(Runnable close) {
        synchronized (this) {
            left.add(close);
            if (left.size() > 1) {
                return;
            }
        }
        try {
            thread.accept(this::closeAll);
        } catch (RejectedExecutionException threadEnds) {
            closeAll();
        }
    }

    private void closeAll() {
        List<Runnable> all;
        synchronized (this) {
            all = left;
            left = new ArrayList<>();
        }
        if (all.size() > FEW) {
            try {
                closer.execute(() -> all.forEach(Leavers::close));
                return;
            } catch (RejectedExecutionException closerHasEnded) {
                // with all else: slowly is better than not at all
            }
        }
        all.forEach(Leavers::close);
    }

    /** What goes wrong with one is not the others' fault. */
    private static void close(Runnable close) {
        try {
            close.run();
        } catch (RuntimeException fault) {
            LOG.log(System.Logger.Level.ERROR, "could not close a connection that its client has left", fault);
        }
    }
}
