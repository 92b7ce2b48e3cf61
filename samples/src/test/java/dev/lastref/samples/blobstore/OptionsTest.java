package dev.lastref.samples.blobstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void readsAddressAndSize() {
        assertThat(Options.parse("--listen", "127.0.0.1:1", "--pool", "2GiB"))
                .isEqualTo(new Options(new InetSocketAddress("127.0.0.1", 1), 2L << 30, false));
        assertThat(Options.parse().pool()).isEqualTo(64 << 20);
    }

    @Test
    void saysWhatItDoesNotUnderstand() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse("--pool", "much"))
                .withMessageContaining("much");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse("--pool"))
                .withMessageContaining("--pool needs a value");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse("--ports"))
                .withMessageContaining("--ports");
    }
}
