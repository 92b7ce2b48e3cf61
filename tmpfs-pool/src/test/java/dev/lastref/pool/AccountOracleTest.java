package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pool's account beside the kernel's, file by file, at every step of a random workload: the kernel counts the blocks of each
 * segment's file, and those must be the pages into which was written and which were not punched, no more and no fewer.
 */
@Timeout(120)
class AccountOracleTest {
    private static final int SEGMENT = 64 * 1024;
    /** Too few segments for any to be prepared: the pages of those are there before they are written. */
    private static final long CAPACITY = 24L * SEGMENT;

    private static final int STEPS = 1_500;
    private static final int CONNECTIONS = 4;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final AtomicLong evacuated = new AtomicLong();
    private final AtomicLong punched = new AtomicLong();
    private final AtomicLong jumped = new AtomicLong();
    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY)
            .withSegmentSize(SEGMENT)
            .withNanoClock(() -> System.nanoTime() + jumped.get())
            .withUnprovenFor(Duration.ofSeconds(20))
            .withPunching(KernelProbe.run().punchingIsSafe())
            .withListener(new PoolListener() {
                @Override
                public void evacuated(long bytes) {
                    evacuated.addAndGet(bytes);
                }

                @Override
                public void reclaimedByPunching(long bytes) {
                    punched.addAndGet(bytes);
                }
            }));
    /** By segment: the pages into which was written, as far as the extents that lived at some step tell. */
    private final Map<Integer, BitSet> touched = new HashMap<>();

    private final List<Stored> stored = new ArrayList<>();
    private final List<Transmission> sends = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private boolean sharing;

    private record Stored(ExtentWriter writer, long content, boolean known, int length) {}

    @AfterEach
    void closePool() {
        pool.close();
    }

    /** Extents that share segments are moved about; those that fill theirs never are, and then every page must be accounted for. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void atEachStepTheKernelHasTheSameFilesAndNoMorePagesThanWereWritten(boolean shareSegments) throws Exception {
        System.out.println("AccountOracleTest: seed " + seed);
        sharing = shareSegments;
        List<Loopback> connections = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                connections.add(Loopback.open((bytes, from) -> {}));
                SocketChannel socket = connections.get(i).sender();
                peers.add(pool.ledger()
                        .peer(
                                (InetSocketAddress) socket.getLocalAddress(),
                                (InetSocketAddress) socket.getRemoteAddress(),
                                () -> {}));
            }
            for (int step = 0; step < STEPS; step++) {
                step(connections);
                remember();
                assertWithinTheBound(step);
                if (step % 100 == 99) {
                    assertTheSameAtRest(step);
                }
            }
            sends.forEach(Transmission::close);
            for (Loopback connection : connections) {
                connection.sender().close();
                connection.reader().awaitEnd();
            }
        } finally {
            for (Loopback connection : connections) {
                connection.close();
            }
        }
        System.out.println("AccountOracleTest: " + evacuated + " bytes moved, " + punched + " punched");
        assertThat(evacuated.get() > 0).as("bytes moved, seed %d", seed).isEqualTo(shareSegments);
        if (KernelProbe.run().punchingIsSafe()) { // who fills segments of its own leaves no dead page beside it
            assertThat(punched.get() > 0).as("bytes punched, seed %d", seed).isEqualTo(shareSegments);
        }
        stored.forEach(this::give);
        jumped.addAndGet(Duration.ofSeconds(21).toNanos());
        await().atMost(Duration.ofSeconds(20)).until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
        assertThat(Memfds.allocatedBySegment()).isEmpty();
    }

    private void step(List<Loopback> connections) throws IOException {
        switch (random.nextInt(9)) {
            case 0, 1 -> begin();
            case 2, 3 -> append();
            case 4 -> {
                if (!stored.isEmpty()) {
                    give(stored.remove(random.nextInt(stored.size())));
                }
            }
            case 5 -> {
                if (!stored.isEmpty()) {
                    Transmission begun = stored.get(random.nextInt(stored.size()))
                            .writer()
                            .extent()
                            .transmit();
                    sends.add(begun);
                    int to = random.nextInt(CONNECTIONS);
                    begun.to(peers.get(to)).transferTo(connections.get(to).sink());
                }
            }
            case 6 -> {
                if (!sends.isEmpty()) {
                    sends.remove(random.nextInt(sends.size())).close();
                }
            }
            case 7 ->
                jumped.addAndGet(random.nextInt((int) Duration.ofMillis(200).toNanos()));
            default -> connections.get(random.nextInt(CONNECTIONS)).reader().read(random.nextInt(100_000));
        }
    }

    private void begin() {
        boolean known = !sharing || random.nextBoolean();
        int length = sharing
                ? 1 + random.nextInt(random.nextBoolean() ? 6_000 : 3 * SEGMENT)
                : (1 + random.nextInt(3)) * SEGMENT - random.nextInt(PoolConfig.PAGE);
        ExtentWriter writer = known ? pool.tryAllocate(length) : pool.tryAllocate();
        if (writer != null) {
            stored.add(new Stored(writer, random.nextLong(), known, length));
        } else if (!stored.isEmpty()) {
            give(stored.remove(random.nextInt(stored.size())));
        }
    }

    /** Writes some more of an extent that is not complete; what is, stays as it is. */
    private void append() throws IOException {
        if (stored.isEmpty()) {
            return;
        }
        Stored each = stored.get(random.nextInt(stored.size()));
        int left = (int) (each.length() - each.writer().written());
        if (left == 0) {
            return;
        }
        int some = random.nextBoolean() ? left : 1 + random.nextInt(left);
        ByteBuffer bytes =
                ByteBuffer.wrap(SeededBytes.of(each.content(), each.writer().written(), some));
        boolean all = each.writer().append(bytes);
        assertThat(all || !each.known()).isTrue();
        if (each.writer().written() == each.length()) {
            each.writer().commit();
        }
    }

    private void give(Stored each) {
        if (each.writer().written() == each.length()) {
            Pools.assertHolds(each.writer().extent(), each.content(), each.length());
            each.writer().extent().release();
        } else {
            each.writer().abort();
        }
    }

    /** Notes the pages that hold what is written, where it lies now. */
    private void remember() {
        for (Stored each : stored) {
            long written = each.writer().written();
            for (Slice slice : each.writer().extent().openPlacement().slices()) {
                int used = (int) Math.min(slice.length(), written - slice.start());
                if (used > 0) {
                    touched.computeIfAbsent(slice.segment().id(), id -> new BitSet())
                            .set(slice.offset() / PoolConfig.PAGE, (slice.offset() + used - 1) / PoolConfig.PAGE + 1);
                }
            }
        }
    }

    private void assertWithinTheBound(int step) {
        Map<Integer, SegmentSnapshot> account = new HashMap<>();
        pool.snapshot().segments().forEach(segment -> account.put(segment.id(), segment));
        Map<Integer, Long> kernel = Memfds.allocatedBySegment(); // after it: of what is punched the kernel knows first
        kernel.forEach((id, bytes) -> {
            SegmentSnapshot segment = account.get(id);
            if (segment != null) { // else it was made meanwhile
                assertThat(bytes)
                        .as("%s, step %d, seed %d", segment, step, seed)
                        .isLessThanOrEqualTo(segment.charged() - segment.unproven());
            }
        });
        assertThat(kernel.values().stream().mapToLong(Long::longValue).sum())
                .as("step %d, seed %d", step, seed)
                .isLessThanOrEqualTo(CAPACITY);
        assertThat(kernel.values()).as("step %d, seed %d", step, seed).allMatch(bytes -> bytes <= SEGMENT);
        assertThat(Pools.sum(pool.snapshot())).isEqualTo(CAPACITY);
    }

    /** Between two steps nothing changes for long: both agree on the files, and on every page. */
    private void assertTheSameAtRest(int step) {
        await().pollDelay(Duration.ZERO).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            remember(); // whatever the reclaimer has moved meanwhile
            Map<Integer, Long> kernel = Memfds.allocatedBySegment();
            List<SegmentSnapshot> segments = pool.snapshot().segments().stream()
                    .filter(segment -> segment.state() != SegmentState.UNPROVEN) // whose files are closed
                    .toList();
            Map<Integer, Segment> own =
                    pool.account().segments().stream().collect(Collectors.toMap(Segment::id, each -> each));
            assertThat(kernel.keySet())
                    .as("step %d, seed %d", step, seed)
                    .isEqualTo(segments.stream().map(SegmentSnapshot::id).collect(Collectors.toSet()));
            for (SegmentSnapshot segment : segments) {
                Holes holes = own.get(segment.id()).holes();
                long pages = touched.getOrDefault(segment.id(), new BitSet()).stream()
                        .filter(page -> !holes.isPunched(page))
                        .count();
                long found = kernel.get(segment.id());
                String what = segment + ", step " + step + ", seed " + seed;
                if (evacuated.get() == 0) {
                    assertThat(found).as(what).isEqualTo(pages * PoolConfig.PAGE);
                } else { // an extent may have died while it was copied, and nobody has seen where to
                    assertThat(found).as(what).isBetween(pages * PoolConfig.PAGE, roundUp(segment.allocated()));
                }
            }
        });
    }

    private static long roundUp(long bytes) {
        return (bytes + PoolConfig.PAGE - 1) / PoolConfig.PAGE * PoolConfig.PAGE;
    }
}
