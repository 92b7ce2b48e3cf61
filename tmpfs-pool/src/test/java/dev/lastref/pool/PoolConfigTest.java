package dev.lastref.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lastref.pool.linux.FileLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolConfigTest {
    @ParameterizedTest
    @CsvSource({
        "1048576, 262144", // the least
        "16777216, 262144",
        "134217727, 262144",
        "134217728, 524288",
        "268435456, 1048576",
        "2147483648, 8388608",
        "1099511627776, 8388608" // the most
    })
    void aSegmentIsAboutA256thOfThePoolWithinBounds(long capacity, int expected) {
        assertThat(PoolConfig.automaticSegmentSize(capacity)).isEqualTo(expected);
        assertThat(PoolConfig.of(capacity).segmentSize()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "67108864, 384, 262144", // of 1,024 descriptors: 256 segments are not too many
        "67108864, 256, 262144",
        "67108864, 192, 524288",
        "67108864, 75, 1048576",
        "67108864, 1, 8388608", // the most; the pool makes room
        "8388608, 1, 2097152" // no pool has fewer than four
    })
    void segmentsAreLargerWhereSoManyFilesCannotBeOpen(long capacity, long files, int expected) {
        PoolConfig config = PoolConfig.of(capacity).withFilesAtMost(new FileLimit(files, "a test"));
        assertThat(config.segmentSize()).isEqualTo(expected);
        assertThat(config.capacity()).isEqualTo(capacity);
    }

    @Test
    void aPoolTooSmallForFourSegmentsIsRefusedWithTheSizes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolConfig.of(PoolConfig.SMALLEST_CAPACITY - 1))
                .withMessageContaining("1048575")
                .withMessageContaining("1048576");
        PoolConfig config = PoolConfig.of(1 << 20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.withSegmentSize(512 * 1024))
                .withMessageContaining("1048576")
                .withMessageContaining("524288");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -4096, 1, 4095, 4097, Integer.MAX_VALUE})
    void aSegmentIsAMultipleOfThePageSize(int size) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolConfig.of(1 << 20).withSegmentSize(size))
                .withMessageContaining(String.valueOf(size));
    }

    @Test
    void packedExtentsFitASegment() {
        PoolConfig config = PoolConfig.of(1 << 20);
        assertThat(config.withPackBelow(config.segmentSize()).packBelow()).isEqualTo(config.segmentSize());
        assertThatIllegalArgumentException().isThrownBy(() -> config.withPackBelow(config.segmentSize() + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> config.withPackBelow(-1));
    }

    @Test
    void eachPartIsChangedAlone() {
        PoolListener listener = new PoolListener() {};
        PoolConfig config = PoolConfig.of(2 << 20)
                .withSegmentSize(8192)
                .withPackBelow(100)
                .withNanoClock(() -> 42)
                .withListener(listener);
        assertThat(config.capacity()).isEqualTo(2 << 20);
        assertThat(config.segmentSize()).isEqualTo(8192);
        assertThat(config.packBelow()).isEqualTo(100);
        assertThat(config.nanoClock().getAsLong()).isEqualTo(42);
        assertThat(config.listener()).isSameAs(listener);
    }
}
