package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.HazardCell.Receiver;
import dev.lastref.pool.HazardCell.Size;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.linux.ListeningSocket;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.linux.TcpOption;
import dev.lastref.pool.testing.HaProxy;
import dev.lastref.pool.testing.NetworkNamespace;
import dev.lastref.pool.testing.Requires;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every peer that a send may meet, with every size, while each thing befalls the extent that can befall it. For each fate all peers and
 * sizes run at once: they stall, the extents meet their fate, what is free of the pool is written over, and then the peers go on. Each
 * byte is compared where it is received, and all of the pool comes back.
 */
@Timeout(120)
class HazardMatrixTest {
    static final int SEGMENT = 4 << 20;

    private static final long CAPACITY = 64L * SEGMENT;
    private static final Duration PIN_TIMEOUT = Duration.ofSeconds(2);
    /** The kernel ends who has vanished, and any who is stuck where there is no pool any more. */
    private static final int USER_TIMEOUT_MILLIS = 2_000;

    private static final int UNSENT_LIMIT = 256 * 1024;
    private static final int RECEIVE_BUFFER = 64 * 1024;
    private static final long LIFETIME = Duration.ofSeconds(60).toNanos();

    /** What befalls an extent while it is being sent. */
    enum Fate {
        /** Its time is over. */
        EXPIRED,
        /** Somebody took it out of the index. */
        PURGED,
        /** The pool asked for its room. */
        EVICTED,
        /** Another one took its place in the index. */
        REPLACED,
        /** It was moved to another segment. */
        EVACUATED,
        /**
         * It died, and where nobody sends it any more its pages were punched out of their segments, whoever still holds them: more than
         * the pool would ever do.
         */
        PUNCHED,
        /** The pool was closed. */
        SHUTDOWN
    }

    @TempDir
    private static Path directory;

    private static NetworkNamespace near;
    private static NetworkNamespace vanishing;

    private final long seed = System.nanoTime();
    private final AtomicLong jumped = new AtomicLong();
    /** Who was reset by the pool. */
    private final List<Holder> laggards = new CopyOnWriteArrayList<>();

    private final PoolConfig config = PoolConfig.of(CAPACITY)
            .withSegmentSize(SEGMENT)
            .withNanoClock(() -> System.nanoTime() + jumped.get())
            .withListener(new PoolListener() {
                @Override
                public void laggardReset(Holder laggard) {
                    laggards.add(laggard);
                }
            });
    private final TmpfsPool pool = TestPools.open(config);
    private final ServerSocketChannel patient = listen();
    private final ServerSocketChannel timed = listen();
    private final List<HazardCell> cells = new ArrayList<>();
    /** What keeps the segments of those that are punched. */
    private final List<Transmission> keepers = new ArrayList<>();

    @BeforeAll
    static void makeNetworks() throws IOException {
        Requires.command("haproxy");
        near = NetworkNamespace.create();
        vanishing = NetworkNamespace.create();
    }

    @AfterAll
    static void removeNetworks() throws IOException {
        try (NetworkNamespace one = near;
                NetworkNamespace other = vanishing) {
            near = null;
            vanishing = null;
        }
    }

