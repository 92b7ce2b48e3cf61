package dev.lastref.cache;

import static dev.lastref.cache.Scene.NO_FIELDS;
import static dev.lastref.cache.Scene.body;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.read;
import static dev.lastref.cache.Scene.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.cache.semantics.StorageRules;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.PoolListener;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import dev.lastref.pool.testing.TestPools;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResponseCacheTest {
    private static final long CAPACITY = 4 << 20;
    private static final CacheKey KEY = key("/a");
    private static final FieldList ENGLISH = FieldList.of("Accept-Language", "en");
    private static final FieldList GERMAN = FieldList.of("Accept-Language", "de");

    private final AtomicLong evicted = new AtomicLong();
    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY).withListener(new PoolListener() {
        @Override
        public void evicted(long liveBytes) {
            evicted.addAndGet(liveBytes);
        }
    }));
    private final AtomicLong evictedByIndex = new AtomicLong();
    private final FakeTime time = new FakeTime();
    private final ResponseCache cache =
            new ResponseCache(pool, CacheConfig.defaults().withTime(time, time).withListener(new CacheListener() {
                @Override
                public void evicted(long bytes) {
                    evictedByIndex.addAndGet(bytes);
                }
            }));

    @AfterEach
    void close() {
        cache.close();
        pool.close();
    }

    // ---- store and find

    @Test
    void aStoredResponseIsFoundAsItCame() {
        byte[] body = body("a", 20_000);
        ResponseHead head =
                fresh(60, body.length, "ETag", "\"1\"", "Content-Type", "text/plain", "Date", FakeTime.START);
        assertThat(store(cache, KEY, NO_FIELDS, head, body)).isTrue();

        StoredResponse found = find(KEY);
        assertThat(found.key()).isEqualTo(KEY);
        assertThat(new ResponseHead(found.status(), found.fields(), found.length()))
                .isEqualTo(head);
        assertThat(found.hasContent()).isTrue();
        assertThat(read(found.transmit())).isEqualTo(body);
        assertThat(cache.find(key("/b"), NO_FIELDS)).isNull();
    }

    @Test
    void whatManyResponsesSayIsOnTheHeapOnce() {
        String type = new StringBuilder("text/plain").toString(); // as each comes from the wire
        String sameType = new StringBuilder("text/plain").toString();
        store(cache, key("/1"), NO_FIELDS, fresh(60, 10, "Content-Type", type, "ETag", "\"1\""), body(1, 10));
        store(cache, key("/2"), NO_FIELDS, fresh(60, 10, "Content-Type", sameType, "ETag", "\"2\""), body(2, 10));
        assertThat(find(key("/2")).fields().first("Content-Type"))
                .isSameAs(find(key("/1")).fields().first("Content-Type"));
        assertThat(find(key("/2")).key().authority())
                .isSameAs(find(key("/1")).key().authority());
        assertThat(find(key("/2")).fields().first("ETag")).isEqualTo("\"2\"");
    }

    @Test
    void aBodyOfManySegmentsIsFoundWhole() {
        byte[] body = body("large", 1_000_003);
        assertThat(store(cache, KEY, body)).isTrue();
        assertThat(read(find(KEY).transmit())).isEqualTo(body);
    }

    @Test
    void aResponseWithoutContentIsFoundAndTakesNothingFromThePool() {
        assertThat(store(cache, KEY, NO_FIELDS, fresh(60, 0), new byte[0])).isTrue();
        StoredResponse found = find(KEY);
        assertThat(found.hasContent()).isFalse();
        assertThat(found.transmit()).isNull();
        assertThat(pool.snapshot().extents()).isZero();
    }

    @Test
    void theLengthOfAStoredResponseIsKnownEvenIfTheOriginDidNotSayIt() {
        store(cache, KEY, NO_FIELDS, fresh(60, ResponseHead.UNKNOWN_LENGTH), body("a", 777));
        assertThat(find(KEY).length()).isEqualTo(777);
    }

    // ---- the pool's size

    @Test
    void theIndexFollowsThePoolsSize() {
        List<CacheKey> keys = IntStream.range(0, 40).mapToObj(i -> key("/" + i)).toList();
        pool.resize(8 * CAPACITY);
        cache.poolResized();
        keys.forEach(key -> assertThat(store(cache, key, body(key, 256 * 1024))).isTrue());
        awaitExtentsOf(keys, 40);

        pool.resize(CAPACITY);
        cache.poolResized();

        await().until(() -> pool.capacity() == CAPACITY);
        await().until(() -> cache.size() * 256 * 1024 <= pool.usableBytes());
        assertThat(cache.size()).isPositive();
    }

    // ---- expiry

    @Test
    void whatHasExpiredIsGivenUpWhenACleanUpReturns() {
        for (int i = 0; i < 50; i++) {
            store(cache, key("/" + i), NO_FIELDS, fresh(i < 30 ? 1 : 60, 1000), body(i, 1000));
        }
        time.advance(Duration.ofSeconds(1));
        passATick();
        cache.cleanUp();
        assertThat(pool.snapshot().extents()).isEqualTo(20);
    }

    @Test
    void whoeverSetsTheClockMakesNothingStaleAndNothingFresh() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<CacheKey, Long> ends = new HashMap<>(); // in seconds since the start
        for (int second = 0; second < 300; second++) {
            time.setClock(Duration.ofMinutes(random.nextInt(-600_000, 600_000)));
            long lifetime = random.nextInt(1, 100);
            CacheKey key = key("/" + second);
            // Its Date is what the clock said just then, right or wrong.
            String date =
                    DateTimeFormatter.RFC_1123_DATE_TIME.format(time.instant().atOffset(ZoneOffset.UTC));
            store(cache, key, NO_FIELDS, fresh(lifetime, 10, "Date", date), body(second, 10));
            ends.put(key, second + lifetime);
            time.setClock(Duration.ofMinutes(random.nextInt(-600_000, 600_000)));
            long now = second;
            ends.forEach((each, end) -> assertThat(cache.find(each, NO_FIELDS) != null)
                    .as("%s at second %d, seed %d", each, now, seed)
                    .isEqualTo(now < end));
            time.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void aResponseIsFreshUntilItsLifetimeIsOverAndNotANanosecondLonger() {
        store(cache, KEY, NO_FIELDS, fresh(60, 10), body("a", 10));
        time.advance(Duration.ofSeconds(60).minusNanos(1));
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
        time.advance(Duration.ofNanos(1));
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
        passATick();
        awaitExtentsOf(List.of(KEY), 0);
        assertThat(cache.size()).isZero();
    }

    @Test
    void eachEntryExpiresOnItsOwn() {
        List<CacheKey> keys = keys(5);
        for (int i = 0; i < 5; i++) {
            store(cache, keys.get(i), NO_FIELDS, fresh(10 * (i + 1), 10_000), body(i, 10_000));
        }
        for (int expired = 0; expired <= 5; expired++) {
            for (int i = 0; i < 5; i++) {
                assertThat(cache.find(keys.get(i), NO_FIELDS) != null)
                        .as("max-age=%d after %d s", 10 * (i + 1), 10 * expired)
                        .isEqualTo(i >= expired);
            }
            awaitExtentsOf(keys, 5 - expired);
            time.advance(Duration.ofSeconds(10));
        }
        awaitPoolFree();
    }

    @Test
    void theAgeOnArrivalCountsAgainstTheLifetime() {
        store(cache, KEY, NO_FIELDS, fresh(60, 10, "Age", "50"), body("a", 10));
        time.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
        time.advance(Duration.ofNanos(1));
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
    }

    @Test
    void aResponseWhoseContentOutlastsItsLifetimeIsGivenBack() {
        try (FetchReader leader = cache.alone(KEY, NO_FIELDS, () -> {})) {
            leader.fetch().respond("GET", fresh(5, 100), time.read());
            time.advance(Duration.ofSeconds(9));
            leader.fetch().offer(ByteBuffer.wrap(body("a", 100)), () -> {});
            leader.fetch().complete();
        }
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
        passATick();
        awaitExtentsOf(List.of(KEY), 0);
    }

    @Test
    void whatIsExpiredGoesWithoutAnybodyAskingForIt() {
        CacheConfig real = new CacheConfig(
                1 << 20,
                () -> 1 << 20,
                StorageRules.defaults().withTtl(Duration.ofMillis(100), Duration.ZERO),
                PathRules.NONE,
                Ticker.systemTicker(),
                InstantSource.system(),
                CacheListener.NONE);
        try (ResponseCache inRealTime = new ResponseCache(pool, real)) {
            ResponseHead silent = new ResponseHead(200, NO_FIELDS, 10_000);
            assertThat(store(inRealTime, KEY, NO_FIELDS, silent, body("a", 10_000)))
                    .isTrue();
            awaitExtents(0);
        }
    }

    // ---- what is given back

    @Test
    void aReplacedResponseIsGivenBack() {
        for (int i = 0; i < 10; i++) {
            store(cache, KEY, body(i, 50_000));
            assertThat(read(find(KEY).transmit())).isEqualTo(body(i, 50_000));
        }
        awaitExtents(1);
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(50_000);
    }

    @Test
    void anInvalidatedResponseIsGivenBack() {
        store(cache, KEY, body("a", 50_000));
        store(cache, key("/b"), body("b", 50_000));
        cache.invalidate(KEY);
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
        assertThat(cache.find(key("/b"), NO_FIELDS)).isNotNull();
        awaitExtents(1);
    }

    @Test
    void whatWasAskedForAloneBeforeAnInvalidationIsNotStoredAfterIt() {
        byte[] old = body("old", 50_000);
        try (FetchReader leader = cache.alone(KEY, NO_FIELDS, () -> {})) {
            Fetch fetch = leader.fetch();
            fetch.respond("GET", fresh(60, old.length), cache.config().ticker().read());
            fetch.offer(ByteBuffer.wrap(old), () -> {});
            cache.invalidate(KEY);
            fetch.complete();
        }
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
        awaitExtents(0);
        assertThat(store(cache, KEY, body("new", 50_000))).isTrue();
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
    }

    @Test
    void aResponseBeingReadKeepsItsBytesAfterItsRemoval() {
        byte[] body = body("a", 300_000);
        store(cache, KEY, body);
        Transmission transmission = find(KEY).transmit();
        cache.invalidate(KEY);
        await().until(() -> pool.snapshot().bytes(Use.LIVE) == 0);
        // Others are written where they would overwrite it if they could.
        for (int i = 0; i < 50; i++) {
            store(cache, key("/other"), body(i, 100_000));
        }
        assertThat(pool.snapshot().transmissions()).isOne();
        assertThat(read(transmission)).isEqualTo(body);
        cache.invalidate(key("/other"));
        awaitExtents(0);
        awaitPoolFree();
    }

    @Test
    void aResponseThatWasFoundAndThenRemovedCannotBeReadAnyMore() {
        store(cache, KEY, body("a", 100));
        StoredResponse found = find(KEY);
        cache.invalidate(KEY);
        awaitExtents(0);
        assertThat(found.transmit()).isNull();
    }

    // ---- bounds

    @Test
    void entriesStayWithinTheirWeight() {
        byte[] body = body("same", 64 * 1024);
        List<CacheKey> keys = keys(200);
        for (CacheKey key : keys) {
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> store(cache, key, body));
            // The bound is kept by the cache's own thread, soon after.
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> pool.snapshot().bytes(Use.LIVE) <= pool.usableBytes());
        }
        assertThat(found(keys)).isBetween(10, (int) (pool.usableBytes() / body.length));
        awaitOneExtentEach(keys);
    }

    @Test
    void whenThePoolRunsLowTheOldestEntriesGiveWayToNewOnes() {
        // Half of the pool belongs to somebody whom the cache knows nothing of, so its own weight never limits it.
        ExtentWriter foreign = pool.tryAllocate(CAPACITY / 2);
        Transmission keptBySomebody = foreign.extent().transmit();
        byte[] body = body("same", 64 * 1024);
        List<CacheKey> keys = keys(60);
        for (CacheKey key : keys) {
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> store(cache, key, body));
        }
        assertThat(evicted).hasPositiveValue();
        assertThat(read(find(keys.get(59)).transmit())).isEqualTo(body);
        List<Integer> kept = IntStream.range(0, 60)
                .filter(i -> cache.find(keys.get(i), NO_FIELDS) != null)
                .boxed()
                .toList();
        // In between the order is not that of age alone: what lived in a segment that had become sparse was moved into
        // a newer one.
        assertThat(kept.get(0)).isGreaterThan(20);
        assertThat(kept).hasSizeGreaterThan(16).contains(52, 53, 54, 55, 56, 57, 58, 59);
        keptBySomebody.close();
        foreign.abort();
    }

    @Test
    void whatTheIndexGivesUpToMakeRoomIsTold() {
        byte[] body = body("same", 64 * 1024);
        store(cache, KEY, body);
        cache.purge(Purge.all(false));
        await().until(() -> pool.snapshot().extents() == 0);
        assertThat(evictedByIndex).as("what is purged makes no room for others").hasValue(0);

        for (CacheKey key : keys(4 * (int) (CAPACITY / body.length))) {
            store(cache, key, body);
        }
        await().untilAsserted(() -> assertThat(evictedByIndex).hasValueGreaterThan(0));
        assertThat(evictedByIndex.get() % body.length).isZero();
    }

    @Test
    void whatWasAskedBackIsNoLongerFoundAndNotCountedTwice() {
        // 40 MiB through a pool of 4: every extent that was given way for is given back once, or the pool would run
        // dry.
        for (int i = 0; i < 200; i++) {
            CacheKey key = key("/" + i);
            byte[] body = body(i, 200_000);
            // Caffeine may prefer what it has to what is new, until that was asked for some times.
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> cache.find(key, NO_FIELDS) != null || (store(cache, key, body) && false));
            StoredResponse found = cache.find(key, NO_FIELDS); // the pool may ask for it back at any time
            Transmission transmission = found == null ? null : found.transmit();
            if (transmission != null) {
                assertThat(read(transmission)).isEqualTo(body);
            }
        }
        awaitOneExtentEach(keys(200));
    }

    // ---- Vary

    @Test
    void variantsAreKeptApart() {
        storeVariant(ENGLISH, "hello");
        storeVariant(GERMAN, "hallo");
        assertThat(content(KEY, ENGLISH)).isEqualTo(bytes("hello"));
        assertThat(content(KEY, GERMAN)).isEqualTo(bytes("hallo"));
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
        assertThat(cache.find(KEY, FieldList.of("Accept-Language", "fr"))).isNull();
        assertThat(cache.find(
                        KEY, ENGLISH.toBuilder().add("Accept", "text/html").build()))
                .isNotNull();
    }

    @Test
    void variantsExpireOnTheirOwn() {
        store(cache, KEY, ENGLISH, fresh(60, 2, "Vary", "Accept-Language"), bytes("en"));
        store(cache, KEY, GERMAN, fresh(5, 2, "Vary", "Accept-Language"), bytes("de"));
        time.advance(Duration.ofSeconds(5));
        assertThat(cache.find(KEY, GERMAN)).isNull();
        assertThat(content(KEY, ENGLISH)).isEqualTo(bytes("en"));
        time.advance(Duration.ofSeconds(55));
        assertThat(cache.find(KEY, ENGLISH)).isNull();
    }

    @Test
    void invalidationHidesAllVariants() {
        storeVariant(ENGLISH, "hello");
        storeVariant(GERMAN, "hallo");
        cache.invalidate(KEY);
        assertThat(cache.find(KEY, ENGLISH)).isNull();
        assertThat(cache.find(KEY, GERMAN)).isNull();
    }

    @Test
    void anInvalidatedVariantDoesNotComeBackWithTheNextOne() {
        storeVariant(ENGLISH, "hello");
        storeVariant(GERMAN, "hallo");
        cache.invalidate(KEY);
        storeVariant(ENGLISH, "good morning");
        assertThat(content(KEY, ENGLISH)).isEqualTo(bytes("good morning"));
        assertThat(cache.find(KEY, GERMAN)).isNull();
    }

    @Test
    void invalidatingByTheKeyOfAVariantHidesAllOfThem() {
        storeVariant(ENGLISH, "hello");
        storeVariant(GERMAN, "hallo");
        StoredResponse english = cache.find(KEY, ENGLISH);
        assertThat(english).isNotNull();
        cache.invalidate(english.key());
        assertThat(cache.find(KEY, GERMAN)).isNull();
    }

    @Test
    void rfc9111_4_1_responsesThatVaryOtherwiseStandBesideThoseBeforeThem() {
        storeVariant(ENGLISH, "hello");
        FieldList english = ENGLISH.toBuilder().add("Accept", "text/html").build();
        store(cache, KEY, english, fresh(60, 2, "Vary", "Accept"), bytes("by"));
        assertThat(content(KEY, english))
                .as("both match, and this one came last")
                .isEqualTo(bytes("by"));
        assertThat(content(KEY, ENGLISH)).isEqualTo(bytes("hello"));
        assertThat(cache.find(KEY, GERMAN.toBuilder().add("Accept", "image/png").build()))
                .isNull();
    }

    /** "SHOULD choose the most recent stored response with a valid Vary field value." */
    @Test
    void rfc9111_4_1_aResponseWithoutVaryAnswersThoseForWhomThereIsNoneWithIt() {
        storeVariant(ENGLISH, "hello");
        store(cache, KEY, GERMAN, fresh(90, 3), bytes("all"));
        assertThat(content(KEY, GERMAN)).isEqualTo(bytes("all"));
        assertThat(content(KEY, NO_FIELDS)).isEqualTo(bytes("all"));
        assertThat(content(KEY, ENGLISH)).as("the one that varies is preferred").isEqualTo(bytes("hello"));
        time.advance(Duration.ofSeconds(61));
        assertThat(content(KEY, ENGLISH)).as("while it is fresh").isEqualTo(bytes("all"));
    }

    // ---- the end

    @Test
    void closingGivesEverythingBack() {
        for (int i = 0; i < 20; i++) {
            store(cache, key("/" + i), NO_FIELDS, fresh(3600 + i, 10_000 * i), body(i, 10_000 * i));
        }
        storeVariant(ENGLISH, "hello");
        cache.close();
        awaitExtents(0); // one that is being moved just now is held a moment longer
        awaitPoolFree();
    }

    @Test
    void closingTwiceIsNoMistake() {
        store(cache, KEY, body("a", 10));
        cache.close();
        assertThatCode(cache::close).doesNotThrowAnyException();
    }

    @Test
    void aResponseThatCompletesAfterTheCloseIsNotKept() {
        try (FetchReader leader = cache.join(KEY, NO_FIELDS, () -> {})) {
            leader.fetch().respond("GET", fresh(60, 10), time.read());
            leader.fetch().offer(ByteBuffer.wrap(body("a", 10)), () -> {});
            cache.close();
            leader.fetch().complete();
            assertThat(leader.fetch().phase()).isEqualTo(Fetch.Phase.COMPLETE);
        }
        assertThat(pool.snapshot().extents()).isZero();
    }

    // ---- helpers

    private StoredResponse find(CacheKey key) {
        StoredResponse found = cache.find(key, NO_FIELDS);
        assertThat(found).as("stored under %s", key).isNotNull();
        return found;
    }

    private byte[] content(CacheKey key, FieldList request) {
        StoredResponse found = cache.find(key, request);
        assertThat(found).as("stored under %s for %s", key, request).isNotNull();
        return read(found.transmit());
    }

    private void storeVariant(FieldList request, String content) {
        assertThat(store(cache, KEY, request, fresh(60, content.length(), "Vary", "Accept-Language"), bytes(content)))
                .isTrue();
    }

    private int found(List<CacheKey> keys) {
        return (int)
                keys.stream().filter(key -> cache.find(key, NO_FIELDS) != null).count();
    }

    private void awaitExtents(int count) {
        await().pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(pool.snapshot().extents()).isEqualTo(count));
    }

    /** Caffeine looks for what is expired in ticks of about a second. */
    private void passATick() {
        time.advance(Duration.ofSeconds(2));
    }

    /** In this time, which only the test moves, expired entries go when somebody asks for them. */
    private void awaitExtentsOf(List<CacheKey> keys, int count) {
        await().pollInterval(Duration.ofMillis(5)).untilAsserted(() -> {
            assertThat(found(keys)).isEqualTo(count);
            assertThat(pool.snapshot().extents()).isEqualTo(count);
        });
    }

    private void awaitOneExtentEach(List<CacheKey> keys) {
        await().pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(pool.snapshot().extents()).isEqualTo(found(keys)));
    }

    private void awaitPoolFree() {
        await().untilAsserted(() -> assertThat(pool.snapshot().bytes(Use.FREE)).isEqualTo(CAPACITY));
    }

    private static List<CacheKey> keys(int count) {
        return IntStream.range(0, count).mapToObj(i -> key("/" + i)).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void whereTheOriginFailedItIsAskedAgainInTheBackgroundAfterAWhile() {
        Asked asked = new Asked(KEY, NO_FIELDS, null, 0);
        long[] pauses = {1, 2, 4, 8, 16, 30, 30};
        for (int i = 0; i < pauses.length; i++) {
            Fetch failing = cache.refresh(asked);
            assertThat(failing).as("attempt %d", i).isNotNull();
            if (i % 3 == 0) {
                failing.respond("GET", new ResponseHead(503, NO_FIELDS, 0), 0);
                failing.complete();
            } else if (i % 3 == 1) { // it seemed to be a success
                failing.respond("GET", new ResponseHead(200, NO_FIELDS, 10), 0);
                failing.fail(FetchFailure.TOO_SHORT);
            } else {
                failing.fail(FetchFailure.TIMED_OUT);
            }
            assertThat(cache.refresh(asked)).isNull();
            time.advance(Duration.ofSeconds(pauses[i]).minusMillis(1));
            assertThat(cache.refresh(asked)).isNull();
            time.advance(Duration.ofMillis(1));
        }
        Fetch succeeding = cache.refresh(asked);
        succeeding.respond("GET", new ResponseHead(200, NO_FIELDS, 0), 0);
        succeeding.complete();
        Fetch next = cache.refresh(asked);
        assertThat(next).isNotNull();
        next.fail(FetchFailure.TIMED_OUT);
        time.advance(Duration.ofSeconds(1));
        Fetch given = cache.refresh(asked);
        assertThat(given).as("the shortest pause, since there was a success").isNotNull();
        given.fail(FetchFailure.ABANDONED);
        assertThat(cache.refresh(asked)).as("not the origin's fault").isNotNull();
    }

    /** Keys share counters of invalidations, but not so that traffic of POSTs keeps others' responses from being stored. */
    @Test
    void whatIsInvalidatedMeanwhileIsSeldomTakenForAnother() {
        List<FetchReader> fetches = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            fetches.add(cache.alone(Asked.of(key("/get/" + i), FieldList.EMPTY), () -> {}));
        }
        for (int i = 0; i < 1000; i++) {
            cache.invalidate(key("/post/" + i));
        }
        int stored = 0;
        for (int i = 0; i < fetches.size(); i++) {
            FetchReader reader = fetches.get(i);
            reader.fetch().respond("GET", fresh(60, 0), time.read());
            reader.fetch().complete();
            reader.close();
            stored += cache.find(key("/get/" + i), FieldList.EMPTY) == null ? 0 : 1;
        }
        assertThat(stored).isGreaterThan(85);
    }
}
