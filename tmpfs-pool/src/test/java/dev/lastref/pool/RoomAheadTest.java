package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.TestPools;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool that is full makes room for what is about to come, before it is refused. */
@Timeout(60)
class RoomAheadTest {
    private static final int SEGMENT = 64 * 1024;
    private static final int SEGMENTS = 64;
    private static final int RESERVE = 2;
    private static final int MOST = SEGMENTS / 8;
    private static final long SEED = 5;

    private final AtomicLong clock = new AtomicLong(1);
    private final TmpfsPool pool = TestPools.open(
            PoolConfig.of((long) SEGMENTS * SEGMENT).withSegmentSize(SEGMENT).withNanoClock(clock::get));
    private final Set<Extent> stored = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void fillSlowly() {
        for (int i = 0; i < 2 * SEGMENTS; i++) {
            store(1);
            passes(Duration.ofSeconds(5));
            awaitFree(Math.min(RESERVE, SEGMENTS - 1 - i));
        }
        assertThat(free()).as("segments, before any haste").isLessThan(2 * RESERVE);
    }

    @AfterEach
    void close() {
        stored.forEach(this::giveUp);
        pool.close();
    }

    /** Once there is room: of what is free one segment is kept for moves, and another may just be being prepared. */
    private void store(int segments) {
        await().until(() -> {
            ExtentWriter writer = pool.tryAllocate((long) segments * SEGMENT);
            if (writer == null) {
                return false;
            }
            assertThat(Pools.append(writer, SEED, segments * SEGMENT)).isTrue();
            Extent extent = writer.commit();
            stored.add(extent);
            extent.ownedBy(asked -> giveUp(extent));
            return true;
        });
    }

    private void giveUp(Extent extent) {
        if (stored.remove(extent)) {
            extent.release();
        }
    }

    private void passes(Duration time) {
        clock.addAndGet(time.toNanos());
        pool.timeHasPassed();
    }

    /** In segments, with what is kept for moves. */
    private long free() {
        return pool.account().availableBytes() / SEGMENT;
    }

    private void awaitFree(long segments) {
        await().until(() -> {
            passes(Duration.ofNanos(100_000)); // the kernel may have to be asked again, a moment later
            return free() >= segments;
        });
    }

    @Test
    void theFasterItIsTakenTheMoreIsFree() {
        for (int hurry = RESERVE; hurry < MOST; hurry *= 2) {
            for (int i = 0; i < hurry; i++) {
                store(1);
            }
            passes(Duration.ofMillis(25));
            awaitFree(2L * hurry);
        }
        assertThat(free()).isGreaterThanOrEqualTo(MOST).isLessThanOrEqualTo(MOST + RESERVE);
    }

    /** Of what is free some is kept for moves, and no answer to who was refused. */
    @Test
    void whatWasRefusedFindsRoomThen() {
        for (int i = 0; i < 10; i++) {
            passes(Duration.ofSeconds(5));
            assertThat(pool.tryAllocate(5L * SEGMENT)).isNull();
            awaitFree(5 + 1);
            store(5);
        }
    }
}
