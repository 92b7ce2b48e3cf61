package dev.lastref.cache;

import static dev.lastref.cache.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** That a response was not for all is remembered for a while, and of so many places. */
class UnsharedPlacesTest {
    private final FakeTime time = new FakeTime();
    private final UnsharedPlaces places = new UnsharedPlaces(time);

    @Test
    void aPlaceIsForgottenAfterAWhile() {
        places.add(key("/a"));
        time.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(places.contains(key("/a"))).isTrue();
        assertThat(places.contains(key("/b"))).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(places.contains(key("/a"))).isFalse();
    }

    @Test
    void noMorePlacesAreRememberedThanThereIsRoomFor() {
        IntStream.range(0, 30_000).forEach(i -> places.add(key("/" + i)));
        long remembered = IntStream.range(0, 30_000)
                .filter(i -> places.contains(key("/" + i)))
                .count();
        assertThat(remembered).isBetween(1L, 10_000L);
    }

    @Test
    void ofLongUrlsFewerAreRememberedSinceTheyTakeMoreOfTheHeap() {
        String path = "/" + "a".repeat(16_000);
        IntStream.range(0, 1000).forEach(i -> places.add(key(path + i)));
        long remembered = IntStream.range(0, 1000)
                .filter(i -> places.contains(key(path + i)))
                .count();
        assertThat(remembered * path.length()).isBetween(1L, 2L << 20);
    }
}
