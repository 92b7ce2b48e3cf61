package dev.lastref.cache;

import static dev.lastref.cache.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Of so many places it is remembered that the origin failed there. */
class FailedRefreshesTest {
    private final FailedRefreshes refreshes = new FailedRefreshes(new FakeTime());

    private long paused(String path, int most) {
        IntStream.range(0, most).forEach(i -> refreshes.failed(key(path + i)));
        return IntStream.range(0, most)
                .filter(i -> refreshes.isPaused(key(path + i)))
                .count();
    }

    @Test
    void noMorePlacesAreRememberedThanThereIsRoomFor() {
        assertThat(paused("/", 30_000)).isBetween(1L, 10_000L);
    }

    @Test
    void ofLongUrlsFewerAreRememberedSinceTheyTakeMoreOfTheHeap() {
        String path = "/" + "a".repeat(16_000);
        assertThat(paused(path, 1000) * path.length()).isBetween(1L, 2L << 20);
    }
}
