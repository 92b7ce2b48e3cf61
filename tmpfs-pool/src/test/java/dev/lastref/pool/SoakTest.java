package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.linux.Memfds;
import dev.lastref.pool.testing.Loopback;
import dev.lastref.pool.testing.SeededBytes;
import dev.lastref.pool.testing.SlowReader;
import dev.lastref.pool.testing.TestPools;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * The pool under the load that it is made for: extents that live briefly, readers that pause, more wanted than there is room for.
 * Several writers write, send and forget; each has a connection to a reader that checks every byte. Extents stay as in a cache, until
 * they expire or the pool asks for them, and the pool is resized all the while. One reader after another stalls for good, and is reset when
 * the pin timeout is over. In the build it runs for some seconds; with
 * {@code -Psoak} for ten minutes, or for {@code -Dlastref.soak.seconds}.
 */
class SoakTest {
    private static final long CAPACITY = 32L << 20;
    private static final int LARGEST = 2 << 20;
    private static final int WRITERS = 4;
    private static final Duration WORK = Duration.ofSeconds(Long.getLong("soak.seconds", 20));
    /** How long the last readers may take, and everything that comes after. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Longer than a reader that goes on pauses on a busy machine. */
    private static final Duration PIN_TIMEOUT = Duration.ofSeconds(3);

    private static final Duration BETWEEN_RESIZES = Duration.ofMillis(700);
    private static final int LONGEST_LIFE_MILLIS = 4_000;
    private static final int HEADER = Long.BYTES + Integer.BYTES;
    /** The kernel keeps Shmem in per-CPU parts that it sums up late. */
    private static final long SHMEM_SLACK = 2L << 20;

    private final long seed = System.nanoTime();
    /** With the time at which they expire. */
    private final Map<Extent, Long> cached = new ConcurrentHashMap<>();

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong checked = new AtomicLong();
    private final AtomicLong extents = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong expired = new AtomicLong();
    private final AtomicLong evicted = new AtomicLong();
    private final AtomicLong evacuated = new AtomicLong();
    private final AtomicLong reclaimed = new AtomicLong();
    private final AtomicLong punched = new AtomicLong();
    private final AtomicLong stalled = new AtomicLong();
    private final List<Holder> laggards = new CopyOnWriteArrayList<>();
    private int resizes;

