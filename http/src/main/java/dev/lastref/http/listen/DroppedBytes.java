package dev.lastref.http.listen;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.StreamSourceConduit;

/**
 * What a client still sends after all is said to it: read, since to close a connection with something unread resets it, and of no use.
 * One thread at a time.
 */
final class DroppedBytes implements FaultyHead.Dropping {
    private static final int AT_A_TIME = 1024;
    /** A client that goes on speaking after it was told that nobody listens is not heard out. */
    private static final int MOST = 1 << 20;

    private final StreamSourceConduit from;
    private int dropped;

    DroppedBytes(StreamSourceConduit from) {
        this.from = from;
    }

    @Override
    public int drop() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(AT_A_TIME);
        int n = from.read(bytes);
        while (n > 0 && dropped < MOST) {
            dropped += n;
            n = from.read(bytes.clear());
        }
        return n == 0 ? 0 : -1;
    }
}
