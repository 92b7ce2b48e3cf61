package dev.lastref.pool.linux;

/** The state of a TCP connection (RFC 9293, section 3.3.2), in the order of include/net/tcp_states.h, where the first is 1. */
public enum TcpState {
    ESTABLISHED,
    SYN_SENT,
    SYN_RECV,
    /** Closed here, and what is queued or the FIN is not acknowledged yet: with no process left, an orphan. */
    FIN_WAIT1,
    /** Closed here, and all that was sent is acknowledged. */
    FIN_WAIT2,
    TIME_WAIT,
    CLOSE,
    /** Closed by the peer, and not here. */
    CLOSE_WAIT,
    LAST_ACK,
    LISTEN,
    CLOSING,
    NEW_SYN_RECV;

    private static final TcpState[] ALL = values();

    /** The state of this number; CLOSE for one that is not known here, since no connection is in it. */
    static TcpState of(int number) {
        return number < 1 || number > ALL.length ? CLOSE : ALL[number - 1];
    }

    /** Whether this side has not closed it: what was closed here is never in such a state again. */
    public boolean isOpenHere() {
        return switch (this) {
            case ESTABLISHED, SYN_SENT, SYN_RECV, NEW_SYN_RECV, CLOSE_WAIT -> true;
            default -> false;
        };
    }

    /** Whether the peer has sent its FIN. It takes a place of its own behind the last byte in the receive queue. */
    boolean hasFinReceived() {
        return switch (this) {
            case CLOSE_WAIT, LAST_ACK, CLOSING, TIME_WAIT -> true;
            default -> false;
        };
    }
}
