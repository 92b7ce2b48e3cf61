package dev.lastref.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
    @ParameterizedTest
    @CsvSource({"200, 200", "1k, 1024", "64KiB, 65536", "1m, 1048576", "256MiB, 268435456", "2G, 2147483648"})
    void sizesAreReadInBinaryUnits(String text, long bytes) {
        assertThat(Sizes.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "1t", "-1", "1.5m", "64 pages"})
    void whatIsNoSizeIsNamed(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sizes.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @Test
    void sizesAreShownExactly() {
        assertThat(Sizes.show(65536)).isEqualTo("64 KiB");
        assertThat(Sizes.show(65537)).isEqualTo("65537 B");
        assertThat(Sizes.show(268435456)).isEqualTo("256 MiB");
    }
}
