package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.testing.SeededBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a transmission shows stays as it is until that is closed, whatever is filled again meanwhile: threads keep what they were shown
 * and compare it at the last moment, while extents die, move, are given up half-written, and the pool is made smaller and larger.
 */
@Timeout(120)
class FilledAgainStressTest {
    private static final int SEGMENT = 64 * 1024;
    private static final long CAPACITY = 64L * SEGMENT;
    private static final int THREADS = 3;
    private static final long FOR = TimeUnit.SECONDS.toNanos(5);
    private static final int KEPT = 12;
    private static final int CACHED = 300;

    private final long seed = System.nanoTime();
    private final AtomicLong filledAgain = new AtomicLong();
    private final AtomicLong proven = new AtomicLong();
    private final AtomicLong moved = new AtomicLong();
    private final AtomicLong compared = new AtomicLong();
    private final TmpfsPool pool = Pools.open(
            PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT).withListener(new PoolListener() {
                @Override
                public void reclaimed(long bytes) {
                    proven.addAndGet(bytes);
                }

                @Override
                public void reclaimedToFillAgain(long bytes) {
                    filledAgain.addAndGet(bytes);
                }

                @Override
                public void evacuated(long bytes) {
                    moved.addAndGet(bytes);
                }
            }),
            SegmentFiles.MEMFD);
    /** Extents that the threads own together, and what they hold. */
    private final Map<Extent, Long> cached = new ConcurrentHashMap<>();

    private final long end = System.nanoTime() + FOR;

    @Test
    void whatIsShownStaysAsItIsUntilTheTransmissionIsClosed() throws Exception {
        System.out.println("FilledAgainStressTest: seed " + seed);
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Random random = new Random(seed + i);
                workers.add(executor.submit(() -> {
                    try (Worker worker = new Worker(random)) {
                        worker.work();
                    }
                    return null;
                }));
            }
            watch();
            for (Future<?> worker : workers) {
                worker.get(30, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            cached.keySet().forEach(this::forget);
        }
        pool.resize(CAPACITY);
        await().atMost(Duration.ofSeconds(20)).until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(Memfds.open()).isZero();
        pool.close();
        System.out.printf(
                "FilledAgainStressTest: %d MiB filled again, %d proven free, %d moved, %d compared%n",
                filledAgain.get() >> 20, proven.get() >> 20, moved.get() >> 20, compared.get() >> 20);
        assertThat(filledAgain.get()).isGreaterThan(CAPACITY);
        assertThat(proven.get()).isGreaterThan(CAPACITY);
        assertThat(moved.get()).isPositive();
    }

    private void watch() {
        Random sizes = new Random(seed - 1);
        AtomicInteger looks = new AtomicInteger();
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(() -> {
                    PoolSnapshot snapshot = pool.snapshot();
                    assertThat(Pools.sum(snapshot)).isEqualTo(snapshot.capacity());
                    assertThat(Memfds.allocatedBytes()).isLessThanOrEqualTo(CAPACITY);
                    if (looks.incrementAndGet() % 50 == 0) {
                        pool.resize((32 + sizes.nextInt(33)) * (long) SEGMENT);
                    }
                    return System.nanoTime() >= end;
                });
    }

    private boolean forget(Extent extent) {
        boolean there = cached.remove(extent) != null;
        if (there) {
            extent.release();
        }
        return there;
    }

    /** What a transmission has shown, from where on. */
    private record Shown(ByteBuffer bytes, long from) {}

    /** An open transmission, with all that it has shown. */
    private record Kept(Transmission transmission, long content, List<Shown> shown) {}

    private final class Worker implements AutoCloseable {
        private final Random random;
        private final FileChannel away = FileChannel.open(Path.of("/dev/null"), StandardOpenOption.WRITE);
        private final Deque<Kept> kept = new ArrayDeque<>();

        Worker(Random random) throws IOException {
            this.random = random;
        }

        void work() throws Exception {
            while (System.nanoTime() < end) {
                if (kept.size() > KEPT) {
                    compareOldest();
                }
                long content = random.nextLong();
                int length = 1 + random.nextInt(random.nextInt(6) == 0 ? 3 * SEGMENT : 9_000);
                ExtentWriter writer = random.nextInt(4) == 0
                        ? pool.tryAllocate()
                        : pool.tryAllocate(length, TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(500)));
                if (writer == null) {
                    makeRoom();
                } else {
                    write(writer, content, length);
                }
            }
        }

        private void write(ExtentWriter writer, long content, int length) throws IOException {
            boolean all = true;
            while (all && writer.written() < length) {
                int part = (int) Math.min(length - writer.written(), 1 + random.nextInt(40_000));
                all = Pools.append(writer, content, part);
                if (kept.size() < KEPT && random.nextInt(3) == 0) {
                    keep(writer.extent(), content); // which may never be whole
                }
            }
            if (!all || random.nextInt(6) == 0) {
                writer.abort();
                return;
            }
            Extent extent = writer.commit();
            keep(extent, content);
            if (random.nextInt(3) > 0) {
                extent.release();
                return;
            }
            cached.put(extent, content);
            extent.ownedBy(FilledAgainStressTest.this::forget);
            cached.entrySet().stream().limit(3).forEach(each -> keep(each.getKey(), each.getValue()));
            cached.keySet().stream()
                    .limit(Math.max(0, cached.size() - CACHED))
                    .forEach(FilledAgainStressTest.this::forget);
        }

        private void keep(Extent extent, long content) {
            Transmission transmission = extent.transmit();
            if (transmission != null) {
                Kept begun = new Kept(transmission, content, new ArrayList<>());
                kept.add(begun);
                show(begun);
            }
        }

        private void show(Kept of) {
            Transmission transmission = of.transmission();
            boolean byReference = random.nextInt(60) == 0;
            while (transmission.available() > 0) {
                if (byReference && random.nextBoolean()) {
                    sendAway(transmission);
                } else {
                    long from = transmission.position();
                    ByteBuffer bytes = transmission.peek(1 + random.nextInt(50_000));
                    of.shown().add(new Shown(bytes, from));
                    transmission.advance(bytes.remaining());
                }
            }
        }

        private void sendAway(Transmission transmission) {
            try {
                transmission.transferTo(
                        (file, position, count) -> file.transferTo(position, count, away), 1 + random.nextInt(20_000));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private void compareOldest() {
            Kept oldest = kept.remove();
            try {
                for (Shown each : oldest.shown()) {
                    compared.addAndGet(each.bytes().remaining());
                    assertThat(SeededBytes.firstMismatch(each.bytes().duplicate(), oldest.content(), each.from()))
                            .as("first wrong byte, seed %d", seed)
                            .isEqualTo(-1);
                }
            } finally {
                oldest.transmission().close();
            }
        }

        private void makeRoom() {
            if (!kept.isEmpty()) {
                compareOldest();
            }
            cached.keySet().stream().limit(CACHED / 3).forEach(FilledAgainStressTest.this::forget);
            Thread.yield(); // the reclaimer's turn
        }

        @Override
        public void close() throws IOException {
            while (!kept.isEmpty()) {
                compareOldest();
            }
            away.close();
        }
    }
}
