package dev.lastref.cache;

import static dev.lastref.cache.Scene.body;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.read;
import static dev.lastref.cache.Scene.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.ExtentOwner;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Entries whose content is one extent, since a 304 named the content of another variant (RFC 9111, section 4.3.1). */
class SharedContentTest {
    private static final CacheKey KEY = key("/a");
    private static final int LENGTH = 100_000;
    private static final byte[] CONTENT = body("a", LENGTH);
    private static final String[] FIELDS = {"Vary", "Accept-Language", "ETag", "\"1\""};

    private final TmpfsPool pool = TestPools.open(4 << 20);
    private final FakeTime time = new FakeTime();
    private final ResponseCache cache =
            new ResponseCache(pool, CacheConfig.defaults().withTime(time, time));
    private final List<ExtentWriter> others = new ArrayList<>();

    @AfterEach
    void close() {
        others.forEach(ExtentWriter::abort);
        cache.close();
        pool.close();
    }

    private static FieldList language(String name) {
        return FieldList.of("Accept-Language", name);
    }

    /** The origin says of a request in a language that the content which is stored is right for it too. */
    private void select(String language) {
        FieldList request = language(language);
        Asked asked = Asked.among(KEY, request, cache.variants(KEY, request));
        assertThat(asked.variants()).as("offered for " + language).isNotEmpty();
        try (FetchReader reader = cache.alone(asked, () -> {})) {
            reader.fetch().respond("GET", new ResponseHead(304, FieldList.of(FIELDS), 0), time.read());
            reader.fetch().complete();
        }
        assertThat(find(language)).isNotNull();
    }

    private StoredResponse find(String language) {
        return cache.find(KEY, language(language));
    }

    private void storeEnglish() {
        assertThat(store(cache, KEY, language("en"), fresh(60, LENGTH, FIELDS), CONTENT))
                .isTrue();
    }

    /** Takes the pool for somebody whom nobody can ask, until what the cache has is all that there is to ask for. */
    private void wantRoom() {
        ExtentWriter writer = pool.tryAllocate(64 * 1024);
        if (writer != null) {
            others.add(writer);
            assertThat(append(writer)).isTrue();
        }
    }

    private static boolean append(ExtentWriter writer) {
        try {
            return writer.append(ByteBuffer.allocate(64 * 1024));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitGivenUp() {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> {
            wantRoom();
            return pool.snapshot().extents() == others.size();
        });
    }

    @Test
    void whereThePoolNeedsTheRoomAllWhoShareItLetGo() {
        storeEnglish();
        select("en-GB");
        select("en-US");
        assertThat(pool.snapshot().extents()).isOne();
        awaitGivenUp();
        for (String language : List.of("en", "en-GB", "en-US")) {
            assertThat(find(language)).as(language).isNull();
        }
    }

    @Test
    void whoHasGoneIsNotAskedAndWhoIsLeftIs() {
        storeEnglish();
        StoredResponse first = find("en");
        select("en-GB");
        cache.index().remove(first);
        assertThat(read(find("en-GB").transmit())).isEqualTo(CONTENT);
        storeEnglish(); // under the same key, with an extent of its own
        select("en-US");
        select("en-AU");
        awaitGivenUp();
        assertThat(cache.entries(Purge.all(false), 10)).isEmpty();
    }

    /** What stands under the key of one who was asked, and holds other content, stays. */
    @Test
    void whatHasTakenThePlaceOfOneOfThemStays() {
        storeEnglish();
        select("en-GB");
        StoredResponse shared = find("en-GB");
        storeEnglish();
        assertThat(find("en").extent()).isNotSameAs(shared.extent());
        ownerOf(shared).reclaim(shared.extent());
        assertThat(find("en")).isNotNull();
        assertThat(find("en-GB")).isNull();
    }

    /** A popular content outlives many entries: whoever has left it is forgotten, and who comes again is there once. */
    @Test
    void whoIsToBeAskedDoesNotGrowWithTime() {
        storeEnglish();
        for (int i = 0; i < 20; i++) {
            select("en-GB");
            select("en-US");
            cache.index().remove(find("en-GB"));
            time.advance(Duration.ofSeconds(1));
        }
        StoredResponse shared = find("en-US");
        assertThat(shared.extent()).isSameAs(find("en").extent());
        assertThat(((ExtentHolders) ownerOf(shared)).size()).isBetween(2, 3);
    }

    /** Each that comes goes over those that are there, and a client can make up any number of languages. */
    @Test
    void onlySoManyShareAContent() {
        assertThat(store(cache, KEY, language("en"), fresh(60, 1000, FIELDS), body("a", 1000)))
                .isTrue(); // small: each weighs all of it
        for (int i = 1; i < ExtentHolders.MOST; i++) {
            select("x-" + i);
        }
        assertThat(cache.variants(KEY, language("one-more"))).isEmpty();
        cache.index().remove(find("x-1"));
        select("one-more");
        assertThat(cache.variants(KEY, language("two-more"))).isEmpty();
    }

    private static ExtentOwner ownerOf(StoredResponse stored) {
        return stored.extent().owner();
    }

    /** Each counts for what would stay if the other went. */
    @Test
    void eachWeighsAllOfIt() {
        storeEnglish();
        select("en-GB");
        assertThat(find("en").poolBytes()).isGreaterThanOrEqualTo(LENGTH);
        assertThat(find("en-GB").poolBytes()).isGreaterThanOrEqualTo(LENGTH);
    }
}
