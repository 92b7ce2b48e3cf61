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
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several responses to the same request on their way at once. */
class PrecedenceTest {
    private static final CacheKey KEY = key("/a");
    private static final int LENGTH = 9000;
    private static final byte[] FIRST = body("1", LENGTH);
    private static final byte[] SECOND = body("2", LENGTH);

    private final TmpfsPool pool = TestPools.open(4 << 20);
    private final FakeTime time = new FakeTime();
    private final ResponseCache cache =
            new ResponseCache(pool, CacheConfig.defaults().withTime(time, time));

    @AfterEach
    void close() {
        cache.close();
        pool.close();
    }

    /** The origin has been asked, and its answer is to come. */
    private final class Asking implements AutoCloseable {
        private final FetchReader reader = cache.alone(KEY, NO_FIELDS, () -> {});
        private final long asked = time.read();

        Asking() {
            time.advance(Duration.ofSeconds(1));
        }

        Asking head(ResponseHead head) {
            reader.fetch().respond("GET", head, asked);
            time.advance(Duration.ofSeconds(1));
            return this;
        }

        void answerToHead(ResponseHead head) {
            reader.fetch().respond("HEAD", head, asked);
            reader.fetch().complete();
        }

        void content(byte[] content) {
            reader.fetch().offer(ByteBuffer.wrap(content), () -> {});
            reader.fetch().complete();
        }

        @Override
        public void close() {
            reader.close();
        }
    }

    private byte[] stored() {
        StoredResponse found = cache.find(KEY, NO_FIELDS);
        assertThat(found).isNotNull();
        return read(found.transmit());
    }

    private static ResponseHead part(int first, int last, String... fields) {
        FieldList.Builder all = FieldList.builder()
                .add("Cache-Control", "max-age=600")
                .add("Content-Range", "bytes " + first + "-" + last + "/" + LENGTH);
        FieldList.of(fields).forEach(all::add);
        return new ResponseHead(206, all.build(), last - first + 1);
    }

    private static byte[] slice(int first, int last) {
        return java.util.Arrays.copyOfRange(FIRST, first, last + 1);
    }

    /** The first one's content is slow: when it is there, a newer response has been stored. */
    @Test
    void rfc9111_4_anOlderResponseThatEndsLaterDoesNotReplaceANewerOne() {
        try (Asking slow = new Asking()) {
            slow.head(fresh(600, LENGTH));
            assertThat(store(cache, KEY, SECOND)).isTrue();
            slow.content(FIRST);
        }
        assertThat(stored()).isEqualTo(SECOND);
        assertThat(store(cache, KEY, FIRST)).isTrue();
        assertThat(stored()).as("one after the other").isEqualTo(FIRST);
    }

    /** The first one's head is slow too. Nobody can know when its content was made, but by what it says. */
    @ParameterizedTest
    @CsvSource({
        "Date, 'Thu, 29 Feb 2024 12:00:00 GMT', Date, 'Thu, 29 Feb 2024 12:00:01 GMT', true",
        "Date, 'Thu, 29 Feb 2024 12:00:01 GMT', Date, 'Thu, 29 Feb 2024 12:00:00 GMT', false",
        "Date, 'Thu, 29 Feb 2024 12:00:00 GMT', Date, 'Thu, 29 Feb 2024 12:00:00 GMT', true",
        "Date, yesterday, Date, 'Thu, 29 Feb 2024 12:00:00 GMT', true",
    })
    void rfc9111_4_ofTwoThatAreUnderWayAtOnceTheirDatesDecide(
            String one, String date, String other, String itsDate, boolean kept) {
        try (Asking slow = new Asking()) {
            try (Asking quick = new Asking()) {
                quick.head(fresh(600, LENGTH, other, itsDate)).content(SECOND);
            }
            slow.head(fresh(600, LENGTH, one, date)).content(FIRST);
        }
        assertThat(stored()).isEqualTo(kept ? SECOND : FIRST);
    }

    @ParameterizedTest
    @CsvSource({
        "ETag, '\"x\"', ETag, '\"y\"', false",
        "ETag, '\"x\"', ETag, '\"x\"', true",
        "ETag, 'W/\"x\"', ETag, 'W/\"x\"', true",
        "Last-Modified, 'Thu, 29 Feb 2024 11:00:00 GMT', Last-Modified, 'Thu, 29 Feb 2024 11:00:00 GMT', true",
        "Last-Modified, 'Thu, 29 Feb 2024 11:00:00 GMT', Last-Modified, 'Thu, 29 Feb 2024 11:30:00 GMT', false",
        "X, y, X, y, false",
    })
    void rfc9111_4_anOlderWholeReplacesANewerPartIfItIsTheSame(
            String one, String value, String other, String itsValue, boolean replaced) {
        try (Asking slow = new Asking()) {
            slow.head(fresh(600, LENGTH, one, value));
            assertThat(store(cache, KEY, NO_FIELDS, part(0, 99, other, itsValue), slice(0, 99)))
                    .isTrue();
            slow.content(FIRST);
        }
        StoredResponse found = cache.select(KEY, FieldList.of("Range", "bytes=0-99"));
        assertThat(found).isNotNull();
        assertThat(found.part() == null).isEqualTo(replaced);
    }

