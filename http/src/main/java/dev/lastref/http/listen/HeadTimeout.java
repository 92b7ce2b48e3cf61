package dev.lastref.http.listen;

import dev.lastref.http.message.RequestScanner;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;

/**
 * Ends the wait for a request's head that does not come in time, however steadily its bytes drip. A head that comes in one piece costs
 * it one comparison. For the connection's I/O thread.
 */
final class HeadTimeout implements Runnable {
    private final ClientConnection client;
    private final RequestScanner scanner;
    private final Runnable whenLate;
    private final long limitNanos;
    private XnioExecutor.@Nullable Key timer;
    /** Which head it is that is not complete, and since when. */
    private int head;

    private long beganNanos;

    HeadTimeout(ClientConnection client, RequestScanner scanner, Duration limit, Runnable whenLate) {
        this.client = client;
        this.scanner = scanner;
        this.limitNanos = limit.toNanos();
        this.whenLate = whenLate;
    }

    /** The scanner has gone over what has come. */
    void look() {
        if (!scanner.isWithinHead()) {
            return; // a timer that runs finds that out
        }
        if (timer == null) {
            begin();
            lookAfter(limitNanos);
        } else if (scanner.heads() != head) {
            begin(); // one that was begun before is complete
        }
    }

    private void begin() {
        head = scanner.heads();
        beganNanos = System.nanoTime();
    }

    @Override
    public void run() {
        timer = null;
        if (!scanner.isWithinHead() || !client.channel().isOpen()) {
            return;
        }
        if (scanner.heads() != head || client.isBusy()) {
            begin(); // its time begins when the one before is answered
        }
        long left = limitNanos - (System.nanoTime() - beganNanos);
        if (left > 0) {
            lookAfter(left);
        } else {
            whenLate.run();
        }
    }

    private void lookAfter(long nanos) {
        try {
            timer = client.channel()
                    .getIoThread()
                    .executeAfter(this, TimeUnit.NANOSECONDS.toMillis(nanos) + 1, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException threadHasEnded) {
            // with which all its connections are closed
        }
    }

    /** The connection is closed. */
    void cancel() {
        XnioExecutor.Key waiting = timer;
        if (waiting != null) {
            waiting.remove();
            timer = null;
        }
    }
}
