package dev.lastref.bench.jmh;

import dev.lastref.pool.linux.MemFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The kernel's answer about a full segment that nobody holds. It can be granted only once, so each question has a file of its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 50)
@Measurement(iterations = 200)
public class SealBenchmark {
    @Param({"262144", "1048576", "8388608"})
    public int bytes;

    private @Nullable MemFile file;

    @Setup(Level.Invocation)
    public void fill() throws IOException {
        MemFile filled = MemFile.create("bench", bytes);
        ByteBuffer content = ByteBuffer.allocateDirect(bytes);
        while (content.hasRemaining()) {
            filled.channel().write(content, content.position());
        }
        file = filled;
    }

    @TearDown(Level.Invocation)
    public void close() {
        if (file != null) {
            file.close();
        }
    }

    @Benchmark
    public boolean seal() throws IOException {
        MemFile open = file;
        if (open == null || !open.sealAgainstWrites()) {
            throw new IllegalStateException("the kernel refuses, though nobody holds a page");
        }
        return true;
    }
}
