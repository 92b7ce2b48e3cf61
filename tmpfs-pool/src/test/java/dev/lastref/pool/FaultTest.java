package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.FaultyFiles.Fault;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.SlowReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A system that fails takes nothing from the pool: not a byte of what is stored, not a byte of the account. */
@Timeout(60)
class FaultTest {
    private static final int SEGMENT = 64 * 1024;
    private static final long CAPACITY = 32L * SEGMENT;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final FaultyFiles files = new FaultyFiles(seed + 1);
    private final AtomicLong jumped = new AtomicLong();
    private final AtomicLong evacuated = new AtomicLong();
    private final TmpfsPool pool = open();
    private Peer receiver;
    private int forward;
    private int back;
    /** Of connections, by the ledger. */
    private volatile int resets;

    private TmpfsPool open() {
        System.out.println("FaultTest: seed " + seed);
        PoolConfig config = PoolConfig.of(CAPACITY)
                .withSegmentSize(SEGMENT)
                .withNanoClock(() -> System.nanoTime() + jumped.get())
                .withUnprovenFor(Duration.ofMillis(100))
                .withPunching(true)
                .withListener(new PoolListener() {
                    @Override
                    public void evacuated(long bytes) {
                        evacuated.addAndGet(bytes);
                    }
                });
        return Pools.open(config, files);
    }

    @AfterEach
    void closePool() {
        pool.close();
    }

    private record Stored(Extent extent, long content, int length) {}

    @Test
    void whateverFailsInWhateverOrderTheBytesAreRightAndAllComesBack() throws Exception {
        files.with(Fault.CREATE, 5)
                .with(Fault.ALLOCATE, 2)
                .with(Fault.SHORT_WRITE, 3)
                .with(Fault.WRITE, 20)
                .with(Fault.SEAL_REFUSED, 2)
                .with(Fault.SEAL, 10)
                .with(Fault.SHORT_SEND, 3)
                .with(Fault.NO_SEND, 4);
        List<Stored> stored = new ArrayList<>();
        try (Loopback connection = Loopback.open((bytes, from) -> bytes.position(bytes.limit()))) {
            connection.reader().goOn();
            receiver = peer(connection);
            for (int step = 0; step < 3_000; step++) {
                step(stored, connection);
                assertThat(Pools.sum(pool.snapshot()))
                        .as("step %d, seed %d", step, seed)
                        .isEqualTo(CAPACITY);
                assertThat(Memfds.allocatedBytes())
                        .as("step %d, seed %d", step, seed)
                        .isLessThanOrEqualTo(CAPACITY);
            }
        }
        System.out.println("FaultTest: " + files + ", " + evacuated + " bytes moved");
        for (Fault fault : Fault.values()) {
            assertThat(files.count(fault) > 0).as("%s, seed %d", fault, seed).isEqualTo(files.has(fault));
        }
        assertThat(forward).as("jumps of the clock, seed %d", seed).isPositive();
        assertThat(back).as("jumps of the clock, seed %d", seed).isPositive();
        files.heal();
        for (Stored each : stored) {
            Pools.assertHolds(each.extent(), each.content(), each.length());
            each.extent().release();
        }
        awaitAllFree();
        assertThat(pool.snapshot().extents()).isZero();
    }

    private void step(List<Stored> stored, Loopback connection) throws IOException {
        int choice = random.nextInt(10);
        if (choice < 4 || stored.isEmpty()) {
            Stored next = tryStore(random.nextLong(), 1 + random.nextInt(random.nextBoolean() ? 6_000 : 3 * SEGMENT));
            if (next != null) {
                stored.add(next);
            } else if (!stored.isEmpty()) {
                release(stored);
            }
        } else if (choice < 6) {
            release(stored);
        } else if (choice == 6 && random.nextInt(10) == 0) {
            jumpOfTheClock();
        } else {
            Stored each = stored.get(random.nextInt(stored.size()));
            sendAndCompare(each, connection);
        }
    }

    /** By up to a day, in either direction. */
    private void jumpOfTheClock() {
        long by = TimeUnit.SECONDS.toNanos(1 + random.nextInt(100_000));
        if (random.nextBoolean()) {
            forward++;
            jumped.addAndGet(by);
        } else {
            back++;
            jumped.addAndGet(-by);
        }
    }

