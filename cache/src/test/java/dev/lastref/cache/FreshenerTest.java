package dev.lastref.cache;

import static dev.lastref.cache.Scene.NO_FIELDS;
import static dev.lastref.cache.Scene.body;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.read;
import static dev.lastref.cache.Scene.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.testing.TestPools;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FreshenerTest {
    private static final CacheKey KEY = key("/a");
    private static final FieldList ENGLISH = FieldList.of("Accept-Language", "en", "Accept", "x");
    private static final int LENGTH = 20_000;

    private final TmpfsPool pool = TestPools.open(4 << 20);
    private final FakeTime time = new FakeTime();
    private final ResponseCache cache =
            new ResponseCache(pool, CacheConfig.defaults().withTime(time, time));

    @AfterEach
    void close() {
        cache.close();
        pool.close();
    }

    private StoredResponse stale(FieldList request, String... fields) {
        assertThat(store(cache, KEY, request, fresh(60, LENGTH, fields), body("a", LENGTH)))
                .isTrue();
        time.advance(Duration.ofSeconds(61));
        StoredResponse stored = cache.select(KEY, request);
        assertThat(stored).isNotNull();
        assertThat(cache.find(KEY, request)).isNull();
        return stored;
    }

    private static ResponseHead notModified(String... fields) {
        return new ResponseHead(304, FieldList.of(fields), 0);
    }

    private Substitute validate(StoredResponse stored, FieldList request, ResponseHead answer) {
        try (FetchReader reader = cache.alone(new Asked(KEY, request, stored, 0), () -> {})) {
            reader.fetch().respond("GET", answer, time.read());
            reader.fetch().complete();
            return reader.substitute();
        }
    }

    @Test
    void rfc9111_4_3_4_everybodyWhoWaitsIsAnsweredByTheOneValidation() {
        StoredResponse stored = stale(NO_FIELDS, "ETag", "\"1\"");
        AtomicInteger wakes = new AtomicInteger();
        Asked asked = new Asked(KEY, NO_FIELDS, stored, 0);
        try (FetchReader leader = cache.join(asked, wakes::incrementAndGet);
                FetchReader follower = cache.join(asked, wakes::incrementAndGet)) {
            assertThat(follower.isLeader()).isFalse();
            assertThat(leader.park(() -> false) && follower.park(() -> false)).isTrue();
            leader.fetch().respond("GET", notModified("ETag", "\"1\"", "X-New", "1"), time.read());
            leader.fetch().complete();
            assertThat(wakes).hasValue(2);
            for (FetchReader reader : new FetchReader[] {leader, follower}) {
                assertThat(reader.isDetached()).isFalse();
                assertThat(reader.head()).isNull();
                assertThat(reader.substitute().why()).isEqualTo(Substitute.Why.VALIDATED);
                assertThat(read(reader.substitute().stored().transmit())).isEqualTo(body("a", LENGTH));
            }
        }
        assertThat(cache.find(KEY, NO_FIELDS).fields().first("X-New")).isEqualTo("1");
    }

    @Test
    void theContentIsSharedAndGivenBackOnce() {
        StoredResponse stored = stale(NO_FIELDS, "ETag", "\"1\"");
        for (int i = 0; i < 10; i++) {
            Substitute found = validate(stored, NO_FIELDS, notModified("ETag", "\"1\""));
            assertThat(found).isNotNull();
            stored = found.stored();
            assertThat(pool.snapshot().extents()).isOne();
            assertThat(read(stored.transmit())).isEqualTo(body("a", LENGTH));
            time.advance(Duration.ofSeconds(61));
        }
        cache.invalidate(KEY);
        await().until(() -> pool.snapshot().extents() == 0);
    }

    @Test
    void rfc9111_4_2_3_theAgeIsReckonedFromTheValidation() {
        StoredResponse stored = stale(NO_FIELDS, "ETag", "\"1\"", "Age", "50");
        StoredResponse fresh =
                validate(stored, NO_FIELDS, notModified("ETag", "\"1\"")).stored();
        assertThat(fresh.freshness().ageSeconds(time.read())).isZero();
        assertThat(fresh.fields().first("Age")).isNull();
        time.advance(Duration.ofSeconds(59));
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
    }

    @Test
    void rfc9111_4_3_4_everyMatchingResponseWithThatStrongTagIsUpdated() {
        store(cache, KEY, ENGLISH, fresh(60, 2, "Vary", "Accept-Language", "ETag", "\"1\""), body("x", 2));
        store(cache, KEY, ENGLISH, fresh(60, 2, "Vary", "Accept", "ETag", "\"1\""), body("y", 2));
        time.advance(Duration.ofSeconds(61));
        StoredResponse selected = cache.select(KEY, ENGLISH);
        assertThat(validate(selected, ENGLISH, notModified("ETag", "\"1\"", "X-New", "1")))
                .isNotNull();
        FieldList byLanguage = FieldList.of("Accept-Language", "en", "Accept", "other");
        assertThat(cache.find(KEY, ENGLISH).fields().first("X-New")).isEqualTo("1");
        assertThat(cache.find(KEY, byLanguage).fields().first("X-New"))
                .as("the other one that could have been chosen")
                .isEqualTo("1");
    }

    @Test
    void whatIsInvalidatedMeanwhileIsNotBroughtBack() {
        StoredResponse stored = stale(NO_FIELDS, "ETag", "\"1\"");
        try (FetchReader reader = cache.alone(new Asked(KEY, NO_FIELDS, stored, 0), () -> {})) {
            cache.invalidate(KEY);
            reader.fetch().respond("GET", notModified("ETag", "\"1\""), time.read());
            assertThat(reader.isDetached()).isTrue();
            assertThat(reader.substitute()).isNull();
            reader.fetch().complete();
        }
        assertThat(cache.select(KEY, NO_FIELDS)).isNull();
        await().until(() -> pool.snapshot().extents() == 0);
    }

    @Test
    void whatWasReplacedMeanwhileStays() {
        StoredResponse stored = stale(NO_FIELDS, "ETag", "\"1\"");
        try (FetchReader reader = cache.alone(new Asked(KEY, NO_FIELDS, stored, 0), () -> {})) {
            store(
                    cache,
                    KEY,
                    NO_FIELDS,
                    fresh(600, 5, "ETag", "\"2\"", "Date", "Thu, 29 Feb 2024 12:01:01 GMT"),
                    body("b", 5));
            reader.fetch().respond("GET", notModified("ETag", "\"1\""), time.read());
            reader.fetch().complete();
        }
        assertThat(read(cache.find(KEY, NO_FIELDS).transmit())).isEqualTo(body("b", 5));
        await().until(() -> pool.snapshot().extents() == 1);
    }

    @Test
    void whatCannotBeValidatedGoesWhenItIsStaleAndWhatCanAfterAWhile() {
        store(cache, KEY, NO_FIELDS, fresh(60, 10), body("a", 10));
        store(cache, key("/b"), NO_FIELDS, fresh(60, 10, "ETag", "\"1\""), body("b", 10));
        time.advance(Duration.ofSeconds(62));
        assertThat(cache.select(KEY, NO_FIELDS)).isNull();
        assertThat(cache.select(key("/b"), NO_FIELDS)).isNotNull();
        time.advance(CacheConfig.defaults().rules().keep());
        assertThat(cache.select(key("/b"), NO_FIELDS)).isNull();
    }

    @Test
    void rfc5861_4_theWindowIsHeldAgainstTheTimeOfTheFailure() {
        StoredResponse stored = stale(NO_FIELDS, "ETag", "\"1\"");
        long window = Duration.ofSeconds(10).toNanos();
        for (int i = 0; i < 2; i++) {
            try (FetchReader reader = cache.alone(new Asked(KEY, NO_FIELDS, stored, window), () -> {})) {
                reader.fetch().fail(FetchFailure.TIMED_OUT);
                if (i == 0) {
                    assertThat(reader.substitute().why()).isEqualTo(Substitute.Why.STALE_IF_ERROR);
                } else {
                    assertThat(reader.substitute()).isNull();
                }
            }
            time.advance(Duration.ofSeconds(10));
        }
    }

    @Test
    void oneFetchInTheBackgroundAtATime() {
        StoredResponse stored = stale(NO_FIELDS, "ETag", "\"1\"");
        Asked asked = new Asked(KEY, NO_FIELDS, stored, 0);
        Fetch first = cache.refresh(asked);
        assertThat(first).isNotNull();
        assertThat(cache.refresh(asked)).isNull();
        AtomicInteger stopped = new AtomicInteger();
        first.whenAbandoned(stopped::incrementAndGet);
        assertThat(stopped)
                .as("nobody waits for it, and it is wanted all the same")
                .hasValue(0);
        first.respond("GET", notModified("ETag", "\"1\""), time.read());
        first.complete();
        assertThat(stopped).hasValue(0);
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
        assertThat(cache.refresh(asked)).isNotNull();
    }
}
