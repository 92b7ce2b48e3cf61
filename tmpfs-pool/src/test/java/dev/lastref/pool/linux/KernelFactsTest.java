package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.MemoryCgroup;
import dev.lastref.pool.testing.NetworkNamespace;
import dev.lastref.pool.testing.Requires;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TcpTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the pool believes of Linux and of the JDK, as numbered in docs: where one of these fails, the kernel has changed. */
@Timeout(60)
class KernelFactsTest {
    private static final int PAGE = 4096;
    private static final int LENGTH = 64 * 1024;
    private static final byte[] OLD = SeededBytes.of(1, 0, LENGTH);
    private static final byte[] NEW = SeededBytes.of(2, 0, LENGTH);
    private static final int EPERM = 1;

    /** Sends all bytes of a file, which must fit the queues, and waits for every acknowledgement. */
    private static void sendAll(FileChannel file, int length, SocketChannel socket) throws IOException {
        send(file, 0, length, socket);
        await().until(() -> TestCalls.unacknowledged(socket) == 0);
    }

    private static void send(FileChannel file, long from, int length, SocketChannel socket) {
        long[] sent = new long[1];
        await().until(() -> {
            sent[0] += file.transferTo(from + sent[0], length - sent[0], socket);
            return sent[0] == length;
        });
    }

    /** Lets the stalled reader go on to the end and returns what it receives. */
    private static byte[] receive(Loopback connection, ByteArrayOutputStream received) throws IOException {
        connection.sender().close();
        connection.reader().awaitEnd();
        return received.toByteArray();
    }

    private static Loopback connect(ByteArrayOutputStream received) throws IOException {
        return Loopback.open((bytes, from) -> {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            received.writeBytes(copy);
        });
    }

    @Nested
    class K1AnAcknowledgementIsNoProof {
        @Test
        void overwritingAfterEveryAckChangesAllBytesThatALoopbackReceiverReads() throws Exception {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try (TestFile file = TestFile.memfd(OLD);
                    Loopback connection = connect(received)) {
                sendAll(file.channel(), LENGTH, connection.sender());
                file.overwrite(0, NEW);
                assertThat(receive(connection, received)).isEqualTo(NEW);
            }
        }

        @Test
        void overwritingAfterEveryAckChangesWhatAReceiverInAnotherNamespaceReads() throws Exception {
            try (NetworkNamespace namespace = NetworkNamespace.create();
                    TestFile file = TestFile.memfd(OLD);
                    ServerSocketChannel listener =
                            ServerSocketChannel.open().bind(new InetSocketAddress(namespace.hostAddress(), 0));
                    ChildJvm receiver = ChildJvm.start(
                            namespace.prefix(),
                            SlowReader.class,
                            namespace.hostAddress().getHostAddress(),
                            String.valueOf(listener.socket().getLocalPort()),
                            "0")) {
                receiver.awaitLine("stalled");
                int length = 10 * PAGE; // fits the receive queue of a small MTU
                try (SocketChannel sender = listener.accept()) {
                    sender.configureBlocking(false);
                    sendAll(file.channel(), length, sender);
                    file.overwrite(0, NEW);
                }
                receiver.say("go on");
                assertThat(receiver.awaitLine("end"))
                        .isEqualTo("end " + length + " " + SlowReader.digestOf(Arrays.copyOf(NEW, length)));
            }
        }
    }

    @Nested
    class K2DetachingWholePagesChangesNoByteInFlight {
        @Test
        void punchingWholePagesDoesNot() throws Exception {
            assertUnchangedBy(file -> file.punch(0, LENGTH));
        }

        @Test
        void truncatingDoesNot() throws Exception {
            assertUnchangedBy(TestFile::truncate);
        }

        @Test
        void closingDoesNot() throws Exception {
            assertUnchangedBy(TestFile::close);
        }

