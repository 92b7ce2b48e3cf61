package dev.lastref.cache;

import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a reader's content goes: a client's connection. */
public interface BodySink {
    /**
     * Sends what the transmission has available.
     *
     * @return whether all of it went; false: the connection takes no more for now, or the next bytes are in swap
     */
    boolean send(Transmission transmission) throws IOException;

    /**
     * Sends the buffer's remaining bytes.
     *
     * @return whether all of them went; false: the connection takes no more for now
     */
    boolean send(ByteBuffer bytes) throws IOException;
}
