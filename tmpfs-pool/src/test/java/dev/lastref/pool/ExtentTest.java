package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExtentTest {
    private static final int SEGMENT = 64 * 1024;
    private static final long CAPACITY = 16 * SEGMENT;
    private static final long SEED = 3;

    private final TmpfsPool pool =
            TestPools.open(PoolConfig.of(1 << 20).withPackBelow(8192).withSegmentSize(SEGMENT));

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void itLivesUntilEachOwnerHasReleasedIt() throws Exception {
        Extent extent = Pools.write(pool, SEED, 100_000);
        assertThat(extent.isComplete()).isTrue();
        assertThat(extent.tryRetain()).isTrue();
        extent.release();
        assertThat(extent.isLive()).isTrue();
        Pools.assertHolds(extent, SEED, 100_000);
        extent.release();
        assertThat(extent.isLive()).isFalse();
        awaitAllFree();
    }

    @Test
    void aSecondReleaseThrowsAndHarmsNobody() throws Exception {
        Extent extent = Pools.write(pool, SEED, 10_000);
        Extent other = Pools.write(pool, SEED + 1, 10_000);
        extent.release();
        assertThatIllegalStateException().isThrownBy(extent::release);
        assertThat(pool.snapshot().extents()).isEqualTo(1);
        Pools.assertHolds(other, SEED + 1, 10_000);
        other.release();
        awaitAllFree();
    }

    @Test
    void theDeadCanNeitherBeRetainedNorSent() throws Exception {
        Extent extent = Pools.write(pool, SEED, 10_000);
        extent.release();
        assertThat(extent.tryRetain()).isFalse();
        assertThat(extent.transmit()).isNull();
        assertThat(extent.transmit(0, 1)).isNull();
        assertThat(pool.snapshot().transmissions()).isZero();
    }

    @Test
    void aTransmissionThatRunsStillReadsTheDeadAndKeepsItsMemory() throws Exception {
        Extent extent = Pools.write(pool, SEED, 3 * SEGMENT);
        try (Transmission first = extent.transmit();
                Transmission second = extent.transmit()) {
            extent.release();
            await().until(() -> pool.snapshot().bytes(Use.RETIRED) == 3 * SEGMENT);
            Pools.assertReads(first, SEED);
            Pools.assertReads(second, SEED);
            assertThat(first.position()).isEqualTo(3 * SEGMENT);
            assertThat(pool.snapshot().bytes(Use.RETIRED)).isEqualTo(3 * SEGMENT);
            assertThat(pool.snapshot().transmissions()).isEqualTo(2);
        }
        awaitAllFree();
    }

    @Test
    void aRangeIsSentAndNothingElse() throws Exception {
        Extent extent = Pools.write(pool, SEED, 200_000);
        int from = SEGMENT - 100;
        int to = 2 * SEGMENT + 100;
        try (Transmission transmission = extent.transmit(from, to)) {
            assertThat(transmission.available()).isEqualTo(to - from);
            Pools.assertReads(transmission, SEED);
            assertThat(transmission.position()).isEqualTo(to);
            assertThat(transmission.copiedBytes()).isEqualTo(to - from);
            assertThat(transmission.peek(1).remaining()).isZero();
        }
        try (Transmission nothing = extent.transmit(5, 5)) {
            assertThat(nothing.available()).isZero();
        }
        extent.release();
    }

    @Test
    void aRangeThatBeginsBehindWhatIsPublishedHasNothingYet() throws Exception {
        ExtentWriter writer = pool.tryAllocate();
        Pools.append(writer, SEED, 100);
        try (Transmission transmission = writer.extent().transmit(500, 600)) {
            assertThat(transmission.available()).isZero();
            assertThat(transmission.peek(10).remaining()).isZero();
            transmission.advance(0);
            assertThat(transmission.transferTo((file, position, count) -> count))
                    .isZero();
            Pools.append(writer, SEED, 450);
            assertThat(transmission.available()).isEqualTo(50);
            Pools.assertReads(transmission, SEED);
            assertThat(transmission.position()).isEqualTo(550);
        }
        writer.abort();
    }

    @Test
    void anImpossibleRangeIsRefused() throws Exception {
        Extent extent = Pools.write(pool, SEED, 100);
        assertThatIllegalArgumentException().isThrownBy(() -> extent.transmit(-1, 10));
        assertThatIllegalArgumentException().isThrownBy(() -> extent.transmit(11, 10));
        assertThat(pool.snapshot().transmissions()).isZero();
        extent.release();
    }

    @Test
    void closingATransmissionTwiceThrowsAndEndsNobodyElses() throws Exception {
        Extent extent = Pools.write(pool, SEED, 10_000);
        try (Transmission other = extent.transmit()) {
            Transmission transmission = extent.transmit();
            transmission.close();
            assertThatIllegalStateException().isThrownBy(transmission::close);
            assertThatIllegalStateException().isThrownBy(() -> transmission.peek(1));
            assertThatIllegalStateException().isThrownBy(() -> transmission.advance(1));
            assertThatIllegalStateException()
                    .isThrownBy(() -> transmission.transferTo((file, position, count) -> count));
            extent.release();
            Pools.assertReads(other, SEED);
        }
        awaitAllFree();
    }

    @Test
    void aSinkThatTakesLittleGetsTheRestLater() throws Exception {
        int length = 2 * SEGMENT + 5_000;
        Extent extent = Pools.write(pool, SEED, length);
        ByteBuffer received = ByteBuffer.allocate(length);
        try (Transmission transmission = extent.transmit()) {
            while (transmission.available() > 0) {
                long taken = transmission.transferTo((file, position, count) -> {
                    ByteBuffer part = received.slice(received.position(), (int) Math.min(count, 9_999));
                    int n = file.read(part, position);
                    received.position(received.position() + n);
                    return n;
                });
                assertThat(taken).isPositive();
            }
            assertThat(transmission.sentBytes()).isEqualTo(length);
            assertThat(transmission.copiedBytes()).isZero();
        }
        assertThat(received.array()).isEqualTo(SeededBytes.of(SEED, 0, length));
        extent.release();
    }

    @Test
    void aSinkThatFailsLeavesThePositionWhereItWas() throws Exception {
        Extent extent = Pools.write(pool, SEED, 2 * SEGMENT);
        AtomicLong calls = new AtomicLong();
        try (Transmission transmission = extent.transmit()) {
            assertThatThrownBy(() -> transmission.transferTo((file, position, count) -> {
                        if (calls.incrementAndGet() == 2) {
                            throw new IOException("gone");
                        }
                        return count;
                    }))
                    .hasMessage("gone");
            assertThat(transmission.position()).isEqualTo(SEGMENT);
            assertThat(transmission.sentBytes()).isEqualTo(SEGMENT);
        }
        extent.release();
        awaitAllFree();
    }

    @Test
    void sendfileAndCopyMayAlternateWithinOneTransmission() throws Exception {
        int length = 3 * SEGMENT;
        Extent extent = Pools.write(pool, SEED, length);
        try (Loopback connection = Loopback.open(SlowReader.expecting(SEED));
                Transmission transmission = extent.transmit()) {
            connection.reader().goOn();
            await().pollInterval(Duration.ofMillis(1)).until(() -> {
                int copied = connection.sender().write(transmission.peek(1_234));
                transmission.advance(copied);
                transmission.transferTo((file, position, count) ->
                        file.transferTo(position, Math.min(count, 7_777), connection.sender()));
                return transmission.position() == length;
            });
            assertThat(transmission.copiedBytes()).isPositive();
            assertThat(transmission.sentBytes()).isPositive();
            assertThat(transmission.copiedBytes() + transmission.sentBytes()).isEqualTo(length);
            connection.sender().close();
            assertThat(connection.reader().awaitEnd()).isEqualTo(length);
        }
        extent.release();
        awaitAllFree();
    }

    @Test
    void whatIsShownCannotBeWritten() throws Exception {
        Extent extent = Pools.write(pool, SEED, 100);
        try (Transmission transmission = extent.transmit()) {
            ByteBuffer shown = transmission.peek(100);
            assertThatThrownBy(() -> shown.put(0, (byte) 1)).isInstanceOf(ReadOnlyBufferException.class);
            assertThatIllegalArgumentException().isThrownBy(() -> transmission.advance(101));
            assertThatIllegalArgumentException().isThrownBy(() -> transmission.advance(-1));
        }
        extent.release();
    }

    @Test
    void itSaysWhatItHoldsAndTakes() throws Exception {
        Extent extent = Pools.write(pool, SEED, 100_000);
        assertThat(extent.published()).isEqualTo(100_000);
        assertThat(extent.chargedBytes()).isEqualTo(100_000);
        assertThat(extent).hasToString("extent of 100000 bytes, 1 owners, 0 sends");
        extent.release();
    }

    /** Threads that share it each add themselves, and none forgets another. */
    @Test
    void ofSeveralWhoNameThemselvesAtOnceNoneIsForgotten() throws Exception {
        record Naming(int named) implements ExtentOwner {
            @Override
            public void reclaim(Extent extent) {
                extent.release();
            }
        }
        Extent extent = Pools.write(pool, SEED, 100);
        int times = 20_000;
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Callable<Void> naming = () -> {
                for (int i = 0; i < times; i++) {
                    extent.updateOwner(before -> new Naming(before instanceof Naming all ? all.named() + 1 : 1));
                }
                return null;
            };
            for (Future<Void> done : threads.invokeAll(List.of(naming, naming))) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        extent.updateOwner(last -> {
            assertThat(last).isEqualTo(new Naming(2 * times));
            return last;
        });
        extent.askOwnerToReclaim();
        assertThat(extent.isLive()).isFalse();
        awaitAllFree();
    }

    private void awaitAllFree() {
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(pool.snapshot().extents()).isZero();
    }
}