        private void assertUnchangedBy(Detaching detaching) throws Exception {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try (TestFile file = TestFile.memfd(OLD);
                    Loopback connection = connect(received)) {
                sendAll(file.channel(), LENGTH, connection.sender());
                detaching.of(file);
                try (TestFile reuse = TestFile.memfd(NEW)) { // whoever gets freed pages writes into them
                    assertThat(receive(connection, received)).isEqualTo(OLD);
                    assertThat(reuse.allocatedBytes()).isEqualTo(LENGTH);
                }
            }
        }
    }

    @FunctionalInterface
    private interface Detaching {
        void of(TestFile file) throws IOException;
    }

    @Nested
    class K3APartialPunchZeroesInPlace {
        @Test
        void thePartsOfPagesAtBothEndsOfAPunchAreZeroedInFlight() throws Exception {
            int margin = 100;
            byte[] expected = OLD.clone();
            Arrays.fill(expected, margin, PAGE, (byte) 0);
            Arrays.fill(expected, LENGTH - PAGE, LENGTH - margin, (byte) 0);
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try (TestFile file = TestFile.memfd(OLD);
                    Loopback connection = connect(received)) {
                sendAll(file.channel(), LENGTH, connection.sender());
                file.punch(margin, LENGTH - 2L * margin);
                assertThat(receive(connection, received)).isEqualTo(expected);
            }
        }

        @Test
        void aPunchInsideAHugePageZeroesAllOfItInFlightAndFreesNothing(@TempDir Path directory) throws Exception {
            Requires.root();
            TestCalls.mountTmpfs(directory, "huge=always,size=16m");
            try {
                punchInsideHugePage(directory);
            } finally {
                TestCalls.unmount(directory);
            }
        }

        private void punchInsideHugePage(Path directory) throws Exception {
            int huge = 2 * 1024 * 1024;
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try (TestFile file = TestFile.at(directory.resolve("huge"), new byte[] {1});
                    Loopback connection = connect(received)) {
                Requires.that(file.allocatedBytes() == huge, "a tmpfs that gives 2 MiB pages");
                file.overwrite(0, SeededBytes.of(1, 0, huge));
                send(file.channel(), LENGTH, LENGTH, connection.sender());
                await().until(() -> TestCalls.unacknowledged(connection.sender()) == 0);
                file.punch(LENGTH, LENGTH);
                assertThat(file.allocatedBytes()).isEqualTo(huge);
                assertThat(receive(connection, received)).isEqualTo(new byte[LENGTH]);
            }
        }
    }

    @Nested
    class K4PagesInFlightAreOnNobodysAccount {
        @Test
        void afterATruncateTheFileHasNoBlocksWhileSlowReadersStillHoldEveryByte() throws Exception {
            int readers = 8;
            int length = 256 * 1024;
            byte[] bytes = SeededBytes.of(4, 0, readers * length);
            List<Loopback> connections = new ArrayList<>();
            try (TestFile file = TestFile.memfd(bytes)) {
                for (int i = 0; i < readers; i++) {
                    long offset = (long) i * length;
                    connections.add(Loopback.open(
                            (part, from) -> SlowReader.expecting(4).take(part, offset + from)));
                    send(file.channel(), offset, length, connections.get(i).sender());
                }
                file.truncate();
                assertThat(file.allocatedBytes()).isZero();
                for (Loopback connection : connections) {
                    connection.sender().close();
                    assertThat(connection.reader().awaitEnd()).isEqualTo(length);
                }
            } finally {
                for (Loopback connection : connections) {
                    connection.close();
                }
            }
        }
    }

    @Nested
    class K4PagesInFlightStayChargedToTheCgroup {
        @Test
        void afterATruncateTheMemoryCgroupIsChargedUntilTheReadersHaveRead() throws Exception {
            try (MemoryCgroup cgroup = MemoryCgroup.create();
                    ChildJvm holder = ChildJvm.start(cgroup.prefix(), CgroupChargeProgram.class)) {
                holder.awaitLine("ready");
                long before = cgroup.usage();
                holder.say("send");
                String[] words = holder.awaitLine("truncated").split(" ");
                long sent = Long.parseLong(words[1]);
                assertThat(sent).isGreaterThan(64 << 20);
                assertThat(words[2]).as("bytes by st_blocks").isEqualTo("0");
                // The program's own heap is charged too, and grows a little.
                assertThat(cgroup.usage() - before).isGreaterThan(sent / 4 * 3);
                holder.say("read");
                holder.awaitLine("read");
                await().untilAsserted(() -> assertThat(cgroup.usage() - before).isLessThan(sent / 2));
                holder.say("end");
                assertThat(holder.awaitExit()).isZero();
            }
        }
    }

