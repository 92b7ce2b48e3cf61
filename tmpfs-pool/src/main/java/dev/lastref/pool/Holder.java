package dev.lastref.pool;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection that may hold pages of the pool, as it was when it was last looked at.
 *
 * @param remote the peer
 * @param local our side of the connection
 * @param sending what was last said to be sent to it; null: nothing was
 * @param segments those that it was sent pages of and has not drained, as far as they are remembered: the last eight
 * @param bytes in its queues: what its TCP has not acknowledged and, if it is on this machine, what it has not read. An upper bound,
 *     since not all that is queued are pages of the pool
 * @param held how long it has held anything without a break
 * @param withoutProgress how long it has neither acknowledged nor, on this machine, read a byte
 */
public record Holder(
        InetSocketAddress remote,
        InetSocketAddress local,
        @Nullable String sending,
        State state,
        List<Integer> segments,
        long bytes,
        Duration held,
        Duration withoutProgress) {
    /** Where its pages are. */
    public enum State {
        /** A transmission to it runs. */
        SENDING,
        /** All is sent, and not all is acknowledged. */
        SENT,
        /** All is acknowledged, and lies unread in the queue of a peer on this machine. */
        UNREAD,
        /** Closed on this side; the kernel still tries to deliver. Only its own timeout ends that. */
        ORPHANED
    }

    public Holder {
        segments = List.copyOf(segments);
    }
}
