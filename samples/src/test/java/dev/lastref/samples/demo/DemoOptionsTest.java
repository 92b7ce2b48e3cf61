package dev.lastref.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DemoOptionsTest {

    @Test
    void staysUpAtTheUsualAddressesUnlessToldOtherwise() {
        assertThat(DemoOptions.parse()).isEqualTo(new DemoOptions(null, null, true, false));
        assertThat(DemoOptions.parse("--no-wait", "--listen", "127.0.0.1:1", "--admin", "127.0.0.1:2"))
                .isEqualTo(new DemoOptions(
                        new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2), false, false));
    }

    @Test
    void saysWhatItDoesNotUnderstand() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DemoOptions.parse("--port"))
                .withMessageContaining("--port");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DemoOptions.parse("--listen"))
                .withMessageContaining("--listen needs a value");
    }

    @Test
    void saysThatAUsualPortIsTakenAndUsesAFreeOne() throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Screen screen = new Screen(new PrintStream(printed, true, StandardCharsets.UTF_8), false);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThat(FreeAddress.choose(null, port, "--listen", screen).getPort())
                    .isZero();
            assertThat(printed.toString(StandardCharsets.UTF_8)).contains("Port " + port + " is taken", "--listen");

            InetSocketAddress asked = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            assertThat(FreeAddress.choose(asked, 1, "--listen", screen)).isEqualTo(asked);
        }
    }
}