    @Nested
    class K5TheSealSaysWhetherAnybodyHoldsAPage {
        @Test
        void itIsRefusedWhileALoopbackReceiverHasNotReadAndGrantedAfter() throws Exception {
            try (MemFile file = filled();
                    Loopback connection = Loopback.open(SlowReader.expecting(1))) {
                sendAll(file.channel(), LENGTH, connection.sender());
                assertThat(file.sealAgainstWrites()).isFalse();
                connection.reader().read(LENGTH - 1);
                connection.reader().awaitReceived(LENGTH - 1);
                assertThat(file.sealAgainstWrites()).isFalse();
                connection.reader().read(1);
                awaitSeal(file);
            }
        }

        @Test
        void itIsRefusedWhileAFinWait1OrphanHasBytesToSendAndGrantedAfter() throws Exception {
            int length = 8 * 1024 * 1024;
            try (MemFile file = MemFile.create("lastref-test", length);
                    Loopback connection = Loopback.open(SlowReader.expecting(1))) {
                fill(file.channel(), length);
                long sent = connection.sink().transferFrom(file.channel(), 0, length);
                int port = connection.senderPort();
                connection.sender().close();
                assertThat(TcpTable.between(port, connection.reader().localPort())
                                .state())
                        .isEqualTo(TcpTable.FIN_WAIT1);
                assertThat(file.sealAgainstWrites()).isFalse();
                assertThat(connection.reader().awaitEnd()).isEqualTo(sent);
                awaitSeal(file);
            }
        }

        @Test
        void itIsRefusedWhileAPipeHoldsAPageAndGrantedAfter() throws Exception {
            try (TestFile file = TestFile.memfd(OLD);
                    TestCalls.SplicePipe pipe = new TestCalls.SplicePipe(LENGTH)) {
                assertThat(pipe.spliceFrom(file.fd(), new long[] {0}, LENGTH)).isEqualTo(LENGTH);
                assertThat(file.seal()).isEqualTo(LibC.EBUSY);
                assertThat(pipe.read(LENGTH)).isEqualTo(OLD);
                assertThat(file.seal()).isZero();
            }
        }

        @Test
        void itIsPermanentAndForbidsWriting() throws Exception {
            try (TestFile file = TestFile.memfd(OLD)) {
                assertThat(file.seal()).isZero();
                assertThatThrownBy(() -> file.overwrite(0, NEW)).isInstanceOf(IOException.class);
                assertThat(file.seal()).isZero();
            }
        }

        @Test
        void itSeesOnlyPagesThatAreStillInTheFile() throws Exception {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try (TestFile file = TestFile.memfd(OLD);
                    Loopback connection = connect(received)) {
                sendAll(file.channel(), LENGTH, connection.sender());
                file.punch(0, LENGTH);
                assertThat(file.seal()).isZero();
                assertThat(receive(connection, received)).isEqualTo(OLD);
            }
        }

        @Test
        void sendfileStillWorksOnASealedFile() throws Exception {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try (TestFile file = TestFile.memfd(OLD);
                    Loopback connection = connect(received)) {
                assertThat(file.seal()).isZero();
                sendAll(file.channel(), LENGTH, connection.sender());
                assertThat(receive(connection, received)).isEqualTo(OLD);
            }
        }

        @Test
        void aSharedMappingOfAWritableDescriptorMakesItFailEvenIfMappedReadOnly() throws Exception {
            try (TestFile file = TestFile.memfd(OLD)) {
                var address =
                        LibC.mmap(com.sun.jna.Pointer.NULL, LENGTH, LibC.PROT_READ, LibC.MAP_SHARED, file.fd(), 0);
                assertThat(file.seal()).isEqualTo(LibC.EBUSY);
                LibC.munmap(address, LENGTH);
                assertThat(file.seal()).isZero();
            }
        }

