package dev.lastref.cache;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bytes of a response that are not in the pool, shown to the readers straight from the buffer that they were read into. The origin
 * waits until every reader has taken them: this is the back-pressure of a response that streams past the pool.
 */
final class Window {
    private final ByteBuffer bytes;
    private final long start;
    private final AtomicInteger owing;
    private final Runnable whenTaken;

    /**
     * @param start where in the content the bytes begin
     */
    Window(ByteBuffer bytes, long start, int readers, Runnable whenTaken) {
        this.bytes = bytes;
        this.start = start;
        this.owing = new AtomicInteger(readers);
        this.whenTaken = whenTaken;
    }

    /** Those of the bytes that lie between two places in the content, with a position of the caller's own. */
    ByteBuffer bytes(long from, long to) {
        ByteBuffer own = bytes.duplicate();
        int length = own.remaining();
        int first = (int) Math.max(0, Math.min(length, from - start));
        int end = (int) Math.max(first, Math.min(length, to - start));
        return own.limit(own.position() + end).position(own.position() + first);
    }

    /** Where in the content the bytes end. */
    long end() {
        return start + bytes.remaining();
    }

    /** One reader has taken all of it, or gone away. */
    void taken() {
        if (owing.decrementAndGet() == 0) {
            whenTaken.run();
        }
    }
}