    private static ServerSocketChannel listen() {
        try {
            return ServerSocketChannel.open().bind(new InetSocketAddress(0));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void closeAll() throws IOException {
        for (HazardCell cell : cells) {
            cell.close();
        }
        letGoOfKeepers();
        patient.close();
        timed.close();
        pool.close();
    }

    @ParameterizedTest
    @EnumSource(Fate.class)
    void everyByteIsRightAndEverySegmentComesBack(Fate fate) throws Exception {
        System.out.println("HazardMatrixTest " + fate + ": seed " + seed);
        for (ServerSocketChannel listener : List.of(patient, timed)) {
            limit(listener, TcpOption.TCP_NOTSENT_LOWAT, UNSENT_LIMIT);
        }
        limit(timed, TcpOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
        vanishing.connect();
        try (HaProxy proxy = HaProxy.inFrontOf(port(patient), "tcp", directory)) {
            for (Receiver receiver : Receiver.values()) {
                for (Size size : Size.values()) {
                    cells.add(open(receiver, size, proxy, fate));
                    if (fate == Fate.PUNCHED) {
                        keep();
                    }
                }
            }
            for (HazardCell cell : cells) {
                cell.stall();
            }
            await().until(() -> proxy.pipesUsed() > 0);
            befall(fate);
            writeOverWhatIsFree(fate);
            if (fate != Fate.SHUTDOWN) {
                assertThat(pool.snapshot().usedBytes())
                        .as("stalled peers hold pages")
                        .isPositive();
            }
            vanishing.cut();
            for (HazardCell cell : cells) {
                cell.goOn();
            }
            for (HazardCell cell : cells) {
                if (cell.receiver() != Receiver.PAUSES) {
                    cell.assertEnds();
                }
            }
            pool.pinTimeout(PIN_TIMEOUT); // only now: while they were all stalled it would have met all
            for (HazardCell cell : cells) {
                if (cell.receiver() == Receiver.PAUSES) {
                    cell.assertEnds();
                }
            }
        }
        letGoOfKeepers();
        // The peer may see its connection reset before we are told that it was.
        await().untilAsserted(() -> assertWhoWasReset(fate));
        if (fate != Fate.SHUTDOWN) {
            await().atMost(Duration.ofSeconds(40))
                    .untilAsserted(() -> assertThat(pool.snapshot().bytes(Use.FREE))
                            .as("%s, seed %d", pool.snapshot(), seed)
                            .isEqualTo(CAPACITY));
        }
        cells.forEach(cell -> cell.assertReleased(fate != Fate.SHUTDOWN));
        assertThat(Memfds.open()).isZero();
        assertThat(pool.snapshot().extents()).isZero();
        assertThat(pool.snapshot().transmissions()).isZero();
    }

    /** Those who pause, by the pool and not by the kernel, and nobody who reads; a pool that is closed resets nobody. */
    private void assertWhoWasReset(Fate fate) {
        for (HazardCell cell : cells) {
            List<Holder> resets = laggards.stream()
                    .filter(laggard -> laggard.remote().equals(cell.remote()))
                    .toList();
            if (cell.receiver() == Receiver.PAUSES && cell.size().stalls() && fate != Fate.SHUTDOWN) {
                assertThat(resets).as(cell.toString()).singleElement().satisfies(laggard -> {
                    assertThat(laggard.state()).isEqualTo(Holder.State.SENDING);
                    assertThat(laggard.bytes()).isBetween((long) RECEIVE_BUFFER / 2, (long)
                            cell.size().length());
                    assertThat(laggard.withoutProgress()).isGreaterThanOrEqualTo(PIN_TIMEOUT);
                    assertThat(laggard.held()).isGreaterThanOrEqualTo(PIN_TIMEOUT);
                });
            } else {
                assertThat(resets).as("resets of %s", cell).isEmpty();
            }
        }
    }

    private static int port(ServerSocketChannel listener) {
        return listener.socket().getLocalPort();
    }

    private static void limit(ServerSocketChannel listener, TcpOption option, int value) throws IOException {
        List<Integer> descriptors = ListeningSocket.descriptors((InetSocketAddress) listener.getLocalAddress());
        assertThat(descriptors).hasSize(1);
        option.set(descriptors.get(0), value);
    }

    /** Connects a peer, accepts it, and begins to send. One after the other, so that who was accepted is who connected. */
    private HazardCell open(Receiver receiver, Size size, HaProxy proxy, Fate fate) throws Exception {
        long content = seed + cells.size();
        ExtentWriter writer = pool.tryAllocate(size.length(), LIFETIME);
        assertThat(Pools.append(writer, content, size.length())).isTrue();
        Extent extent = writer.commit();
        boolean kernelEndsIt = receiver == Receiver.VANISHES || (receiver == Receiver.PAUSES && fate == Fate.SHUTDOWN);
        ServerSocketChannel listener = kernelEndsIt ? timed : patient;
        InetAddress loopback = InetAddress.getLoopbackAddress();
        SlowReader reader = switch (receiver) {
            case LOOPBACK, HALF_CLOSES, RESETS, PAUSES ->
                connect(new InetSocketAddress(loopback, port(listener)), content);
            case HAPROXY -> connect(proxy.address(), content);
            case VETH -> near.call(() -> connect(new InetSocketAddress(near.hostAddress(), port(listener)), content));
            case VANISHES ->
                vanishing.call(() -> connect(new InetSocketAddress(vanishing.hostAddress(), port(listener)), content));
        };
        SocketChannel socket = listener.accept();
        return new HazardCell(receiver, size, content, pool, extent, reader, socket);
    }

    private static SlowReader connect(SocketAddress address, long content) throws IOException {
        return SlowReader.connect(address, RECEIVE_BUFFER, SlowReader.expecting(content));
    }

    private void befall(Fate fate) throws Exception {
        switch (fate) {
            case EXPIRED -> {
                jumped.addAndGet(2 * LIFETIME);
                for (HazardCell cell : cells) {
                    assertThat(cell.extent().expiresNanos() - config.nanoClock().getAsLong())
                            .isNegative();
                    cell.extent().release();
                }
            }
            case PURGED -> purgeFromTwoThreads();
            case EVICTED -> evict();
            case REPLACED -> replace();
            case EVACUATED -> evacuate();
            case PUNCHED -> punch();
            case SHUTDOWN -> {
                pool.close();
                assertThat(pool.tryAllocate(1)).isNull();
                cells.forEach(cell -> cell.extent().release());
            }
        }
        assertThat(cells).noneMatch(cell -> cell.extent().isLive());
    }

    private void purgeFromTwoThreads() throws InterruptedException {
        Thread other = new Thread(
                () -> {
                    for (int i = 1; i < cells.size(); i += 2) {
                        cells.get(i).extent().release();
                    }
                },
                "purge");
        other.start();
        for (int i = 0; i < cells.size(); i += 2) {
            cells.get(i).extent().release();
        }
        other.join();
    }

    /** The pool asks for what is not being sent by itself; the index has a bound of its own, which the rest meets. */
    private void evict() throws IOException {
        List<Extent> others = new ArrayList<>();
        List<HazardCell> packed =
                cells.stream().filter(cell -> cell.size() == Size.SMALL_COPIED).toList();
        for (HazardCell cell : packed) {
            cell.awaitSent();
            fillUp(cell, others);
        }
        cells.forEach(cell -> cell.extent().ownedBy(Extent::release));
        for (ExtentWriter writer = pool.tryAllocate(SEGMENT); writer != null; writer = pool.tryAllocate(SEGMENT)) {
            Pools.append(writer, seed - 1, SEGMENT);
            others.add(writer.commit());
        }
        // By itself: an allocation was refused, and nobody is being sent what is there.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> packed.stream().noneMatch(cell -> cell.extent().isLive()));
        cells.forEach(cell -> cell.extent().askOwnerToReclaim());
        others.forEach(Extent::release);
    }

    private void replace() throws IOException {
        List<Extent> next = new ArrayList<>();
        for (HazardCell cell : cells) {
            next.add(Pools.write(pool, -cell.seed(), cell.size().length()));
            cell.extent().release();
        }
        for (int i = 0; i < next.size(); i++) {
            HazardCell cell = cells.get(i);
            Pools.assertHolds(next.get(i), -cell.seed(), cell.size().length());
            next.get(i).release();
        }
    }

    private void evacuate() throws IOException {
        List<Extent> fillers = new ArrayList<>();
        for (HazardCell cell : cells) { // so that nothing is moved within a segment that is still being filled
            fillUp(cell, fillers);
        }
        Evacuator evacuator = new Evacuator(pool.account(), config);
        for (HazardCell cell : cells) {
            Set<Segment> before = segmentsOf(cell);
            for (Segment segment : before) {
                evacuator.move(cell.extent(), segment);
            }
            assertThat(segmentsOf(cell)).as("%s has moved", cell).doesNotContainAnyElementsOf(before);
            Pools.assertHolds(cell.extent(), cell.seed(), cell.size().length());
        }
        cells.forEach(cell -> cell.extent().release());
        fillers.forEach(Extent::release);
    }

    /** Has others fill the segments that the extent lies in. */
    private void fillUp(HazardCell cell, List<Extent> fillers) throws IOException {
        while (segmentsOf(cell).stream().anyMatch(segment -> segment.state() == SegmentState.FILLING)) {
            int length = cell.size() == Size.SMALL_COPIED ? 8_000 : SEGMENT / 2;
            ExtentWriter filler = pool.tryAllocate(length, LIFETIME);
            Pools.append(filler, seed - 2, length);
            fillers.add(filler.commit());
        }
    }

    /** Has a segment stay that is being filled. */
    private void keep() throws IOException {
        Extent keeper = Pools.write(pool, seed - 4, 16 * 1024);
        keepers.add(keeper.transmit());
        keeper.release();
    }

    private void letGoOfKeepers() {
        keepers.forEach(Transmission::close);
        keepers.clear();
    }

    private void punch() throws IOException {
        Requires.that(KernelProbe.run().punchingIsSafe(), "a kernel that gives memfds no large folios");
        cells.forEach(cell -> cell.extent().release());
        for (HazardCell cell : cells) {
            if (!cell.size().stalls()) { // all of it is in the queues, and nobody sends it any more
                cell.awaitSent();
            }
        }
        long punched = 0;
        for (Segment segment : pool.account().segments()) {
            for (Holes.Run run : pool.account().deadPages(segment)) {
                assertThat(segment.file().punch(run.offset(), run.length())).isTrue();
                pool.account().punched(segment, run, true);
                punched += run.length();
            }
        }
        assertThat(punched).isGreaterThan((long) Receiver.values().length * Size.MEDIUM.length() / 2);
    }

    private static Set<Segment> segmentsOf(HazardCell cell) {
        Set<Segment> segments = new HashSet<>();
        for (Slice slice : cell.extent().openPlacement().slices()) {
            segments.add(slice.segment());
        }
        return segments;
    }

    /** Whatever was given back too early is overwritten now, and would be received. */
    private void writeOverWhatIsFree(Fate fate) throws IOException {
        for (int round = 0; round < 2 && fate != Fate.SHUTDOWN; round++) {
            List<Extent> others = new ArrayList<>();
            for (ExtentWriter writer = pool.tryAllocate(SEGMENT); writer != null; writer = pool.tryAllocate(SEGMENT)) {
                Pools.append(writer, seed - 3 - round, SEGMENT);
                others.add(writer.commit());
            }
            assertThat(Memfds.allocatedBytes()).isLessThanOrEqualTo(CAPACITY);
            others.forEach(Extent::release);
        }
    }
}