        @Test
        void aMappingOfAReadOnlyReopenDoesNotHinderItAndStaysReadable() throws Exception {
            try (MemFile file = filled()) { // which keeps such a mapping
                assertThat(file.sealAgainstWrites()).isTrue();
                assertThat(SeededBytes.firstMismatch(file.view().duplicate(), 1, 0))
                        .isEqualTo(-1);
            }
        }

        @Test
        void aPlainTmpfsFileRefusesItForGood() throws Exception {
            Path shm = Path.of("/dev/shm");
            Requires.that(Files.getFileStore(shm).type().equals("tmpfs"), "a tmpfs at /dev/shm");
            Path path = shm.resolve("lastref-test-" + ProcessHandle.current().pid());
            try (TestFile file = TestFile.at(path, OLD)) {
                assertThat(file.seal()).isEqualTo(EPERM);
            } finally {
                Files.delete(path);
            }
        }

        /** What another CPU's reader has read may wait to be freed: see K13. */
        private void awaitSeal(MemFile file) {
            await().until(() -> {
                DeferredFrees.flush();
                return file.sealAgainstWrites();
            });
        }

        private MemFile filled() throws IOException {
            MemFile file = MemFile.create("lastref-test", LENGTH);
            fill(file.channel(), LENGTH);
            return file;
        }

        private void fill(FileChannel channel, int length) throws IOException {
            channel.write(ByteBuffer.wrap(SeededBytes.of(1, 0, length)), 0);
        }
    }

    @Nested
    class K13WhatAnotherCpuHasReadIsFreedByTheSendersCpuWithItsNextPacket {
        private final List<Integer> cpus = TestCalls.cpus();

        @Test
        void theSealIsRefusedAfterTheLastByteWasReadUntilAFlush() throws Exception {
            Requires.that(cpus.size() >= 2, "two CPUs");
            // Other traffic on the sender's CPU may come first, so one of many attempts must show it.
            boolean wasRefused = false;
            for (int attempt = 0; attempt < 200 && !wasRefused; attempt++) {
                try (MemFile file = MemFile.create("lastref-test", LENGTH)) {
                    file.channel().write(ByteBuffer.wrap(OLD), 0);
                    wasRefused = isRefusedUntilAFlush(file);
                }
            }
            if (!wasRefused) {
                System.err.println(
                        "K13 was not seen: the CPUs had traffic all the time, or this kernel does not defer");
            }
            assertThat(TestCalls.cpus()).isEqualTo(cpus);
        }

        private boolean isRefusedUntilAFlush(MemFile file) throws IOException {
            try (ServerSocketChannel listener = ServerSocketChannel.open()
                            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                    SocketChannel receiver = SocketChannel.open(listener.getLocalAddress());
                    SocketChannel sender = listener.accept()) {
                TestCalls.runOn(cpus.subList(0, 1));
                assertThat(file.channel().transferTo(0, LENGTH, sender)).isEqualTo(LENGTH);
                TestCalls.runOn(cpus.subList(1, 2));
                ByteBuffer received = ByteBuffer.allocate(LENGTH);
                while (received.hasRemaining()) {
                    receiver.read(received);
                }
                if (file.sealAgainstWrites()) {
                    return false;
                }
                TestCalls.runOn(cpus);
                await().until(() -> {
                    DeferredFrees.flush(); // done at once, but for a CPU that is busy with other packets
                    return file.sealAgainstWrites();
                });
                return true;
            } finally {
                TestCalls.runOn(cpus);
            }
        }
    }

