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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** A cache with responses of 1 KiB, all with the same fields, and the keys by which they are found. Has its pool. */
public final class StoredResponses implements AutoCloseable {
    private static final int BODY = 1024;
    private static final long POOL = 512L << 20;

    private final TmpfsPool pool;
    private final ResponseCache cache;
    private final CacheKey[] keys;

    /** Stores so many. */
    public StoredResponses(int entries) throws IOException {
        pool = TmpfsPool.open(PoolConfig.of(POOL));
        cache = new ResponseCache(pool, CacheConfig.defaults());
        keys = new CacheKey[entries];
        FieldList fields = fields();
        for (int i = 0; i < entries; i++) {
            keys[i] = CacheKey.of("GET", "http", "www.example.test:8080", target(i));
            try (FetchReader leader = cache.alone(keys[i], FieldList.EMPTY, () -> {})) {
                Fetch fetch = leader.fetch();
                fetch.respond("GET", new ResponseHead(200, fields, BODY), System.nanoTime());
                fetch.offer(ByteBuffer.allocate(BODY), () -> {});
                fetch.complete();
            }
        }
        for (int i = 0; i < entries; i++) {
            find(i);
        }
    }

    /** What an nginx says of a file, and for how long it may be kept. */
    private static FieldList fields() {
        return FieldList.of(
                "Server",
                "nginx/1.22.1",
                "Date",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)),
                "Content-Type",
                "application/octet-stream",
                "Last-Modified",
                "Sun, 22 Nov 2026 01:00:59 GMT",
                "ETag",
                "\"6b023ecb-400\"",
                "Cache-Control",
                "max-age=36000",
                "Accept-Ranges",
                "bytes");
    }

    static String target(int i) {
        return "/catalogue/items/" + i + "?page=1";
    }

    public ResponseCache cache() {
        return cache;
    }

    public CacheKey key(int i) {
        return keys[i];
    }

    /**
     * The response to requests for a key.
     *
     * @throws IllegalStateException if there is none
     */
    public StoredResponse find(int i) {
        StoredResponse found = cache.find(keys[i], FieldList.EMPTY);
        if (found == null) {
            throw new IllegalStateException(keys[i] + " is not stored");
        }
        return found;
    }

    @Override
    public void close() {
        cache.close();
        pool.close();
    }
}
