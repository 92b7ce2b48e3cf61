package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.Transmission;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** The lines that tests of the cache have an origin say. */
final class Scene {
    static final FieldList NO_FIELDS = FieldList.EMPTY;

    private Scene() {}

    static CacheKey key(String path) {
        return CacheKey.of("GET", "http", "example.test", path);
    }

    /** A 200 that is fresh for so many seconds. */
    static ResponseHead fresh(long seconds, long length, String... more) {
        FieldList.Builder fields = FieldList.builder().add("Cache-Control", "max-age=" + seconds);
        FieldList.of(more).forEach(fields::add);
        return new ResponseHead(200, fields.build(), length);
    }

    /** A 200 that must not be stored. */
    static ResponseHead unstorable(long length) {
        return new ResponseHead(200, FieldList.of("Cache-Control", "no-store"), length);
    }

    /** Bytes that no other seed has. */
    static byte[] body(Object seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed.hashCode() * 31L + length).nextBytes(bytes);
        return bytes;
    }

    /** Brings a response from an origin that sends it at once; tells whether it was stored. */
    static boolean store(ResponseCache cache, CacheKey key, FieldList request, ResponseHead head, byte[] body) {
        try (FetchReader leader = cache.alone(key, request, () -> {})) {
            Fetch fetch = leader.fetch();
            fetch.respond("GET", head, cache.config().ticker().read());
            if (body.length > 0) {
                fetch.offer(ByteBuffer.wrap(body), () -> {});
            }
            fetch.complete();
            return fetch.isStoring();
        }
    }

    /** Like {@link #store}, fresh for a minute. */
    static boolean store(ResponseCache cache, CacheKey key, byte[] body) {
        return store(cache, key, NO_FIELDS, fresh(60, body.length), body);
    }

    /** What is available, all of it; the transmission is closed. */
    static byte[] read(Transmission transmission) {
        try (transmission) {
            ByteBuffer all = ByteBuffer.allocate((int) transmission.available());
            while (all.hasRemaining()) {
                ByteBuffer next = transmission.peek(all.remaining());
                int n = next.remaining();
                all.put(next);
                transmission.advance(n);
            }
            return Arrays.copyOf(all.array(), all.position());
        }
    }
}
