package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.Requires;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TestPools;
import dev.lastref.pool.testing.TmpfsMount;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pool whose segments are files in a tmpfs directory. */
@Timeout(120)
class DirectoryBackingTest {
    private static final int MIB = 1 << 20;
    private static final int SEGMENT = 256 * 1024;
    private static final long SEED = 11;

    private final AtomicLong proven = new AtomicLong();
    private final AtomicLong unproven = new AtomicLong();
    private final AtomicLong jumped = new AtomicLong();

    private PoolConfig config(TmpfsMount mount, long capacity) {
        return PoolConfig.of(capacity)
                .withDirectory(mount.path().resolve("pool"))
                .withNanoClock(() -> System.nanoTime() + jumped.get())
                .withUnprovenFor(Duration.ofHours(1))
                .withListener(new PoolListener() {
                    @Override
                    public void reclaimed(long bytes) {
                        proven.addAndGet(bytes);
                    }

                    @Override
                    public void reclaimedUnproven(long bytes) {
                        unproven.addAndGet(bytes);
                    }
                });
    }

    private static List<String> names(TmpfsMount mount) throws IOException {
        try (Stream<Path> files = Files.list(mount.path().resolve("pool"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void whatIsWrittenIsReadBackFromFilesOfTheMountAndCopiedBytesReturnAtOnce() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 * MIB)) {
            try (TmpfsPool pool = TestPools.open(config(mount, 4 * MIB))) {
                Extent extent = Pools.write(pool, SEED, 3 * SEGMENT);
                assertThat(mount.usedBytes()).isBetween(3L * SEGMENT, 3L * SEGMENT + 4096);
                assertThat(names(mount)).singleElement().asString().endsWith(".lock");
                Pools.assertHolds(extent, SEED, 3 * SEGMENT);
                extent.release();
                await().until(() -> pool.snapshot().bytes(Use.FREE) == 4 * MIB);
                await().untilAsserted(() -> assertThat(proven).hasValue(3 * SEGMENT)); // told once the account has them
            }
            assertThat(names(mount)).isEmpty();
            assertThat(mount.usedBytes()).isZero();
        }
    }

    @Test
    void whatWasSentStaysOnTheAccountAsUnprovenUntilItsTimeIsOver() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 * MIB);
                TmpfsPool pool = TestPools.open(config(mount, 2 * MIB));
                Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            Extent extent = Pools.write(pool, SEED, SEGMENT);
            long sent;
            try (Transmission transmission = extent.transmit()) {
                sent = transmission.transferTo(connection.sink());
                extent.release();
                await().until(() -> pool.snapshot().bytes(Use.RETIRED) == SEGMENT);
            }
            await().until(() -> pool.snapshot().bytes(Use.UNPROVEN) == SEGMENT);
            assertThat(Pools.sum(pool.snapshot())).isEqualTo(2 * MIB);
            assertThat(pool.snapshot().segmentsByState()).containsEntry(SegmentState.UNPROVEN, 1);
            // Others cannot have its room, though the mount believes that nothing is there.
            assertThat(mount.usedBytes()).isLessThanOrEqualTo(4096);
            assertThat(pool.tryAllocate(2 * MIB)).isNull();

