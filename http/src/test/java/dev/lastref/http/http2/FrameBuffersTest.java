package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class FrameBuffersTest {
    private static final int SIZE = 32 * 1024;

    @Test
    void beyondAQuarterOfTheDirectMemoryBuffersAreOnTheHeapAndBoundedThereToo() {
        try (DefaultByteBufferPool pool = new DefaultByteBufferPool(true, SIZE)) {
            HeldBytes held = new HeldBytes(3 * SIZE);
            FrameBuffers buffers = new FrameBuffers(pool, 4 * 10 * SIZE, held);
            Deque<PooledByteBuffer> taken = new ArrayDeque<>();
            for (int i = 0; i < 13; i++) {
                taken.add(buffers.allocate());
                assertThat(taken.getLast().getBuffer().isDirect()).isEqualTo(i < 10);
                assertThat(taken.getLast().getBuffer().remaining()).isEqualTo(SIZE);
            }
            assertThatThrownBy(buffers::allocate).isInstanceOf(OutOfMemoryError.class);
            PooledByteBuffer first = taken.remove();
            first.close();
            first.close(); // counts once
            PooledByteBuffer again = buffers.allocate();
            assertThat(again.getBuffer().isDirect()).isTrue();
            assertThatThrownBy(buffers::allocate).isInstanceOf(OutOfMemoryError.class);
            again.close();
            taken.forEach(PooledByteBuffer::close);
            assertThat(held.bytes()).isZero();
        }
    }
}
