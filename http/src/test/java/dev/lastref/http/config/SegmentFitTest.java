package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.pool.linux.FileLimit;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentFitTest {
    private static ThrowingCallable check(String pool, String segment, long files) {
        Configuration read = ConfigLoader.read(new ConfigSources(
                null,
                Map.of("LASTREF_POOL_SIZE", pool),
                Map.of("lastref.origin", "http://127.0.0.1:1", "lastref.pool.segment-size", segment)));
        return () -> SegmentFit.requireFilesFor(read, new FileLimit(files, files + " of a test"));
    }

    @ParameterizedTest
    @CsvSource({"8MiB, 1MiB, 8", "8MiB, 2MiB, 4", "8MiB, 4KiB, 2048", "8MiB, auto, 1", "1GiB, auto, 4"})
    void asManySegmentsAsThereMayBeFitAndAutomaticOnesAlways(String pool, String segment, long files) {
        assertThatCode(check(pool, segment, files)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "8MiB, 1MiB, 7, 8, 'auto, or at least 2MiB'",
        "8MiB, 1MiB, 4, 8, 'auto, or at least 2MiB'",
        "8MiB, 4KiB, 2047, 2048, 'auto, or at least 8KiB'",
        "2GiB, 1MiB, 384, 2048, 'auto, or at least 8MiB'",
        "8MiB, 1MiB, 3, 8, auto",
        "9GiB, 256MiB, 6, 36, auto",
        "8MiB, 1MiB, 0, 8, auto",
    })
    void oneMoreIsRefusedWithAllThatItComesFromAndASizeThatFits(
            String pool, String segment, long files, int segments, String expected) {
        assertThatThrownBy(check(pool, segment, files))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(
                        "lastref.pool.segment-size = \"" + segment + "\" (command line): expected " + expected + ": ")
                .hasMessageContainingAll(
                        "lastref.pool.size is \"" + pool + "\" (environment), which is " + segments + " segments",
                        files + " of a test, enough for " + files + " segments",
                        "ulimit -n",
                        "LimitNOFILE=");
        if (expected.contains("least")) {
            String least = expected.substring(expected.lastIndexOf(' ') + 1);
            assertThatCode(check(pool, least, files)).doesNotThrowAnyException();
        }
    }
}
