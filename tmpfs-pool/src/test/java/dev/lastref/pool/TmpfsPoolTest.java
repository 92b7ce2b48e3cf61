package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.LeakCheck;
import dev.lastref.pool.testing.TestPools;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class TmpfsPoolTest {
    private static final long CAPACITY = 4 << 20;
    private static final int SEGMENT = 256 * 1024;

    private final TmpfsPool pool = TestPools.open(CAPACITY);

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void whatIsWrittenIsReadBackAndTheMemoryReturns() throws Exception {
        byte[] bytes = random(3 * SEGMENT + 12_345);
        ExtentWriter writer = pool.tryAllocate(bytes.length);
        assertThat(writer.append(ByteBuffer.wrap(bytes))).isTrue();
        Extent extent = writer.commit();
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(bytes.length);
        try (Transmission transmission = extent.transmit()) {
            extent.release();
            assertThat(read(transmission)).isEqualTo(bytes);
            assertThat(pool.snapshot().usedBytes()).isEqualTo(4 * SEGMENT);
        }
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    static byte[] read(Transmission transmission) {
        ByteBuffer all = ByteBuffer.allocate((int) transmission.available());
        while (all.hasRemaining()) {
            ByteBuffer next = transmission.peek(Integer.MAX_VALUE);
            int n = next.remaining();
            all.put(next);
            transmission.advance(n);
        }
        return all.array();
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