    /** Where the newer part says nothing against it, what is fresh stays, and what can be validated. */
    @ParameterizedTest
    @CsvSource({
        "ETag, 'W/\"x\"', ETag, 'W/\"x\"', 0, true",
        "ETag, 'W/\"x\"', ETag, 'W/\"x\"', 601, true",
        "ETag, 'W/\"x\"', ETag, 'W/\"y\"', 0, false",
        "ETag, '\"x\"', ETag, '\"y\"', 0, false",
        "Last-Modified, 'Thu, 29 Feb 2024 11:00:00 GMT', Last-Modified, 'Thu, 29 Feb 2024 11:00:00 GMT', 0, true",
        "Last-Modified, 'Thu, 29 Feb 2024 11:00:00 GMT', Last-Modified, 'Thu, 29 Feb 2024 11:30:00 GMT', 0, false",
        "X, y, X, y, 0, true",
    })
    void rfc9111_3_3_aPartDoesNotDisplaceTheWhole(
            String one, String value, String other, String itsValue, int seconds, boolean stays) {
        assertThat(store(cache, KEY, NO_FIELDS, fresh(600, LENGTH, one, value), FIRST))
                .isTrue();
        time.advance(Duration.ofSeconds(seconds));
        assertThat(store(cache, KEY, NO_FIELDS, part(0, 0, other, itsValue), slice(0, 0)))
                .isTrue();
        StoredResponse found = cache.select(KEY, FieldList.of("Range", "bytes=0-0"));
        assertThat(found).isNotNull();
        assertThat(found.part() == null).isEqualTo(stays);
    }

    /** A part of something longer is of another representation, and what a 404 came with is none. */
    @ParameterizedTest
    @CsvSource({"200, 1, true", "404, 0, true", "200, 0, false"})
    void rfc9111_3_3_aPartDisplacesWhatItCannotBeOf(int status, int longer, boolean displaces) {
        ResponseHead there = new ResponseHead(status, FieldList.of("Cache-Control", "max-age=600"), LENGTH);
        assertThat(store(cache, KEY, NO_FIELDS, there, SECOND)).isTrue();
        FieldList fields =
                FieldList.of("Cache-Control", "max-age=600", "Content-Range", "bytes 0-99/" + (LENGTH + longer));
        assertThat(store(cache, KEY, NO_FIELDS, new ResponseHead(206, fields, 100), slice(0, 99)))
                .isTrue();
        StoredResponse found = cache.select(KEY, FieldList.of("Range", "bytes=0-99"));
        assertThat(found).isNotNull();
        assertThat(found.part() != null).isEqualTo(displaces);
    }

    @Test
    void rfc9111_3_4_ofPartsThatAreCombinedTheMoreRecentOnesFieldsCount() {
        try (Asking slow = new Asking()) {
            slow.head(part(0, 4999, "ETag", "\"x\"", "X-Is", "older"));
            assertThat(store(
                            cache,
                            KEY,
                            NO_FIELDS,
                            part(5000, 8999, "ETag", "\"x\"", "X-Is", "newer"),
                            slice(5000, 8999)))
                    .isTrue();
            slow.content(slice(0, 4999));
        }
        await().until(() -> cache.find(KEY, NO_FIELDS) != null);
        assertThat(stored()).isEqualTo(FIRST);
        assertThat(cache.find(KEY, NO_FIELDS).fields().first("X-Is")).isEqualTo("newer");
    }

    /** What holds all of a part that was asked for later has its bytes and more, but not its fields. */
    @Test
    void rfc9111_3_4_aLongerPartTakesThePlaceOfAMoreRecentOneWithItsFields() {
        try (Asking slow = new Asking()) {
            slow.head(part(0, 4999, "ETag", "\"x\"", "X-Is", "older"));
            assertThat(store(cache, KEY, NO_FIELDS, part(10, 99, "ETag", "\"x\"", "X-Is", "newer"), slice(10, 99)))
                    .isTrue();
            slow.content(slice(0, 4999));
        }
        StoredResponse found = cache.find(KEY, FieldList.of("Range", "bytes=0-4999"));
        assertThat(found).isNotNull();
        assertThat(read(found.transmit())).isEqualTo(slice(0, 4999));
        assertThat(found.fields().first("X-Is")).isEqualTo("newer");
        assertThat(found.fields().first("Content-Range")).isEqualTo("bytes 0-4999/" + LENGTH);
    }

