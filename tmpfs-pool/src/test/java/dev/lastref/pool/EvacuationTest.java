package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.LeakCheck;
import dev.lastref.pool.testing.TestPools;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class EvacuationTest {
    private static final long CAPACITY = 16L << 20;

    private final AtomicLong evacuated = new AtomicLong();
    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY).withListener(new PoolListener() {
        @Override
        public void evacuated(long bytes) {
            evacuated.addAndGet(bytes);
        }
    }));

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void sparseSegmentsAreEmptiedAndWhatLivesInThemStaysRight() throws Exception {
        long seed = System.nanoTime();
        System.out.println("sparseSegmentsAreEmptied: seed " + seed);
        Random random = new Random(seed);
        List<Stored> kept = new ArrayList<>();
        List<Stored> given = new ArrayList<>();
        for (int i = 0; pool.snapshot().bytes(Use.FREE) > CAPACITY / 4; i++) {
            Stored stored = new Stored(Pools.write(pool, i, 1000 + random.nextInt(40_000)), i);
            (i % 3 == 0 ? kept : given).add(stored);
        }
        // One reader began before anything moves, and goes on after.
        Transmission early = kept.get(0).extent.transmit();
        given.forEach(stored -> stored.extent.release());
        await().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> {
            assertThat(pool.snapshot().bytes(Use.DEAD)).isLessThan(CAPACITY / 8);
            assertThat(pool.snapshot().bytes(Use.FREE)).isGreaterThan(CAPACITY / 2);
        });
        assertThat(evacuated.get()).isPositive();
        kept.forEach(stored -> Pools.assertHolds(stored.extent, stored.seed, stored.extent.published()));
        Pools.assertReads(early, kept.get(0).seed);
        early.close();
        kept.forEach(stored -> stored.extent.release());
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
    }

    private record Stored(Extent extent, long seed) {}
}
