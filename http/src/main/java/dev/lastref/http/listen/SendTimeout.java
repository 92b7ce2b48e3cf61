package dev.lastref.http.listen;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * Ends a connection whose client has taken nothing for too long of what waits for it. Each byte that it takes gives it the time again.
 * Looks only while something waits. For connections whose answers are not the pool's, where nobody else looks.
 *
 * <p>Any thread that writes: an answer may begin on a worker's.
 */
final class SendTimeout extends AbstractStreamSinkConduit<StreamSinkConduit> {
    /** Runs something after some nanoseconds. */
    interface Timer {
        void after(long nanos, Runnable task);
    }

    private final long limitNanos;
    private final LongSupplier nanoTime;
    private final Timer timer;
    private final Runnable whenLate;

    /** Guarded by this, as are those below: something waits that the client did not take. */
    private boolean waits;

    private long sinceNanos;
    private boolean looks;

    /**
     * @param whenLate ends the connection; nothing, if that has ended
     */
    SendTimeout(StreamSinkConduit next, Duration limit, LongSupplier nanoTime, Timer timer, Runnable whenLate) {
        super(next);
        this.limitNanos = limit.toNanos();
        this.nanoTime = nanoTime;
        this.timer = timer;
        this.whenLate = whenLate;
    }

    /** Puts it behind a connection that has just been accepted. */
    static void install(StreamConnection connection, Duration limit, Runnable whenLate) {
        Timer timer = (nanos, task) -> {
            try {
                // Rounded up, or it would look a moment too early and again.
                connection
                        .getIoThread()
                        .executeAfter(task, TimeUnit.NANOSECONDS.toMillis(nanos) + 1, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException threadHasEnded) {
                // with which all its connections are closed
            }
        };
        connection
                .getSinkChannel()
                .setConduit(new SendTimeout(
                        connection.getSinkChannel().getConduit(), limit, System::nanoTime, timer, () -> {
                            if (connection.isOpen()) {
                                whenLate.run();
                            }
                        }));
    }

    private synchronized void took(boolean something, boolean all) {
        if (something || !waits) {
            sinceNanos = nanoTime.getAsLong();
        }
        waits = !all;
        if (waits && !looks) {
            looks = true;
            timer.after(limitNanos, this::look);
        }
    }

    private void look() {
        synchronized (this) {
            looks = false;
            if (!waits) {
                return;
            }
            long left = limitNanos - (nanoTime.getAsLong() - sinceNanos);
            if (left > 0) {
                looks = true;
                timer.after(left, this::look);
                return;
            }
            waits = false;
        }
        whenLate.run();
    }

    private int took(int bytes, boolean all) {
        took(bytes > 0, all);
        return bytes;
    }

    private long took(long bytes, boolean all) {
        took(bytes > 0, all);
        return bytes;
    }

    private static boolean isEmpty(ByteBuffer[] from, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (from[i].hasRemaining()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int n = next.write(from);
        return took(n, !from.hasRemaining());
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        long n = next.write(from, offset, length);
        return took(n, isEmpty(from, offset, length));
    }

    @Override
    public int writeFinal(ByteBuffer from) throws IOException {
        int n = next.writeFinal(from);
        return took(n, !from.hasRemaining());
    }

    @Override
    public long writeFinal(ByteBuffer[] from, int offset, int length) throws IOException {
        long n = next.writeFinal(from, offset, length);
        return took(n, isEmpty(from, offset, length));
    }

    @Override
    public long transferFrom(FileChannel source, long position, long count) throws IOException {
        long n = next.transferFrom(source, position, count);
        return took(n, n == count);
    }

    @Override
    public long transferFrom(StreamSourceChannel source, long count, ByteBuffer through) throws IOException {
        long n = next.transferFrom(source, count, through);
        took(n, !through.hasRemaining());
        return n;
    }

    @Override
    public boolean flush() throws IOException {
        boolean all = next.flush();
        took(false, all);
        return all;
    }
}
