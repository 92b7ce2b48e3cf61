package dev.lastref.http.listen;

import dev.lastref.pool.Descriptors;
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
 * <p>Until then no connection to an origin is made either, and no segment of the pool: such as are there go on. When clients' connections
 * are to end nothing is held back any more, and those that wait are accepted with whatever there is.
 *
 * <p>Nothing is counted as long as there are descriptors. While some are missing, a thread of its own looks for them,
 * "lastref-descriptors".
 */
public final class DescriptorReserve implements Descriptors, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DescriptorReserve.class.getName());
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
        /** Nobody is to be accepted yet. */
        UNUSED,
        /** The clients' port accepts. */
        HELD,
        /** It does not. */
        GIVEN_BACK,
        /** It does, and nothing is held back. */
        GIVEN_UP,
        CLOSED
    }

    /** One object, by which it is forgotten. */
    private final Runnable whenFailed = this::giveBack;

    private final int size;
    /** Guarded by this, as what follows. */
    private final List<DatagramChannel> held = new ArrayList<>();

    private volatile State state = State.UNUSED;
    private @Nullable AcceptingChannel<?> clients;
    private @Nullable Queue queue;
    private @Nullable Thread looking;

    /**
     * @param limit of descriptors of this process
     */
    public DescriptorReserve(long limit) {
        this.size = (int) Math.max(LEAST, Math.min(MOST, limit / SHARE));
    }

    /**
     * Takes them, and has the clients' port accept; later, if there are not as many now.
     *
     * @param accepting accepts nobody until now
     */
    synchronized void open(AcceptingChannel<?> accepting, Queue waiting) {
        clients = accepting;
        queue = waiting;
        AcceptFailures.tell(whenFailed);
        if (!take(accepting)) {
            look();
            state = State.GIVEN_BACK;
        }
    }

    @Override
    public boolean areScarce() {
        return state == State.GIVEN_BACK;
    }

    @Override
    public void ranOut() {
        giveBack();
    }

    /** An attempt has failed. Where it was one to accept this is XNIO's accepting thread, so nobody is accepted meanwhile. */
    private synchronized void giveBack() {
        AcceptingChannel<?> accepting = clients;
        if (state != State.HELD || accepting == null) {
            return;
        }
        look(); // first, for what there may be no thread: then all stays as it is
        state = State.GIVEN_BACK;
        accepting.suspendAccepts();
        release();
    }

    /** Holds nothing back from now on: who waits to be accepted is to be before the port is closed. */
    synchronized void giveUp() {
        State before = state;
        AcceptingChannel<?> accepting = clients;
        if (accepting == null || before == State.CLOSED) {
            return;
        }
        state = State.GIVEN_UP;
        release();
        if (before == State.GIVEN_BACK) {
            LockSupport.unpark(looking);
            accepting.resumeAccepts();
        }
    }

    private void look() {
        Thread thread = new Thread(this::lookUntilTaken, "lastref-descriptors");
        thread.setDaemon(true);
        looking = thread;
        thread.start();
    }

    private void lookUntilTaken() {
        boolean over = false;
        while (!over) {
            LockSupport.parkNanos(this, LOOK_NANOS);
            try {
                over = isOver();
            } catch (RuntimeException fault) { // nobody else would have clients accepted again
                LOG.log(System.Logger.Level.ERROR, "looking for descriptors", fault);
            }
        }
    }

    private boolean isOver() {
        try {
            // Counted before one is taken: to try would take what somebody who asks for health needs.
            boolean enough = FileLimit.descriptorsLeft() > size;
            Queue waiting = queue;
            if (!enough && waiting != null && waiting.isAnyWaiting()) {
                AcceptFailures.untried();
            }
            synchronized (this) {
                return state != State.GIVEN_BACK || (enough && clients != null && take(clients));
            }
        } catch (IOException noneLeftToLookWith) {
            AcceptFailures.untried();
            synchronized (this) {
                return state != State.GIVEN_BACK;
            }
        }
    }

    /** All of them, or none. */
    private boolean take(AcceptingChannel<?> accepting) {
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
        accepting.resumeAccepts();
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
