package dev.lastref.pool.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SlowReaderTest {
    private static final byte[] BYTES = SeededBytes.of(1, 0, 10_000);

    @Test
    void itReadsAsMuchAsItIsToldAndStalls() throws Exception {
        try (Loopback connection = Loopback.open(SlowReader.expecting(1))) {
            connection.sender().write(ByteBuffer.wrap(BYTES));
            connection.reader().read(1_234);
            connection.reader().awaitReceived(1_234);
            Awaitility.await()
                    .during(Duration.ofMillis(50))
                    .until(() -> connection.reader().received() == 1_234);
            connection.sender().close();
            assertThat(connection.reader().awaitEnd()).isEqualTo(BYTES.length);
            assertThat(connection.reader().digest()).isEqualTo(SlowReader.digestOf(BYTES));
        }
    }

    @Test
    void itReadsWhatIsThereAndNoMore() throws Exception {
        try (Loopback connection = Loopback.open(SlowReader.expecting(1))) {
            assertThat(connection.reader().readWhatIsThere()).isZero();
            connection.sender().write(ByteBuffer.wrap(BYTES));
            assertThat(connection.reader().readWhatIsThere()).isEqualTo(BYTES.length);
            assertThat(connection.reader().received()).isEqualTo(BYTES.length);
        }
    }

    @Test
    void aWrongByteFailsTheTest() throws Exception {
        byte[] wrong = BYTES.clone();
        wrong[5_000]++;
        try (Loopback connection = Loopback.open(SlowReader.expecting(1))) {
            connection.sender().write(ByteBuffer.wrap(wrong));
            connection.sender().close();
            assertThatThrownBy(() -> connection.reader().awaitEnd())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("byte 5000");
        }
    }

    @Test
    void aResetIsToldApartFromAnEnd() throws Exception {
        try (Loopback connection = Loopback.open()) {
            connection.sender().setOption(StandardSocketOptions.SO_LINGER, 0);
            connection.sender().close();
            assertThatThrownBy(() -> connection.reader().awaitEnd()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anEndBeforeWhatWasAwaitedIsAnError() throws Exception {
        try (Loopback connection = Loopback.open()) {
            connection.sender().close();
            connection.reader().read(1);
            assertThatThrownBy(() -> connection.reader().awaitReceived(1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ended after 0 bytes");
        }
    }

    @Test
    void itSendsARequest() throws Exception {
        try (Loopback connection = Loopback.open()) {
            connection.reader().send("GET /");
            connection.sender().configureBlocking(true);
            ByteBuffer request = ByteBuffer.allocate(5);
            while (request.hasRemaining()) {
                connection.sender().read(request);
            }
            assertThat(new String(request.array(), StandardCharsets.US_ASCII)).isEqualTo("GET /");
        }
    }
}