    private Peer peer(Loopback connection) throws IOException {
        return pool.ledger()
                .peer(
                        (InetSocketAddress) connection.sender().getLocalAddress(),
                        (InetSocketAddress) connection.sender().getRemoteAddress(),
                        () -> resets++);
    }

    private void release(List<Stored> stored) {
        stored.remove(random.nextInt(stored.size())).extent().release();
    }

    /** Null if the pool has no room, or the system none. */
    private Stored tryStore(long content, int length) throws IOException {
        long lifetime = TimeUnit.SECONDS.toNanos(1L << random.nextInt(18));
        boolean grows = random.nextBoolean();
        ExtentWriter writer = grows ? pool.tryAllocateGrowing(lifetime) : pool.tryAllocate(length, lifetime);
        if (writer == null) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(SeededBytes.of(content, 0, length));
        boolean all;
        try {
            all = writer.append(bytes);
        } catch (IOException injected) {
            // What was published before it failed can be read all the same.
            assertPublishedIsRight(writer.extent(), content);
            all = false;
        }
        if (!all) {
            writer.abort();
            return null;
        }
        return new Stored(writer.commit(), content, length);
    }

    private static void assertPublishedIsRight(Extent extent, long content) {
        try (Transmission transmission = extent.transmit()) {
            Pools.assertReads(transmission, content);
        }
    }

    /** Sends with sendfile through whatever part of it fails, and compares what the sink was given. */
    private void sendAndCompare(Stored each, Loopback connection) throws IOException {
        try (Transmission transmission = each.extent().transmit().to(receiver)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (transmission.available() > 0) {
                long from = transmission.position();
                ByteBuffer next = transmission.peek(Integer.MAX_VALUE);
                assertThat(SeededBytes.firstMismatch(next, each.content(), from))
                        .isEqualTo(-1);
                long taken = transmission.transferTo(connection.sink());
                assertThat(transmission.position()).isEqualTo(from + taken);
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
            assertThat(transmission.position()).isEqualTo(each.length());
        }
    }

    @Test
    void shortAndEmptySendsReachTheReceiverWhole() throws Exception {
        files.with(Fault.SHORT_SEND, 2).with(Fault.NO_SEND, 2);
        // One extent is a handful of sends, which a seed may leave unharmed.
        for (int i = 0; i < 3 || files.count(Fault.SHORT_SEND) == 0 || files.count(Fault.NO_SEND) == 0; i++) {
            assertThat(i).as("extents sent without a fault").isLessThan(100);
            sendOneInParts();
        }
        awaitAllFree();
    }

    private void sendOneInParts() throws Exception {
        int length = 5 * SEGMENT + 333;
        Extent extent = Pools.write(pool, 9, length);
        try (Loopback connection = Loopback.open(SlowReader.expecting(9))) {
            connection.reader().goOn();
            try (Transmission transmission = extent.transmit()) {
                await().pollInterval(Duration.ofMillis(1))
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> {
                            transmission.transferTo(connection.sink());
                            return transmission.position() == length;
                        });
                assertThat(transmission.sentBytes()).isEqualTo(length);
            }
            extent.release();
            connection.sender().close();
            assertThat(connection.reader().awaitEnd()).isEqualTo(length);
        }
    }

