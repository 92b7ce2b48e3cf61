package dev.lastref.bench.jmh;

import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.TmpfsPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * Writing an extent and giving it up: room, pages, and in the background retiring, proof and release. Where the reclaimer is behind,
 * the writer waits for it, so that this is what can be kept up. {@code stored} are bytes a second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class StoreBenchmark {
    private static final int BUFFER = 16 * 1024;
    private static final long PAUSE_NANOS = 20_000;

    @Param({"1024", "4096", "16384", "65536", "1048576"})
    public int bytes;

    @Param({"268435456"})
    public long poolBytes;

    /** What was stored. */
    @State(Scope.Thread)
    @AuxCounters
    public static class Bytes {
        public long stored;
    }

    private @Nullable TmpfsPool pool;
    private final ByteBuffer content = ByteBuffer.allocateDirect(BUFFER);

    @Setup
    public void open() throws IOException {
        pool = TmpfsPool.open(PoolConfig.of(poolBytes));
    }

    @TearDown
    public void close() {
        if (pool != null) {
            pool.close();
        }
    }

    @Benchmark
    public long store(Bytes counted) throws IOException {
        TmpfsPool open = pool;
        if (open == null) {
            throw new IllegalStateException("not set up");
        }
        ExtentWriter writer = open.tryAllocate(bytes);
        while (writer == null) {
            LockSupport.parkNanos(PAUSE_NANOS);
            writer = open.tryAllocate(bytes);
        }
        for (int sent = 0; sent < bytes; sent += BUFFER) {
            content.clear().limit(Math.min(BUFFER, bytes - sent));
            writer.append(content);
        }
        long written = writer.written();
        writer.commit().release();
        counted.stored += written;
        return written;
    }
}
