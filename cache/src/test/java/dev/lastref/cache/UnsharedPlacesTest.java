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
}