    /** A HEAD that was asked for before the stored response says nothing of it, whatever it describes, unless it is dated later. */
    @ParameterizedTest
    @CsvSource({
        "'Thu, 29 Feb 2024 12:00:00 GMT', max-age=60, '\"2\"', true, false",
        "'Thu, 29 Feb 2024 12:00:00 GMT', max-age=60, '\"1\"', true, false",
        "'Thu, 29 Feb 2024 12:00:00 GMT', no-store, '\"1\"', true, false",
        "'Thu, 29 Feb 2024 12:00:02 GMT', max-age=60, '\"1\"', true, true",
        "'Thu, 29 Feb 2024 12:00:02 GMT', max-age=60, '\"2\"', false, false",
        "'Thu, 29 Feb 2024 12:00:02 GMT', no-store, '\"1\"', false, false",
    })
    void rfc9111_4_3_5_anOlderHeadSaysNothingOfANewerResponse(
            String date, String cacheControl, String tag, boolean stays, boolean updated) {
        FieldList fields = FieldList.of("Date", date, "Cache-Control", cacheControl, "ETag", tag, "X-New", "1");
        try (Asking head = new Asking()) {
            try (Asking get = new Asking()) {
                get.head(fresh(600, LENGTH, "ETag", "\"1\"", "Date", "Thu, 29 Feb 2024 12:00:01 GMT"))
                        .content(FIRST);
            }
            head.answerToHead(new ResponseHead(200, fields, 0));
        }
        StoredResponse found = cache.select(KEY, NO_FIELDS);
        assertThat(found != null).isEqualTo(stays);
        if (found != null) {
            assertThat(found.fields().contains("X-New")).isEqualTo(updated);
        }
    }

    /** What answered the one request is not updated, nor ended, by what another that was made before it is told. */
    @ParameterizedTest
    @CsvSource({"max-age=60", "no-store"})
    void rfc9111_4_3_4_anOlderNotModifiedSaysNothingOfANewerResponseWithThatTag(String cacheControl) {
        FieldList both = FieldList.of("Accept-Language", "en", "Accept", "x");
        assertThat(store(cache, KEY, both, fresh(1, 2, "Vary", "Accept-Language", "ETag", "\"1\""), body("x", 2)))
                .isTrue();
        time.advance(Duration.ofSeconds(2));
        Asked asked = new Asked(KEY, both, cache.select(KEY, both), 0);
        long askedAt = time.read();
        try (FetchReader reader = cache.alone(asked, () -> {})) {
            time.advance(Duration.ofSeconds(1));
            assertThat(store(
                            cache,
                            KEY,
                            both,
                            fresh(600, 2, "Vary", "Accept", "ETag", "\"1\"", "Date", "Thu, 29 Feb 2024 12:00:03 GMT"),
                            body("y", 2)))
                    .isTrue();
            time.advance(Duration.ofSeconds(1));
            FieldList said = FieldList.of(
                    "ETag",
                    "\"1\"",
                    "Date",
                    "Thu, 29 Feb 2024 12:00:02 GMT",
                    "Cache-Control",
                    cacheControl,
                    "X-New",
                    "1");
            reader.fetch().respond("GET", new ResponseHead(304, said, 0), askedAt);
            reader.fetch().complete();
        }
        StoredResponse newer = cache.find(KEY, both);
        assertThat(newer).isNotNull();
        assertThat(newer.fields().first("Vary")).isEqualTo("Accept");
        assertThat(newer.fields().contains("X-New")).isFalse();
    }

    /** What was combined with what has been replaced meanwhile is not stored over that. */
    @Test
    void rfc9111_4_anOlderPartDoesNotReplaceANewerRepresentation() {
        assertThat(store(cache, KEY, NO_FIELDS, part(0, 4999, "ETag", "\"x\""), slice(0, 4999)))
                .isTrue();
        try (Asking slow = new Asking()) {
            slow.head(part(5000, 8999, "ETag", "\"x\""));
            assertThat(store(cache, KEY, NO_FIELDS, fresh(600, LENGTH, "ETag", "\"y\""), SECOND))
                    .isTrue();
            slow.content(slice(5000, 8999));
        }
        cache.index().cleanUp();
        assertThat(stored()).isEqualTo(SECOND);
    }
}