    @Nested
    class K14WhatIsWrittenFromAMappingIsACopy {
        @Test
        void overwritingThePagesChangesNoByteInFlightAndTheSealIsGrantedWhileNoneWasRead() throws Exception {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try (MemFile file = MemFile.create("lastref-test", LENGTH);
                    Loopback connection = connect(received)) {
                file.channel().write(ByteBuffer.wrap(OLD), 0);
                ByteBuffer mapped = file.view().duplicate();
                await().until(() -> connection.sender().write(mapped) >= 0 && !mapped.hasRemaining());
                file.channel().write(ByteBuffer.wrap(NEW), 0);
                assertThat(file.sealAgainstWrites()).isTrue();
                assertThat(SeededBytes.firstMismatch(file.view().duplicate(), 2, 0))
                        .isEqualTo(-1);
                assertThat(receive(connection, received)).isEqualTo(OLD);
            }
        }
    }

    @Nested
    class K7TwoOptionsOfTheListenerBoundEveryConnection {
        private static final int LIMIT = 128 * 1024;
        private static final int MUCH = 16 * 1024 * 1024;

        @ParameterizedTest
        @EnumSource(TcpOption.class)
        void anAcceptedSocketInheritsWhatWasSetOnTheListeningOne(TcpOption option) throws Exception {
            try (ServerSocketChannel listener = listen()) {
                int value = 123_456;
                option.set(descriptor(listener), value);
                try (Loopback connection = Loopback.open(listener, 0, (bytes, from) -> {})) {
                    assertThat(option.get(TestCalls.descriptor(connection.sender())))
                            .isEqualTo(value);
                }
            }
        }

        @Test
        void anUnsentLimitBoundsWhatAStalledReaderHolds() throws Exception {
            assertThat(heldByAStalledReader(0)).isGreaterThan(1024 * 1024);
            // The limit is looked at before each piece is queued, and a piece is at most 64 KiB.
            assertThat(heldByAStalledReader(LIMIT)).isLessThan(LIMIT + 128 * 1024);
        }

        private int heldByAStalledReader(int limit) throws IOException {
            try (ServerSocketChannel listener = listen();
                    TestFile file = TestFile.memfd(new byte[MUCH])) {
                TcpOption.TCP_NOTSENT_LOWAT.set(descriptor(listener), limit);
                try (Loopback connection = Loopback.open(listener, 0, (bytes, from) -> {})) {
                    long[] sent = new long[1];
                    await().during(Duration.ofMillis(300))
                            .until(
                                    () -> { // until nothing more is taken
                                        long n =
                                                file.channel().transferTo(sent[0], MUCH - sent[0], connection.sender());
                                        sent[0] += n;
                                        return n == 0;
                                    });
                    return TestCalls.unacknowledged(connection.sender());
                }
            }
        }

        @Test
        void aUserTimeoutResetsAPeerWhoseWindowStaysClosed() throws Exception {
            try (ServerSocketChannel listener = listen();
                    TestFile file = TestFile.memfd(new byte[MUCH])) {
                TcpOption.TCP_USER_TIMEOUT.set(descriptor(listener), 1_500);
                try (Loopback connection = Loopback.open(listener, 0, (bytes, from) -> {})) {
                    long[] sent = new long[1];
                    await().atMost(Duration.ofSeconds(20))
                            .untilAsserted(() -> assertThatThrownBy(() -> sent[0] +=
                                            file.channel().transferTo(sent[0], MUCH - sent[0], connection.sender()))
                                    .isInstanceOf(IOException.class));
                    assertThatThrownBy(() -> connection.reader().awaitEnd()).isInstanceOf(IOException.class);
                }
            }
        }

