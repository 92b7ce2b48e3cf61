package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.linux.TmpfsFile;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.SlowReader;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was only ever copied from is filled again as it is, and nothing else is. */
@Timeout(120)
class FilledAgainTest {
    private static final int SEGMENT = 64 * 1024;
    private static final int SEGMENTS = 64;
    private static final long CAPACITY = (long) SEGMENTS * SEGMENT;
    /** So many are made. */
    private static final int PREPARED = 2;
    /** So many are kept. */
    private static final int MOST = SEGMENTS / 8;

    private static final int CONNECTIONS = 6;
    private static final int SENDS = 6_000;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    /** Stands still unless a test moves it: the pool is never idle. */
    private final AtomicLong clock = new AtomicLong(1);

    private final AtomicLong filledAgain = new AtomicLong();
    private final AtomicLong proven = new AtomicLong();
    private final AtomicInteger created = new AtomicInteger();
    private final AtomicBoolean scarce = new AtomicBoolean();
    private final AtomicBoolean swapIsOn = new AtomicBoolean();
    private final AtomicBoolean resident = new AtomicBoolean(true);
    private final TmpfsPool pool = Pools.open(
            PoolConfig.of(CAPACITY)
                    .withSegmentSize(SEGMENT)
                    .withNanoClock(clock::get)
                    .withPunching(true)
                    .withDescriptors(new Descriptors() {
                        @Override
                        public boolean areScarce() {
                            return scarce.get();
                        }

                        @Override
                        public void ranOut() {}
                    })
                    .withListener(new PoolListener() {
                        @Override
                        public void reclaimedToFillAgain(long bytes) {
                            filledAgain.addAndGet(bytes);
                        }

                        @Override
                        public void reclaimed(long bytes) {
                            proven.addAndGet(bytes);
                        }
                    }),
            new SegmentFiles() {
                @Override
                public TmpfsFile create(int id, int size) throws IOException {
                    created.incrementAndGet();
                    TmpfsFile file = MEMFD.create(id, size);
                    return (TmpfsFile) Proxy.newProxyInstance(
                            TmpfsFile.class.getClassLoader(),
                            new Class<?>[] {TmpfsFile.class},
                            (proxy, method, arguments) -> method.getName().equals("isResident")
                                    ? resident.get()
                                    : method.invoke(file, arguments));
                }

                @Override
                public SwapWatch.Source swap() {
                    return swapIsOn::get;
                }
            });

    private final List<Extent> extents = new ArrayList<>();

    @AfterEach
    void closePool() {
        extents.forEach(Extent::release);
        System.out.println("FilledAgainTest: seed " + seed);
        pool.close();
        assertThat(Memfds.open()).isZero();
    }

    private Set<Integer> ids(SegmentState state) {
        return pool.snapshot().segments().stream()
                .filter(segment -> segment.state() == state)
                .map(SegmentSnapshot::id)
                .collect(Collectors.toSet());
    }

    /** Segments were taken a moment ago. */
    private void use() throws IOException {
        Pools.write(pool, 1, MOST * SEGMENT).release();
        awaitNothingIsHeld();
    }

    /** An extent that fills a segment of its own; the preparer has done what it had to do. */
    private Extent fillOne(long content) throws IOException {
        Extent extent = Pools.write(pool, content, SEGMENT);
        // A segment is charged first, and gets its pages after that.
        await().until(() -> {
            int prepared = ids(SegmentState.PREPARED).size();
            return prepared >= PREPARED
                    && pool.account().availableBytes() == pool.account().freeBytes() + (long) prepared * SEGMENT;
        });
        return extent;
    }

