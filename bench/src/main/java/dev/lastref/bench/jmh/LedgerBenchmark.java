package dev.lastref.bench.jmh;

import dev.lastref.pool.Extent;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.Peer;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One look of the ledger at all its connections: the kernel is asked about both ends of each, as for peers on this machine. What it
 * takes is for all of them together. Two are named for each that there is, to do with half the descriptors; the kernel is asked
 * about every one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LedgerBenchmark {
    private static final int NAMES = 2;
    private static final int BACKLOG = 128;

    @Param({"100", "1000", "10000"})
    public int connections;

    private final List<AutoCloseable> open = new ArrayList<>();
    private @Nullable TmpfsPool pool;

    @Setup
    public void connect() throws IOException {
        TmpfsPool opened = TmpfsPool.open(PoolConfig.of(16L << 20));
        pool = opened;
        ExtentWriter writer = opened.tryAllocate(1024);
        if (writer == null || !writer.append(ByteBuffer.allocate(1024))) {
            throw new IllegalStateException("no room for 1 KiB in a pool of 16 MiB");
        }
        Extent extent = writer.commit();
        open.add(extent::release);
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
            for (int i = 0; i < connections / NAMES; i++) {
                SocketChannel client = SocketChannel.open(server.getLocalAddress());
                SocketChannel accepted = server.accept();
                open.add(client);
                open.add(accepted);
                for (int name = 0; name < NAMES; name++) {
                    Peer peer = opened.ledger()
                            .peer(
                                    (InetSocketAddress) accepted.getLocalAddress(),
                                    (InetSocketAddress) accepted.getRemoteAddress(),
                                    () -> {});
                    Transmission transmission = extent.transmit();
                    if (transmission == null) {
                        throw new IllegalStateException("the extent is gone");
                    }
                    open.add(transmission.to(peer)); // open until the end: that makes it one that matters
                }
            }
        }
    }

    @TearDown
    public void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        if (pool != null) {
            pool.close();
        }
    }

    @Benchmark
    public int look() {
        TmpfsPool opened = pool;
        int found = opened == null ? 0 : opened.ledger().holders().size();
        if (found != connections) {
            throw new IllegalStateException(found + " of " + connections + " connections were found");
        }
        return found;
    }
}
