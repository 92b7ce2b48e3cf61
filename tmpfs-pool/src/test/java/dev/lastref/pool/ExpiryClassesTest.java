package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpiryClassesTest {
    @ParameterizedTest
    @CsvSource({"4, 1", "63, 1", "64, 2", "255, 2", "256, 4", "1023, 4", "1024, 8", "100000, 8"})
    void aPoolOfFewSegmentsHasFewClasses(long segments, int classes) {
        assertThat(ExpiryClasses.forSegments(segments).count()).isEqualTo(classes);
    }

    @Test
    void lifetimesThatDifferMuchAreApartAndTheLongestShareTheLast() {
        ExpiryClasses classes = ExpiryClasses.forSegments(1024);
        assertThat(of(classes, Duration.ofSeconds(1))).isZero();
        assertThat(of(classes, Duration.ofSeconds(5))).isEqualTo(1);
        assertThat(of(classes, Duration.ofMinutes(10))).isGreaterThan(of(classes, Duration.ofMinutes(1)));
        assertThat(of(classes, Duration.ofDays(1))).isEqualTo(7);
        assertThat(classes.of(Long.MAX_VALUE)).isEqualTo(7);
        assertThat(classes.of(-1)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"4, '0'", "64, '0,256'", "256, '0,16,256,4096'", "1024, '0,4,16,64,256,1024,4096,16384'"})
    void aClassSaysItsShortestLifetime(long segments, String seconds) {
        ExpiryClasses classes = ExpiryClasses.forSegments(segments);
        List<Long> least = Arrays.stream(seconds.split(",")).map(Long::valueOf).toList();
        assertThat(classes.count()).isEqualTo(least.size());
        for (int each = 0; each < least.size(); each++) {
            long nanos = classes.leastLifetimeNanos(each);
            assertThat(nanos).isEqualTo(Duration.ofSeconds(least.get(each)).toNanos());
            assertThat(classes.of(nanos)).isEqualTo(each);
            assertThat(classes.of(nanos - 1)).isEqualTo(Math.max(0, each - 1));
        }
    }

    @Test
    void oneClassTakesAll() {
        ExpiryClasses classes = ExpiryClasses.forSegments(8);
        assertThat(of(classes, Duration.ofSeconds(1))).isZero();
        assertThat(of(classes, Duration.ofDays(1))).isZero();
    }

    private static int of(ExpiryClasses classes, Duration lifetime) {
        return classes.of(lifetime.toNanos());
    }
}
