package dev.lastref.cache;

import static dev.lastref.cache.Scene.NO_FIELDS;
import static dev.lastref.cache.Scene.body;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.read;
import static dev.lastref.cache.Scene.unstorable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.PoolSnapshot.Use;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FetchTest {
    private static final CacheKey KEY = key("/a");
    private static final FieldList ENGLISH = FieldList.of("Accept-Language", "en");
    private static final FieldList GERMAN = FieldList.of("Accept-Language", "de");
    private static final int MAX_OBJECT = 100_000;

    private final TmpfsPool pool = TestPools.open(1 << 20);
    private final FakeTime time = new FakeTime();
    private final Recorder told = new Recorder();
    private final ResponseCache cache = new ResponseCache(
            pool, CacheConfig.defaults().withTime(time, time).withListener(told).withMaxObject(MAX_OBJECT));

    private final AtomicInteger wakes = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger abandoned = new AtomicInteger();
    private final FetchReader leader = cache.join(KEY, NO_FIELDS, () -> {});
    private final Fetch fetch = leader.fetch();
    private final CollectingSink sink = new CollectingSink();

    @AfterEach
    void close() {
        leader.close();
        cache.close();
        pool.close();
    }

    // ---- who leads, who follows

    @Test
    void theFirstToComeLeadsAndTheOthersFollow() {
        try (FetchReader second = follow();
                FetchReader other = cache.join(key("/b"), NO_FIELDS, () -> {})) {
            assertThat(leader.isLeader()).isTrue();
            assertThat(second.isLeader()).isFalse();
            assertThat(second.fetch()).isSameAs(fetch);
            assertThat(other.isLeader()).isTrue();
            assertThat(other.fetch()).isNotSameAs(fetch);
        }
    }

    @Test
    void whoeverJoinsWhileItFlowsGetsItFromTheBeginning() throws IOException {
        byte[] body = body("a", 50_000);
        ResponseHead head = fresh(60, body.length);
        respond(head);
        offer(body, 0, 30_000);
        try (FetchReader late = follow()) {
            assertThat(late.isLeader()).isFalse();
            assertThat(late.head()).isSameAs(fetch.head());
            assertThat(late.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            offer(body, 30_000, body.length);
            fetch.complete();
            assertThat(late.step(sink)).isEqualTo(FetchReader.Step.END);
        }
        assertThat(sink.bytes()).isEqualTo(body);
    }

    @Test
    void whoeverJoinsBeforeTheFirstByteOfAnUnknownLengthGetsItAll() throws IOException {
        byte[] body = body("a", 50_000);
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        try (FetchReader early = follow()) {
            assertThat(early.isLeader()).isFalse();
            offer(body, 0, body.length);
            fetch.complete();
            assertThat(early.step(sink)).isEqualTo(FetchReader.Step.END);
        }
        assertThat(sink.bytes()).isEqualTo(body);
    }

    @Test
    void nobodyJoinsWhatIsOverButFindsIt() {
        respond(fresh(60, 0));
        fetch.complete();
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
        try (FetchReader next = follow()) {
            assertThat(next.isLeader()).isTrue();
        }
    }

    @Test
    void whatIsOnItsWayWhenItsKeyIsInvalidatedReachesWhoWaitsAndNobodyElse() throws IOException {
        byte[] body = body("old", 50_000);
        respond(fresh(60, body.length));
        offer(body, 0, 30_000);
        cache.invalidate(KEY);
        try (FetchReader next = follow()) {
            assertThat(next.isLeader()).isTrue();
            assertThat(next.fetch()).isNotSameAs(fetch);
            offer(body, 30_000, body.length);
            fetch.complete();
            assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.END);
            assertThat(sink.bytes()).isEqualTo(body);
            assertThat(cache.find(KEY, NO_FIELDS)).isNull();
        }
    }

    @Test
    void whatIsGivenUpOnOurSideIsNoFailureOfTheOrigin() {
        fetch.fail(FetchFailure.ABANDONED);
        assertThat(fetch.failure()).isEqualTo(FetchFailure.ABANDONED);
        assertThat(told.failures).isEmpty();
    }

    @Test
    void aLeaderThatCameJustAfterAnotherFetchStoredItsResponseNeedNotAsk() {
        // It has looked in the store, found nothing, and joins when the fetch before it has just left the table.
        respond(fresh(60, 0));
        fetch.complete();
        AtomicInteger wokenInVain = new AtomicInteger();
        try (FetchReader late = cache.join(KEY, NO_FIELDS, () -> {});
                FetchReader behind = cache.join(KEY, NO_FIELDS, wokenInVain::incrementAndGet)) {
            assertThat(behind.park(() -> false)).isTrue();
            assertThat(cache.storedMeanwhile(late.fetch(), stored -> true)).isNotNull();
            assertThat(behind.isDetached()).isTrue();
            assertThat(wokenInVain).hasValue(1);
            try (FetchReader next = cache.join(KEY, NO_FIELDS, () -> {})) {
                assertThat(next.fetch()).isNotSameAs(late.fetch());
            }
        }
    }

    @Test
    void whatALeaderFindsFreshThatFoundNothingBeforeIsNotValidated() {
        // It has looked in the store and found nothing, then again, to see what there is to be validated.
        respond(fresh(60, 0));
        fetch.complete();
        StoredResponse found = cache.find(KEY, NO_FIELDS);
        try (FetchReader late = cache.join(new Asked(KEY, NO_FIELDS, found, 0), () -> {})) {
            assertThat(cache.storedMeanwhile(late.fetch(), stored -> false))
                    .as("not what the client wants")
                    .isNull();
            try (FetchReader joined = cache.join(KEY, NO_FIELDS, () -> {})) {
                assertThat(joined.fetch()).as("it is still led").isSameAs(late.fetch());
            }
            assertThat(cache.storedMeanwhile(late.fetch(), stored -> true)).isSameAs(found);
        }
    }

    @Test
    void aResponseIsFoundOnlyWhenItHasComeWhole() {
        byte[] body = body("a", 100);
        respond(fresh(60, 100));
        offer(body, 0, 100);
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
        fetch.complete();
        assertThat(read(cache.find(KEY, NO_FIELDS).transmit())).isEqualTo(body);
    }

    @Test
    void whoeverGoesAloneIsNotJoined() {
        try (FetchReader alone = cache.alone(key("/b"), NO_FIELDS, () -> {});
                FetchReader next = cache.join(key("/b"), NO_FIELDS, () -> {})) {
            assertThat(next.isLeader()).isTrue();
            assertThat(next.fetch()).isNotSameAs(alone.fetch());
        }
    }

    // ---- wake-ups

    @Test
    void aReaderThatWaitsIsWokenOnceForWhatIsNew() throws IOException {
        try (FetchReader follower = follow()) {
            assertThat(follower.park(() -> follower.head() != null)).isTrue();
            assertThat(wakes).hasValue(0);
            respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
            assertThat(wakes).hasValue(1);
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            offer(body("a", 100), 0, 50);
            offer(body("a", 100), 50, 100);
            assertThat(wakes).hasValue(2);
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            fetch.complete();
            assertThat(wakes).hasValue(3);
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.END);
        }
    }

    @Test
    void nobodyWaitsForWhatIsThere() {
        assertThat(leader.park(() -> true)).isFalse();
        try (FetchReader follower = follow()) {
            assertThat(follower.park(() -> true)).isFalse();
            respond(fresh(60, 0));
            assertThat(wakes).as("it is not waiting").hasValue(0);
        }
    }

    @Test
    void whoHasAllThatTheHeadAnnouncesDoesNotWaitForTheIndex() throws IOException {
        byte[] body = body("a", 20_000);
        respond(fresh(60, body.length));
        offer(body, 0, 10_000);
        try (FetchReader follower = follow()) {
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            assertThat(fetch.offerLast(ByteBuffer.wrap(body, 10_000, 10_000), taken::incrementAndGet))
                    .isTrue();
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.END);
        }
        leader.close();
        assertThat(sink.bytes()).isEqualTo(body);
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
        try (FetchReader next = follow()) {
            assertThat(next.isLeader()).as("the origin is not asked again").isFalse();
        }
        fetch.complete();
        assertThat(read(cache.find(KEY, NO_FIELDS).transmit())).isEqualTo(body);
    }

    @Test
    void aReaderThatCannotSendIsBlockedAndGoesOnWhereItStopped() throws IOException {
        byte[] body = body("a", 1000);
        respond(fresh(60, 1000));
        offer(body, 0, 1000);
        fetch.complete();
        int[] room = {600};
        CollectingSink narrow = new CollectingSink(offered -> {
            int n = Math.min(offered, room[0]);
            room[0] -= n;
            return n;
        });
        assertThat(leader.step(narrow)).isEqualTo(FetchReader.Step.BLOCKED);
        assertThat(narrow.bytes()).isEqualTo(Arrays.copyOf(body, 600));
        room[0] = 1000;
        assertThat(leader.step(narrow)).isEqualTo(FetchReader.Step.END);
        assertThat(narrow.bytes()).isEqualTo(body);
    }

    // ---- detaching

    @Test
    void thoseWhoFollowAreDetachedFromWhatMayNotBeShared() {
        try (FetchReader follower = follow()) {
            assertThat(follower.park(follower::isDetached)).isTrue();
            respond(unstorable(10));
            assertThat(follower.isDetached()).isTrue();
            assertThat(leader.isDetached()).isFalse();
            assertThat(wakes).hasValue(1);
            assertThat(fetch.isStoring()).isFalse();
            assertThat(fetch.refusal()).isNotNull();
        }
        try (FetchReader next = follow()) {
            assertThat(next.isLeader()).isTrue();
        }
    }

    @Test
    void thoseWhoFollowAreDetachedFromWhatIsNotForThem() throws IOException {
        CacheKey key = key("/v");
        try (FetchReader english = cache.join(key, ENGLISH, () -> {});
                FetchReader alsoEnglish = cache.join(key, ENGLISH, () -> {});
                FetchReader german = cache.join(key, GERMAN, wakes::incrementAndGet)) {
            assertThat(german.park(german::isDetached)).isTrue();
            Fetch varying = english.fetch();
            varying.respond("GET", fresh(60, 2, "Vary", "Accept-Language"), time.read());
            assertThat(german.isDetached()).isTrue();
            assertThat(wakes).hasValue(1);
            assertThat(english.isDetached()).isFalse();
            assertThat(alsoEnglish.isDetached()).isFalse();
            varying.offer(ByteBuffer.wrap(body("v", 2)), taken::incrementAndGet);
            varying.complete();
            assertThat(alsoEnglish.step(sink)).isEqualTo(FetchReader.Step.END);
        }
        assertThat(sink.bytes()).isEqualTo(body("v", 2));
    }

    @Test
    void whoeverWantsAnotherVariantThanTheOneThatFlowsLeadsAFetchOfItsOwn() {
        CacheKey key = key("/v");
        try (FetchReader english = cache.join(key, ENGLISH, () -> {})) {
            english.fetch().respond("GET", fresh(60, 2, "Vary", "Accept-Language"), time.read());
            try (FetchReader alsoEnglish = cache.join(key, ENGLISH, () -> {});
                    FetchReader german = cache.join(key, GERMAN, () -> {})) {
                assertThat(alsoEnglish.fetch()).isSameAs(english.fetch());
                assertThat(german.isLeader()).isTrue();
            }
            english.fetch().fail(FetchFailure.BROKEN);
        }
    }

    // ---- abandoning

    @Test
    void whatStreamsPastThePoolIsAbandonedWithItsLastReader() {
        fetch.whenAbandoned(abandoned::incrementAndGet);
        respond(unstorable(10));
        assertThat(abandoned).hasValue(0);
        leader.close();
        assertThat(abandoned).hasValue(1);
    }

    @Test
    void whatIsBeingStoredIsFinishedWithoutReaders() {
        fetch.whenAbandoned(abandoned::incrementAndGet);
        respond(fresh(60, 10));
        leader.close();
        offer(body("a", 10), 0, 10);
        fetch.complete();
        assertThat(abandoned).hasValue(0);
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
    }

    @Test
    void whatMayYetBeStoredIsNotAbandonedBeforeItsHead() {
        fetch.whenAbandoned(abandoned::incrementAndGet);
        leader.close();
        assertThat(abandoned).hasValue(0);
        respond(unstorable(10));
        assertThat(abandoned).hasValue(1);
    }

    @Test
    void whatIsNeverStoredIsAbandonedEvenBeforeItsHead() {
        FetchReader alone = cache.alone(null, NO_FIELDS, () -> {});
        alone.fetch().whenAbandoned(abandoned::incrementAndGet);
        alone.close();
        assertThat(abandoned).hasValue(1);
    }

    /** Nobody may be there to be told what the answer makes invalid. */
    @ParameterizedTest
    @ValueSource(ints = {201, 409, 0})
    void rfc9111_4_4_anUnsafeRequestIsNotAbandonedBeforeItsHead(int status) {
        CacheKey other = CacheKey.of("GET", KEY.scheme(), KEY.authority(), "/other");
        Scene.store(cache, KEY, body("a", 10));
        Scene.store(cache, other, body("b", 10));
        FetchReader unsafe = cache.alone(Asked.passed(NO_FIELDS, KEY), () -> {});
        unsafe.fetch().whenAbandoned(abandoned::incrementAndGet);
        unsafe.close();
        assertThat(abandoned).hasValue(0);
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
        if (status == 0) {
            unsafe.fetch().sent();
            unsafe.fetch().fail(FetchFailure.BROKEN);
        } else {
            unsafe.fetch().respond("PUT", new ResponseHead(status, FieldList.of("Location", "/other"), 0), 0);
            assertThat(abandoned).hasValue(1);
        }
        assertThat(cache.find(KEY, NO_FIELDS) == null).isEqualTo(status != 409);
        assertThat(cache.find(other, NO_FIELDS) == null).isEqualTo(status == 201);
    }

    @Test
    void rfc9111_4_4_anUnsafeRequestThatTheOriginNeverGotWholeMakesNothingInvalid() {
        Scene.store(cache, KEY, body("a", 10));
        FetchReader unsafe = cache.alone(Asked.passed(NO_FIELDS, KEY), () -> {});
        unsafe.close();
        unsafe.fetch().fail(FetchFailure.BROKEN);
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
    }

    /** And what came too old for that does not end the waiting for the next one: only what can never be shared does. */
    @ParameterizedTest
    @CsvSource({
        "'max-age=1, stale-while-revalidate=600', true, true",
        "'max-age=1, stale-while-revalidate=20', false, true",
        "'max-age=1', false, true",
        "'max-age=0', false, false",
        "'no-cache, max-age=600', false, false",
        "'no-store', false, false",
    })
    void rfc5861_3_whatMayBeServedStaleIsForThoseWhoWait(String control, boolean shared, boolean joinedNextTime) {
        FetchReader follower = follow();
        respond(new ResponseHead(200, FieldList.of("Cache-Control", control, "Age", "40", "ETag", "\"1\""), 0));
        assertThat(follower.isDetached()).isEqualTo(!shared);
        fetch.complete();
        FetchReader next = cache.join(KEY, NO_FIELDS, () -> {});
        FetchReader behind = cache.join(KEY, NO_FIELDS, () -> {});
        assertThat(behind.isLeader()).isEqualTo(!joinedNextTime);
        behind.close();
        next.close();
        follower.close();
    }

    @Test
    void whatWasAbandonedBeforeAnybodyCouldStopItIsStoppedThen() {
        FetchReader alone = cache.alone(null, NO_FIELDS, () -> {});
        alone.close();
        alone.fetch().whenAbandoned(abandoned::incrementAndGet);
        assertThat(abandoned).hasValue(1);
    }

    @Test
    void whatTurnsOutTooLargeIsAbandonedIfNobodyReadsIt() {
        fetch.whenAbandoned(abandoned::incrementAndGet);
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        leader.close();
        offer(body("a", MAX_OBJECT), 0, MAX_OBJECT);
        assertThat(abandoned).hasValue(0);
        assertThat(fetch.offer(ByteBuffer.allocate(1), taken::incrementAndGet)).isTrue();
        assertThat(abandoned).hasValue(1);
    }

    @Test
    void onlyTheLastReaderAbandons() {
        fetch.whenAbandoned(abandoned::incrementAndGet);
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        FetchReader follower = follow();
        fetch.offer(ByteBuffer.allocate(MAX_OBJECT + 1), taken::incrementAndGet);
        leader.close();
        assertThat(abandoned).hasValue(0);
        follower.close();
        assertThat(abandoned).hasValue(1);
        assertThat(taken).hasValue(1);
    }

    // ---- failing

    @Test
    void aFailureBeforeTheHeadReachesEverybody() {
        try (FetchReader follower = follow()) {
            assertThat(follower.park(() -> follower.failure() != null)).isTrue();
            fetch.fail(FetchFailure.TIMED_OUT);
            assertThat(wakes).hasValue(1);
            assertThat(follower.failure()).isEqualTo(FetchFailure.TIMED_OUT);
            assertThat(leader.failure()).isEqualTo(FetchFailure.TIMED_OUT);
            assertThat(follower.head()).isNull();
        }
        assertThat(told.failures).containsExactly(FetchFailure.TIMED_OUT);
        try (FetchReader next = follow()) {
            assertThat(next.isLeader()).isTrue();
        }
    }

    @Test
    void aFailureAfterTheHeadBreaksEverybodyBehindTheBytesThatCame() throws IOException {
        byte[] body = body("a", 1000);
        respond(fresh(60, 1000));
        offer(body, 0, 600);
        fetch.fail(FetchFailure.BROKEN);
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.BROKEN);
        assertThat(sink.bytes()).isEqualTo(Arrays.copyOf(body, 600));
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
    }

    @Test
    void onlyTheFirstFailureCounts() {
        fetch.fail(FetchFailure.UNREACHABLE);
        fetch.fail(FetchFailure.BROKEN);
        assertThat(fetch.failure()).isEqualTo(FetchFailure.UNREACHABLE);
        assertThat(told.failures).hasSize(1);
    }

    @Test
    void aFailureAfterTheEndChangesNothing() {
        respond(fresh(60, 0));
        fetch.complete();
        fetch.fail(FetchFailure.BROKEN);
        assertThat(fetch.phase()).isEqualTo(Fetch.Phase.COMPLETE);
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
        assertThat(told.failures).isEmpty();
    }

    @Test
    void aResponseShorterThanAnnouncedFailsAndIsNotStored() throws IOException {
        respond(fresh(60, 10));
        offer(body("a", 10), 0, 9);
        fetch.complete();
        assertThat(fetch.phase()).isEqualTo(Fetch.Phase.FAILED);
        assertThat(fetch.failure()).isEqualTo(FetchFailure.TOO_SHORT);
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.BROKEN);
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
    }

    // ---- what is stored

    @Test
    void aSmallBodyOfUnknownLengthTakesExactlyItsRoom() {
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        byte[] body = body("a", 777);
        assertThat(fetch.offerLast(ByteBuffer.wrap(body), taken::incrementAndGet))
                .isTrue();
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(777);
        fetch.complete();
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(777);
        assertThat(cache.find(KEY, NO_FIELDS).poolBytes()).isEqualTo(777);
        assertThat(read(cache.find(KEY, NO_FIELDS).transmit())).isEqualTo(body);
    }

    @Test
    void aBodyOfUnknownLengthKeepsOnlyTheRoomThatItNeeds() {
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        byte[] body = body("a", 70_000);
        offer(body, 0, 40_000);
        assertThat(fetch.offerLast(ByteBuffer.wrap(body, 40_000, 30_000), taken::incrementAndGet))
                .isTrue();
        fetch.complete();
        assertThat(pool.snapshot().bytes(Use.LIVE)).isEqualTo(70_000);
        assertThat(read(cache.find(KEY, NO_FIELDS).transmit())).isEqualTo(body);
    }

    @Test
    void anEmptyBodyOfUnknownLengthIsStoredWithoutContent() throws IOException {
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        fetch.complete();
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.END);
        StoredResponse stored = cache.find(KEY, NO_FIELDS);
        assertThat(stored.hasContent()).isFalse();
        assertThat(stored.length()).isZero();
    }

    @Test
    void whatTheOriginWasNotAskedForWithGetIsNotStored() {
        fetch.respond("HEAD", fresh(60, 0), time.read());
        assertThat(fetch.isStoring()).isFalse();
        fetch.complete();
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
    }

    @Test
    void whatArrivesStaleIsNotStored() {
        respond(fresh(60, 0, "Age", "60"));
        assertThat(fetch.isStoring()).isFalse();
        fetch.complete();
        assertThat(cache.size()).isZero();
    }

    @Test
    void aResponseWithoutAKeyIsNotStored() throws IOException {
        try (FetchReader alone = cache.alone(null, NO_FIELDS, () -> {})) {
            alone.fetch().respond("GET", fresh(60, 3), time.read());
            assertThat(alone.fetch().offer(ByteBuffer.wrap(body("a", 3)), taken::incrementAndGet))
                    .isFalse();
            assertThat(alone.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            assertThat(taken).hasValue(1);
            alone.fetch().complete();
            assertThat(alone.step(sink)).isEqualTo(FetchReader.Step.END);
        }
        assertThat(sink.bytes()).isEqualTo(body("a", 3));
        assertThat(cache.size()).isZero();
        assertThat(told.bypasses).isEmpty();
    }

    @Test
    void theOriginsTimeIsToldFromTheBeginningOfTheFetchToTheHead() {
        time.advance(Duration.ofMillis(250));
        respond(fresh(60, 0));
        assertThat(told.statuses).containsExactly(200);
        assertThat(told.originNanos).containsExactly(250_000_000L);
    }

    // ---- past the pool

    @Test
    void aBodyOfExactlyTheLargestSizeIsStored() {
        respond(fresh(60, MAX_OBJECT));
        offer(body("a", MAX_OBJECT), 0, MAX_OBJECT);
        fetch.complete();
        assertThat(cache.find(KEY, NO_FIELDS)).isNotNull();
        assertThat(told.bypasses).isEmpty();
    }

    @Test
    void aBodyThatIsAnnouncedTooLargeStreamsPastThePool() throws IOException {
        try (FetchReader follower = follow()) {
            respond(fresh(60, MAX_OBJECT + 1));
            assertThat(fetch.bypass()).isEqualTo(BypassReason.TOO_LARGE);
            assertThat(fetch.refusal()).as("HTTP allows it").isNull();
            assertThat(follower.isDetached()).isTrue();
        }
        byte[] body = body("a", MAX_OBJECT + 1);
        assertThat(fetch.offer(ByteBuffer.wrap(body), taken::incrementAndGet)).isFalse();
        assertThat(pool.snapshot().extents()).isZero();
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.WAIT);
        fetch.complete();
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.END);
        assertThat(sink.bytes()).isEqualTo(body);
        assertThat(told.bypasses).containsExactly(BypassReason.TOO_LARGE);
    }

    @Test
    void aBodyThatGrowsTooLargeLeavesThePoolAndIsReadInOrder() throws IOException {
        byte[] body = body("a", MAX_OBJECT + 5000);
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        try (FetchReader follower = follow()) {
            offer(body, 0, MAX_OBJECT);
            assertThat(fetch.offer(ByteBuffer.wrap(body, MAX_OBJECT, 5000), taken::incrementAndGet))
                    .isFalse();
            assertThat(told.bypasses).containsExactly(BypassReason.TOO_LARGE);
            assertThat(cache.join(KEY, NO_FIELDS, () -> {}).isLeader())
                    .as("nobody joins any more")
                    .isTrue();

            CollectingSink leaders = new CollectingSink();
            assertThat(leader.step(leaders)).isEqualTo(FetchReader.Step.WAIT);
            assertThat(taken).as("the follower still looks at the buffer").hasValue(0);
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            assertThat(taken).hasValue(1);
            fetch.complete();
            assertThat(leader.step(leaders)).isEqualTo(FetchReader.Step.END);
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.END);
            assertThat(leaders.bytes()).isEqualTo(body);
        }
        assertThat(sink.bytes()).isEqualTo(body);
        assertThat(cache.find(KEY, NO_FIELDS)).isNull();
    }

    @Test
    void aFullPoolRefusesNobody() throws IOException {
        ExtentWriter all = pool.tryAllocate(pool.capacity());
        respond(fresh(60, 50_000));
        assertThat(fetch.bypass()).isEqualTo(BypassReason.FULL);
        assertThat(told.bypasses).containsExactly(BypassReason.FULL);
        byte[] body = body("a", 50_000);
        for (int at = 0; at < body.length; at += 10_000) {
            assertThat(fetch.offer(ByteBuffer.wrap(body, at, 10_000), taken::incrementAndGet))
                    .isFalse();
            assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.WAIT);
        }
        fetch.complete();
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.END);
        assertThat(sink.bytes()).isEqualTo(body);
        assertThat(taken).hasValue(5);
        all.abort();
    }

    @Test
    void aPoolThatFillsHalfWayKeepsWhatItHasAndTheRestGoesPastIt() throws IOException {
        // Leaves 40,960 bytes: the body's first chunk, and a bit of the second.
        ExtentWriter most = pool.tryAllocate(pool.capacity() - 40_960);
        byte[] body = body("a", 60_000);
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        offer(body, 0, 30_000);
        ByteBuffer rest = ByteBuffer.wrap(body, 30_000, 30_000);
        assertThat(fetch.offer(rest, taken::incrementAndGet)).isFalse();
        assertThat(rest.position()).as("taken by the pool").isEqualTo(40_960);
        assertThat(told.bypasses).containsExactly(BypassReason.FULL);
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.WAIT);
        fetch.complete();
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.END);
        assertThat(sink.bytes()).isEqualTo(body);
        most.abort();
    }

    @Test
    void whatWentIntoThePoolIsReadBeforeTheWindowBehindIt() throws Exception {
        byte[] body = body("a", MAX_OBJECT + 5000);
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        offer(body, 0, 1000);
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch locked = new CountDownLatch(1);
        // The reader has looked at the pool and not yet at the windows when both get more at once: it then waits for
        // the fetch's lock.
        BodySink slow = new BodySink() {
            @Override
            public boolean send(Transmission transmission) {
                sink.send(transmission);
                sent.countDown();
                return await(locked);
            }

            @Override
            public boolean send(ByteBuffer bytes) {
                return sink.send(bytes);
            }
        };
        FutureTask<FetchReader.Step> reading = new FutureTask<>(() -> leader.step(slow));
        Thread reader = new Thread(reading, "reader");
        reader.start();
        assertThat(await(sent)).isTrue();
        synchronized (fetch.monitor()) {
            locked.countDown();
            Awaitility.await().until(() -> reader.getState() == Thread.State.BLOCKED);
            offer(body, 1000, MAX_OBJECT);
            assertThat(fetch.offer(ByteBuffer.wrap(body, MAX_OBJECT, 5000), taken::incrementAndGet))
                    .isFalse();
        }
        assertThat(reading.get(10, TimeUnit.SECONDS)).isEqualTo(FetchReader.Step.WAIT);
        fetch.complete();
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.END);
        assertThat(Arrays.mismatch(sink.bytes(), body)).isEqualTo(-1);
        reader.join();
    }

    @Test
    void aReaderThatLeavesNoLongerOwesWhatItHasNotRead() throws IOException {
        respond(fresh(60, ResponseHead.UNKNOWN_LENGTH));
        FetchReader follower = follow();
        assertThat(fetch.offer(ByteBuffer.allocate(MAX_OBJECT + 1), taken::incrementAndGet))
                .isFalse();
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.WAIT);
        assertThat(taken).hasValue(0);
        follower.close();
        assertThat(taken).hasValue(1);
        follower.close();
        assertThat(taken).as("once").hasValue(1);
        assertThat(fetch.offer(ByteBuffer.allocate(1), taken::incrementAndGet)).isFalse();
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.WAIT);
        assertThat(taken).as("only the leader owed").hasValue(2);
    }

    @Test
    void aReaderThatLeavesInTheMiddleOfAWindowReleasesIt() throws IOException {
        respond(unstorable(100));
        assertThat(fetch.offer(ByteBuffer.allocate(100), taken::incrementAndGet))
                .isFalse();
        int[] room = {50};
        CollectingSink narrow = new CollectingSink(offered -> {
            int n = Math.min(offered, room[0]);
            room[0] -= n;
            return n;
        });
        assertThat(leader.step(narrow)).isEqualTo(FetchReader.Step.BLOCKED);
        assertThat(taken).hasValue(0);
        leader.close();
        assertThat(taken).hasValue(1);
    }

    @Test
    void withoutReadersNothingWaitsForTheWindow() {
        respond(unstorable(100));
        leader.close();
        assertThat(fetch.offer(ByteBuffer.allocate(100), taken::incrementAndGet))
                .isTrue();
        assertThat(taken).hasValue(0);
    }

    @Test
    void aFailureAfterAWindowLetsTheReadersHaveIt() throws IOException {
        byte[] body = body("a", 100);
        respond(unstorable(200));
        assertThat(fetch.offer(ByteBuffer.wrap(body), taken::incrementAndGet)).isFalse();
        fetch.fail(FetchFailure.BROKEN);
        assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.BROKEN);
        assertThat(sink.bytes()).isEqualTo(body);
        assertThat(taken).hasValue(1);
    }

    // ---- helpers

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private FetchReader follow() {
        return cache.join(KEY, NO_FIELDS, wakes::incrementAndGet);
    }

    private void respond(ResponseHead head) {
        fetch.respond("GET", head, time.read());
    }

    /** Bytes that the pool is expected to take. */
    private void offer(byte[] body, int from, int to) {
        assertThat(fetch.offer(ByteBuffer.wrap(body, from, to - from), taken::incrementAndGet))
                .isTrue();
    }
}