    @Test
    void underChurnWithSlowReadersEveryByteIsRightThePoolKeepsItsBoundAndEmptiesByItself() throws Exception {
        System.out.println("SoakTest: seed " + seed + ", " + WORK);
        boolean punching = KernelProbe.run().punchingIsSafe();
        ExecutorService executor = Executors.newFixedThreadPool(2 * WRITERS + 1);
        try (TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY)
                .withUnprovenFor(Duration.ofSeconds(2))
                .withPunching(punching)
                .withListener(counting()))) {
            pool.pinTimeout(PIN_TIMEOUT);
            List<Future<?>> all = start(pool, executor);
            all.add(executor.submit(() -> {
                stallUntilReset(pool, new Random(seed - 2));
                return null;
            }));
            long most = watch(pool, all);
            cached.keySet().forEach(this::forget);
            System.out.printf(
                    "SoakTest: %d extents, %d MiB checked, %d refused, at most %d KiB in memory,"
                            + " %d expired, %d evicted, %d MiB moved, %d MiB reclaimed, %d KiB punched, %d resizes,"
                            + " %d stalled, %d reset%n",
                    extents.get(),
                    checked.get() >> 20,
                    refused.get(),
                    most >> 10,
                    expired.get(),
                    evicted.get(),
                    evacuated.get() >> 20,
                    reclaimed.get() >> 20,
                    punched.get() >> 10,
                    resizes,
                    stalled.get(),
                    laggards.size());
            pool.resize(CAPACITY);
            assertThat(checked).as("bytes checked, seed %d", seed).hasValue(sent.get());
            assertThat(checked.get()).as("more than the pool holds").isGreaterThan(CAPACITY);
            assertThat(reclaimed.get()).as("segments came and went").isGreaterThan(CAPACITY);
            assertThat(expired.get()).isPositive();
            assertThat(evicted.get()).as("evicted, seed %d", seed).isPositive();
            assertThat(evacuated.get()).as("moved, seed %d", seed).isPositive();
            assertThat(punched.get() > 0).as("punched, seed %d", seed).isEqualTo(punching);
            assertThat(stalled.get()).isPositive();
            assertThat(laggards).as("resets, seed %d", seed).hasSizeGreaterThanOrEqualTo(stalled.intValue());
            assertThat(resizes).isPositive();
            await().atMost(Duration.ofSeconds(20)).until(() -> pool.snapshot().bytes(Use.FREE) == CAPACITY);
            assertThat(Memfds.open()).isZero();
            assertThat(pool.snapshot().extents()).isZero();
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private PoolListener counting() {
        return new PoolListener() {
            @Override
            public void evacuated(long bytes) {
                evacuated.addAndGet(bytes);
            }

            @Override
            public void reclaimed(long bytes) {
                reclaimed.addAndGet(bytes);
            }

            @Override
            public void reclaimedByPunching(long bytes) {
                punched.addAndGet(bytes);
            }

            @Override
            public void laggardReset(Holder laggard) {
                laggards.add(laggard);
            }
        };
    }

    private boolean forget(Extent extent) {
        boolean there = cached.remove(extent) != null;
        if (there) {
            extent.release();
        }
        return there;
    }

    private List<Future<?>> start(TmpfsPool pool, ExecutorService executor) throws IOException {
        List<Future<?>> all = new ArrayList<>();
        try (ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            for (int i = 0; i < WRITERS; i++) {
                SocketChannel receiver = SocketChannel.open(listener.getLocalAddress());
                SocketChannel sender = listener.accept();
                Peer peer = pool.ledger()
                        .peer(
                                (InetSocketAddress) sender.getLocalAddress(),
                                (InetSocketAddress) sender.getRemoteAddress(),
                                () -> {});
                Random writing = new Random(seed + 2L * i);
                Random reading = new Random(seed + 2L * i + 1);
                all.add(executor.submit(() -> {
                    try (sender) {
                        writeAndSend(pool, sender, peer, writing);
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

    /**
     * Looks at the account and at the kernel's until all is done; has extents expire, and gives the pool another size now and then.
     * Returns the most bytes that were in memory.
     */
    private long watch(TmpfsPool pool, List<Future<?>> all) throws Exception {
        Random sizes = new Random(seed - 1);
        long began = System.nanoTime();
        long resize = began;
        long most = 0;
        while (!all.stream().allMatch(Future::isDone)) {
            long now = System.nanoTime();
            assertThat(Duration.ofNanos(now - began)).as("seed %d", seed).isLessThan(WORK.plus(PATIENCE));
            if (now - resize > BETWEEN_RESIZES.toNanos()) {
                resize = now;
                resizes++;
                pool.resize(CAPACITY / 2 + sizes.nextInt((int) (CAPACITY / 2)));
            }
            cached.forEach((extent, expiry) -> {
                if (expiry - now < 0 && forget(extent)) {
                    expired.incrementAndGet();
                }
            });
            long capacity = pool.snapshot().capacity();
            long allocated = Memfds.allocatedBytes();
            most = Math.max(most, allocated);
            // Nobody else resizes, so that the capacity has only fallen since.
            assertThat(allocated).as("st_blocks of all segments, seed %d", seed).isLessThanOrEqualTo(capacity);
            PoolSnapshot snapshot = pool.snapshot();
            assertThat(Pools.sum(snapshot)).as("sum, seed %d", seed).isEqualTo(snapshot.capacity());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        for (Future<?> each : all) {
            each.get();
        }
        // Nothing is written any more, but what is cached is still there: Shmem shows it.
        long allocated = Memfds.allocatedBytes();
        assertThat(allocated).isPositive();
        assertThat(shmem()).isGreaterThanOrEqualTo(allocated - SHMEM_SLACK);
        return most;
    }

    private void writeAndSend(TmpfsPool pool, SocketChannel socket, Peer peer, Random random) throws IOException {
        long end = System.nanoTime() + WORK.toNanos();
        while (System.nanoTime() - end < 0) {
            long content = random.nextLong();
            int length = length(random);
            long lifetime = TimeUnit.MILLISECONDS.toNanos(10 + random.nextInt(LONGEST_LIFE_MILLIS));
            ExtentWriter writer =
                    random.nextBoolean() ? pool.tryAllocate(length, lifetime) : pool.tryAllocateGrowing(lifetime);
            if (writer == null) {
                refused.incrementAndGet();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200)); // a miss would go to its origin now
                continue;
            }
            extents.incrementAndGet();
            if (random.nextInt(5) == 0) {
                writeWhileSending(writer, socket, peer, content, length);
            } else {
                writeThenSend(writer, socket, peer, content, length, lifetime, random);
            }
        }
    }

    /** Sends to a reader that stalls, until the pool has reset it; then to the next. What each has got by then is right. */
    private void stallUntilReset(TmpfsPool pool, Random random) throws Exception {
        long end = System.nanoTime() + WORK.toNanos();
        while (System.nanoTime() - end < 0) {
            long content = random.nextLong();
            ExtentWriter writer = pool.tryAllocate(LARGEST);
            if (writer == null) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // others have the room now
                continue;
            }
            assertThat(Pools.append(writer, content, LARGEST)).isTrue();
            Extent extent = writer.commit();
            CountDownLatch reset = new CountDownLatch(1);
            try (Loopback connection = Loopback.open(SlowReader.expecting(content));
                    Transmission transmission = extent.transmit()) {
                transmission.to(pool.ledger()
                        .peer(
                                (InetSocketAddress) connection.sender().getLocalAddress(),
                                (InetSocketAddress) connection.sender().getRemoteAddress(),
                                () -> {
                                    reset(connection.sender());
                                    reset.countDown();
                                }));
                extent.release();
                transmission.transferTo(connection.sink()); // as much as its queue holds
                assertThat(reset.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .as("a stalled reader is reset, seed %d", seed)
                        .isTrue();
                stalled.incrementAndGet();
                connection.reader().goOn();
                await().atMost(PATIENCE).until(connection.reader()::hasEnded);
                connection.reader().failOnAWrongByte();
            }
        }
    }

    private static void reset(SocketChannel socket) {
        try {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
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

    private void writeThenSend(
            ExtentWriter writer,
            SocketChannel socket,
            Peer peer,
            long content,
            int length,
            long lifetime,
            Random random)
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
            try (Transmission transmission = extent.transmit().to(peer)) {
                if (i == times - 1) { // dead or cached while it is being sent
                    letGo(extent, keep, lifetime);
                }
                sendHeader(socket, content, length);
                sendAvailable(transmission, socket);
            }
        }
    }

    private void letGo(Extent extent, boolean keep, long lifetime) {
        if (keep) {
            cached.put(extent, System.nanoTime() + lifetime);
            extent.ownedBy(asked -> {
                if (forget(asked)) {
                    evicted.incrementAndGet();
                }
            });
        } else {
            extent.release();
        }
    }

    /** As a miss does: each piece is sent as soon as it is published. The length is known only afterwards, so pieces are announced. */
    private void writeWhileSending(ExtentWriter writer, SocketChannel socket, Peer peer, long content, int length)
            throws IOException {
        try (Transmission follower = writer.extent().transmit().to(peer)) {
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