    private void awaitNothingIsHeld() {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> ids(SegmentState.LIVE).isEmpty()
                        && ids(SegmentState.RETIRED).isEmpty()
                        && ids(SegmentState.DRAINING).isEmpty());
    }

    @Test
    void itsFileWithItsPagesIsTheNextSegments() throws Exception {
        use();
        long provenBefore = proven.get();
        for (int i = 0; i < 20; i++) {
            Extent extent = fillOne(i);
            Pools.assertHolds(extent, i, SEGMENT);
            Set<Integer> before = ids(SegmentState.PREPARED);
            int filesBefore = created.get();
            long againBefore = filledAgain.get();
            extent.release();
            await().until(() -> filledAgain.get() == againBefore + SEGMENT);
            assertThat(created).hasValue(filesBefore);
            Set<Integer> after = ids(SegmentState.PREPARED);
            assertThat(Memfds.allocatedBytes()).isEqualTo(after.size() * SEGMENT);
            after.removeAll(before);
            assertThat(after)
                    .as("another segment, younger than all")
                    .hasSize(1)
                    .allMatch(id -> id
                            > before.stream().mapToInt(Integer::intValue).max().orElseThrow());
            assertThat(Pools.sum(pool.snapshot())).isEqualTo(CAPACITY);
        }
        assertThat(proven).hasValue(provenBefore);
    }

    @Test
    void theOneThatCameLastIsTakenFirst() throws Exception {
        use();
        for (int i = 0; i < 3; i++) {
            long before = filledAgain.get();
            fillOne(i).release();
            await().until(() -> filledAgain.get() == before + SEGMENT);
            int last = ids(SegmentState.PREPARED).stream()
                    .mapToInt(Integer::intValue)
                    .max()
                    .orElseThrow();
            Extent next = fillOne(i);
            extents.add(next);
            assertThat(next.openPlacement().slices()[0].segment().id()).isEqualTo(last);
        }
    }

    @Test
    void whoHoldsOnToOneThatWasGivenUpMeetsAnExceptionAndNotWhatAnotherWrote() throws Exception {
        use();
        Extent extent = fillOne(2);
        Segment segment = extent.openPlacement().slices()[0].segment();
        extent.release();
        await().until(() -> segment.state() == SegmentState.RELEASED);
        assertThat(filledAgain.get()).isPositive();
        assertThatThrownBy(segment::file)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has no file");
    }

    @Test
    void oneOfWhichASingleByteWasSentByReferenceIsNot() throws Exception {
        use();
        try (Loopback connection = Loopback.open(SlowReader.expecting(2))) {
            Extent extent = fillOne(2);
            long again = filledAgain.get();
            long provenBefore = proven.get();
            try (Transmission transmission = extent.transmit()) {
                assertThat(transmission.transferTo(connection.sink(), 1)).isEqualTo(1);
            }
            Segment segment = extent.openPlacement().slices()[0].segment();
            extent.release();
            await().until(() -> segment.probes() > 0); // the kernel is asked, and says no
            connection.reader().goOn();
            connection.reader().awaitReceived(1);
            await().until(() -> {
                clock.addAndGet(Duration.ofMillis(1).toNanos());
                pool.timeHasPassed();
                return proven.get() == provenBefore + SEGMENT;
            });
            assertThat(filledAgain).hasValue(again);
        }
    }

    @Test
    void oneWhoseChannelAnInterruptHasClosedIsNot() throws Exception {
        use();
        ExtentWriter writer = pool.tryAllocate(SEGMENT);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Pools.append(writer, 1, SEGMENT)).isInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
        long before = proven.get();
        writer.abort();
        await().until(() -> proven.get() == before + SEGMENT);
        for (int i = 0; i < SEGMENTS; i++) {
            Pools.write(pool, i, SEGMENT).release();
            awaitNothingIsHeld();
        }
    }

    @Test
    void oneThatIsInSwapIsNot() throws Exception {
        swapIsOn.set(true);
        clock.addAndGet(SwapWatch.BETWEEN_LOOKS);
        await().until(() -> {
            Pools.write(pool, 1, 1).release(); // has the reclaimer turn
            return pool.swap().mayBeSwappedOut();
        });
        use();
        for (boolean inSwap : new boolean[] {true, false, true}) {
            Extent extent = fillOne(2);
            resident.set(!inSwap);
            long[] before = {filledAgain.get(), proven.get()};
            extent.release();
            await().until(() -> (inSwap ? proven.get() - before[1] : filledAgain.get() - before[0]) == SEGMENT);
            assertThat(inSwap ? filledAgain.get() : proven.get()).isEqualTo(before[inSwap ? 0 : 1]);
        }
    }

    @Test
    void oneWithAHoleIsNot() throws Exception {
        use();
        Extent half = Pools.write(pool, 2, SEGMENT / 2);
        Segment segment = half.openPlacement().slices()[0].segment();
        Extent held = Pools.write(pool, 3, SEGMENT / 2);
        assertThat(held.openPlacement().slices()[0].segment()).isSameAs(segment);
        try (Transmission stalled = held.transmit()) {
            half.release();
            held.release();
            await().until(() -> {
                clock.addAndGet(Duration.ofMillis(200).toNanos());
                pool.timeHasPassed();
                return segment.holes().punchedBytes() == SEGMENT / 2;
            });
            Pools.assertReads(stalled, 3);
            // In use again.
            extents.add(Pools.write(pool, 4, MOST * SEGMENT));
        }
        long again = filledAgain.get();
        await().until(() -> segment.state() == SegmentState.RELEASED);
        assertThat(filledAgain).hasValue(again);
    }

    @Test
    void aPoolThatTakesManyKeepsManyAndGivesThemUpWhenItIsIdle() throws Exception {
        for (int round = 0; round < 20; round++) {
            List<Extent> together = new ArrayList<>();
            for (int i = 0; i < 2 * MOST; i++) {
                together.add(Pools.write(pool, i, SEGMENT));
            }
            together.forEach(Extent::release);
            awaitNothingIsHeld();
        }
        assertThat(ids(SegmentState.PREPARED)).hasSize(MOST);
        assertThat(filledAgain.get()).isGreaterThanOrEqualTo(19L * (MOST - PREPARED) * SEGMENT);
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        pool.timeHasPassed();
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(Memfds.open()).isZero();
    }

    @Test
    void whereDescriptorsAreScarceTheyGoBack() throws Exception {
        use();
        Extent extent = fillOne(2);
        long again = filledAgain.get();
        scarce.set(true);
        int open = Memfds.open();
        extent.release();
        await().until(() -> Memfds.open() == open - 1);
        assertThat(filledAgain).hasValue(again);
    }

    @Test
    void aPoolThatShrinksHasNone() throws Exception {
        int fewer = SEGMENTS - 24; // as many as it takes to prepare some
        use();
        Extent extent = fillOne(2);
        extents.add(Pools.write(pool, 3, fewer * SEGMENT));
        long again = filledAgain.get();
        pool.resize((long) fewer * SEGMENT);
        extent.release();
        await().until(() -> pool.capacity() == (long) fewer * SEGMENT);
        assertThat(filledAgain).hasValue(again);
        assertThat(ids(SegmentState.PREPARED)).isEmpty();
    }

    @Test
    void anIdlePoolHasNone() throws Exception {
        use();
        Extent extent = fillOne(2);
        long again = filledAgain.get();
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        pool.timeHasPassed();
        await().until(() -> ids(SegmentState.PREPARED).isEmpty()); // else there may be enough
        extent.release();
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(filledAgain).hasValue(again);
    }

    private final List<Stream> streams = new ArrayList<>();

    /** One connection's stream: the bytes of a seed, an extent at a time. */
    private static final class Stream implements AutoCloseable {
        final long content;
        final Loopback connection;
        long position;

        Stream(long content) throws IOException {
            this.content = content;
            this.connection = Loopback.open(SlowReader.expecting(content));
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    /**
     * Whatever is in the queues of sockets when its extent dies, and its file is filled again, is what the receivers read. Some extents
     * are copied from, some are sent by reference, some both, and they share segments.
     */
    @Test
    void whatIsOnItsWayIsWhatWasSent() throws Exception {
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                streams.add(new Stream(seed + i));
            }
            for (int i = 0; i < SENDS; i++) {
                sendOne(streams.get(random.nextInt(CONNECTIONS)));
                if (i % 50 == 0) {
                    clock.addAndGet(Duration.ofMillis(1).toNanos());
                }
            }
            for (Stream stream : streams) {
                stream.connection.sender().close();
                stream.connection.reader().goOn();
                assertThat(stream.connection.reader().awaitEnd())
                        .as("seed %d", seed)
                        .isEqualTo(stream.position);
            }
        } finally {
            for (Stream stream : streams) {
                stream.close();
            }
        }
        System.out.printf(
                "FilledAgainTest: %d KiB filled again, %d KiB proven free%n",
                filledAgain.get() >> 10, proven.get() >> 10);
        assertThat(filledAgain.get()).isGreaterThan(CAPACITY);
        assertThat(proven.get()).isGreaterThan(CAPACITY);
    }

    private void sendOne(Stream stream) throws IOException {
        int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 2 * SEGMENT : 8_000);
        ExtentWriter writer = pool.tryAllocate(length);
        while (writer == null) { // the readers hold it all
            failOnAWrongByte();
            streams.forEach(each -> each.connection.reader().read(SEGMENT));
            clock.addAndGet(Duration.ofMillis(1).toNanos());
            pool.timeHasPassed();
            Thread.yield();
            writer = pool.tryAllocate(length);
        }
        assertThat(writer.append(ByteBuffer.wrap(SeededBytes.of(stream.content, stream.position, length))))
                .isTrue();
        Extent extent = writer.commit();
        stream.position += length;
        int how = random.nextInt(20); // mostly copied, so that whole segments are
        try (Transmission transmission = extent.transmit()) {
            while (transmission.available() > 0) {
                long sent = how == 0 || (how == 1 && random.nextBoolean())
                        ? transmission.transferTo(stream.connection.sink())
                        : copy(transmission, stream.connection.sender());
                if (sent == 0) {
                    failOnAWrongByte();
                    stream.connection.reader().read(random.nextInt(4 * SEGMENT));
                }
            }
        }
        extent.release();
    }

    private void failOnAWrongByte() {
        streams.forEach(each -> each.connection.reader().failOnAWrongByte());
    }

    private static int copy(Transmission transmission, SocketChannel to) throws IOException {
        int sent = to.write(transmission.peek(Integer.MAX_VALUE));
        transmission.advance(sent);
        return sent;
    }
}
