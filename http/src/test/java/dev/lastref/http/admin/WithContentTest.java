package dev.lastref.http.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.RawClient;
import io.undertow.Undertow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WithContentTest {
    @Test
    void aFaultOfWhoHandlesTheContentIsAnswered() throws Exception {
        Undertow server = Undertow.builder()
                .addHttpListener(0, InetAddress.getLoopbackAddress().getHostAddress())
                .setHandler(WithContent.before(
                        (exchange, content) -> {
                            throw new IllegalStateException("as the test wants it: " + content.length + " bytes");
                        },
                        Duration.ofSeconds(30)))
                .build();
        server.start();
        try (RawClient client = RawClient.connect(
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(client.response("PUT").status()).isEqualTo(500);
        } finally {
            server.stop();
        }
    }
}
