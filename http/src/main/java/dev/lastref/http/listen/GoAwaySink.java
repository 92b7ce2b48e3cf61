package dev.lastref.http.listen;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * Sends a client of HTTP/2 the word that its connection is about to end, between two frames of the server's: whoever hears it begins
 * no more streams, and those that have begun, or are on their way, are served (RFC 9113, section 6.8). The server has no way to say
 * this without closing at once. For the connection's I/O thread.
 */
final class GoAwaySink extends AbstractStreamSinkConduit<StreamSinkConduit> {
    private static final int FRAME_HEADER = 9;
    /** Length 8, GOAWAY, no flags, stream 0; the last stream is the highest there can be; no error. */
    private static final byte[] GO_AWAY = {0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, -1, -1, -1, 0, 0, 0, 0};

    private boolean asked;
    private @Nullable ByteBuffer waiting;
    /** Of the frame that is being sent. */
    private int headerBytes;

    private int payloadLeft;

    private GoAwaySink(StreamSinkConduit next) {
        super(next);
    }

    static GoAwaySink install(StreamConnection connection) {
        GoAwaySink made = new GoAwaySink(connection.getSinkChannel().getConduit());
        connection.getSinkChannel().setConduit(made);
        return made;
    }

    /** Says it, as soon as no frame is half sent. */
    void announce() {
        asked = true;
        try {
            if (isClear()) {
                next.flush();
            }
        } catch (IOException clientIsGone) {
            // whoever writes next will see it
        }
    }

    private boolean isClear() throws IOException {
        if (asked && headerBytes == 0 && payloadLeft == 0) {
            asked = false;
            waiting = ByteBuffer.wrap(GO_AWAY);
        }
        ByteBuffer first = waiting;
        while (first != null && first.hasRemaining()) {
            if (next.write(first) == 0) {
                return false;
            }
        }
        waiting = null;
        return true;
    }

    private void follow(ByteBuffer sent, int from, int to) {
        int at = from;
        while (at < to) {
            if (headerBytes == FRAME_HEADER || payloadLeft > 0) {
                int part = Math.min(payloadLeft, to - at);
                payloadLeft -= part;
                at += part;
            } else {
                if (headerBytes < 3) { // the length comes first
                    pendingLength = (pendingLength << 8) | (sent.get(at) & 0xff);
                }
                headerBytes++;
                at++;
                if (headerBytes == FRAME_HEADER) {
                    payloadLeft = pendingLength;
                    pendingLength = 0;
                }
            }
            if (headerBytes == FRAME_HEADER && payloadLeft == 0) {
                headerBytes = 0;
            }
        }
    }

    private int pendingLength;

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        if (!isClear()) {
            return 0;
        }
        int from = bytes.position();
        int sent = next.write(bytes);
        follow(bytes, from, from + Math.max(sent, 0));
        return sent;
    }

    @Override
    public long write(ByteBuffer[] bytes, int offset, int length) throws IOException {
        if (!isClear()) {
            return 0;
        }
        int[] from = new int[length];
        for (int i = 0; i < length; i++) {
            from[i] = bytes[offset + i].position();
        }
        long sent = next.write(bytes, offset, length);
        for (int i = 0; i < length; i++) {
            follow(bytes[offset + i], from[i], bytes[offset + i].position());
        }
        return sent;
    }

    @Override
    public boolean flush() throws IOException {
        return isClear() && next.flush();
    }
}
