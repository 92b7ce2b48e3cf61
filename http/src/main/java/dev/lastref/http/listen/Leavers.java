package dev.lastref.http.listen;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.xnio.XnioIoThread;

/**
 * Connections of one I/O thread that their clients have left, closed together. To close one on its own thread XNIO asks the selector
 * what else is ready ({@code WorkerThread.cancelKey}): where thousands leave at once, each close would go over a thousand others, and
 * the thread would serve nobody for seconds. From another thread a close does not ask.
 *
 * <p>For that I/O thread.
 */
final class Leavers {
    /** So many are closed at once, which costs less than another thread. */
    private static final int FEW = 16;

    private final XnioIoThread thread;
    private List<Runnable> left = new ArrayList<>();

    Leavers(XnioIoThread thread) {
        this.thread = thread;
    }

    /**
     * Has one closed as soon as the thread has looked at all that was ready.
     *
     * @param close ends a connection on which nothing runs, and which nobody reads any more; on this thread or on another
     */
    void add(Runnable close) {
        left.add(close);
        if (left.size() == 1) {
            try {
                thread.execute(this::closeAll);
            } catch (RejectedExecutionException threadEnds) {
                closeAll();
            }
        }
    }

    private void closeAll() {
        List<Runnable> all = left;
        left = new ArrayList<>();
        if (all.size() > FEW) {
            try {
                thread.getWorker().execute(() -> all.forEach(Runnable::run));
                return;
            } catch (RejectedExecutionException workerEnds) {
                // then here
            }
        }
        all.forEach(Runnable::run);
    }
}
