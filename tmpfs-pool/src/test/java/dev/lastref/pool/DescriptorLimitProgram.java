package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Run with too few descriptors for its pool. Exits with 0 if all went as it should. */
final class DescriptorLimitProgram {
    private static final int SEGMENT = 256 * 1024;
    private static final long CAPACITY = 512L * SEGMENT;

    private DescriptorLimitProgram() {}

    public static void main(String[] arguments) throws IOException {
        AtomicInteger warnings = countWarnings();
        rehearse();
        try (TmpfsPool pool = TmpfsPool.open(PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT))) {
            List<Extent> extents = new ArrayList<>();
            fill(pool, extents);
            int most = extents.size();
            assertThat(most).isBetween(20, 100);
            // One more may be charged for the moment in which it is tried to prepare it.
            await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY - (long) most * SEGMENT);
            assertThat(pool.tryAllocate(10L * SEGMENT)).isNull();
            assertThat(warnings).hasValue(1);
            assertAllHold(extents);

            for (int i = 0; i < most / 2; i++) {
                extents.remove(extents.size() - 1).release();
            }
            int left = extents.size();
            await().until(() -> pool.snapshot().usedBytes() == (long) left * SEGMENT);
            fill(pool, extents);
            assertThat(extents).hasSizeBetween(most - 10, most);
            assertThat(warnings).hasValue(2);
            assertAllHold(extents);
            extents.forEach(Extent::release);
            await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        }
        System.out.println("nothing lost");
    }

    /** Every class that is needed later is loaded now, which takes descriptors too. */
    private static void rehearse() throws IOException {
        Logger.getLogger(DescriptorLimitProgram.class.getName()).info("the JDK opens a file for its first message");
        try (TmpfsPool pool = TmpfsPool.open(PoolConfig.of(4L * SEGMENT).withSegmentSize(SEGMENT))) {
            List<Extent> extents = new ArrayList<>();
            fill(pool, extents);
            assertThat(extents.size()).isBetween(1, 4);
            assertThat(extents).hasSizeBetween(1, 4);
            assertThat(new AtomicInteger(1)).hasValue(1);
            assertThat(pool.tryAllocate(SEGMENT)).isNull();
            assertThat(pool.snapshot().bytes()).isNotEmpty();
            assertAllHold(extents);
            extents.forEach(Extent::release);
            await().until(() -> pool.snapshot().bytes(Use.FREE) == 4L * SEGMENT);
            assertThat(pool.snapshot().usedBytes()).isZero();
        }
    }

    private static void fill(TmpfsPool pool, List<Extent> extents) throws IOException {
        for (ExtentWriter writer = pool.tryAllocate(SEGMENT); writer != null; writer = pool.tryAllocate(SEGMENT)) {
            Pools.append(writer, extents.size(), SEGMENT);
            extents.add(writer.commit());
        }
    }

    private static void assertAllHold(List<Extent> extents) {
        for (int i = 0; i < extents.size(); i++) {
            Pools.assertHolds(extents.get(i), i, SEGMENT);
        }
    }

    private static AtomicInteger countWarnings() {
        AtomicInteger warnings = new AtomicInteger();
        Logger.getLogger(SegmentMaker.class.getName()).addHandler(new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getLevel() == Level.WARNING && entry.getMessage().contains("cannot create a segment")) {
                    warnings.incrementAndGet();
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        return warnings;
    }
}
