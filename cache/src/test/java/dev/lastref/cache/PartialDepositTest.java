package dev.lastref.cache;

import static dev.lastref.cache.Scene.NO_FIELDS;
import static dev.lastref.cache.Scene.body;
import static dev.lastref.cache.Scene.fresh;
import static dev.lastref.cache.Scene.key;
import static dev.lastref.cache.Scene.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a part that is added to a stored one is shown to those who read it, and what is said of it. */
class PartialDepositTest {
    private static final CacheKey KEY = key("/a");
    private static final int LENGTH = 9000;
    private static final byte[] ALL = body("1", LENGTH);

    private final TmpfsPool pool = TestPools.open(4 << 20);
    private final FakeTime time = new FakeTime();
    private final ResponseCache cache =
            new ResponseCache(pool, CacheConfig.defaults().withTime(time, time));
    /** Until it is open the index's thread has something else to do. */
    private final CountDownLatch indexIsFree = new CountDownLatch(1);

    private final CollectingSink sink = new CollectingSink();

    @BeforeEach
    void storeTheBeginning() {
        assertThat(Scene.store(cache, KEY, NO_FIELDS, part(0, 3999), slice(0, 3999)))
                .isTrue();
        cache.index().inBackground(() -> {
            try {
                indexIsFree.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void close() {
        indexIsFree.countDown();
        cache.close();
        pool.close();
    }

    private static ResponseHead part(int first, int last) {
        FieldList fields = FieldList.of(
                "Cache-Control",
                "max-age=600",
                "ETag",
                "\"x\"",
                "Content-Range",
                "bytes " + first + "-" + last + "/" + LENGTH);
        return new ResponseHead(206, fields, last - first + 1);
    }

    private static byte[] slice(int first, int last) {
        return Arrays.copyOfRange(ALL, first, last + 1);
    }

    private FetchReader ask(String range) {
        return cache.joinPart(Asked.of(KEY, NO_FIELDS), range, () -> {});
    }

    @Test
    void whoReadsAPartSeesItsEndWhenItIsAddedToWhatIsStored() throws IOException {
        try (FetchReader leader = ask("b");
                FetchReader follower = ask("b")) {
            Fetch fetch = leader.fetch();
            fetch.respond("GET", part(4000, 7999), time.read());
            assertThat(fetch.offer(ByteBuffer.wrap(slice(4000, 4999)), () -> {}))
                    .isTrue();
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            assertThat(sink.bytes()).as("what is not the last of it").isEqualTo(slice(4000, 4999));
            assertThat(fetch.offerLast(ByteBuffer.wrap(slice(5000, 7999)), () -> {}))
                    .isTrue();
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            fetch.complete();
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.WAIT);
            assertThat(sink.bytes()).isEqualTo(slice(4000, 4999));
            assertThat(fetch.phase()).isEqualTo(Fetch.Phase.FLOWING);
            try (FetchReader late = ask("b")) {
                assertThat(late.isLeader()).as("the origin is asked again").isFalse();
                indexIsFree.countDown();
                await().until(() -> fetch.phase() == Fetch.Phase.COMPLETE);
                CollectingSink all = new CollectingSink();
                assertThat(late.step(all)).isEqualTo(FetchReader.Step.END);
                assertThat(all.bytes()).isEqualTo(slice(4000, 7999));
            }
            assertThat(follower.step(sink)).isEqualTo(FetchReader.Step.END);
            assertThat(sink.bytes()).isEqualTo(slice(4000, 7999));
            StoredResponse stored = cache.select(KEY, FieldList.of("Range", "bytes=0-7999"));
            assertThat(stored).isNotNull();
            assertThat(read(stored.transmit())).isEqualTo(slice(0, 7999));
            assertThat(fetch.isKept()).isTrue();
        }
    }

    /** Nobody is left waiting where the cache is closed before the part is added. */
    @Test
    void whatIsToBeAddedWhenTheCacheIsClosedComesToItsEnd() throws Exception {
        try (FetchReader leader = ask("b")) {
            Fetch fetch = leader.fetch();
            fetch.respond("GET", part(4000, 7999), time.read());
            assertThat(fetch.offerLast(ByteBuffer.wrap(slice(4000, 7999)), () -> {}))
                    .isTrue();
            fetch.complete();
            Thread closing = new Thread(cache::close);
            closing.start();
            indexIsFree.countDown();
            closing.join(30_000);
            assertThat(fetch.phase()).isEqualTo(Fetch.Phase.COMPLETE);
            assertThat(leader.step(sink)).isEqualTo(FetchReader.Step.END);
            assertThat(sink.bytes()).isEqualTo(slice(4000, 7999));
        }
    }

    @Test
    void rfc9211_2_5_whetherAPartWillBeStoredIsKnownWhenItsHeadComes() {
        assertThat(isKept(part(4000, 7999))).as("it is added").isTrue();
        assertThat(isKept(part(8000, 8999)))
                .as("it takes the place of what is there")
                .isTrue();
        assertThat(isKept(part(100, 199))).as("it is there").isFalse();
        assertThat(isKept(part(4000, 4100))).as("it is not worth it").isFalse();
        assertThat(isKept(part(0, LENGTH - 1))).as("it is all there is").isTrue();
        assertThat(isKept(fresh(60, LENGTH, "ETag", "\"y\""))).isTrue();
        try (FetchReader slow = cache.alone(KEY, NO_FIELDS, () -> {})) {
            long asked = time.read();
            time.advance(Duration.ofSeconds(1));
            assertThat(Scene.store(cache, KEY, body("2", LENGTH))).isTrue();
            slow.fetch().respond("GET", part(8000, 8999), asked);
            assertThat(slow.fetch().isKept()).as("what is there is more recent").isFalse();
            slow.fetch().fail(FetchFailure.BROKEN);
        }
    }

    private boolean isKept(ResponseHead head) {
        try (FetchReader reader = cache.alone(KEY, NO_FIELDS, () -> {})) {
            reader.fetch().respond("GET", head, time.read());
            boolean kept = reader.fetch().isKept();
            reader.fetch().fail(FetchFailure.BROKEN);
            return kept;
        }
    }
}
