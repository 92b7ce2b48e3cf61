package dev.lastref.http.listen;

import dev.lastref.http.memory.HeapShare;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for requests and responses on their way, which slow clients and origins keep for long: as many as their share of the memory
 * outside the heap is, and then from the heap, where {@link HeapShare} counts them, so that no new request comes to hold one when they
 * are too many. All threads.
 *
 * <p>Undertow loses some, such as that of a 100 (Continue) which could not be written: of those the collector finds, and they count no
 * more. The memory itself is not lent again then, but left to the collector as well: somebody may still read it.
 */
public final class ServerBuffers implements ByteBufferPool {
    private static final Cleaner LOST = Cleaner.create();

    private final ByteBufferPool direct;
    private final int mostDirect;
    private final HeapShare memory;
    private final boolean watched;
    private final AtomicInteger directInUse = new AtomicInteger();

    /**
     * @param direct of buffers outside the heap, which throws an {@link OutOfMemoryError} where there is no room for one; closed with this
     * @param directBytes that all of those may take
     * @param watched whether some may get lost; it costs a little for each
     */
    public ServerBuffers(ByteBufferPool direct, long directBytes, HeapShare memory, boolean watched) {
        this.watched = watched;
        this.direct = direct;
        this.mostDirect = (int) Math.min(1 << 20, Math.max(8, directBytes / direct.getBufferSize()));
        this.memory = memory;
    }

    @Override
    public PooledByteBuffer allocate() {
        return allocate(watched);
    }

    /** The same for who gives back for certain all that it takes, which is not watched; it need not be closed. */
    public ByteBufferPool unwatched() {
        return new Unwatched();
    }

    private PooledByteBuffer allocate(boolean isWatched) {
        PooledByteBuffer outside = directInUse.incrementAndGet() <= mostDirect ? allocateDirect() : null;
        if (outside != null) {
            return lend(outside.getBuffer(), outside, isWatched);
        }
        directInUse.decrementAndGet();
        memory.add(getBufferSize());
        return lend(ByteBuffer.allocate(getBufferSize()), null, isWatched);
    }

    private Lent lend(ByteBuffer buffer, @Nullable PooledByteBuffer outside, boolean isWatched) {
        Count count = new Count(outside != null);
        Lent lent = new Lent(buffer, outside, count);
        if (isWatched) {
            count.registered = LOST.register(lent, count);
        }
        return lent;
    }

    /** Null: others have used up the memory outside the heap. */
    private @Nullable PooledByteBuffer allocateDirect() {
        try {
            return direct.allocate();
        } catch (OutOfMemoryError none) {
            return null;
        }
    }

    /** Those outside the heap that somebody has. */
    public int directInUse() {
        return directInUse.get();
    }

    /** That one is lent; ends once, when it is given back or found to be lost. */
    private final class Count implements Runnable {
        private final AtomicBoolean ended = new AtomicBoolean();
        private final boolean isDirect;
        private Cleaner.@Nullable Cleanable registered;

        Count(boolean isDirect) {
            this.isDirect = isDirect;
        }

        /** Returns whether this has ended it. */
        boolean end() {
            if (ended.getAndSet(true)) {
                return false;
            }
            if (isDirect) {
                directInUse.decrementAndGet();
            } else {
                memory.give(getBufferSize());
            }
            return true;
        }

        @Override
        public void run() {
            end();
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

    private final class Unwatched implements ByteBufferPool {
        @Override
        public PooledByteBuffer allocate() {
            return ServerBuffers.this.allocate(false);
        }

        @Override
        public ByteBufferPool getArrayBackedPool() {
            return ServerBuffers.this.getArrayBackedPool();
        }

        @Override
        public int getBufferSize() {
            return ServerBuffers.this.getBufferSize();
        }

        @Override
        public boolean isDirect() {
            return ServerBuffers.this.isDirect();
        }

        @Override
        public void close() {
            // the others go on
        }
    }

    private static final class Lent implements PooledByteBuffer {
        private final ByteBuffer buffer;
        private final @Nullable PooledByteBuffer outside;
        private final Count count;

        Lent(ByteBuffer buffer, @Nullable PooledByteBuffer outside, Count count) {
            this.buffer = buffer;
            this.outside = outside;
            this.count = count;
        }

        @Override
        public ByteBuffer getBuffer() {
            if (count.ended.get()) {
                throw new IllegalStateException("the buffer was given back");
            }
            return buffer;
        }

        @Override
        public void close() {
            if (!count.end()) {
                return;
            }
            if (outside != null) {
                outside.close();
            }
            Cleaner.Cleanable cleanable = count.registered;
            if (cleanable != null) {
                cleanable.clean();
            }
        }

        @Override
        public boolean isOpen() {
            return !count.ended.get();
        }
    }
}
