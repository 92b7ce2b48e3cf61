package dev.lastref.http.memory;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jctools.queues.atomic.MpmcAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of one size outside the heap, kept for the next who asks. Where the JVM has no room there for another one, who asks is told at
 * once, by an {@link OutOfMemoryError} that is thrown without being made: asked itself, the JDK would run the collector and wait for it,
 * half a second each time, on an I/O thread (java.nio.Bits#reserveMemory).
 *
 * <p>A little is left to the JDK, which needs room there itself, to write what is on the heap.
 *
 * <p>Threads: any.
 */
public final class DirectBuffers implements ByteBufferPool {
    /** Left to others, in bytes; who asks at the same time as somebody else may get of it. */
    static final long SPARE = 1 << 20;
    /** A thread keeps no more to itself, of buffers of which there are many. */
    public static final int MOST_WARM = 12;
    /** More than these are not kept. */
    private static final int MOST_KEPT = 1 << 16;

    /** One for all: thrown for each buffer while there is no room, and nobody is told where from. */
    @SuppressWarnings("StaticAssignmentOfThrowable")
    private static final OutOfMemoryError NO_ROOM = new NoRoom();

    private final int size;
    private final int mostWarm;
    private final LongSupplier room;
    private final MpmcAtomicArrayQueue<ByteBuffer> free;
    /** Of each thread those that it gave back last, which its processor has at hand. */
    private final ThreadLocal<ArrayDeque<ByteBuffer>> warm = ThreadLocal.withInitial(ArrayDeque::new);

    private final ByteBufferPool onHeap;
    private volatile boolean closed;

    /**
     * @param size of each, in bytes
     * @param most bytes that users of this take together; they see to that
     * @param mostWarm of them each thread may keep to itself, beside those; with 0 there are never more than were lent at a time
     * @param room bytes that the JVM has left outside the heap
     */
    public DirectBuffers(int size, long most, int mostWarm, LongSupplier room) {
        this.size = size;
        this.mostWarm = mostWarm;
        this.room = room;
        free = new MpmcAtomicArrayQueue<>((int) Math.min(MOST_KEPT, Math.max(8, most / size)));
        onHeap = new DefaultByteBufferPool(false, size);
    }

    /** @throws OutOfMemoryError where there is no room for it */
    @Override
    public PooledByteBuffer allocate() {
        ByteBuffer kept = closed ? null : kept();
        return new Lent(kept == null ? made() : kept.clear());
    }

    private @Nullable ByteBuffer kept() {
        ByteBuffer last = warm.get().pollLast();
        return last == null ? free.poll() : last;
    }

    private ByteBuffer made() {
        if (room.getAsLong() < SPARE + size) {
            throw NO_ROOM;
        }
        return ByteBuffer.allocateDirect(size);
    }

    private void giveBack(ByteBuffer buffer) {
        ArrayDeque<ByteBuffer> mine = warm.get();
        if (closed) {
            return; // it is the collector's
        }
        if (mine.size() < mostWarm) {
            mine.addLast(buffer);
        } else {
            free.offer(buffer); // or it is the collector's, too
        }
    }

    @Override
    public ByteBufferPool getArrayBackedPool() {
        return onHeap;
    }

    @Override
    public int getBufferSize() {
        return size;
    }

    @Override
    public boolean isDirect() {
        return true;
    }

    /** Leaves to the collector those that nobody has, and the others when they are given back. */
    @Override
    public void close() {
        closed = true;
        free.clear();
        onHeap.close();
    }

    private static final class NoRoom extends OutOfMemoryError {
        private static final long serialVersionUID = 1;

        NoRoom() {
            super("no room for another buffer outside the heap (-XX:MaxDirectMemorySize)");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    private final class Lent implements PooledByteBuffer {
        private final AtomicReference<@Nullable ByteBuffer> lent;

        Lent(ByteBuffer buffer) {
            lent = new AtomicReference<>(buffer);
        }

        @Override
        public ByteBuffer getBuffer() {
            ByteBuffer buffer = lent.get();
            if (buffer == null) {
                throw new IllegalStateException("the buffer was given back");
            }
            return buffer;
        }

        @Override
        public void close() {
            ByteBuffer buffer = lent.getAndSet(null);
            if (buffer != null) {
                giveBack(buffer);
            }
        }

        @Override
        public boolean isOpen() {
            return lent.get() != null;
        }
    }
}
