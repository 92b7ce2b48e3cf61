package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.TestSidecar;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The addresses at which the two ports are there, by those that the settings name. */
class AddressesTest extends SidecarTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0:0, true, false, 0.0.0.0",
        "[::]:0, true, true, '::'",
        ":0, true, true, '::'",
        "127.0.0.1:0, true, false, 127.0.0.1",
        "[::1]:0, false, true, '::1'",
    })
    void whatIsWrittenIsListenedOnAndNothingElse(String written, boolean ipv4, boolean ipv6, String told)
            throws Exception {
        Requires.that(hasIpv6(), "IPv6 on loopback");
        origin.on("/a", ok("max-age=60", "a".getBytes(UTF_8)));
        sidecar = TestSidecar.before(origin, "listen=" + written, "admin=" + written);
        assertThat(sidecar.address().getAddress()).isEqualTo(new InetSocketAddress(told, 0).getAddress());
        for (String loopback : new String[] {"127.0.0.1", "::1"}) {
            boolean there = loopback.equals("127.0.0.1") ? ipv4 : ipv6;
            assertThat(answers(loopback, sidecar.address().getPort(), "/a"))
                    .as("clients at " + loopback)
                    .isEqualTo(there);
            assertThat(answers(loopback, sidecar.admin().getPort(), "/metrics"))
                    .as("administration at " + loopback)
                    .isEqualTo(there);
        }
    }

    private static boolean answers(String host, int port, String path) throws IOException {
        try (Socket client =
                new Socket(InetAddress.getByName(host), port)) { // RawClient has a loopback address of its own
            client.setSoTimeout(10_000);
            client.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").getBytes(UTF_8));
            return new String(client.getInputStream().readAllBytes(), UTF_8).startsWith("HTTP/1.1 200 ");
        } catch (ConnectException refused) {
            return false;
        }
    }

    private static boolean hasIpv6() {
        try (ServerSocket there = new ServerSocket()) {
            there.bind(new InetSocketAddress("::1", 0));
            return true;
        } catch (IOException without) {
            return false;
        }
    }
}
