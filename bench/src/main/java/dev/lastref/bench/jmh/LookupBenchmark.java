package dev.lastref.bench.jmh;

import dev.lastref.cache.CacheConfig;
import dev.lastref.cache.Fetch;
import dev.lastref.cache.FetchReader;
import dev.lastref.cache.ResponseCache;
import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.nio.ByteBuffer;
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
    private static final int BODY = 1024;
    private static final long POOL = 512L << 20;

    /** How many responses are stored. */
    @Param({"1000", "100000"})
    public int entries;

    private @Nullable TmpfsPool pool;
    private @Nullable ResponseCache cache;
    private String[] targets = {};
    private CacheKey[] keys = {};

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
        pool = TmpfsPool.open(PoolConfig.of(POOL));
        cache = new ResponseCache(pool, CacheConfig.defaults());
        targets = new String[entries];
        keys = new CacheKey[entries];
        FieldList fields =
                FieldList.of("Cache-Control", "max-age=86400", "Content-Type", "text/plain", "ETag", "\"1\"");
        for (int i = 0; i < entries; i++) {
            targets[i] = "/catalogue/items/" + i + "?page=1";
            keys[i] = key(i);
            try (FetchReader leader = cache().alone(keys[i], FieldList.EMPTY, () -> {})) {
                Fetch fetch = leader.fetch();
                fetch.respond("GET", new ResponseHead(200, fields, BODY), System.nanoTime());
                fetch.offer(ByteBuffer.allocate(BODY), () -> {});
                fetch.complete();
            }
        }
        for (CacheKey key : keys) {
            if (cache().find(key, FieldList.EMPTY) == null) {
                throw new IllegalStateException(key + " is not stored");
            }
        }
    }

    @TearDown
    public void close() {
        cache().close();
        if (pool != null) {
            pool.close();
        }
    }

    private ResponseCache cache() {
        ResponseCache open = cache;
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
        return cache().find(keys[walk.next(entries)], FieldList.EMPTY);
    }

    @Benchmark
    public boolean fresh(Walk walk) {
        Object found = cache().find(keys[walk.next(entries)], FieldList.EMPTY);
        return found instanceof StoredResponse stored && stored.freshness().isFresh(System.nanoTime());
    }

    /** All of it, and the transmission closed again. */
    @Benchmark
    public long hit(Walk walk) {
        Object found = cache().find(key(walk.next(entries)), FieldList.EMPTY);
        if (!(found instanceof StoredResponse stored)) {
            return -1;
        }
        try (Transmission transmission = stored.transmit()) {
            return transmission == null ? -1 : transmission.available();
        }
    }
}
