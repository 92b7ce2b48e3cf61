package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.NetworkNamespace;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The ledger's word against the kernel's. The pool's clock is the test's: it stands still, so that the reclaimer asks again because of
 * the ledger and for no other reason, unless the test moves it.
 */
@Timeout(120)
class LedgerKernelTest {
    private static final int SEGMENT = 256 * 1024;
    /** Too few segments for some to be prepared. */
    private static final long CAPACITY = 31 * SEGMENT;

    private static final long SEED = 11;
    private static final Duration PIN_TIMEOUT = Duration.ofSeconds(8);

    private final AtomicLong clock = new AtomicLong();
    private final List<Holder> resets = new CopyOnWriteArrayList<>();
    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY)
            .withSegmentSize(SEGMENT)
            .withNanoClock(clock::get)
            .withListener(new PoolListener() {
                @Override
                public void laggardReset(Holder laggard) {
                    resets.add(laggard);
                }
            }));

    @AfterEach
    void closePool() {
        pool.close();
    }

    private Peer name(SocketChannel sender) throws IOException {
        return pool.ledger()
                .peer(
                        (InetSocketAddress) sender.getLocalAddress(),
                        (InetSocketAddress) sender.getRemoteAddress(),
                        () -> {
                            try {
                                sender.setOption(StandardSocketOptions.SO_LINGER, 0);
                                sender.close();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
    }

    private static FileSink sink(SocketChannel sender) {
        return (file, position, count) -> file.transferTo(position, count, sender);
    }

    /** Sends what the connection takes of an extent over two segments, and lets go of it. Returns the bytes sent. */
    private long sendAndLetGo(SocketChannel sender, Peer peer) throws IOException {
        Extent extent = Pools.write(pool, SEED, SEGMENT + 20_000);
        try (Transmission transmission = extent.transmit().to(peer)) {
            transmission.transferTo(sink(sender));
            extent.release();
            assertThat(transmission.sentBytes()).isPositive();
            return transmission.sentBytes();
        }
    }

    private List<Segment> draining() {
        return pool.account().segments().stream()
                .filter(segment -> segment.state() == SegmentState.DRAINING)
                .toList();
    }

    /** What the ledger says about a segment now, once it has looked. */
    private DrainWatch.Word word(Segment segment) {
        DrainWatch watch = pool.ledger().watch(segment);
        await().until(() -> watch.word() != DrainWatch.Word.UNKNOWN);
        watch.end();
        return watch.word();
    }

    private void awaitOneHeldSegment() {
        await().until(() -> draining().stream().anyMatch(segment -> segment.probes() > 0));
    }

    private void assertReleased() {
        await().until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        await().until(() -> pool.ledger().holders().isEmpty());
    }

    @Test
    void aStalledLoopbackReaderHoldsUntilItsLastByteIsReadAndThenTheSegmentIsReleasedAtOnce() throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        try (Loopback connection = Loopback.open(SlowReader.expecting(SEED))) {
            Peer peer = name(connection.sender());
            long sent = sendAndLetGo(connection.sender(), peer);
            awaitOneHeldSegment();
            for (long read = 0; read < sent; ) {
                assertThat(pool.ledger().holders())
                        .as("after %d of %d bytes, seed %d", read, sent, seed)
                        .singleElement()
                        .satisfies(holder -> assertThat(holder.bytes()).isPositive());
                Segment last = draining().get(draining().size() - 1);
                assertThat(word(last)).as("seed %d", seed).isEqualTo(DrainWatch.Word.HELD);
                long step = Math.min(sent - read, 1 + random.nextInt(60_000));
                connection.reader().read(step);
                read += step;
                connection.reader().awaitReceived(read);
            }
            assertReleased();
        }
    }

    @Test
    void whateverItCallsDrainedTheKernelSealsWithoutAnotherByteBeingRead() throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        System.err.println("whateverItCallsDrained: seed " + seed);
        Random random = new Random(seed);
        Map<Segment, DrainWatch> watches = new IdentityHashMap<>();
        int drained = 0;
        try (Loopback connection = Loopback.open()) {
            Peer peer = name(connection.sender());
            Stream stream = new Stream(connection, random);
            for (int round = 0; round < 40; round++) {
                stream.send(write(1 + random.nextInt(2 * SEGMENT), stream), peer);
                draining().forEach(segment -> watches.computeIfAbsent(segment, pool.ledger()::watch));
                stream.readSome();
                // From here the reader stands still.
                pool.ledger().holders();
                for (Map.Entry<Segment, DrainWatch> each : List.copyOf(watches.entrySet())) {
                    boolean called = each.getValue().hasDrained();
                    if (called) {
                        awaitWhileTimePasses(() -> each.getKey().state() == SegmentState.RELEASED);
                        drained++;
                    }
                    if (called || each.getKey().state() == SegmentState.RELEASED) {
                        watches.remove(each.getKey()).end();
                    }
                }
            }
            stream.readAll();
            awaitWhileTimePasses(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
            awaitWhileTimePasses(() -> watches.values().stream().allMatch(DrainWatch::hasDrained));
        }
        assertThat(drained + watches.size()).isPositive();
    }

    /** What goes over a connection that is never let rest. */
    private static final class Stream {
        private final Loopback connection;
        private final Random random;
        private long sent;
        private long read;

        Stream(Loopback connection, Random random) {
            this.connection = connection;
            this.random = random;
        }

        void send(Extent extent, Peer peer) throws IOException {
            try (Transmission transmission = extent.transmit().to(peer)) {
                extent.release();
                while (transmission.available() > 0) {
                    long taken = transmission.transferTo(connection.sink());
                    sent += taken;
                    if (taken == 0) {
                        readSome();
                    }
                }
            }
        }

        void readSome() throws IOException {
            readUpTo(Math.min(sent, read + 1 + random.nextInt(500_000)));
        }

        void readAll() throws IOException {
            readUpTo(sent);
        }

        private void readUpTo(long position) throws IOException {
            connection.reader().read(position - read);
            read = position;
            connection.reader().awaitReceived(read);
        }
    }

    /** An extent, for which room is made by reading. */
    private Extent write(int length, Stream stream) throws IOException {
        ExtentWriter writer = pool.tryAllocate(length);
        for (; writer == null; writer = pool.tryAllocate(length)) {
            stream.readSome();
            passTime();
        }
        Pools.append(writer, SEED, length);
        return writer.commit();
    }

    private void awaitWhileTimePasses(Callable<Boolean> condition) {
        await().until(() -> {
            passTime();
            return condition.call();
        });
    }

    /** Of a connection that was sent more segments than are noted, any may be held: then the reclaimer waits for long before it asks again. */
    private void passTime() {
        clock.addAndGet(Duration.ofSeconds(3).toNanos());
        pool.timeHasPassed();
    }

    @Test
    void anOrphanHoldsUntilItsPeerHasRead() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Peer peer = name(connection.sender());
            long sent = 0;
            long more = 0;
            do { // until some of it stays on our side
                more = sendAndLetGo(connection.sender(), peer);
                sent += more;
            } while (more == SEGMENT + 20_000 && sent < CAPACITY / 2);
            connection.sender().close();
            peer.closed();
            awaitOneHeldSegment();
            assertThat(pool.ledger().holders()).singleElement().satisfies(holder -> {
                assertThat(holder.state()).isIn(Holder.State.ORPHANED, Holder.State.UNREAD);
                assertThat(holder.bytes()).isPositive();
            });
            assertThat(connection.reader().awaitEnd()).isEqualTo(sent);
            assertReleased();
        }
    }

    @Test
    void aReaderInAnotherNetworkNamespaceHoldsWhatItHasNotAcknowledged() throws Exception {
        try (NetworkNamespace namespace = NetworkNamespace.create();
                ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(namespace.hostAddress(), 0));
                ChildJvm receiver = ChildJvm.start(
                        namespace.prefix(),
                        SlowReader.class,
                        namespace.hostAddress().getHostAddress(),
                        String.valueOf(listener.socket().getLocalPort()),
                        "1000");
                SocketChannel sender = listener.accept()) {
            sender.configureBlocking(false);
            // A small queue there, so that much stays here.
            Peer peer = name(sender);
            long sent = 0;
            while (sent == 0 || pool.snapshot().bytes(Use.FREE) > CAPACITY / 4) {
                long more = sendAndLetGo(sender, peer);
                sent += more;
                if (more < SEGMENT + 20_000) {
                    break;
                }
            }
            receiver.awaitLine("stalled");
            awaitOneHeldSegment();
            await().until(() -> pool.ledger().holders().size() == 1);
            Holder holder = pool.ledger().holders().get(0);
            assertThat(holder.state()).isEqualTo(Holder.State.SENT);
            assertThat(holder.remote()).isEqualTo(sender.getRemoteAddress());
            assertThat(holder.bytes()).isPositive();
            peer.closed();
            sender.close();
            receiver.say("go on");
            assertThat(receiver.awaitLine("end")).startsWith("end " + sent + " ");
            // Its kernel acknowledged before it read, and we do not see its queue: the ledger may have been wrong once.
            awaitWhileTimePasses(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        }
    }

    @Test
    void aSegmentThatWasSentToNobodyByNameIsAskedAboutInTimeOnly() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Extent extent = Pools.write(pool, SEED, 20_000);
            try (Transmission transmission = extent.transmit()) {
                transmission.transferTo(connection.sink());
                extent.release();
            }
            awaitOneHeldSegment();
            DrainWatch watch = pool.ledger().watch(draining().get(0));
            connection.reader().read(20_000);
            connection.reader().awaitReceived(20_000);
            awaitWhileTimePasses(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
            assertThat(watch.word()).isEqualTo(DrainWatch.Word.UNKNOWN);
        }
    }

    @Test
    void aReaderThatStallsIsResetAndOneThatMovesIsNot() throws Exception {
        pool.ledger().resetLaggardsAfter(PIN_TIMEOUT);
        try (Loopback stalled = Loopback.open();
                Loopback moving = Loopback.open()) {
            Peer stalledPeer = name(stalled.sender());
            stalledPeer.sending("/stalled");
            long sentToStalled = sendAndLetGo(stalled.sender(), stalledPeer);
            long sentToMoving = sendAndLetGo(moving.sender(), name(moving.sender()));
            long read = 0;
            for (int step = 0; step < 4 * PIN_TIMEOUT.toSeconds(); step++) {
                moving.reader().read(100);
                read += 100;
                moving.reader().awaitReceived(read);
                clock.addAndGet(Duration.ofSeconds(1).toNanos());
                pool.ledger().turn();
            }
            assertThat(moving.sender().isOpen()).isTrue();
            assertThat(stalled.sender().isOpen()).isFalse();
            assertThat(resets).singleElement().satisfies(laggard -> {
                assertThat(laggard.remote().getPort())
                        .isEqualTo(stalled.reader().localPort());
                assertThat(laggard.sending()).isEqualTo("/stalled");
                assertThat(laggard.bytes()).isBetween(1L, sentToStalled);
                assertThat(laggard.withoutProgress()).isGreaterThanOrEqualTo(PIN_TIMEOUT);
            });
            moving.reader().read(sentToMoving - read);
            moving.reader().awaitReceived(sentToMoving);
            // What lies in its own queue is still there for it to read; the reset frees what lay in ours.
            assertThat(pool.ledger().holders()).hasSizeLessThanOrEqualTo(1);
            assertThatThrownBy(stalled.reader()::awaitEnd).isInstanceOf(IOException.class);
        }
        awaitWhileTimePasses(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(resets).hasSize(1);
    }
}
