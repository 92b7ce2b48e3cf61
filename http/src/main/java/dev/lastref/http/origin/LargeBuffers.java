package dev.lastref.http.origin;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for content on its way into the pool, larger than those for what waits: the fewer and larger the reads and writes, the less
 * they cost. The pool takes a buffer's content at once, so that an I/O thread needs one. Only where it takes no more half-way is one
 * held for a client, until that has taken it; so they are few, and who gets none does with a usual one.
 *
 * <p>Threads: any. The caller who made it closes it.
 */
public final class LargeBuffers implements AutoCloseable {
    /** Of each, in bytes. */
    public static final int SIZE = 256 * 1024;

    private final ByteBufferPool buffers;
    private final int most;
    private final AtomicInteger lent = new AtomicInteger();

    /**
     * @param buffers which throws an {@link OutOfMemoryError} where there is no room for one, and keeps none for each thread; closed
     *     with this
     * @param most that are lent at a time
     */
    public LargeBuffers(ByteBufferPool buffers, int most) {
        this.buffers = buffers;
        this.most = most;
    }

    /** Null: enough are lent, or others have used up the memory outside the heap. */
    @Nullable
    PooledByteBuffer take() {
        PooledByteBuffer taken = lent.incrementAndGet() <= most ? allocate() : null;
        if (taken == null) {
            lent.decrementAndGet();
        }
        return taken;
    }

    private @Nullable PooledByteBuffer allocate() {
        try {
            return new Lent(buffers.allocate());
        } catch (OutOfMemoryError none) {
            return null;
        }
    }

    /** Those that are lent. */
    public int lent() {
        return lent.get();
    }

    @Override
    public void close() {
        buffers.close();
    }

    /** Used by one thread at a time. */
    private final class Lent implements PooledByteBuffer {
        private final PooledByteBuffer taken;

        Lent(PooledByteBuffer taken) {
            this.taken = taken;
        }

        @Override
        public ByteBuffer getBuffer() {
            return taken.getBuffer();
        }

        @Override
        public void close() {
            if (taken.isOpen()) {
                taken.close();
                lent.decrementAndGet();
            }
        }

        @Override
        public boolean isOpen() {
            return taken.isOpen();
        }
    }
}
