package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.memory.HeapShare;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class ServerBuffersTest {
    private static final int SIZE = 16 * 1024;

    @Test
    void beyondTheirShareOfTheDirectMemoryBuffersAreOnTheHeapAndCountedAsHeld() {
        HeapShare memory = HeapShare.apart(3 * SIZE);
        try (ServerBuffers buffers =
                new ServerBuffers(new DefaultByteBufferPool(true, SIZE), 10 * SIZE, memory, true)) {
            Deque<PooledByteBuffer> taken = new ArrayDeque<>();
            for (int i = 0; i < 13; i++) {
                assertThat(memory.bytes()).isEqualTo(Math.max(0, i - 10) * SIZE);
                taken.add(buffers.allocate());
                assertThat(taken.getLast().getBuffer().isDirect()).isEqualTo(i < 10);
                assertThat(taken.getLast().getBuffer().remaining()).isEqualTo(SIZE);
            }
            assertThat(memory.isScarce()).isTrue();
            PooledByteBuffer first = taken.remove();
            first.close();
            first.close(); // counts once
            PooledByteBuffer again = buffers.allocate();
            assertThat(again.getBuffer().isDirect()).isTrue();
            again.close();
            taken.forEach(PooledByteBuffer::close);
            assertThat(memory.bytes()).isZero();
        }
    }

    @Test
    void whatWhoGivesBackForCertainTakesCountsAsTheOthersDo() {
        HeapShare memory = HeapShare.apart(1 << 20);
        try (ServerBuffers buffers =
                new ServerBuffers(new DefaultByteBufferPool(true, SIZE), 10 * SIZE, memory, true)) {
            Deque<PooledByteBuffer> taken = new ArrayDeque<>();
            for (int i = 0; i < 12; i++) {
                taken.add((i % 2 == 0 ? buffers.unwatched() : buffers).allocate());
            }
            assertThat(buffers.directInUse()).isEqualTo(10);
            assertThat(memory.bytes()).isEqualTo(2 * SIZE);
            buffers.unwatched().close(); // of no consequence to the others
            taken.forEach(PooledByteBuffer::close);
            assertThat(buffers.directInUse()).isZero();
            assertThat(memory.bytes()).isZero();
            taken.forEach(one -> assertThat(one.isOpen()).isFalse());
        }
    }

    /** As by Undertow, where it cannot write an interim response. */
    @Test
    void whatIsLostCountsUntilTheCollectorFindsIt() {
        HeapShare memory = HeapShare.apart(1 << 20);
        try (ServerBuffers buffers =
                new ServerBuffers(new DefaultByteBufferPool(true, SIZE), 10 * SIZE, memory, true)) {
            PooledByteBuffer kept = buffers.allocate();
            for (int i = 0; i < 20; i++) {
                assertThat(buffers.allocate().isOpen()).isTrue();
            }
            await().untilAsserted(() -> {
                System.gc();
                assertThat(buffers.directInUse()).isEqualTo(1);
                assertThat(memory.bytes()).isZero();
            });
            assertThat(kept.isOpen()).isTrue();
            kept.close();
            kept.close();
            assertThat(buffers.directInUse()).isZero();
        }
    }
}
