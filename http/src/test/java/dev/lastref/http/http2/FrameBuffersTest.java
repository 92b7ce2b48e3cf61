package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameBuffersTest {
    private static final int SIZE = 32 * 1024;

    @Test
    void beyondAQuarterOfTheDirectMemoryBuffersAreOnTheHeapAndBoundedThereToo() throws Exception {
        try (DefaultByteBufferPool pool = new DefaultByteBufferPool(true, SIZE)) {
            HeldBytes held = new HeldBytes(3 * SIZE);
            FrameBuffers buffers = new FrameBuffers(pool, 4 * 10 * SIZE, held);
            Deque<PooledByteBuffer> taken = new ArrayDeque<>();
            for (int i = 0; i < 13; i++) {
                taken.add(buffers.allocate());
                assertThat(taken.getLast().getBuffer().isDirect()).isEqualTo(i < 10);
                assertThat(taken.getLast().getBuffer().remaining()).isEqualTo(SIZE);
            }
            assertThatThrownBy(buffers::allocate).isInstanceOf(NoBuffer.class);
            PooledByteBuffer first = taken.remove();
            first.close();
            first.close(); // counts once
            PooledByteBuffer again = buffers.allocate();
            assertThat(again.getBuffer().isDirect()).isTrue();
            assertThatThrownBy(buffers::allocate).isInstanceOf(NoBuffer.class);
            again.close();
            taken.forEach(PooledByteBuffer::close);
            assertThat(held.bytes()).isZero();
        }
    }

    @Test
    void whereThereIsNoBufferNothingIsSaidAndTheConnectionIsToldWithTheNextFlush() {
        try (DefaultByteBufferPool pool = new DefaultByteBufferPool(true, SIZE)) {
            FrameBuffers buffers = new FrameBuffers(pool, 0, new HeldBytes(0));
            List<PooledByteBuffer> taken = new ArrayList<>();
            assertThatThrownBy(() -> {
                        while (true) {
                            taken.add(buffers.allocate());
                        }
                    })
                    .isInstanceOf(NoBuffer.class);
            assertThat(taken).isNotEmpty();
            FrameOutput output = new FrameOutput(null, buffers, System::nanoTime); // which is never written to
            output.number(Frames.RST_STREAM, 1, 8);
            assertThat(output.takesMore()).isFalse();
            assertThatThrownBy(output::flush).isInstanceOf(NoBuffer.class);
            FrameInput input = new FrameInput(buffers);
            input.begin(ByteBuffer.allocate(10));
            assertThatThrownBy(() -> input.drainTo(null)).isInstanceOf(NoBuffer.class);
            taken.forEach(PooledByteBuffer::close);
        }
    }
}
