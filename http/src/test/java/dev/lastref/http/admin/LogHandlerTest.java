package dev.lastref.http.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.config.AccessLog;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.message.Networks;
import dev.lastref.http.testing.RawClient;
import io.undertow.Undertow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogHandlerTest {
    private final AtomicLong nanos = new AtomicLong();

    /** Nothing is read from it, so that it is gone shows only where something is sent: the first time the kernel takes it. */
    @ParameterizedTest
    @CsvSource({"application/x-ndjson, '\n'", "text/event-stream, ':\n\n'"})
    void whoReadsAlongIsSentSomethingEveryTenSecondsSoThatItIsNoticedWhenItHasGone(String type, String beat)
            throws Exception {
        try (RequestLog log = new RequestLog(new AccessLog("off", AccessLog.Format.JSON), new Networks(List.of()))) {
            Undertow server = Undertow.builder()
                    .addHttpListener(0, InetAddress.getLoopbackAddress().getHostAddress())
                    .setHandler(new LogHandler(log, nanos::get))
                    .build();
            server.start();
            try (RawClient reader = RawClient.connect(
                    (InetSocketAddress) server.getListenerInfo().get(0).getAddress())) {
                reader.request("GET", "/api/log", "Accept: " + type).head();
                byte[] chunk =
                        String.format("%02x\r\n%s\r\n", beat.length(), beat).getBytes(US_ASCII);
                assertThat(reader.read(chunk.length)).as("at the beginning").isEqualTo(chunk);
                nanos.addAndGet(Duration.ofMillis(9_900).toNanos());
                assertThat(reader.isQuietFor(200)).isTrue();
                nanos.addAndGet(Duration.ofMillis(100).toNanos());
                assertThat(reader.read(chunk.length)).as("after 10 s").isEqualTo(chunk);
                assertThat(reader.isQuietFor(200)).isTrue();
                assertThat(log.readers()).isEqualTo(1);
                reader.close();
                await().until(() -> {
                    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
                    return log.readers() == 0;
                });
            } finally {
                server.stop();
            }
        }
    }
}
