package dev.lastref.pool.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.Extent;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leaves something of each kind behind, sees it reported, and takes it away: the check itself watches these tests too. */
@Timeout(60)
class LeakCheckTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(5);

    private LeakCheck.Holdings before;

    @BeforeEach
    void look() {
        before = LeakCheck.Holdings.now();
    }

    @Test
    void nothingLeftBehindIsNothingReported() throws Exception {
        try (TmpfsPool pool = TestPools.open(1 << 20)) {
            write(pool).release();
        }
        assertThat(before.leaked(LONG)).isEmpty();
    }

    @Test
    void anExtentIsReportedWithThePlaceWhereItWasTaken() throws Exception {
        try (TmpfsPool pool = TestPools.open(1 << 20)) {
            LeakCheck.Holdings withPool = LeakCheck.Holdings.now();
            Extent extent = write(pool);
            assertThat(withPool.leaked(SHORT))
                    .anySatisfy(leak -> assertThat(leak)
                            .startsWith("extent of 100 bytes, 1 owners, 0 sends, taken at")
                            .contains("LeakCheckTest.write"));
            extent.release();
            assertThat(withPool.leaked(LONG)).isEmpty();
        }
    }

    @Test
    void aTransmissionIsReportedWithThePlaceWhereItBegan() throws Exception {
        try (TmpfsPool pool = TestPools.open(1 << 20)) {
            Extent extent = write(pool);
            LeakCheck.Holdings withExtent = LeakCheck.Holdings.now();
            Transmission transmission = extent.transmit();
            assertThat(withExtent.leaked(SHORT))
                    .singleElement()
                    .satisfies(leak -> assertThat(leak)
                            .contains("Transmission")
                            .contains("aTransmissionIsReportedWithThePlaceWhereItBegan"));
            transmission.close();
            extent.release();
        }
    }

    @Test
    void aPoolThatIsNotClosedIsReportedByItsThreads() {
        TmpfsPool pool = TestPools.open(1 << 20);
        assertThat(before.leaked(SHORT)).containsExactlyInAnyOrder("thread lastref-reclaimer", "thread lastref-ledger");
        pool.close();
    }

    @Test
    void aSegmentsDescriptorsAndMappingAreReported() throws Exception {
        TmpfsPool pool = TestPools.open(1 << 20);
        Extent extent = write(pool);
        pool.close();
        assertThat(before.leaked(SHORT))
                .anyMatch(leak -> leak.startsWith("descriptor ") && leak.contains("/memfd:lastref-1"))
                .anyMatch(leak -> leak.startsWith("mapping /memfd:lastref-1"));
        extent.release();
    }

    @Test
    void socketsOfEachKindAreReported() throws Exception {
        ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        int port = listener.socket().getLocalPort();
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        DatagramChannel datagrams = DatagramChannel.open();
        assertThat(before.leaked(SHORT))
                .hasSize(3)
                .anyMatch(leak -> leak.contains("TCP port " + port + " to port 0"))
                .anyMatch(leak -> leak.contains("to port " + port))
                .allMatch(leak -> leak.contains("socket:["));
        datagrams.close();
        client.close();
        listener.close();
    }

    @Test
    void aSocketLeftInPlaceOfAnotherThatWasThereBeforeIsReported() throws Exception {
        DatagramChannel first = DatagramChannel.open();
        LeakCheck.Holdings withFirst = LeakCheck.Holdings.now();
        DatagramChannel second = DatagramChannel.open();
        first.close();
        assertThat(withFirst.leaked(SHORT)).hasSize(1);
        second.close();
    }

    @Test
    void aThreadIsReportedByItsName() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "left-behind");
        thread.start();
        assertThat(before.leaked(SHORT)).containsExactly("thread left-behind");
        end.countDown();
        thread.join();
    }

    @Test
    void whatGoesWithinAMomentIsNoLeak() throws Exception {
        CountDownLatch looking = new CountDownLatch(1);
        DatagramChannel channel = DatagramChannel.open();
        Thread closer = new Thread(
                () -> {
                    try (channel) {
                        looking.await();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                "late-closer");
        closer.start();
        assertThat(before.leaked(SHORT)).isNotEmpty();
        looking.countDown();
        assertThat(before.leaked(LONG)).isEmpty();
    }

    /** The outer class's fields are made before the inner one's; what both hold belongs to the test. */
    @Nested
    class WithNestedClasses {
        private final LeakCheck.Holdings atConstruction = LeakCheck.Holdings.now();

        @Test
        void bothInstancesFieldsAreWatched() {
            assertThat(atConstruction.leaked(SHORT)).isEmpty();
            assertThat(List.of(before, atConstruction)).doesNotContainNull();
        }
    }

    private static Extent write(TmpfsPool pool) throws Exception {
        ExtentWriter writer = pool.tryAllocate(100);
        writer.append(ByteBuffer.allocate(100));
        return writer.commit();
    }
}
