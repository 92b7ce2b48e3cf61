package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long MIB = 1 << 20;
    private static final long POOL = 256 * MIB;
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long BEGAN = -5_000 * MILLI; // a clock of nanoseconds may be negative

    private final Pace pace = new Pace(BEGAN);
    private long now = BEGAN;

    private long afterMillis(long millis) {
        now += millis * MILLI;
        return pace.ahead(now, POOL);
    }

    @Test
    void whereNothingIsStoredNothingIsExpected() {
        assertThat(pace.ahead(now, POOL)).isZero();
        assertThat(afterMillis(1000)).isZero();
    }

    @Test
    void whatWasTakenInATimeIsExpectedInTheNext() {
        for (int i = 0; i < 10; i++) {
            pace.wanted(10 * MIB);
            assertThat(afterMillis(50)).isEqualTo(10 * MIB);
        }
        pace.wanted(10 * MIB);
        assertThat(afterMillis(25)).as("twice as fast").isEqualTo(20 * MIB);
    }

    @Test
    void betweenTwoLooksWithinAWindowItIsTheSame() {
        pace.wanted(4 * MIB);
        long ahead = afterMillis(50);
        pace.wanted(100 * MIB);
        assertThat(afterMillis(1)).isEqualTo(ahead);
        assertThat(afterMillis(0)).isEqualTo(ahead);
    }

    @Test
    void aBurstThatIsOverIsForgottenSoon() {
        pace.wanted(8 * MIB);
        assertThat(afterMillis(50)).isEqualTo(8 * MIB);
        assertThat(afterMillis(25)).isEqualTo(4 * MIB);
        assertThat(afterMillis(25)).isEqualTo(2 * MIB);
        assertThat(afterMillis(10_000)).isZero();
    }

    @Test
    void itIsNeverMoreThanAnEighthOfThePool() {
        pace.wanted(Long.MAX_VALUE / 4);
        assertThat(afterMillis(50)).isEqualTo(POOL / 8);
        assertThat(afterMillis(25)).isEqualTo(POOL / 8);
    }
}
