package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.testing.LeakCheck;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.TestPools;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The pool under the load that it is made for: extents that live briefly, readers that pause, more wanted than there is room for.
 * Several writers write, send and forget; each has a connection to a reader that checks every byte. Extents stay as in a cache, until
 * the pool asks for them.
 */
@ExtendWith(LeakCheck.class)
@Timeout(90)
class ChurnTest {
    private static final long CAPACITY = 32L << 20;
    private static final int LARGEST = 2 << 20;
    private static final int WRITERS = 4;
    private static final Duration WORK = Duration.ofSeconds(8);
    private static final int HEADER = Long.BYTES + Integer.BYTES;
    /** The kernel keeps Shmem in per-CPU parts that it sums up late. */
    private static final long SHMEM_SLACK = 2L << 20;

    private final long seed = System.nanoTime();
    private final Set<Extent> cached = ConcurrentHashMap.newKeySet();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong checked = new AtomicLong();
    private final AtomicLong extents = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    @Test
    void underChurnWithSlowReadersEveryByteIsRightThePoolKeepsItsBoundAndEmptiesByItself() throws Exception {
        System.out.println("ChurnTest: seed " + seed);
        long shmemBefore = shmem();
        ExecutorService executor = Executors.newFixedThreadPool(2 * WRITERS);
        try (TmpfsPool pool = TestPools.open(CAPACITY)) {
            List<Future<?>> all = start(pool, executor);
            long most = watch(pool, all);
            cached.forEach(extent -> {
                if (cached.remove(extent)) {
                    extent.release();
                }
            });
            System.out.printf(
                    "ChurnTest: %d extents, %d MiB checked, %d refused, at most %d KiB in memory%n",
                    extents.get(), checked.get() >> 20, refused.get(), most >> 10);
            assertThat(checked).as("bytes checked, seed %d", seed).hasValue(sent.get());
            assertThat(checked.get()).as("more than the pool holds").isGreaterThan(CAPACITY);
            await().atMost(Duration.ofSeconds(20)).until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
            assertThat(Memfds.open()).isZero();
            assertThat(pool.snapshot().extents()).isZero();
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        // Others on this machine may use tmpfs too, but not for long as much as this pool did.
        await().atMost(Duration.ofSeconds(20)).until(() -> shmem() <= shmemBefore + CAPACITY / 2);
    }

    private List<Future<?>> start(TmpfsPool pool, ExecutorService executor) throws IOException {
        List<Future<?>> all = new ArrayList<>();
        try (ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            for (int i = 0; i < WRITERS; i++) {
                SocketChannel receiver = SocketChannel.open(listener.getLocalAddress());
                SocketChannel sender = listener.accept();
                Random writing = new Random(seed + 2L * i);
                Random reading = new Random(seed + 2L * i + 1);
                all.add(executor.submit(() -> {
                    try (sender) {
                        writeAndSend(pool, sender, writing);
                    }
                    return null;
                }));
                all.add(executor.submit(() -> {
                    try (receiver) {
                        receive(receiver, reading);
                    }
                    return null;
                }));
            }
        }
        return all;
    }

    /** Looks at the account and at the kernel's until all is done; returns the most bytes that were in memory. */
    private long watch(TmpfsPool pool, List<Future<?>> all) throws Exception {
        long most = 0;
        for (Future<?> each : all) {
            while (!each.isDone()) {
                long allocated = Memfds.allocatedBytes();
                most = Math.max(most, allocated);
                assertThat(allocated)
                        .as("st_blocks of all segments, seed %d", seed)
                        .isLessThanOrEqualTo(CAPACITY);
                assertThat(Pools.sum(pool.snapshot())).as("sum, seed %d", seed).isEqualTo(CAPACITY);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
            each.get();
        }
        // Nothing is written any more, but what is cached is still there: Shmem shows it.
        long allocated = Memfds.allocatedBytes();
        assertThat(allocated).isPositive();
        assertThat(shmem()).isGreaterThanOrEqualTo(allocated - SHMEM_SLACK);
        return most;
    }

    private void writeAndSend(TmpfsPool pool, SocketChannel socket, Random random) throws IOException {
        long end = System.nanoTime() + WORK.toNanos();
        while (System.nanoTime() - end < 0) {
            long content = random.nextLong();
            int length = length(random);
            ExtentWriter writer = random.nextBoolean() ? pool.tryAllocate(length) : pool.tryAllocate();
            if (writer == null) {
                refused.incrementAndGet();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200)); // a miss would go to its origin now
                continue;
            }
            extents.incrementAndGet();
            if (random.nextInt(5) == 0) {
                writeWhileSending(writer, socket, content, length);
            } else {
                writeThenSend(writer, socket, content, length, random);
            }
        }
    }

