package dev.lastref.pool;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The stages of one transmission that somebody has asked for. Used by the transmission's thread. */
final class Completions {
    private @Nullable CompletableFuture<Void> sent;
    private @Nullable CompletableFuture<Void> acknowledged;
    private @Nullable CompletableFuture<Void> released;

    CompletableFuture<Void> sent(boolean already) {
        CompletableFuture<Void> stage = sent;
        if (stage == null) {
            stage = new CompletableFuture<>();
            sent = stage;
            if (already) {
                stage.complete(null);
            }
        }
        return stage;
    }

    CompletableFuture<Void> acknowledged(boolean alreadySent, Peer peer) {
        CompletableFuture<Void> stage = acknowledged;
        if (stage == null) {
            stage = new CompletableFuture<>();
            acknowledged = stage;
            if (alreadySent) {
                peer.ledger().await(new Acknowledgement(peer, stage));
            }
        }
        return stage;
    }

    CompletableFuture<Void> released() {
        CompletableFuture<Void> stage = released;
        if (stage == null) {
            stage = new CompletableFuture<>();
            released = stage;
        }
        return stage;
    }

    /** The kernel has taken the last byte. Called once. */
    void allSent(@Nullable Peer peer) {
        if (acknowledged != null && peer != null) {
            peer.ledger().await(new Acknowledgement(peer, acknowledged));
        }
        if (sent != null) {
            sent.complete(null);
        }
    }

    /** It was closed before the kernel had taken the last byte. */
    void closedEarly(long bytes) {
        IOException failure = new IOException("the transmission was closed after " + bytes + " bytes, before its end");
        if (sent != null) {
            sent.completeExceptionally(failure);
        }
        if (acknowledged != null) {
            acknowledged.completeExceptionally(failure);
        }
    }

    /** It is being closed; pages of these segments were sent, perhaps none. */
    void closing(List<Segment> segments) {
        CompletableFuture<Void> stage = released;
        if (stage == null) {
            return;
        }
        // The dependent's own future is of no use: what happens is passed on to the stage.
        CompletableFuture<Void> unused = CompletableFuture.allOf(
                        segments.stream().map(Segment::whenReleased).toArray(CompletableFuture[]::new))
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        stage.completeExceptionally(failure);
                    } else {
                        stage.complete(null);
                    }
                });
    }
}
