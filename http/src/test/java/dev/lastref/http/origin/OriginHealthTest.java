package dev.lastref.http.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.origin.OriginHealth.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OriginHealthTest {
    private static final Duration TIME = Duration.ofSeconds(5);
    private final OriginHealth health = new OriginHealth(
            new OriginSettings.Health(false, null, Duration.ofSeconds(1), Duration.ofSeconds(1), 3, 2, 2, TIME));

    private static long at(long seconds) {
        // Such a clock may be about to overflow.
        return Long.MAX_VALUE - 1000 + Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void failuresInARowEjectAndAnAnswerBetweenThemDoesNot() {
        assertThat(health.failed(at(0), true)).isZero();
        health.answered();
        assertThat(health.failed(at(0), true)).isZero();
        assertThat(health.failed(at(0), true)).isEqualTo(TIME);
        assertThat(health.isAvailable(at(4))).isFalse();
        assertThat(health.unavailableFor(at(4))).isEqualTo(Duration.ofSeconds(1));
        assertThat(health.isAvailable(at(5))).isTrue();
    }

    @Test
    void whoFailsRightAfterwardsIsLeftOutForTwiceAsLongAndAnAnswerForgivesAll() {
        health.failed(at(0), true);
        health.failed(at(0), true);
        assertThat(health.failed(at(5), true)).isEqualTo(TIME.multipliedBy(2));
        assertThat(health.failed(at(6), true)).as("a request that began before").isZero();
        assertThat(health.failed(at(15), true)).isEqualTo(TIME.multipliedBy(4));
        health.answered();
        assertThat(health.state()).isEqualTo(State.UP);
        health.failed(at(40), true);
        assertThat(health.failed(at(40), true)).isEqualTo(TIME);
    }

    @Test
    void theTimeDoesNotGrowWithoutBound() {
        health.failed(at(0), true);
        Duration last = health.failed(at(0), true);
        long now = 0;
        for (int i = 0; i < 100; i++) {
            now += last.toSeconds();
            last = health.failed(at(now), true);
        }
        assertThat(last).isEqualTo(TIME.multipliedBy(64));
    }

    @Test
    void theLastOneIsNotEjected() {
        for (int i = 0; i < 10; i++) {
            assertThat(health.failed(at(i), false)).isZero();
        }
        assertThat(health.isAvailable(at(10))).isTrue();
    }

    @Test
    void checksTakeItDownAndUpOnlyInARow() {
        assertThat(health.checked(false)).isFalse();
        assertThat(health.checked(false)).isFalse();
        assertThat(health.checked(true)).isFalse();
        assertThat(health.checked(false)).isFalse();
        assertThat(health.checked(false)).isFalse();
        assertThat(health.checked(false)).isTrue();
        assertThat(health.isAvailable(at(1000))).isFalse();
        health.answered();
        assertThat(health.isAvailable(at(1000)))
                .as("answers of old requests do not outweigh checks")
                .isFalse();
        assertThat(health.checked(true)).isFalse();
        assertThat(health.checked(true)).isTrue();
        assertThat(health.state()).isEqualTo(State.UP);
    }
}
