package dev.lastref.bench.jmh;

import dev.lastref.pool.linux.MemFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Filling a segment with objects of one size, by where its pages come from. Each segment is filled once, as in the pool; to get it is not
 * measured. Of the two scores {@code gigabytes} is the one to read: bytes for each nanosecond, which is 10⁹ bytes a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WriteBenchmark {
    private static final int SEGMENT = 4 << 20;

    /** Where the pages come from. */
    public enum Pages {
        /** Found by the kernel as they are written. */
        FRESH,
        /** Allocated before, as those of a prepared segment are. */
        PREPARED,
        /** Written once before: what no published byte may be. */
        OVERWRITTEN
    }

    @Param
    public Pages pages = Pages.FRESH;

    /** Of one object. */
    @Param({"1024", "4096", "16384", "65536", "1048576"})
    public int bytes;

    private final ByteBuffer content = ByteBuffer.allocateDirect(SEGMENT);
    private @Nullable MemFile file;

    /** What was written. */
    @State(Scope.Thread)
    @AuxCounters
    public static class Written {
        public long gigabytes;
    }

    @Setup
    public void make() {
        byte[] random = new byte[SEGMENT];
        new SplittableRandom(1).nextBytes(random);
        content.put(random).clear();
    }

    @Setup(Level.Invocation)
    public void open() throws IOException {
        MemFile opened = MemFile.create("lastref-bench", SEGMENT);
        file = opened;
        switch (pages) {
            case FRESH -> {}
            case PREPARED -> opened.allocatePages();
            case OVERWRITTEN -> fill(opened);
        }
    }

    @TearDown(Level.Invocation)
    public void close() {
        if (file != null) {
            file.close();
        }
    }

    @Benchmark
    public void write(Written written) throws IOException {
        MemFile opened = file;
        if (opened == null) {
            throw new IllegalStateException("not set up");
        }
        fill(opened);
        written.gigabytes += SEGMENT;
    }

    private void fill(MemFile into) throws IOException {
        for (int position = 0; position < SEGMENT; position += bytes) {
            content.limit(position + bytes).position(position);
            if (into.channel().write(content, position) != bytes) {
                throw new IOException("a write to memory came to an end before its object did");
            }
        }
    }
}
