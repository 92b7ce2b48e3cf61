package dev.lastref.http.listen;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for requests and responses on their way, which slow clients and origins keep for long: as many as their share of the memory
 * outside the heap is, and then from the heap, where {@link RequestMemory} counts them, so that no new request comes to hold one when they
 * are too many. The JDK would have each thread that finds nothing left outside the heap run the collector, and wait for it, half a second
 * each time. All threads.
 */
public final class ServerBuffers implements ByteBufferPool {
    private final ByteBufferPool direct;
    private final int mostDirect;
    private final RequestMemory memory;
    private final AtomicInteger directInUse = new AtomicInteger();

    /**
     * @param direct of buffers outside the heap; closed with this
     * @param directBytes that all of those may take
     */
    public ServerBuffers(ByteBufferPool direct, long directBytes, RequestMemory memory) {
        this.direct = direct;
        this.mostDirect = (int) Math.min(1 << 20, Math.max(8, directBytes / direct.getBufferSize()));
        this.memory = memory;
    }

    @Override
    public PooledByteBuffer allocate() {
        PooledByteBuffer outside = directInUse.incrementAndGet() <= mostDirect ? allocateDirect() : null;
        if (outside != null) {
            return new Lent(outside.getBuffer(), outside);
        }
        directInUse.decrementAndGet();
        memory.add(getBufferSize());
        return new Lent(ByteBuffer.allocate(getBufferSize()), null);
    }

    /** Null: others have used up the memory outside the heap, which is how the JDK says so. */
    private @Nullable PooledByteBuffer allocateDirect() {
        try {
            return direct.allocate();
        } catch (OutOfMemoryError none) {
            return null;
        }
    }

    private void give(@Nullable PooledByteBuffer outside) {
        if (outside == null) {
            memory.give(getBufferSize());
        } else {
            outside.close();
            directInUse.decrementAndGet();
        }
    }

    @Override
    public ByteBufferPool getArrayBackedPool() {
        return direct.getArrayBackedPool();
    }

    @Override
    public int getBufferSize() {
        return direct.getBufferSize();
    }

    /** As most of them are. */
    @Override
    public boolean isDirect() {
        return true;
    }

    @Override
    public void close() {
        direct.close();
    }

    private final class Lent implements PooledByteBuffer {
        private final ByteBuffer buffer;
        private final @Nullable PooledByteBuffer outside;
        private final AtomicBoolean open = new AtomicBoolean(true);

        Lent(ByteBuffer buffer, @Nullable PooledByteBuffer outside) {
            this.buffer = buffer;
            this.outside = outside;
        }

        @Override
        public ByteBuffer getBuffer() {
            if (!open.get()) {
                throw new IllegalStateException("the buffer was given back");
            }
            return buffer;
        }

        @Override
        public void close() {
            if (open.getAndSet(false)) {
                give(outside);
            }
        }

        @Override
        public boolean isOpen() {
            return open.get();
        }
    }
}
