package dev.lastref.http.origin;

import dev.lastref.cache.FetchFailure;
import dev.lastref.http.message.Reason;
import dev.lastref.pool.linux.FileLimit;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.xnio.IoFuture;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/**
 * How one call comes by a connection to an origin, and what becomes of it: chooses the origin, waits for its turn, takes a connection
 * that is kept or makes one, and goes to another origin where that is allowed, once. All on one I/O thread.
 *
 * <pre>
 *  QUEUED ──slot──► CONNECTING ──► CONNECTED ──► OVER
 *    ▲                  │              │
 *    └──────────────────┴──────────────┘  once, to another origin; or on a new connection, if a kept one was closed under us
 * </pre>
 */
final class OriginRoute {
    private enum State {
        QUEUED,
        CONNECTING,
        CONNECTED,
        OVER
    }

    /** Who goes it. */
    interface Traveller {
        /** There is a connection. */
        void connected(OriginConnection connection);

        /** There is none to be had, or it was lost before it was of use. */
        void unconnected(FetchFailure why, String detail);
    }

    private final OriginClient client;
    private final XnioIoThread thread;
    private final Traveller traveller;
    private final Deadline deadline;

    private State state = State.QUEUED;
    private @Nullable Origin origin;
    private OriginSlots.@Nullable Waiter waiter;
    private boolean holdsSlot;
    private boolean onKeptConnection;
    /** Sent once more, after a connection broke. */
    private boolean resent;
    /** Gone to another origin. */
    private boolean moved;

    private @Nullable IoFuture<StreamConnection> connecting;
    private @Nullable OriginConnection connection;

    OriginRoute(OriginClient client, XnioIoThread thread, Traveller traveller) {
        this.client = client;
        this.thread = thread;
        this.traveller = traveller;
        this.deadline = new Deadline(thread, this::late);
    }

    /** The one that is asked; null while none is chosen. */
    @Nullable
    Origin origin() {
        return origin;
    }

    @Nullable
    OriginConnection connection() {
        return connection;
    }

    void begin() {
        Origin first = client.origins().pick(null);
        if (first == null) {
            traveller.unconnected(FetchFailure.NONE_AVAILABLE, "no origin is up");
        } else {
            queueAt(first);
        }
    }

    private void queueAt(Origin chosen) {
        origin = chosen;
        state = State.QUEUED;
        if (chosen.slots().tryTake()) {
            granted();
            return;
        }
        waiter = chosen.slots().await(() -> thread.execute(this::granted));
        if (waiter == null) {
            traveller.unconnected(FetchFailure.OVERLOADED, "too many requests wait for " + chosen);
        } else {
            deadline.in(client.settings().queueTimeout());
        }
    }

    private void granted() {
        Origin asked = origin;
        if (asked == null) {
            return;
        }
        if (state != State.QUEUED) { // gone while the word was on its way
            asked.slots().release();
            return;
        }
        holdsSlot = true;
        waiter = null;
        OriginConnection kept = asked.connections().takeIdle(thread);
        if (kept == null) {
            connect(asked);
            return;
        }
        deadline.clear();
        state = State.CONNECTED;
        onKeptConnection = true;
        connection = kept;
        traveller.connected(kept);
    }

    private void connect(Origin to) {
        if (client.descriptors().areScarce()) { // what is left of them is for the administration
            exhausted("no descriptor is left for a connection to " + to);
            return;
        }
        state = State.CONNECTING;
        onKeptConnection = false;
        deadline.in(client.timeouts().connect());
        IoFuture<StreamConnection> future = to.connections().connect(thread, made -> opened(to, made));
        if (future == null) {
            lost(FetchFailure.UNREACHABLE, "the name of " + to + " could not be resolved");
            return;
        }
        connecting = future;
        future.addNotifier(
                new IoFuture.HandlingNotifier<StreamConnection, OriginRoute>() {
                    @Override
                    public void handleFailed(IOException why, OriginRoute route) {
                        thread.execute(() -> route.notConnected(future, why));
                    }
                },
                this);
    }

    private void opened(Origin to, StreamConnection made) {
        if (state != State.CONNECTING || to != origin) { // too late
            IoUtils.safeClose(made);
            return;
        }
        connecting = null;
        state = State.CONNECTED;
        OriginConnection opened = to.connections().open(made);
        connection = opened;
        if (to.isSecure()) {
            opened.whenSecured(deadline::clear); // the handshake is part of connecting
        } else {
            deadline.clear();
        }
        traveller.connected(opened);
    }

