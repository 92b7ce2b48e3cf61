package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.SegmentSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.linux.TmpfsFile;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SeededBytes;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The pool's account beside the kernel's, file by file, at every step of a random workload: the kernel counts the blocks of each
 * segment's file, and those must be the pages into which was written and which were not punched, no more and no fewer. A file that is
 * filled again keeps those of before.
 */
@Timeout(120)
class AccountOracleTest {
    private static final int SEGMENT = 64 * 1024;
    /** In a pool of so many segments files are prepared, and those that were only ever copied from filled again. */
    private static final int SEGMENTS_TO_PREPARE = 32;

    private static final int STEPS = 1_500;
    private static final int CONNECTIONS = 4;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final AtomicLong evacuated = new AtomicLong();
    private final AtomicLong punched = new AtomicLong();
    private final AtomicLong jumped = new AtomicLong();
    private final AtomicLong filledAgain = new AtomicLong();
    private final AtomicInteger allocated = new AtomicInteger();

    /** By file, whose number is that of the first segment in it: the pages into which was written, as far as the extents that lived at some step tell. */
    private final Map<Integer, BitSet> touched = new ConcurrentHashMap<>();

    /** The number of each file. */
    private final Map<TmpfsFile, Integer> files = Collections.synchronizedMap(new WeakHashMap<>());

    private int segments;
    private TmpfsPool pool;
    private final List<Stored> stored = new ArrayList<>();
    private final List<Transmission> sends = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private boolean sharing;

