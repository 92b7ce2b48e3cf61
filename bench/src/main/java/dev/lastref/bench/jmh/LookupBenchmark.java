package dev.lastref.bench.jmh;

import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
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

/** From the parts of a request to a transmission that begins: key, index, freshness. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBenchmark {
    /** How many responses are stored. */
    @Param({"1000", "100000"})
    public int entries;

    private @Nullable StoredResponses stored;
    private String[] targets = {};

    /** Where a thread is in its walk over the entries. */
    @State(Scope.Thread)
    public static class Walk {
        private final SplittableRandom random = new SplittableRandom(1);

        int next(int entries) {
            return random.nextInt(entries);
        }
    }

    @Setup
    public void store() throws IOException {
        stored = new StoredResponses(entries);
        targets = new String[entries];
        Arrays.setAll(targets, StoredResponses::target);
    }

    @TearDown
    public void close() {
        stored().close();
    }

    private StoredResponses stored() {
        StoredResponses open = stored;
        if (open == null) {
            throw new IllegalStateException("not set up");
        }
        return open;
    }

    private CacheKey key(int i) {
        return CacheKey.of("GET", "http", "www.example.test:8080", targets[i]);
    }

    @Benchmark
    public CacheKey key(Walk walk) {
        return key(walk.next(entries));
    }

    @Benchmark
    public @Nullable Object find(Walk walk) {
        return stored().cache().find(stored().key(walk.next(entries)), FieldList.EMPTY);
    }

    @Benchmark
    public boolean fresh(Walk walk) {
        return stored().find(walk.next(entries)).freshness().isFresh(System.nanoTime());
    }

    /** All of it, and the transmission closed again. */
    @Benchmark
    public long hit(Walk walk) {
        StoredResponse found = stored().cache().find(key(walk.next(entries)), FieldList.EMPTY);
        try (Transmission transmission = found == null ? null : found.transmit()) {
            return transmission == null ? -1 : transmission.available();
        }
    }
}
