package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stages of a transmission complete when, and only when, what they say is so. */
@Timeout(60)
class CompletionsTest {
    private static final int SMALL = 20_000;
    /** More than a connection's queues take. */
    private static final int LARGE = 24 << 20;

    private static final long SEED = 5;

    private final TmpfsPool pool = TestPools.open(PoolConfig.of(64 << 20).withSegmentSize(4 << 20)); // none prepared

    @AfterEach
    void closePool() {
        pool.close();
    }

    private Peer name(Loopback connection) throws IOException {
        return pool.ledger()
                .peer(
                        (InetSocketAddress) connection.sender().getLocalAddress(),
                        (InetSocketAddress) connection.sender().getRemoteAddress(),
                        () -> {});
    }

    private static CompletableFuture<Void> future(CompletionStage<Void> stage) {
        return stage.toCompletableFuture();
    }

    private static void assertCompletes(CompletionStage<Void> stage) throws Exception {
        future(stage).get(30, TimeUnit.SECONDS);
    }

    private static void assertFails(CompletionStage<Void> stage, String why) {
        assertThat(future(stage))
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(IOException.class)
                .withMessageContaining(why);
    }

    private static void sendAll(Transmission transmission, Loopback connection, boolean reading) throws IOException {
        long told = connection.reader().received();
        while (transmission.available() > 0) {
            long taken = transmission.transferTo(connection.sink());
            if (taken == 0 && reading) {
                connection.reader().read(transmission.position() - told);
                told = transmission.position();
                connection.reader().awaitReceived(told);
            }
        }
    }

    @Test
    void eachCompletesInItsTurn() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Extent extent = Pools.write(pool, SEED, SMALL);
            Transmission transmission = extent.transmit().to(name(connection));
            CompletableFuture<Void> sent = future(transmission.sent());
            CompletableFuture<Void> acknowledged = future(transmission.acknowledged());
            CompletableFuture<Void> released = future(transmission.released());
            extent.release();
            assertThat(sent).isNotDone();

            sendAll(transmission, connection, false);
            assertThat(sent).isCompleted();
            assertCompletes(acknowledged); // nothing was read, but it has arrived
            transmission.close();
            await().until(() -> pool.snapshot().segments().stream().anyMatch(segment -> segment.probes() > 0));
            assertThat(released).isNotDone();

            connection.reader().read(SMALL);
            assertCompletes(released);
            assertThat(pool.snapshot().bytes(Use.FREE)).isEqualTo(pool.capacity());
        }
    }

    @Test
    void acknowledgedWaitsForWhatIsStillInOurQueue() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Extent extent = Pools.write(pool, SEED, LARGE);
            Transmission transmission = extent.transmit().to(name(connection));
            CompletableFuture<Void> acknowledged = future(transmission.acknowledged());
            sendAll(transmission, connection, true);
            long queued = transmission.position() - connection.reader().received();
            assertThat(queued).isPositive();
            transmission.close();
            connection.reader().goOn();
            assertCompletes(acknowledged);
            extent.release();
        }
    }

    @Test
    void whoAsksLateGetsTheAnswerAtOnce() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Extent extent = Pools.write(pool, SEED, SMALL);
            try (Transmission transmission = extent.transmit().to(name(connection))) {
                sendAll(transmission, connection, false);
                assertThat(future(transmission.sent())).isCompleted();
                assertCompletes(transmission.acknowledged());
                assertThat(future(transmission.sent())).isCompleted();
            }
            extent.release();
        }
    }

    @Test
    void sentFollowsAnExtentThatIsStillBeingWritten() throws Exception {
        ExtentWriter writer = pool.tryAllocate();
        Pools.append(writer, SEED, 1000);
        Transmission transmission = writer.extent().transmit();
        CompletableFuture<Void> sent = future(transmission.sent());
        transmission.advance(1000);
        assertThat(sent).isNotDone();
        Extent extent = writer.commit();
        transmission.close();
        assertThat(sent).isCompleted();
        extent.release();
    }

    @Test
    void aRangeIsSentWhenItsLastByteIs() throws Exception {
        Extent extent = Pools.write(pool, SEED, 1000);
        try (Transmission transmission = extent.transmit(100, 300)) {
            CompletableFuture<Void> sent = future(transmission.sent());
            transmission.advance(199);
            assertThat(sent).isNotDone();
            transmission.advance(1);
            assertThat(sent).isCompleted();
        }
        extent.release();
    }

    @Test
    void whatIsClosedEarlyFails() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Extent extent = Pools.write(pool, SEED, SMALL);
            Transmission transmission = extent.transmit().to(name(connection));
            CompletionStage<Void> sent = transmission.sent();
            CompletionStage<Void> acknowledged = transmission.acknowledged();
            transmission.advance(7);
            transmission.close();
            assertFails(sent, "closed after 7 bytes");
            assertFails(acknowledged, "closed after 7 bytes");
            extent.release();
        }
    }

    @Test
    void aConnectionThatIsResetAcknowledgesNothing() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Extent extent = Pools.write(pool, SEED, SMALL);
            Transmission transmission = extent.transmit().to(name(connection));
            sendAll(transmission, connection, false);
            connection.sender().setOption(StandardSocketOptions.SO_LINGER, 0);
            connection.sender().close();
            CompletionStage<Void> acknowledged = transmission.acknowledged();
            transmission.close();
            assertFails(acknowledged, "has gone");
            extent.release();
        }
    }

    @Test
    void whatWasOnlyCopiedIsReleasedWithTheClose() throws Exception {
        Extent extent = Pools.write(pool, SEED, SMALL);
        Transmission transmission = extent.transmit();
        CompletableFuture<Void> released = future(transmission.released());
        transmission.advance(SMALL);
        assertThat(released).isNotDone();
        transmission.close();
        assertThat(released).isCompleted();
        extent.release();
    }

    @Test
    void aPoolThatIsClosedBeforeTheProofSaysSo() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Extent extent = Pools.write(pool, SEED, SMALL);
            Transmission transmission = extent.transmit().to(name(connection));
            CompletionStage<Void> released = transmission.released();
            sendAll(transmission, connection, false);
            transmission.close();
            extent.release();
            pool.close();
            assertFails(released, "the pool was closed before");
        }
    }

    @Test
    void theConnectionIsNamedOnceAndToItsOwnPool() throws Exception {
        try (Loopback connection = Loopback.open();
                TmpfsPool other = TestPools.open(1 << 20)) {
            Extent extent = Pools.write(pool, SEED, SMALL);
            try (Transmission transmission = extent.transmit()) {
                assertThatIllegalStateException()
                        .isThrownBy(transmission::acknowledged)
                        .withMessageContaining("to()");
                Peer peer = name(connection);
                assertThat(transmission.to(peer).to(peer)).isSameAs(transmission);
                assertThatIllegalArgumentException().isThrownBy(() -> transmission.to(name(connection)));
            }
            Peer foreign = other.ledger()
                    .peer(
                            (InetSocketAddress) connection.sender().getLocalAddress(),
                            (InetSocketAddress) connection.sender().getRemoteAddress(),
                            () -> {});
            try (Transmission transmission = extent.transmit()) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> transmission.to(foreign))
                        .withMessageContaining("another pool");
            }
            extent.release();
        }
    }

    @Test
    void nothingCanBeAskedOfAClosedTransmission() throws Exception {
        Extent extent = Pools.write(pool, SEED, SMALL);
        Transmission transmission = extent.transmit();
        transmission.close();
        assertThatIllegalStateException().isThrownBy(transmission::sent);
        assertThatIllegalStateException().isThrownBy(transmission::released);
        extent.release();
    }
}
