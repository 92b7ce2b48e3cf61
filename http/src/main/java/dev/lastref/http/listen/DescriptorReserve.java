package dev.lastref.http.listen;

import dev.lastref.pool.linux.FileLimit;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.channels.AcceptingChannel;

/**
 * Some descriptors that are held from the start, to be given back when the process has no other. From then on the clients' port accepts
 * nobody until there are as many again, so that what was given back is for the administration: a probe of health that gets no answer has a
 * process restarted that is only full, with all that it stores.
 *
 * <p>Nothing is counted as long as there are descriptors. Owned by {@link Listeners}; while some are missing, a thread of its own looks for
 * them, "lastref-descriptors".
 */
final class DescriptorReserve implements AutoCloseable {
    /** Of the limit one in so many. */
    private static final int SHARE = 16;
    /** The port of administration has a few connections, and who answers there reads files of /proc. */
    private static final int MOST = 16;

    private static final int LEAST = 4;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Asks the kernel. */
    interface Queue {
        /** Whether a client's connection is there that nobody has accepted. */
        boolean isAnyWaiting() throws IOException;
    }

    private enum State {
        /** The clients' port accepts. */
        HELD,
        /** It does not. */
        GIVEN_BACK,
        CLOSED
    }

    /** One object, by which it is forgotten. */
    private final Runnable whenFailed = this::giveBack;

    private final AcceptingChannel<?> clients;
    private final Queue queue;
    private final int size;
    /** Guarded by this, as what follows. */
    private final List<DatagramChannel> held = new ArrayList<>();

    private State state = State.GIVEN_BACK;
    private @Nullable Thread looking;

    /**
     * @param clients accepts nobody until {@link #open}
     * @param limit of descriptors of this process
     */
    DescriptorReserve(AcceptingChannel<?> clients, Queue queue, long limit) {
        this.clients = clients;
        this.queue = queue;
        this.size = (int) Math.max(LEAST, Math.min(MOST, limit / SHARE));
    }

    /** Takes them, and has the clients' port accept; later, if there are not as many now. */
    synchronized void open() {
        AcceptFailures.tell(whenFailed);
        if (!take()) {
            look();
        }
    }

    /** An attempt to accept has failed. On XNIO's accepting thread, which is why nobody is accepted meanwhile. */
    private synchronized void giveBack() {
        if (state != State.HELD) {
            return;
        }
        state = State.GIVEN_BACK;
        clients.suspendAccepts();
        release();
        look();
    }

    private void look() {
        Thread thread = new Thread(this::lookUntilTaken, "lastref-descriptors");
        thread.setDaemon(true);
        looking = thread;
        thread.start();
    }

    private void lookUntilTaken() {
        do {
            LockSupport.parkNanos(this, LOOK_NANOS);
        } while (!isOver());
    }

    private boolean isOver() {
        try {
            // Counted before one is taken: to try would take what somebody who asks for health needs.
            boolean enough = FileLimit.descriptorsLeft() > size;
            if (!enough && queue.isAnyWaiting()) {
                AcceptFailures.again();
            }
            synchronized (this) {
                return state == State.CLOSED || (enough && take());
            }
        } catch (IOException noneLeftToLookWith) {
            AcceptFailures.again();
            synchronized (this) {
                return state == State.CLOSED;
            }
        }
    }

    /** All of them, or none. */
    private boolean take() {
        try {
            while (held.size() < size) {
                held.add(DatagramChannel.open(StandardProtocolFamily.INET));
            }
        } catch (IOException fewer) {
            release();
            return false;
        }
        state = State.HELD;
        looking = null;
        clients.resumeAccepts();
        return true;
    }

    private void release() {
        held.forEach(IoUtils::safeClose);
        held.clear();
    }

    /** Gives them back; the clients' port stays as it is. */
    @Override
    public synchronized void close() {
        AcceptFailures.forget(whenFailed);
        state = State.CLOSED;
        release();
        LockSupport.unpark(looking);
    }
}
