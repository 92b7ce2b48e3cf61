package dev.lastref.http.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.memory.DirectBuffers;
import io.undertow.connector.PooledByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LargeBuffersTest {
    private static final int MOST = 3;

    private final AtomicLong room = new AtomicLong(Long.MAX_VALUE);
    private final AtomicInteger made = new AtomicInteger();
    private final LargeBuffers buffers =
            new LargeBuffers(new DirectBuffers(LargeBuffers.SIZE, MOST * LargeBuffers.SIZE, 0, this::room), MOST);

    /** Is asked for each that is made. */
    private long room() {
        made.incrementAndGet();
        return room.get();
    }

    private PooledByteBuffer taken() {
        return Objects.requireNonNull(buffers.take(), "there is none");
    }

    @Test
    void asManyAreLentAsMayBe() {
        Deque<PooledByteBuffer> all = new ArrayDeque<>();
        for (int i = 0; i < MOST; i++) {
            all.add(taken());
            assertThat(all.getLast().getBuffer().capacity()).isEqualTo(LargeBuffers.SIZE);
            assertThat(buffers.lent()).isEqualTo(i + 1);
        }
        assertThat(buffers.take()).isNull();
        assertThat(buffers.lent()).isEqualTo(MOST);
        PooledByteBuffer first = all.remove();
        first.close();
        first.close(); // is given back once
        assertThat(buffers.lent()).isEqualTo(MOST - 1);
        all.add(taken());
        assertThat(buffers.take()).isNull();
        all.forEach(PooledByteBuffer::close);
        assertThat(buffers.lent()).isZero();
        buffers.close();
    }

    @Test
    void thereAreNeverMoreThanMayBeLentWhicheverThreadHadThem() throws Exception {
        for (int i = 0; i < 4; i++) {
            CompletableFuture.runAsync(
                            () -> {
                                List<PooledByteBuffer> all = List.of(taken(), taken(), taken());
                                all.forEach(PooledByteBuffer::close);
                            },
                            task -> new Thread(task).start())
                    .get(30, TimeUnit.SECONDS);
        }
        assertThat(made).hasValue(MOST);
        buffers.close();
    }

    @Test
    void whereThereIsNoRoomThereIsNoneAndNoneIsCounted() {
        room.set(0);
        for (int i = 0; i <= MOST; i++) {
            assertThat(buffers.take()).isNull();
        }
        assertThat(buffers.lent()).isZero();
        room.set(Long.MAX_VALUE);
        taken().close();
        buffers.close();
    }
}
