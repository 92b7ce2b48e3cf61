package dev.lastref.cache;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bytes of a response that are not in the pool, shown to the readers straight from the buffer that they were read into. The origin
 * waits until every reader has taken them: this is the back-pressure of a response that streams past the pool.
 */
final class Window {
    private final ByteBuffer bytes;
    private final AtomicInteger owing;
    private final Runnable whenTaken;

    Window(ByteBuffer bytes, int readers, Runnable whenTaken) {
        this.bytes = bytes;
        this.owing = new AtomicInteger(readers);
        this.whenTaken = whenTaken;
    }

    /** The bytes, with a position of the caller's own. */
    ByteBuffer bytes() {
        return bytes.duplicate();
    }

    /** One reader has taken all of it, or gone away. */
    void taken() {
        if (owing.decrementAndGet() == 0) {
            whenTaken.run();
        }
    }
}
