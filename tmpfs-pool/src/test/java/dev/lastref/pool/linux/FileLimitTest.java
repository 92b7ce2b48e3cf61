package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileLimitTest {
    @ParameterizedTest
    @CsvSource({LibC.EMFILE + ", true", LibC.ENFILE + ", true", LibC.EBUSY + ", false", LibC.EINTR + ", false"})
    void whatFailsForWantOfADescriptorIsKnownByItsNumberAndByItsWords(int errno, boolean reached) {
        String words = LibC.strerror(errno);
        assertThat(FileLimit.isReachedBy(new NativeException("socket", new Object[] {}, errno, words)))
                .isEqualTo(reached);
        assertThat(FileLimit.isReachedBy(new SocketException(words))).isEqualTo(reached);
        assertThat(FileLimit.isReachedBy(new IOException("/tmp/file: " + words)))
                .isEqualTo(reached);
        assertThat(FileLimit.isReachedBy(new IOException())).isFalse();
    }
}
