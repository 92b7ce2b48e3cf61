package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.TestPools;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Owners who let go on a thread of their own, as a cache's index does. */
@Timeout(60)
class EvictionTest {
    private static final int SEGMENT = 256 * 1024;
    private static final int SEGMENTS = 16;
    private static final int RESERVE = 2;
    private static final long SEED = 11;

    private final AtomicLong evicted = new AtomicLong();
    private final AtomicLong looks = new AtomicLong();
    private final CountDownLatch dying = new CountDownLatch(1);
    private final CountDownLatch mayGo = new CountDownLatch(1);
    private final ExecutorService owner = Executors.newSingleThreadExecutor();

    private final TmpfsPool pool = TestPools.open(PoolConfig.of(SEGMENTS * SEGMENT)
            .withNanoClock(() -> {
                looks.incrementAndGet();
                return 0; // owners have all the time there is
            })
            .withListener(new PoolListener() {
                @Override
                public void evicted(long liveBytes) {
                    evicted.addAndGet(liveBytes);
                }

                @Override
                public void extentLetGo(Extent extent) {
                    dying.countDown();
                    try {
                        mayGo.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }));

    @AfterEach
    void close() {
        mayGo.countDown();
        owner.shutdown();
        pool.close();
    }

    /** Which is how a thread is found that others keep from running. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whileAnOwnerIsLettingGoNobodyElseIsAskedInItsPlace(int extentsInASegment) throws Exception {
        Set<Extent> stored = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < extentsInASegment * (SEGMENTS - RESERVE); i++) {
            Extent extent = Pools.write(pool, SEED, SEGMENT / extentsInASegment);
            stored.add(extent);
            extent.ownedBy(asked -> owner.execute(() -> giveUp(stored, asked)));
        }
        assertThat(evicted).hasValue(0);
        Extent last = Pools.write(pool, SEED, SEGMENT);
        dying.await();
        if (extentsInASegment == 1) { // else the others of it live on meanwhile
            await().until(() -> pool.snapshot().segments().stream()
                    .map(SegmentSnapshot::state)
                    .anyMatch(SegmentState.RETIRED::equals));
        }
        long before = looks.get();
        await("the reclaimer looks again and again").until(() -> {
            pool.timeHasPassed();
            return looks.get() > before + 100;
        });
        assertThat(evicted).hasValue(SEGMENT);
        mayGo.countDown();
        await().until(() -> pool.snapshot().bytes(Use.FREE) >= RESERVE * SEGMENT);

        last.release();
        stored.forEach(extent -> giveUp(stored, extent));
        await().until(() -> pool.snapshot().bytes(Use.FREE) == SEGMENTS * SEGMENT);
    }

    private static void giveUp(Set<Extent> stored, Extent extent) {
        if (stored.remove(extent)) {
            extent.release();
        }
    }
}
