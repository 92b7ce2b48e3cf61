package dev.lastref.http.origin;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/**
 * Runs something on an I/O thread unless it is put off in time. Putting it off is cheap: the timer is not moved, it looks when it
 * fires. Used on that thread only.
 */
final class Deadline {
    private final XnioIoThread thread;
    private final Runnable whenPassed;
    private long atNanos;
    private boolean set;
    private XnioExecutor.@Nullable Key timer;
    private long timerAtNanos;

    Deadline(XnioIoThread thread, Runnable whenPassed) {
        this.thread = thread;
        this.whenPassed = whenPassed;
    }

    void in(Duration time) {
        atNanos = System.nanoTime() + time.toNanos();
        set = true;
        if (timer == null || atNanos - timerAtNanos < 0) {
            arm();
        }
    }

    void clear() {
        set = false;
        if (timer != null) {
            timer.remove();
            timer = null;
        }
    }

    private void arm() {
        if (timer != null) {
            timer.remove();
        }
        timerAtNanos = atNanos;
        long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, atNanos - System.nanoTime())) + 1;
        timer = thread.executeAfter(this::fire, millis, TimeUnit.MILLISECONDS);
    }

    private void fire() {
        timer = null;
        if (set && atNanos - System.nanoTime() > 0) {
            arm();
        } else if (set) {
            set = false;
            whenPassed.run();
        }
    }
}