            jumped.addAndGet(Duration.ofMinutes(61).toNanos());
            await().until(() -> pool.snapshot().bytes(Use.FREE) == 2 * MIB);
            await().untilAsserted(() -> assertThat(unproven).hasValue(SEGMENT));
            assertThat(proven).hasValue(0);
            // The reader, who was slower than that, still gets the bytes that were sent.
            Extent other = Pools.write(pool, SEED + 1, 6 * SEGMENT);
            connection.reader().read(sent);
            connection.reader().awaitReceived(sent);
            other.release();
        }
    }

    @Test
    void whatAKnownPeerHoldsStaysOnTheAccountWhenItsTimeIsOverToo() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 * MIB);
                TmpfsPool pool = TestPools.open(config(mount, 2 * MIB));
                Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            Peer peer = pool.ledger()
                    .peer(
                            (InetSocketAddress) connection.sender().getLocalAddress(),
                            (InetSocketAddress) connection.sender().getRemoteAddress(),
                            () -> {});
            Extent extent = Pools.write(pool, SEED, SEGMENT);
            long sent;
            CompletionStage<Void> released;
            try (Transmission transmission = extent.transmit().to(peer)) {
                released = transmission.released();
                sent = transmission.transferTo(connection.sink());
                extent.release();
            }
            await().until(() -> pool.snapshot().bytes(Use.UNPROVEN) == SEGMENT);
            letTheReclaimerTurn(pool);
            pool.ledger()
                    .turn(); // else it may not have looked for the segment yet, and time decides where it knows nothing
            assertThat(pool.ledger().holders()).hasSize(1);

            jumped.addAndGet(Duration.ofMinutes(61).toNanos());
            letTheReclaimerTurn(pool);
            assertThat(pool.snapshot().bytes(Use.UNPROVEN)).isEqualTo(SEGMENT);
            assertThat(released.toCompletableFuture()).isNotDone();

            connection.reader().read(sent);
            connection.reader().awaitReceived(sent);
            await().until(() -> pool.snapshot().bytes(Use.FREE) == 2 * MIB);
            await().untilAsserted(() -> assertThat(unproven).hasValue(SEGMENT));
            assertThat(released.toCompletableFuture())
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("directory");
        }
    }

    @Test
    void whatAllWhomTheLedgerKnowsHaveTakenWaitsOnlyForAPartOfItsTime() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 * MIB);
                TmpfsPool pool = TestPools.open(config(mount, 2 * MIB));
                Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            Peer peer = pool.ledger()
                    .peer(
                            (InetSocketAddress) connection.sender().getLocalAddress(),
                            (InetSocketAddress) connection.sender().getRemoteAddress(),
                            () -> {});
            Extent extent = Pools.write(pool, SEED, SEGMENT);
            long sent;
            try (Transmission transmission = extent.transmit().to(peer)) {
                sent = transmission.transferTo(connection.sink());
                extent.release();
            }
            await().until(() -> pool.snapshot().bytes(Use.UNPROVEN) == SEGMENT);
            // A part of the hour, while they lie in the reader's queue.
            jumped.addAndGet(Duration.ofMinutes(20).toNanos());
            letTheReclaimerTurn(pool);
            assertThat(pool.snapshot().bytes(Use.UNPROVEN)).isEqualTo(SEGMENT);

            connection.reader().read(sent);
            connection.reader().awaitReceived(sent);
            await().until(() -> pool.ledger().holders().isEmpty());
            letTheReclaimerTurn(pool);
            assertThat(pool.snapshot().bytes(Use.UNPROVEN))
                    .as("for those whom the ledger does not see")
                    .isEqualTo(SEGMENT);

            // An eighth of the hour, well before it is over; by and by, since when it was seen to drain is not known to
            // the minute.
            await().until(() -> {
                jumped.addAndGet(Duration.ofMinutes(1).toNanos());
                return pool.snapshot().bytes(Use.FREE) == 2 * MIB
                        || jumped.get() > Duration.ofMinutes(50).toNanos();
            });
            assertThat(pool.snapshot().bytes(Use.FREE)).isEqualTo(2 * MIB);
            await().untilAsserted(() -> assertThat(unproven).hasValue(SEGMENT));
        }
    }

    /** What was only copied is let go of in a turn; the rest of the turn has followed when the next one begins. */
    private static void letTheReclaimerTurn(TmpfsPool pool) throws IOException {
        for (int i = 0; i < 2; i++) {
            Pools.write(pool, SEED + 1, 1000).release();
            await().until(() ->
                    pool.snapshot().bytes(Use.FREE) + pool.snapshot().bytes(Use.UNPROVEN) == 2 * MIB);
        }
    }

    @Test
    void aDirectoryThatIsNotOnTmpfsIsRefused(@TempDir Path onDisk) throws Exception {
        Requires.that(!Files.getFileStore(onDisk).type().equals("tmpfs"), "a temporary directory on a disk");
        assertThatThrownBy(() -> TmpfsPool.open(PoolConfig.of(MIB).withDirectory(onDisk)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(onDisk.toString())
                .hasMessageContaining(Files.getFileStore(onDisk).type())
                .hasMessageContaining("/dev/shm");
        assertThatThrownBy(() -> TmpfsPool.open(PoolConfig.of(MIB).withDirectory(onDisk.resolve("a/b"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a/b")
                .hasMessageContaining("parent");
    }

    @Test
    void whatADeadProcessLeftIsRemovedAndNeverWhatALivingOneHas() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 * MIB)) {
            Path directory = mount.path().resolve("pool");
            String lock;
            try (ChildJvm child = ChildJvm.start(List.of(), DirectoryPoolProgram.class, directory.toString())) {
                child.awaitLine("holds extent of 300000 bytes");
                lock = names(mount).get(0);
                // As if it had been killed in the middle of a creation, later.
                Files.write(directory.resolve(lock.replace(".lock", ".segment-7")), new byte[100]);
                Files.write(directory.resolve("somebody-elses"), new byte[100]);
                assertThat(mount.usedBytes()).isGreaterThan(2L * SEGMENT);

                try (TmpfsPool pool = TestPools.open(config(mount, MIB))) {
                    assertThat(names(mount))
                            .hasSize(4)
                            .contains(lock, lock.replace(".lock", ".segment-7"), "somebody-elses");
                    Extent extent = Pools.write(pool, SEED, SEGMENT);
                    Pools.assertHolds(extent, SEED, SEGMENT);
                    extent.release();
                }
            } // killed
            assertThat(mount.usedBytes()).as("its segments went with it").isLessThan(SEGMENT);
            assertThat(names(mount)).contains(lock);
            try (TmpfsPool pool = TestPools.open(config(mount, MIB))) {
                assertThat(names(mount)).hasSize(2).contains("somebody-elses").doesNotContain(lock);
                assertThat(pool.capacity()).isEqualTo(MIB);
            }
        }
    }

    @Test
    void aMountThatIsSmallerThanThePoolBoundsIt() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(4 * MIB);
                TmpfsPool pool = TestPools.open(config(mount, 16 * MIB))) {
            // The lock file takes a page.
            assertThat(pool.capacity()).isEqualTo(4 * MIB - 4096);
            assertThat(Pools.sum(pool.snapshot())).isEqualTo(pool.capacity());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.resize(8 * MIB))
                    .withMessageContaining(mount.path().toString())
                    .withMessageContaining(String.valueOf(8 * MIB));
            pool.resize(2 * MIB);
            pool.resize(3 * MIB);
            assertThat(pool.capacity()).isEqualTo(3 * MIB);
        }
    }

    @Test
    void whatIsUnprovenIsInNoFileAndMakesTheMountNoLarger() throws Exception {
        long all = 8L * MIB - 4096; // the lock file takes a page
        try (TmpfsMount mount = TmpfsMount.ofSize(8 * MIB);
                TmpfsPool pool = TestPools.open(config(mount, 4 * MIB));
                Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            Extent living = Pools.write(pool, SEED, SEGMENT);
            Extent sent = Pools.write(pool, SEED, SEGMENT);
            try (Transmission transmission = sent.transmit()) {
                assertThat(transmission.transferTo(connection.sink())).isPositive();
                sent.release();
            }
            await().until(() -> pool.snapshot().bytes(Use.UNPROVEN) == SEGMENT);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.resize(all + SEGMENT))
                    .withMessageContaining(String.valueOf(all + SEGMENT));
            assertThat(pool.capacity()).isEqualTo(4 * MIB);

            pool.resize(all);

            assertThat(pool.capacity()).isEqualTo(all);
            living.release();
        }
    }

    @Test
    void aMountThatIsMuchTooSmallIsRefusedWithTheSum() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(64 * 1024)) {
            assertThatThrownBy(() -> TmpfsPool.open(config(mount, 16 * MIB)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(mount.path().toString())
                    .hasMessageContaining(String.valueOf(16 * MIB))
                    .hasMessageContaining("at least " + MIB);
            assertThat(names(mount)).isEmpty();
        }
    }

    @Test
    void whoTriesItOutIsToldWhatOpeningItSaysAndLeavesNothing() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(4 * MIB)) {
            assertThat(TmpfsPool.tryOut(config(mount, 2 * MIB))).isNull();
            assertThat(TmpfsPool.tryOut(config(mount, 16 * MIB)))
                    .contains(mount.path().toString(), "opens with " + (4 * MIB - 4096));
            assertThat(mount.path()).isEmptyDirectory();
            Path other = mount.path().resolve("file");
            Files.writeString(other, "no directory");
            for (Path place : new Path[] {other, mount.path().resolve("a/b")}) {
                String told = Assertions.catchThrowable(
                                () -> TmpfsPool.open(PoolConfig.of(MIB).withDirectory(place)))
                        .getMessage();
                assertThatThrownBy(() -> TmpfsPool.tryOut(PoolConfig.of(MIB).withDirectory(place)))
                        .isInstanceOf(IOException.class)
                        .hasMessage(told)
                        .hasMessageContaining(place.toString());
            }
            assertThat(mount.path()).isDirectoryContaining(other::equals);
            try (var left = Files.list(mount.path())) {
                assertThat(left).hasSize(1);
            }
        }
    }

    @Test
    void whoTriesItOutBesideAnotherPoolCountsTheRoomThatThatHasAndRemovesNothing() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(4 * MIB);
                TmpfsPool pool = TestPools.open(config(mount, 3 * MIB))) {
            Extent extent = Pools.write(pool, SEED, 2 * MIB);
            Path dead = mount.path().resolve("pool/lastref-dead.lock");
            Files.writeString(dead, "process 1\n");
            List<String> before = names(mount);
            assertThat(TmpfsPool.tryOut(config(mount, 3 * MIB))).isNull();
            assertThat(TmpfsPool.tryOut(config(mount, 16 * MIB))).contains("opens with " + (4 * MIB - 4096));
            assertThat(names(mount)).isEqualTo(before).hasSize(2);
            Pools.assertHolds(extent, SEED, 2 * MIB);
            extent.release();
        }
    }

    @Test
    void aDirectoryThatHasYetToBeMadeIsNoReasonToPunchNothing() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 * MIB)) {
            Path directory = mount.path().resolve("pool");
            assertThat(KernelProbe.look(directory).works()).isTrue();
            assertThat(mount.path()).as("looked at only").isEmptyDirectory();
            assertThat(KernelProbe.look(directory).switchedOff())
                    .isEqualTo(KernelProbe.look(mount.path()).switchedOff());
            assertThat(KernelProbe.run(directory).punchingIsSafe())
                    .isEqualTo(KernelProbe.run(mount.path()).punchingIsSafe());
        }
    }

    @Test
    void whereSomebodyElseFillsTheMountThePoolIsFullAndMakesRoomOfItsOwn() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(4 * MIB);
                TmpfsPool pool = TestPools.open(config(mount, 3 * MIB))) {
            List<Runnable> owned = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Extent extent = Pools.write(pool, SEED + i, SEGMENT);
                AtomicBoolean given = new AtomicBoolean();
                Runnable giveUp = () -> {
                    if (!given.getAndSet(true)) {
                        extent.release();
                    }
                };
                extent.ownedBy(asked -> giveUp.run());
                owned.add(giveUp);
            }
            Path foreign = mount.path().resolve("foreign");
            try (FileChannel file =
                    FileChannel.open(foreign, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                long room = 4L * MIB - mount.usedBytes();
                file.write(ByteBuffer.allocate((int) room));
            }
            assertThat(pool.tryAllocate(SEGMENT)).isNull();
            // By the budget there is room, by the mount there is not: owners are asked all the same.
            await().until(() -> {
                ExtentWriter writer = pool.tryAllocate(SEGMENT);
                if (writer == null) {
                    return false;
                }
                Pools.append(writer, SEED, SEGMENT);
                Extent extent = writer.commit();
                Pools.assertHolds(extent, SEED, SEGMENT);
                extent.release();
                return true;
            });
            assertThat(Pools.sum(pool.snapshot())).isEqualTo(3 * MIB);
            Files.delete(foreign);
            owned.forEach(Runnable::run);
            await().until(() -> pool.snapshot().bytes(Use.FREE) == 3 * MIB);
            Extent large = Pools.write(pool, SEED, 2 * MIB);
            Pools.assertHolds(large, SEED, 2 * MIB);
            large.release();
        }
    }
}
