package dev.lastref.http.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;

/**
 * How far a connection is on its way to the end, and what its client is told of it (GOAWAY; RFC 9113, section 6.8).
 *
 * <pre>
 *  OPEN ──we finish──► ENDING (streams end, new ones are refused) ──last one ended──┐
 *    │ └─ the client says GOAWAY, or nothing more: as ENDING                         ▼
 *    └──────────────── a fault: GOAWAY says which ──────────► CLOSING (says the rest, hears nothing) ──► CLOSED
 * </pre>
 *
 * <p>For the connection's I/O thread.
 */
final class ConnectionEnd {
    private enum State {
        OPEN,
        ENDING,
        CLOSING,
        CLOSED
    }

    private final FrameOutput output;
    private State state = State.OPEN;
    private boolean announced;

    ConnectionEnd(FrameOutput output) {
        this.output = output;
    }

    /** Whether streams may begin. */
    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether what the client says is listened to. */
    boolean isHeard() {
        return state.compareTo(State.CLOSING) < 0;
    }

    /** Whether only the rest is said. */
    boolean isClosing() {
        return state == State.CLOSING;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Says that it comes; returns whether that is news. */
    boolean announce() {
        boolean news = state == State.OPEN && !announced;
        if (news) {
            announced = true;
            goAway(Frames.LARGEST_STREAM, ErrorCode.NO_ERROR, "");
        }
        return news;
    }

    /**
     * No more streams begin; returns whether that is news.
     *
     * @param lastStream that has begun
     */
    boolean finish(int lastStream) {
        boolean news = byClient();
        if (news) {
            goAway(lastStream, ErrorCode.NO_ERROR, "");
        }
        return news;
    }

    /** The client begins no more streams; returns whether that is news. */
    boolean byClient() {
        boolean news = state == State.OPEN;
        state = news ? State.ENDING : state;
        return news;
    }

    /**
     * Nothing that the client says is listened to any more; returns whether that is news.
     *
     * @param lastStream that has begun
     */
    boolean byFault(int lastStream, ConnectionFault fault) {
        boolean news = isHeard();
        if (news) {
            state = State.CLOSING;
            goAway(lastStream, fault.code(), fault.reason());
        }
        return news;
    }

    /** No stream runs. */
    void noneRuns() {
        state = state == State.ENDING ? State.CLOSING : state;
    }

    /** It is closed; returns whether that is news. */
    boolean closed() {
        boolean news = state != State.CLOSED;
        state = State.CLOSED;
        return news;
    }

    private void goAway(int last, ErrorCode code, String reason) {
        byte[] text = reason.getBytes(ISO_8859_1);
        ByteBuffer content = ByteBuffer.allocate(8 + text.length)
                .putInt(last)
                .putInt(code.code())
                .put(text)
                .flip();
        output.frame(Frames.GOAWAY, 0, 0, content);
    }
}
