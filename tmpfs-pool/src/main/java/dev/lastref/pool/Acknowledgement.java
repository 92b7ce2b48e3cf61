package dev.lastref.pool;

import dev.lastref.pool.linux.TcpSocketInfo;
import dev.lastref.pool.linux.TcpSockets;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Somebody waits for a peer's TCP to have acknowledged what has been sent to it until now. The first sample says up to which position
 * that is, a later one that it is reached.
 */
final class Acknowledgement {
    private static final long NONE = -1;

    private final Peer peer;
    private final CompletableFuture<Void> result;
    private long cookie;
    private long position = NONE;

    /** Everything that is meant has been taken by the kernel already. */
    Acknowledgement(Peer peer, CompletableFuture<Void> result) {
        this.peer = peer;
        this.result = result;
    }

    /** Looks; returns whether there is nothing more to wait for. */
    boolean isSettled(TcpSockets sockets) {
        try {
            return result.isDone() || isSettled(sockets.find(peer.local(), peer.remote()));
        } catch (IOException unknown) {
            return false; // asked again with the next look, which logs it
        }
    }

    private boolean isSettled(@Nullable TcpSocketInfo info) {
        boolean another = info != null && cookie != 0 && info.cookie() != cookie && info.sendQueue() > 0;
        if (info == null || another) {
            fail("the connection to " + peer + " has gone, and whether it got everything is not known");
            return true;
        }
        cookie = info.cookie();
        if (position == NONE && info.hasPositions()) {
            position = info.acknowledged() + info.sendQueue();
        }
        boolean reached = info.hasPositions() && info.acknowledged() - position >= 0;
        if (info.sendQueue() == 0 || reached) {
            result.completeAsync(() -> null); // never on the ledger's thread
            return true;
        }
        return false;
    }

    void giveUp() {
        fail("the pool was closed before " + peer + " had acknowledged everything");
    }

    private void fail(String message) {
        IOException failure = new IOException(message);
        result.completeAsync(() -> {
            throw new CompletionException(failure);
        });
    }
}
