package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "4096, 4096",
        "17b, 17",
        "1KiB, 1024",
        "1k, 1024",
        "1KB, 1024",
        "256MiB, 268435456",
        "256 MiB, 268435456",
        "' 3m ', 3145728",
        "3GiB, 3221225472",
        "2g, 2147483648",
        "8589934591GiB, 9223372035781033984",
    })
    void sizesAreBytesOrPowersOf1024(String text, long bytes) {
        assertThat(Units.size(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "MiB",
                "-1",
                "+1",
                "1.5MiB",
                "1e6",
                "0x10",
                "1 TiB",
                "256MiBs",
                "1,024",
                "8589934592GiB",
                "9999999999999999999"
            })
    void whatIsNoSizeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.size(text));
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "0s, PT0S",
        "250ms, PT0.25S",
        "60s, PT1M",
        "60 S, PT1M",
        "' 5m ', PT5M",
        "2h, PT2H",
        "1d, P1D",
        "106751d, P106751D",
    })
    void durationsNameTheirUnit(String text, Duration duration) {
        assertThat(Units.duration(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "60", "1", "s", "-1s", "1.5s", "1us", "1w", "PT1M", "60sec", "1m30s", "1d1"})
    void whatIsNoDurationIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.duration(text));
    }

    /** They are added to a nanosecond clock. */
    @ParameterizedTest
    @ValueSource(strings = {"106752d", "999999999999s", "999999999999d", "9999999999999ms"})
    void durationsBeyondWhatNanosecondsCanCountAreRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.duration(text));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8080, 127.0.0.1, 8080",
        "0.0.0.0:0, 0.0.0.0, 0",
        ":8080, 0:0:0:0:0:0:0:0, 8080",
        "[::1]:65535, 0:0:0:0:0:0:0:1, 65535",
    })
    void addressesAreAHostAndAPort(String text, String host, int port) {
        InetSocketAddress address = Units.address(text);
        assertThat(address.getAddress().getHostAddress()).isEqualTo(host);
        assertThat(address.getPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "8080",
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:http",
                "127.0.0.1:-1",
                "127.0.0.1:65536",
                "::1:8080",
                "300.0.0.1:80",
                "no-such-name.invalid:80"
            })
    void whatIsNoAddressIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.address(text));
    }
}