    private void open(int count) {
        segments = count;
        pool = Pools.open(
                PoolConfig.of(capacity())
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

                            @Override
                            public void reclaimedToFillAgain(long bytes) {
                                filledAgain.addAndGet(bytes);
                            }
                        }),
                this::create);
    }

    private TmpfsFile create(int id, int size) throws IOException {
        TmpfsFile file = SegmentFiles.MEMFD.create(id, size);
        TmpfsFile watched = (TmpfsFile) Proxy.newProxyInstance(
                TmpfsFile.class.getClassLoader(), new Class<?>[] {TmpfsFile.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "hashCode":
                            return id;
                        case "equals":
                            return proxy == arguments[0];
                        case "allocatePages":
                            pagesOf(id).set(0, size / PoolConfig.PAGE);
                            allocated.incrementAndGet();
                            break;
                        default: // goes to the file
                    }
                    try {
                        return method.invoke(file, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        files.put(watched, id);
        return watched;
    }

    private BitSet pagesOf(int file) {
        return touched.computeIfAbsent(file, id -> new BitSet());
    }

    /** The number of a segment's file; empty: it has none yet, or none any more. */
    private OptionalInt fileOf(Segment segment) {
        try {
            return OptionalInt.of(files.get(segment.file()));
        } catch (IllegalStateException none) {
            return OptionalInt.empty();
        }
    }

    private long capacity() {
        return (long) segments * SEGMENT;
    }

    private record Stored(ExtentWriter writer, long content, boolean known, int length) {}

    @AfterEach
    void closePool() {
        pool.close();
    }

    /** Extents that share segments are moved about; those that fill theirs never are, and then every page must be accounted for. */
    @ParameterizedTest
    @CsvSource({"true, 24", "false, 24", "true, 64", "false, 64"})
    void atEachStepTheKernelHasTheSameFilesAndNoMorePagesThanWereWritten(boolean shareSegments, int count)
            throws Exception {
        System.out.println("AccountOracleTest: seed " + seed);
        sharing = shareSegments;
        open(count);
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
        System.out.println("AccountOracleTest: " + evacuated + " bytes moved, " + punched + " punched, " + filledAgain
                + " filled again");
        boolean prepares = segments >= SEGMENTS_TO_PREPARE;
        assertThat(filledAgain.get() > 0)
                .as("bytes filled again, seed %d", seed)
                .isEqualTo(prepares);
        assertThat(allocated.get() > 0).as("files prepared, seed %d", seed).isEqualTo(prepares);
        assertThat(evacuated.get() > 0).as("bytes moved, seed %d", seed).isEqualTo(shareSegments);
        if (KernelProbe.run().punchingIsSafe()) { // who fills segments of its own leaves no dead page beside it
            assertThat(punched.get() > 0).as("bytes punched, seed %d", seed).isEqualTo(shareSegments);
        }
        stored.forEach(this::give);
        jumped.addAndGet(Duration.ofSeconds(21).toNanos());
        await().atMost(Duration.ofSeconds(20)).until(() -> pool.snapshot().bytes(Use.FREE) == capacity());
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
                if (used > 0) { // where a segment was given up meanwhile, whatever was not moved there is noted already
                    fileOf(slice.segment())
                            .ifPresent(file -> pagesOf(file)
                                    .set(
                                            slice.offset() / PoolConfig.PAGE,
                                            (slice.offset() + used - 1) / PoolConfig.PAGE + 1));
                }
            }
        }
    }

    private void assertWithinTheBound(int step) {
        Map<Integer, SegmentSnapshot> account = byFile(pool.snapshot().segments());
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
                .isLessThanOrEqualTo(capacity());
        assertThat(kernel.values()).as("step %d, seed %d", step, seed).allMatch(bytes -> bytes <= SEGMENT);
        assertThat(Pools.sum(pool.snapshot())).isEqualTo(capacity());
    }

    /** Between two steps nothing changes for long: both agree on the files, and on every page. */
    private void assertTheSameAtRest(int step) {
        await().pollDelay(Duration.ZERO).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            remember(); // whatever the reclaimer has moved meanwhile
            Map<Integer, Long> kernel = Memfds.allocatedBySegment();
            List<SegmentSnapshot> segments = pool.snapshot().segments().stream()
                    .filter(segment -> segment.state() != SegmentState.UNPROVEN) // whose files are closed
                    .toList();
            Map<Integer, Segment> own = new HashMap<>();
            pool.account().segments().forEach(segment -> own.put(segment.id(), segment));
            Map<Integer, SegmentSnapshot> account = byFile(segments);
            assertThat(account).as("step %d, seed %d", step, seed).hasSameSizeAs(segments);
            assertThat(kernel.keySet()).as("step %d, seed %d", step, seed).isEqualTo(account.keySet());
            account.forEach((file, segment) -> {
                Holes holes = own.get(segment.id()).holes();
                long pages = pagesOf(file).stream()
                        .filter(page -> !holes.isPunched(page))
                        .count();
                long found = kernel.get(file);
                String what = segment + " in file " + file + ", step " + step + ", seed " + seed;
                if (evacuated.get() == 0) {
                    assertThat(found).as(what).isEqualTo(pages * PoolConfig.PAGE);
                } else { // an extent may have died while it was copied, and nobody has seen where to
                    // or, in a file that another segment had before, where to in that one
                    boolean before = segment.id() != file || pagesOf(file).cardinality() == SEGMENT / PoolConfig.PAGE;
                    long most = before ? SEGMENT - holes.punchedBytes() : roundUp(segment.allocated());
                    assertThat(found).as(what).isBetween(pages * PoolConfig.PAGE, most);
                }
            });
        });
    }

    /** Those that have a file, by its number. */
    private Map<Integer, SegmentSnapshot> byFile(List<SegmentSnapshot> account) {
        Map<Integer, SegmentSnapshot> shown = new HashMap<>();
        account.forEach(segment -> shown.put(segment.id(), segment));
        Map<Integer, SegmentSnapshot> byFile = new HashMap<>();
        for (Segment segment : pool.account().segments()) {
            SegmentSnapshot there = shown.get(segment.id());
            if (there != null) {
                fileOf(segment).ifPresent(file -> byFile.put(file, there));
            }
        }
        return byFile;
    }

    private static long roundUp(long bytes) {
        return (bytes + PoolConfig.PAGE - 1) / PoolConfig.PAGE * PoolConfig.PAGE;
    }
}