    /** Mostly small ones, some large. */
    private static int length(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> 200 + random.nextInt(8_000);
            case 1, 2 -> 200 + random.nextInt(200_000);
            default -> 200 + random.nextInt(LARGEST - 200);
        };
    }

    private void writeThenSend(ExtentWriter writer, SocketChannel socket, long content, int length, Random random)
            throws IOException {
        if (!Pools.append(writer, content, length)) {
            refused.incrementAndGet();
            writer.abort();
            return;
        }
        Extent extent = writer.commit();
        boolean keep = random.nextInt(3) > 0;
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times; i++) {
            try (Transmission transmission = extent.transmit()) {
                if (i == times - 1) { // dead or cached while it is being sent
                    letGo(extent, keep);
                }
                sendHeader(socket, content, length);
                sendAvailable(transmission, socket);
            }
        }
    }

    private void letGo(Extent extent, boolean keep) {
        if (keep) {
            cached.add(extent);
            extent.ownedBy(asked -> {
                if (cached.remove(asked)) {
                    asked.release();
                }
            });
        } else {
            extent.release();
        }
    }

    /** As a miss does: each piece is sent as soon as it is published. The length is known only afterwards, so pieces are announced. */
    private void writeWhileSending(ExtentWriter writer, SocketChannel socket, long content, int length)
            throws IOException {
        try (Transmission follower = writer.extent().transmit()) {
            while (writer.written() < length) {
                long from = writer.written();
                boolean all = Pools.append(writer, content, (int) Math.min(50_000, length - from));
                int piece = (int) (writer.written() - from);
                // Pieces of one content, each with the position in place of a seed's beginning.
                sendPiece(socket, content, from, piece);
                sendAvailable(follower, socket);
                if (!all) {
                    refused.incrementAndGet();
                    break;
                }
            }
            writer.abort();
        }
    }

    private void sendPiece(SocketChannel socket, long content, long from, int length) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER + Long.BYTES);
        header.putLong(content).putInt(-length - 1).putLong(from).flip();
        writeFully(socket, header);
    }

    private static void sendHeader(SocketChannel socket, long content, int length) throws IOException {
        writeFully(
                socket,
                ByteBuffer.allocate(HEADER).putLong(content).putInt(length).flip());
    }

    private static void writeFully(SocketChannel socket, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    private void sendAvailable(Transmission transmission, SocketChannel socket) throws IOException {
        while (transmission.available() > 0) {
            if (transmission.available() < 8 * 1024) {
                int n = socket.write(transmission.peek(Integer.MAX_VALUE));
                transmission.advance(n);
                sent.addAndGet(n);
            } else {
                sent.addAndGet(
                        transmission.transferTo((file, position, count) -> file.transferTo(position, count, socket)));
            }
        }
    }

    private void receive(SocketChannel socket, Random random) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        while (readFully(socket, header.clear())) {
            long content = header.flip().getLong();
            int length = header.getInt();
            long from = 0;
            if (length < 0) {
                length = -length - 1;
                from = readPosition(socket);
            }
            for (int read = 0; read < length; read += buffer.limit()) {
                if (random.nextInt(40) == 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100))); // a slow reader
                }
                buffer.clear().limit(Math.min(buffer.capacity(), length - read));
                if (!readFully(socket, buffer)) {
                    throw new EOFException();
                }
                assertThat(SeededBytes.firstMismatch(buffer.flip(), content, from + read))
                        .as("first wrong byte, seed %d", seed)
                        .isEqualTo(-1);
                checked.addAndGet(buffer.limit());
            }
        }
    }

    private static long readPosition(SocketChannel socket) throws IOException {
        ByteBuffer position = ByteBuffer.allocate(Long.BYTES);
        if (!readFully(socket, position)) {
            throw new EOFException();
        }
        return position.flip().getLong();
    }

    /** Returns false at the end of the stream. */
    private static boolean readFully(SocketChannel socket, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (socket.read(into) == -1) {
                if (into.position() > 0) {
                    throw new EOFException();
                }
                return false;
            }
        }
        return true;
    }

    private static long shmem() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("Shmem:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
