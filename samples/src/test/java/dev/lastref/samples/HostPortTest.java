package dev.lastref.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {

    @Test
    void readsNamesAndBothKindsOfAddress() {
        assertThat(HostPort.parse("127.0.0.1:8081")).isEqualTo(new InetSocketAddress("127.0.0.1", 8081));
        assertThat(HostPort.parse("[::1]:0")).isEqualTo(new InetSocketAddress("::1", 0));
        assertThat(HostPort.parse("localhost:80").getPort()).isEqualTo(80);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "8080", ":8080", "localhost", "localhost:", "localhost:http", "localhost:65536", "::1:80"})
    void saysWhatItExpectedInstead(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostPort.parse(text))
                .withMessageContaining("'" + text + "'")
                .withMessageContaining("HOST:PORT");
    }

    @Test
    void leadsToAWildcardThroughTheLoopbackAddress() {
        assertThat(HostPort.toUri(new InetSocketAddress("0.0.0.0", 9090))).hasToString("http://127.0.0.1:9090");
        assertThat(HostPort.toUri(new InetSocketAddress("::1", 80))).hasToString("http://[0:0:0:0:0:0:0:1]:80");
    }
}
