package dev.lastref.http.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.http.memory.HeapShare;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
            HeapShare held = HeapShare.apart(3 * SIZE);
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
    void aPartOfAFrameIsHeldOnTheHeapWithinTheBoundAndGivenBack() throws Exception {
        try (DefaultByteBufferPool pool = new DefaultByteBufferPool(true, SIZE)) {
            HeapShare held = HeapShare.apart(20);
            FrameBuffers buffers = new FrameBuffers(pool, 4 * 10 * SIZE, held);
            FrameInput first = parked(buffers);
            first.park();
            assertThat(held.bytes()).isEqualTo(14);
            assertThatThrownBy(parked(buffers)::park).isInstanceOf(NoBuffer.class);
            assertThat(held.bytes()).isEqualTo(14);
            first.drainTo(AWAITING);
            assertThat(held.bytes()).as("while it is in a buffer").isZero();
            first.park();
            first.close();
            first.close(); // counts once
            assertThat(held.bytes()).isZero();
        }
    }

    private static final FrameInput.Receiver AWAITING = new FrameInput.Receiver() {
        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void frame(int type, int flags, int stream, ByteBuffer payload) {}
    };

    /** With 14 bytes of a frame in a buffer, behind the preface. */
    private static FrameInput parked(FrameBuffers buffers) throws Exception {
        FrameInput input = new FrameInput(buffers);
        input.begin(ByteBuffer.wrap(
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0d\0\0\0\0\0\1 part".getBytes(StandardCharsets.US_ASCII)));
        input.drainTo(AWAITING);
        return input;
    }

    @Test
    void whereThereIsNoBufferNothingIsSaidAndTheConnectionIsToldWithTheNextFlush() {
        try (DefaultByteBufferPool pool = new DefaultByteBufferPool(true, SIZE)) {
            FrameBuffers buffers = new FrameBuffers(pool, 0, HeapShare.apart(0));
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
