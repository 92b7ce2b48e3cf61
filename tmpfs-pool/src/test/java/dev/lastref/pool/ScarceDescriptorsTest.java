package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.TmpfsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where descriptors end a pool leaves those alone that are held back for others, and keeps what it has. */
@Timeout(60)
class ScarceDescriptorsTest {
    private static final int SEGMENT = 64 * 1024;
    private static final long CAPACITY = 64L * SEGMENT;

    private final Held held = new Held();
    private final AtomicInteger created = new AtomicInteger();
    private final AtomicLong evicted = new AtomicLong();
    private final List<Extent> extents = new ArrayList<>();
    /** How each file fails that is to be made; null: it is made. */
    private volatile String failure;

    private final TmpfsPool pool = open(CAPACITY);

    /** Those that are held back are scarce from the moment on at which none was left. */
    private static final class Held implements Descriptors {
        private final AtomicInteger ranOut = new AtomicInteger();
        private volatile boolean scarce;

        @Override
        public boolean areScarce() {
            return scarce;
        }

        @Override
        public void ranOut() {
            ranOut.incrementAndGet();
            scarce = true;
        }
    }

    private TmpfsPool open(long capacity) {
        SegmentFiles files = new SegmentFiles() {
            @Override
            public TmpfsFile create(int id, int size) throws IOException {
                created.incrementAndGet();
                String why = failure;
                if (why != null) {
                    throw new IOException(why);
                }
                return MEMFD.create(id, size);
            }
        };
        PoolConfig config = PoolConfig.of(capacity)
                .withSegmentSize(SEGMENT)
                .withDescriptors(held)
                .withListener(new PoolListener() {
                    @Override
                    public void evicted(long bytes) {
                        evicted.addAndGet(bytes);
                    }
                });
        return Pools.open(config, files);
    }

    @AfterEach
    void closePool() {
        extents.forEach(Extent::release);
        pool.close();
    }

    private void write(int length) throws Exception {
        extents.add(Pools.write(pool, extents.size(), length));
    }

    private void awaitNothingPrepared() {
        await().until(() -> pool.snapshot().bytes(Use.FILLING) + pool.snapshot().bytes(Use.LIVE)
                == (long) extents.size() * SEGMENT);
    }

    @Test
    void whileTheyAreScarceNoSegmentIsMadeAndWhatIsThereIsFilled() throws Exception {
        write(SEGMENT / 4);
        held.scarce = true;
        await().until(() -> pool.snapshot().usedBytes() == SEGMENT); // those prepared are given up
        int before = created.get();
        write(SEGMENT / 4);
        assertThat(pool.tryAllocate(SEGMENT)).isNull();
        assertThat(pool.tryAllocate(SEGMENT)).isNull();
        assertThat(created).hasValue(before);
        held.scarce = false;
        write(SEGMENT);
        for (int i = 0; i < extents.size(); i++) {
            Pools.assertHolds(extents.get(i), i, i < 2 ? SEGMENT / 4 : SEGMENT);
        }
    }

    @Test
    void whereNoneIsLeftItIsToldAndNothingStoredMakesRoom() throws Exception {
        for (int i = 0; i < 8; i++) {
            write(SEGMENT);
        }
        awaitNothingPrepared();
        failure = "memfd_create: Too many open files";
        assertThat(pool.tryAllocate(SEGMENT)).isNull();
        assertThat(held.ranOut).hasPositiveValue();
        assertThat(pool.account().availableBytes()).isEqualTo(CAPACITY - 8 * SEGMENT);
        for (int i = 0; i < 20; i++) {
            assertThat(pool.tryAllocate(SEGMENT)).isNull();
            Thread.yield();
        }
        assertThat(evicted).hasValue(0);
        failure = null;
        held.scarce = false;
        write(SEGMENT);
    }

    @Test
    void aSystemThatGivesFilesAgainIsNotFull() throws Exception {
        long capacity = 16L * SEGMENT; // in which none is prepared: a file that was closed would say the same
        try (TmpfsPool small = open(capacity)) {
            failure = "memfd_create: Cannot allocate memory";
            assertThat(small.tryAllocate(SEGMENT)).isNull();
            assertThat(held.ranOut).as("that is no want of descriptors").hasValue(0);
            assertThat(small.account().availableBytes()).isZero();
            failure = null;
            extents.add(Pools.write(small, 0, SEGMENT));
            assertThat(small.account().availableBytes()).isEqualTo(capacity - SEGMENT);
            extents.remove(0).release();
        }
    }
}