        @Test
        void aUserTimeoutResetsAlsoWhoReadsSlowly() throws Exception {
            try (ServerSocketChannel listener = listen();
                    TestFile file = TestFile.memfd(new byte[MUCH])) {
                TcpOption.TCP_USER_TIMEOUT.set(descriptor(listener), 1_500);
                try (SocketChannel reader = SocketChannel.open().setOption(StandardSocketOptions.SO_RCVBUF, 32 * 1024);
                        SocketChannel sender = connect(reader, listener)) {
                    sender.configureBlocking(false);
                    long[] sent = new long[1];
                    int[] reads = new int[1];
                    ByteBuffer few = ByteBuffer.allocate(100);
                    await().atMost(Duration.ofSeconds(20))
                            .pollInterval(Duration.ofMillis(100))
                            .until(() -> {
                                try {
                                    sent[0] += file.channel().transferTo(sent[0], MUCH - sent[0], sender);
                                    reads[0] += reader.read(few.clear()) > 0 ? 1 : 0;
                                    return false;
                                } catch (IOException reset) {
                                    return true;
                                }
                            });
                    assertThat(reads[0])
                            .as("reads that were well before the reset")
                            .isGreaterThan(5);
                }
            }
        }

        private SocketChannel connect(SocketChannel reader, ServerSocketChannel listener) throws IOException {
            reader.connect(listener.getLocalAddress());
            return listener.accept();
        }

        private ServerSocketChannel listen() throws IOException {
            return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }

        private int descriptor(ServerSocketChannel listener) throws IOException {
            List<Integer> descriptors = ListeningSocket.descriptors((InetSocketAddress) listener.getLocalAddress());
            assertThat(descriptors).hasSize(1);
            return descriptors.get(0);
        }
    }

    @Nested
    class K11AnInterruptClosesASharedChannel {
        @Test
        void transferToOnAnInterruptedThreadClosesTheFileForEveryone() throws Exception {
            try (TestFile file = TestFile.memfd(OLD);
                    Loopback connection = Loopback.open();
                    FileChannel shared =
                            FileChannel.open(Path.of("/proc/self/fd/" + file.fd()), StandardOpenOption.READ)) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> shared.transferTo(0, LENGTH, connection.sender()))
                        .isInstanceOf(ClosedByInterruptException.class);
                assertThat(Thread.interrupted()).isTrue();
                assertThat(shared.isOpen()).isFalse();
            }
        }

        @Test
        void transferToNeitherUsesNorMovesTheChannelsOwnPosition() throws Exception {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try (TestFile file = TestFile.memfd(OLD);
                    Loopback connection = connect(received)) {
                file.channel().position(1);
                send(file.channel(), PAGE, PAGE, connection.sender());
                assertThat(file.channel().position()).isEqualTo(1);
                assertThat(receive(connection, received)).isEqualTo(Arrays.copyOfRange(OLD, PAGE, 2 * PAGE));
            }
        }
    }

    @Nested
    class K12WhatTmpfsCanBeAskedAbout {
        private static final int EOPNOTSUPP = 95;

        @Test
        void cachestatCountsThePagesOfAMemfd() throws Exception {
            Requires.that(TestCalls.hasCachestat(), "cachestat(2), Linux 6.5");
            try (MemFile file = MemFile.create("lastref-test", LENGTH)) {
                assertThat(residentPages(file)).isZero();
                file.channel().write(ByteBuffer.wrap(OLD, 0, LENGTH / 2), 0);
                assertThat(residentPages(file)).isEqualTo(LENGTH / 2 / PAGE);
                file.channel().write(ByteBuffer.wrap(OLD, 0, 1), LENGTH - 1);
                assertThat(residentPages(file)).isEqualTo(LENGTH / 2 / PAGE + 1);
            }
        }

        private long residentPages(MemFile file) throws IOException {
            String link = "/proc/self/fd/";
            try (var descriptors = Files.list(Path.of(link))) {
                for (Path each : descriptors.toList()) {
                    if (Files.isSymbolicLink(each)
                            && Files.readSymbolicLink(each).toString().startsWith("/memfd:lastref-test")) {
                        return TestCalls.pagesInCache(
                                Integer.parseInt(each.getFileName().toString()), 0, file.size());
                    }
                }
            }
            throw new IOException("no descriptor of " + file);
        }

        @Test
        void tmpfsHasNoReadThatWouldNotWait() throws Exception {
            try (TestFile file = TestFile.memfd(OLD)) {
                assertThat(TestCalls.readWithoutWaiting(file.fd(), PAGE)).isEqualTo(-EOPNOTSUPP);
            }
        }
    }
}
