package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.TestCalls;
import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.NetworkNamespace;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TcpTable;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A segment comes back to the budget when, and only when, nobody holds its pages: whoever that is. While it is held the rest of the
 * pool is written over again and again, so that a page reused too early would show in what is received.
 */
@Timeout(60)
class ReclaimProofTest {
    private static final int SEGMENT = 256 * 1024;
    private static final long CAPACITY = 4 * SEGMENT;
    private static final long SEED = 7;

    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY).withSegmentSize(SEGMENT));

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void aSegmentStaysDrainingUntilALoopbackReceiverHasReadItsLastByte() throws Exception {
        try (Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            long sent = sendAndLetGo(connection.sink());
            assertDrainingWhileThePoolIsUsed();

            connection.reader().read(sent - 1);
            connection.reader().awaitReceived(sent - 1);
            assertDrainingWhileThePoolIsUsed();

            connection.reader().read(1);
            connection.reader().awaitReceived(sent);
            assertReleased();
        }
    }

    @Test
    void aSegmentStaysDrainingUntilAReceiverInAnotherNetworkNamespaceHasRead() throws Exception {
        try (NetworkNamespace namespace = NetworkNamespace.create();
                ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(namespace.hostAddress(), 0));
                ChildJvm receiver = ChildJvm.start(
                        namespace.prefix(),
                        SlowReader.class,
                        namespace.hostAddress().getHostAddress(),
                        String.valueOf(listener.socket().getLocalPort()),
                        "1000")) {
            long sent;
            try (SocketChannel sender = listener.accept()) {
                sender.configureBlocking(false);
                sent = sendAndLetGo((file, position, count) -> file.transferTo(position, count, sender));
                receiver.awaitLine("stalled");
                assertDrainingWhileThePoolIsUsed();
            }
            assertDrainingWhileThePoolIsUsed();
            receiver.say("go on");
            assertThat(receiver.awaitLine("end"))
                    .isEqualTo("end " + sent + " " + SlowReader.digestOf(SeededBytes.of(SEED, 0, (int) sent)));
            assertReleased();
        }
    }

    @Test
    void aSegmentStaysDrainingWhileAClosedSocketInFinWait1HoldsIt() throws Exception {
        try (Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            long sent = sendAndLetGo(connection.sink());
            int port = connection.senderPort();
            connection.sender().close();
            assertThat(TcpTable.between(port, connection.reader().localPort()).state())
                    .isEqualTo(TcpTable.FIN_WAIT1);
            assertDrainingWhileThePoolIsUsed();

            assertThat(connection.reader().awaitEnd()).isEqualTo(sent);
            assertReleased();
        }
    }

    @Test
    void aSegmentStaysDrainingWhileAPipeHoldsWhatALocalProxySplicedThere() throws Exception {
        int length = SEGMENT / 2;
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel proxy = SocketChannel.open(listener.getLocalAddress());
                SocketChannel sender = listener.accept();
                TestCalls.SplicePipe pipe = new TestCalls.SplicePipe(1024 * 1024)) {
            Extent extent = Pools.write(pool, SEED, length);
            try (Transmission transmission = extent.transmit()) {
                transmission.transferTo((file, position, count) -> file.transferTo(position, count, sender));
                assertThat(transmission.position()).isEqualTo(length);
            }
            extent.release();
            for (long spliced = 0; spliced < length; ) {
                spliced += pipe.spliceFrom(proxy, length - spliced);
            }
            sender.close();
            proxy.close();
            assertDrainingWhileThePoolIsUsed();

            assertThat(pipe.read(length)).isEqualTo(SeededBytes.of(SEED, 0, length));
            assertReleased();
        }
    }

    @Test
    void aSegmentIsReleasedWhenBothEndsOfAStalledConnectionAreReset() throws Exception {
        try (Loopback connection = Loopback.open()) {
            sendAndLetGo(connection.sink());
            assertDrainingWhileThePoolIsUsed();
            connection.sender().setOption(StandardSocketOptions.SO_LINGER, 0);
            connection.sender().close();
        }
        assertReleased();
    }

    @Test
    void aHeldSegmentDoesNotKeepOthersFromBeingReleased() throws Exception {
        try (Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            sendAndLetGo(connection.sink());
            awaitRefusedProbe();
            long held = drainingBytes();
            Pools.write(pool, SEED + 1, SEGMENT).release();
            await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY - held);
            assertThat(drainingBytes()).isPositive().isEqualTo(held);
        }
        assertReleased();
    }

    /** Writes an extent over two segments, sends what the sink takes of it, lets go of it, and returns the bytes sent. */
    private long sendAndLetGo(FileSink sink) throws IOException {
        Extent extent = Pools.write(pool, SEED, SEGMENT + 20_000);
        try (Transmission transmission = extent.transmit()) {
            transmission.transferTo(sink);
            extent.release();
            assertThat(transmission.sentBytes()).isPositive();
            return transmission.sentBytes();
        }
    }

    /** What is drained is not reused: everything else is written over, several times. */
    private void assertDrainingWhileThePoolIsUsed() throws IOException {
        awaitRefusedProbe();
        long held = drainingBytes();
        assertThat(held).isPositive();
        for (int round = 0; round < 5; round++) {
            List<Extent> others = new ArrayList<>();
            for (ExtentWriter writer = pool.tryAllocate(SEGMENT / 2);
                    writer != null;
                    writer = pool.tryAllocate(SEGMENT / 2)) {
                long seed = 1_000 + round;
                Pools.append(writer, seed, SEGMENT / 2);
                others.add(writer.commit());
                Pools.assertHolds(others.get(others.size() - 1), seed, SEGMENT / 2);
            }
            assertThat(others).as("extents beside the held segments").isNotEmpty();
            assertThat(others.size() * (SEGMENT / 2L)).isLessThanOrEqualTo(CAPACITY - drainingBytes());
            others.forEach(Extent::release);
            await().until(() -> pool.snapshot().bytes(Use.FREE) >= CAPACITY - held);
        }
        assertThat(drainingBytes()).isPositive().isLessThanOrEqualTo(held);
    }

    private void awaitRefusedProbe() {
        // The segment of which nothing was sent is released; one whose pages are held is refused again and again.
        await().until(() -> {
            List<SegmentSnapshot> segments = pool.snapshot().segments();
            return !segments.isEmpty()
                    && segments.stream()
                            .allMatch(segment -> segment.state() == SegmentState.DRAINING && segment.probes() >= 2);
        });
    }

    private long drainingBytes() {
        return pool.snapshot().bytes(Use.DRAINING);
    }

    private void assertReleased() {
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(pool.snapshot().segments()).isEmpty();
    }
}