    @Test
    void aSealThatIsNeverGrantedKeepsItsBytesOnTheAccountAndThePoolWithinItsBound() throws Exception {
        files.with(Fault.SEAL_REFUSED, 1);
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            ExtentWriter writer = pool.tryAllocate(SEGMENT);
            if (writer == null) {
                refused++;
            } else {
                Pools.append(writer, i, SEGMENT);
                sendAndRelease(writer.commit());
            }
            assertThat(Memfds.allocatedBytes()).isLessThanOrEqualTo(CAPACITY);
        }
        assertThat(refused).isGreaterThanOrEqualTo(100 - (int) (CAPACITY / SEGMENT));
        await().until(() ->
                pool.snapshot().bytes(Use.DRAINING) == pool.snapshot().usedBytes());
        assertThat(pool.snapshot().usedBytes()).isGreaterThan(CAPACITY / 2);
        files.heal();
        awaitAllFree();
    }

    /** The kernel is asked only about what was sent by reference. */
    private static void sendAndRelease(Extent extent) throws IOException {
        try (Transmission sent = extent.transmit()) {
            sent.transferTo((file, position, count) -> count);
        }
        extent.release();
    }

    @Test
    void aClockThatJumpsBackDelaysNothing() throws Exception {
        files.with(Fault.SEAL_REFUSED, 1);
        for (int i = 0; i < 4; i++) {
            sendAndRelease(Pools.write(pool, i, SEGMENT));
        }
        await().until(() -> files.count(Fault.SEAL_REFUSED) > 10);
        jumped.addAndGet(-TimeUnit.DAYS.toNanos(1));
        int before = files.count(Fault.SEAL_REFUSED);
        await().until(() -> files.count(Fault.SEAL_REFUSED) > before + 4);
        files.heal();
        awaitAllFree();
    }

    @Test
    void aReaderThatMovesIsNotResetByAClockThatJumps() throws Exception {
        pool.pinTimeout(Duration.ofMinutes(1));
        Extent extent = Pools.write(pool, 9, 20 * SEGMENT);
        try (Loopback connection = Loopback.open(SlowReader.expecting(9));
                Transmission transmission = extent.transmit().to(peer(connection))) {
            for (int i = 1; i <= 20; i++) {
                await().pollInterval(Duration.ofMillis(1)).until(() -> {
                    transmission.transferTo(connection.sink());
                    return transmission.position() == 20 * SEGMENT
                            || transmission.position() > connection.reader().received() + SEGMENT;
                });
                connection.reader().read(SEGMENT);
                connection.reader().awaitReceived((long) i * SEGMENT);
                // One look, which sees that it has moved, and one after a jump by less than the timeout.
                pool.ledger().holders();
                jumped.addAndGet(TimeUnit.SECONDS.toNanos(59) * (i % 2 == 0 ? -1 : 1));
                pool.ledger().holders();
            }
            assertThat(resets).isZero();
        }
        extent.release();
        awaitAllFree();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"SEAL_REFUSED", "SEAL"})
    void aPoolThatIsClosedWhileNothingIsGrantedLeavesNoFile(Fault fault) throws Exception {
        files.with(fault, 1);
        for (int i = 0; i < 10; i++) {
            Extent extent = Pools.write(pool, i, SEGMENT);
            try (Transmission sent = extent.transmit()) { // else its file may be filled again without a question
                sent.transferTo((file, position, count) -> count);
            }
            extent.release();
        }
        await().until(() -> files.count(fault) > 10);
        pool.close();
        assertThat(Memfds.open()).isZero();
    }

    @Test
    void whereSurvivorsCannotBeCopiedTheyStayWhereTheyAreAndAreMovedLater() throws Exception {
        List<Stored> kept = new ArrayList<>();
        List<Extent> given = new ArrayList<>();
        for (int i = 0; pool.snapshot().bytes(Use.FREE) > CAPACITY / 4; i++) {
            Extent extent = Pools.write(pool, i, 10_000);
            if (i % 6 == 0) {
                kept.add(new Stored(extent, i, 10_000));
            } else {
                given.add(extent);
            }
        }
        files.with(Fault.WRITE, 1)
                .with(Fault.PUNCH, 1); // else their dead pages would be punched, and they not be sparse
        given.forEach(Extent::release);
        await().until(() -> files.count(Fault.WRITE) > 3);
        assertThat(evacuated).hasValue(0);
        kept.forEach(each -> Pools.assertHolds(each.extent(), each.content(), each.length()));
        files.heal();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            Pools.write(pool, 1, 100).release(); // lets the reclaimer look again
            return evacuated.get() > 0;
        });
        kept.forEach(each -> Pools.assertHolds(each.extent(), each.content(), each.length()));
        kept.forEach(each -> each.extent().release());
        awaitAllFree();
    }

    @Test
    void aPoolThatGetsNoFileAtAllDoesNotOpenAndSaysWhatTheSystemSaid() {
        FaultyFiles none = new FaultyFiles(seed).with(Fault.CREATE, 1);
        assertThatThrownBy(() -> TmpfsPool.open(PoolConfig.of(CAPACITY), none))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot open a pool")
                .hasMessageContaining("memfd_create: Cannot allocate memory");
    }

    private void awaitAllFree() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(pool.snapshot().bytes(Use.FREE))
                        .as("%s, seed %d", pool.snapshot(), seed)
                        .isEqualTo(CAPACITY));
        assertThat(Memfds.open()).isZero();
    }
}
