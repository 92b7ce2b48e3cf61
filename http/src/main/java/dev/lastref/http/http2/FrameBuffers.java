package dev.lastref.http.http2;

import dev.lastref.http.log.Seldom;
import dev.lastref.http.memory.HeapShare;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for frames, of which clients that read nothing keep one each: from outside the heap as many as its share is, then from the
 * heap as long as {@link HeapShare} has room, so that what others need outside the heap is left to them. All threads.
 */
public final class FrameBuffers {
    private static final int SHARE_OF_DIRECT = 4;

    private final ByteBufferPool direct;
    private final int mostDirect;
    private final HeapShare held;
    private final AtomicInteger directInUse = new AtomicInteger();
    private final Seldom tell = new Seldom(System::nanoTime, Duration.ofSeconds(10));

    /**
     * @param direct of buffers outside the heap, each with room for more than the largest frame, which throws an {@link OutOfMemoryError}
     *     where there is no room for one; the caller's to close
     * @param directBytes that the process may have outside the heap
     */
    public FrameBuffers(ByteBufferPool direct, long directBytes, HeapShare held) {
        this.direct = direct;
        this.mostDirect = (int) Math.min(1 << 20, Math.max(8, directBytes / SHARE_OF_DIRECT / direct.getBufferSize()));
        this.held = held;
    }

    /**
     * One of them, which the caller closes.
     *
     * @throws NoBuffer where both shares are used up
     */
    PooledByteBuffer allocate() throws NoBuffer {
        PooledByteBuffer outside = directInUse.incrementAndGet() <= mostDirect ? allocateDirect() : null;
        if (outside != null) {
            return new Lent(outside.getBuffer(), () -> {
                outside.close();
                directInUse.decrementAndGet();
            });
        }
        directInUse.decrementAndGet();
        int size = direct.getBufferSize();
        if (!held.take(size)) {
            throw new NoBuffer();
        }
        return new Lent(ByteBuffer.allocate(size), () -> held.give(size));
    }

    /**
     * Something is held on the heap in place of a buffer, until it is {@linkplain #release released}.
     *
     * @throws NoBuffer where there is no room for it
     */
    void hold(int bytes) throws NoBuffer {
        if (!held.take(bytes)) {
            throw new NoBuffer();
        }
    }

    /** It is held no more. */
    void release(int bytes) {
        held.give(bytes);
    }

    /** Whether to tell that there was none for somebody: where one is missing, many are. */
    boolean isTimeToTell() {
        return tell.isTime();
    }

    /** Null: others have used up the memory outside the heap. */
    private @Nullable PooledByteBuffer allocateDirect() {
        try {
            return direct.allocate();
        } catch (OutOfMemoryError none) {
            return null;
        }
    }

    private static final class Lent implements PooledByteBuffer {
        private final ByteBuffer buffer;
        private final Runnable back;
        private final AtomicBoolean open = new AtomicBoolean(true);

        Lent(ByteBuffer buffer, Runnable back) {
            this.buffer = buffer;
            this.back = back;
        }

        @Override
        public ByteBuffer getBuffer() {
            return buffer;
        }

        @Override
        public void close() {
            if (open.getAndSet(false)) {
                back.run();
            }
        }

        @Override
        public boolean isOpen() {
            return open.get();
        }
    }
}
