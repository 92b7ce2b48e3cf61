package dev.lastref.pool;

import dev.lastref.pool.linux.TcpSocketInfo;
import dev.lastref.pool.linux.TcpSockets;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Somebody waits for a peer's TCP to have acknowledged what has been sent to it until now. The first sample says up to which position
 * that is, a later one that it is reached. The ledger's, under its lock, but for {@link #complete}.
 */
final class Acknowledgement {
    private static final long NONE = -1;

    private final Peer peer;
    private final CompletableFuture<Void> result;
    private long cookie;
    private long position = NONE;
    private @Nullable IOException failure;

    /** Everything that is meant has been taken by the kernel already. */
    Acknowledgement(Peer peer, CompletableFuture<Void> result) {
        this.peer = peer;
        this.result = result;
    }

    /** Looks; returns whether there is nothing more to wait for. */
    boolean isSettled(TcpSockets sockets) {
        try {
            boolean closed = peer.isClosed(); // before the kernel is asked, as it may be closed any moment
            return isSettled(sockets.find(peer.local(), peer.remote()), closed);
        } catch (IOException unknown) {
            return false; // asked again with the next look
        }
    }

    private boolean isSettled(@Nullable TcpSocketInfo info, boolean closed) {
        boolean another = info != null
                && (cookie == 0
                        ? closed && info.state().isOpenHere()
                        // In TIME-WAIT ours has another one.
                        : info.cookie() != cookie && (info.state().isOpenHere() || info.sendQueue() > 0));
        if (info == null || another) {
            failure = new IOException(
                    "the connection to " + peer + " has gone, and whether it got everything is not known");
            return true;
        }
        cookie = info.cookie();
        if (position == NONE && info.hasPositions()) {
            position = info.acknowledged() + info.sendQueue();
        }
        return info.sendQueue() == 0 || (info.hasPositions() && info.acknowledged() - position >= 0);
    }

    /** Nobody will look any more. */
    void giveUp() {
        failure = new IOException("the pool was closed before " + peer + " was seen to have acknowledged everything");
    }

    /** Tells who waits: somebody else's code, so no lock is held. */
    void complete() {
        if (failure != null) {
            result.completeExceptionally(failure);
        } else {
            result.complete(null);
        }
    }
}
