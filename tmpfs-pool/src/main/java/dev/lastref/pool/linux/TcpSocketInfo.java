package dev.lastref.pool.linux;

/**
 * What the kernel says of one TCP socket at one moment.
 *
 * <p>The queues are lengths, the positions count from the connection's beginning (RFC 4898), a SYN or FIN as one byte each; where the
 * kernel did not tell a position it is {@link #UNKNOWN}.
 *
 * @param cookie tells this socket from an earlier or a later one with the same addresses; 0: not known
 * @param receiveQueue bytes that came in and were not read yet, without the FIN
 * @param sendQueue bytes that the process has written and the peer's TCP has not acknowledged
 * @param acknowledged position up to which the peer's TCP has acknowledged
 * @param received position up to which bytes came in
 * @param notSent bytes of the send queue that were never sent; {@link #UNKNOWN} where the kernel did not tell
 */
public record TcpSocketInfo(
        TcpState state,
        long cookie,
        long receiveQueue,
        long sendQueue,
        long acknowledged,
        long received,
        long notSent) {
    /** A position, or a length, that the kernel did not tell. */
    public static final long UNKNOWN = -1;

    /** The FIN is counted in the receive queue until it is read, and holds no page. */
    static TcpSocketInfo of(
            TcpState state,
            long cookie,
            long receiveQueueWithFin,
            long sendQueue,
            long acknowledged,
            long received,
            long notSent) {
        long unread = state.hasFinReceived() ? Math.max(0, receiveQueueWithFin - 1) : receiveQueueWithFin;
        return new TcpSocketInfo(state, cookie, unread, sendQueue, acknowledged, received, notSent);
    }

    /** Whether positions are known, and not only the queues' lengths. */
    public boolean hasPositions() {
        return acknowledged != UNKNOWN && received != UNKNOWN;
    }
}