    private void notConnected(IoFuture<StreamConnection> attempt, IOException why) {
        if (state != State.CONNECTING || connecting != attempt) {
            return;
        }
        if (FileLimit.isReachedBy(why)) {
            client.descriptors().ranOut();
            exhausted(Reason.of(why));
        } else {
            lost(FetchFailure.UNREACHABLE, Reason.of(why));
        }
    }

    /** No fault of this origin's, and another could not be connected to either. */
    private void exhausted(String detail) {
        state = State.OVER;
        traveller.unconnected(FetchFailure.EXHAUSTED, detail);
    }

    private void late() {
        switch (state) {
            case QUEUED -> {
                OriginSlots.Waiter waiting = waiter;
                Origin asked = origin;
                if (waiting != null && asked != null && asked.slots().cancel(waiting)) {
                    waiter = null;
                    traveller.unconnected(FetchFailure.OVERLOADED, "waited for " + asked + " in vain");
                }
            }
            case CONNECTING -> lost(FetchFailure.TIMED_OUT, "no connection in time");
            case CONNECTED -> lost(FetchFailure.TIMED_OUT, "no TLS handshake in time");
            case OVER -> {}
        }
    }

    /** No connection could be made: nothing was sent, so any request may try elsewhere. */
    void lost(FetchFailure why, String detail) {
        failed(detail);
        if (!elsewhere()) {
            state = State.OVER;
            traveller.unconnected(why, detail);
        }
    }

    /** The origin has failed this request. */
    void failed(String detail) {
        Origin asked = origin;
        if (asked != null) {
            client.origins().failed(asked, detail);
        }
    }

    /**
     * The origin has begun an answer.
     *
     * @param nanos since it was asked
     */
    void answered(long nanos) {
        Origin asked = origin;
        if (asked != null) {
            client.origins().answered(asked);
            client.listener().answered(asked.toString(), nanos);
        }
    }

    /**
     * The connection broke before there was a byte of an answer, and the request can be sent again: so that is done, if it was not yet.
     *
     * @return false: it will not be
     */
    boolean again(String why) {
        Origin asked = origin;
        boolean first = !resent;
        resent = true;
        if (onKeptConnection && first && asked != null) {
            // The origin closed it while our request was on the way: that is no failure of the origin.
            closeConnection();
            connect(asked);
            return true;
        }
        failed(why);
        return first && elsewhere();
    }

    private boolean elsewhere() {
        Origin other = moved ? null : client.origins().pick(origin);
        if (other == null) {
            return false;
        }
        moved = true;
        leave();
        queueAt(other);
        return true;
    }

    private void closeConnection() {
        OriginConnection used = connection;
        connection = null;
        if (used != null) {
            used.close();
        }
    }

    /** Gives up whatever it has at the origin. */
    private void leave() {
        deadline.clear();
        IoFuture<StreamConnection> attempt = connecting;
        connecting = null;
        if (attempt != null) {
            attempt.cancel();
        }
        closeConnection();
        Origin asked = origin;
        OriginSlots.Waiter waiting = waiter;
        waiter = null;
        if (asked != null && waiting != null) {
            // If it has been granted meanwhile, granted() gives it back.
            asked.slots().cancel(waiting);
        } else if (asked != null && holdsSlot) {
            holdsSlot = false;
            asked.slots().release();
        }
    }

    /**
     * The call is over.
     *
     * @param reusable whether the connection can take another request
     */
    void end(boolean reusable) {
        state = State.OVER;
        OriginConnection used = connection;
        if (used != null && reusable && origin != null) {
            connection = null;
            origin.connections().putBack(used);
        }
        leave();
    }

    /**
     * The connection is somebody else's from now on, who also has to give the slot back.
     *
     * @return what gives it back
     */
    Runnable handOver() {
        state = State.OVER;
        deadline.clear();
        connection = null;
        Origin asked = origin;
        boolean held = holdsSlot;
        holdsSlot = false;
        return () -> {
            if (held && asked != null) {
                asked.slots().release();
            }
        };
    }

    /** For messages. */
    @Override
    public String toString() {
        return origin == null ? client.origins().toString() : origin.toString();
    }
}
