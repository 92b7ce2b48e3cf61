package dev.lastref.cache;

import static dev.lastref.cache.Scene.NO_FIELDS;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.store;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.testing.TestPools;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A purge is complete when it returns, whatever is stored, renewed or brought from the origin meanwhile. */
class PurgeRaceTest {
    private static final CacheKey KEY = key("/dir/a");
    private static final String VERSION = "X-Version";
    private static final int PURGES = 600;

    private final TmpfsPool pool = TestPools.open(4 << 20);
    private final ResponseCache cache = new ResponseCache(pool, CacheConfig.defaults());

    @AfterEach
    void close() {
        cache.close();
        pool.close();
    }

    private static ResponseHead version(long version, String... more) {
        String[] fields = new String[more.length + 10];
        String[] ours = {
            VERSION,
            Long.toString(version),
            "ETag",
            "\"x\"",
            "Cache-Tag",
            "t, u",
            "Cache-Groups",
            "\"g\"",
            "Vary",
            "Accept"
        };
        System.arraycopy(ours, 0, fields, 0, 10);
        System.arraycopy(more, 0, fields, 10, more.length);
        return fresh(60, 10, fields);
    }

    /** What the origin has when it is asked is what it had at the last purge or later. */
    private void fetch(AtomicLong origin, FieldList request, int kind) {
        StoredResponse stored = cache.select(KEY, request);
        Asked asked = new Asked(KEY, request, kind == 0 ? null : stored, 0);
        try (FetchReader leader = cache.alone(asked, () -> {})) {
            Fetch fetch = leader.fetch();
            ResponseHead made = version(origin.get());
            if (kind == 1 && stored != null) {
                ResponseHead notModified = new ResponseHead(304, made.fields(), 0);
                fetch.respond("GET", notModified, cache.config().ticker().read());
            } else {
                fetch.respond("GET", made, cache.config().ticker().read());
                fetch.offer(ByteBuffer.wrap(new byte[10]), () -> {});
            }
            fetch.complete();
        }
    }

    private static Purge purgeOf(String kind) {
        return switch (kind) {
            case "url" -> Purge.url("http://example.test/dir/a", false);
            case "prefix" -> Purge.prefix("/dir/", false);
            case "host" -> Purge.host("example.test", false);
            case "tag" -> Purge.tag("u", false);
            case "group" -> Purge.group(KEY, "g");
            case "soft" -> Purge.tag("t", true);
            default -> Purge.all(false);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"url", "prefix", "host", "tag", "group", "all", "soft", "unsafe"})
    void whoAsksAfterItReturnedGetsNothingFromBefore(String kind) throws Exception {
        AtomicLong origin = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger seen = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int thread = i;
                running.add(threads.submit(() -> {
                    for (int n = thread; !over.get(); n++) {
                        fetch(origin, FieldList.of("Accept", "type/" + n % 2), n % 3);
                    }
                }));
            }
            for (int i = 0; i < PURGES || seen.get() < 20; i++) {
                long now = origin.incrementAndGet();
                if (kind.equals("unsafe")) {
                    cache.invalidate(KEY);
                } else {
                    cache.purge(purgeOf(kind));
                }
                for (int variant = 0; variant < 2; variant++) {
                    StoredResponse found = cache.find(KEY, FieldList.of("Accept", "type/" + variant));
                    if (found != null) {
                        seen.incrementAndGet();
                        assertThat(Long.parseLong(String.valueOf(found.fields().first(VERSION))))
                                .as("purge %d by %s", i, kind)
                                .isGreaterThanOrEqualTo(now);
                    }
                }
                Thread.yield();
            }
            over.set(true);
            for (Future<?> thread : running) {
                thread.get(60, TimeUnit.SECONDS);
            }
        } finally {
            over.set(true);
            threads.shutdown();
        }
    }

    /** No purge by a tag leaves one out, takes one too many, or leaves names behind. */
    @Test
    void manyTagsOnManyResponsesArePurgedExactly() {
        int count = 200;
        for (int i = 0; i < count; i++) {
            int one = i;
            String tags = IntStream.range(0, 40)
                    .mapToObj(n -> "t" + (one + n) % count)
                    .collect(Collectors.joining(" "));
            store(cache, key("/" + i), NO_FIELDS, fresh(60, 1, "Surrogate-Key", tags), new byte[1]);
        }
        assertThat(cache.purge(Purge.tag("t", false))).isZero();
        assertThat(cache.purge(Purge.tag("t50", false))).isEqualTo(40);
        for (int i = 0; i < count; i++) {
            assertThat(cache.find(key("/" + i), NO_FIELDS) != null).as("/%d", i).isEqualTo(i < 11 || i > 50);
        }
        assertThat(cache.purge(Purge.tag("t50", false))).isZero();
        assertThat(cache.purge(Purge.all(false))).isEqualTo(160);
        cache.cleanUp();
        assertThat(cache.index().tagCount()).isZero();
        assertThat(pool.snapshot().extents()).isZero();
    }

    /** RFC 3986 knows no prefixes: a purge takes the characters as they are, and no host that only begins alike. */
    @Test
    void aPrefixIsExact() {
        List<String> targets = List.of("/a", "/a/", "/a/b", "/ab", "/A/b", "/%61/b", "/a?b", "/a/?", "/b/a/");
        targets.forEach(target -> store(cache, key(target), NO_FIELDS, fresh(60, 1), new byte[1]));
        CacheKey elsewhere = CacheKey.of("GET", "http", "example.test.evil", "/a/b");
        CacheKey secure = CacheKey.of("GET", "https", "example.test", "/a/b");
        store(cache, elsewhere, NO_FIELDS, fresh(60, 1), new byte[1]);
        store(cache, secure, NO_FIELDS, fresh(60, 1), new byte[1]);
        assertThat(cache.purge(Purge.prefix("http://example.test/a/", false))).isEqualTo(3);
        assertThat(targets)
                .filteredOn(target -> cache.find(key(target), NO_FIELDS) == null)
                .containsExactly("/a/", "/a/b", "/a/?");
        assertThat(cache.find(elsewhere, NO_FIELDS)).isNotNull();
        assertThat(cache.find(secure, NO_FIELDS)).isNotNull();
    }
}
