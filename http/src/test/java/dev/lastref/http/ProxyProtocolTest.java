package dev.lastref.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections from proxies that say who is behind them, and from others that claim to be such. */
class ProxyProtocolTest extends SidecarTest {
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

    private static byte[] version2(int command, int family, int... rest) {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes(SIGNATURE);
        header.write(command);
        header.write(family);
        header.write(rest.length >> 8);
        header.write(rest.length);
        for (int b : rest) {
            header.write(b);
        }
        return header.toByteArray();
    }

    private String clientOf(byte[] header) throws IOException {
        int before = origin.requests().size();
        try (RawClient client = sidecar.connect()) {
            client.send(header).send(GET).response();
            client.send(GET.replace("/a", "/b")).response(); // it holds for the whole connection
        }
        String first = origin.requests().get(before).all("X-Forwarded-For").get(0);
        assertThat(origin.requests().get(before + 1).all("X-Forwarded-For")).containsExactly(first);
        return first;
    }

    @Test
    void theClientIsWhoTheProxySays() throws Exception {
        start("proxy-protocol=127.0.0.0/8");
        assertThat(clientOf("PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n".getBytes(ISO_8859_1)))
                .isEqualTo("192.0.2.7");
        assertThat(clientOf("PROXY TCP6 2001:db8::7 2001:db8::1 4711 80\r\n".getBytes(ISO_8859_1)))
                .isEqualTo("2001:db8::7");
        assertThat(clientOf("PROXY UNKNOWN\r\n".getBytes(ISO_8859_1))).isEqualTo("127.0.0.1");
        assertThat(clientOf(version2(0x21, 0x11, 192, 0, 2, 9, 198, 51, 100, 1, 18, 103, 0, 80)))
                .isEqualTo("192.0.2.9");
        assertThat(clientOf(version2(0x21, 0x11, 192, 0, 2, 9, 198, 51, 100, 1, 18, 103, 0, 80, 4, 0, 1, 0)))
                .as("what follows the addresses is skipped")
                .isEqualTo("192.0.2.9");
        assertThat(clientOf(version2(0x20, 0x00))).isEqualTo("127.0.0.1");
    }

    @Test
    void theHeaderMayComeByteByByteAndARequestRightBehindIt() throws Exception {
        start("proxy-protocol=127.0.0.1");
        try (RawClient client = sidecar.connect()) {
            for (byte b : "PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r".getBytes(ISO_8859_1)) {
                client.send(new byte[] {b});
            }
            assertThat(client.send("\n" + GET).response().status()).isEqualTo(404);
        }
        assertThat(origin.requests().get(0).all("X-Forwarded-For")).containsExactly("192.0.2.7");
    }

    @Test
    void whoIsBehindAProxyIsNotTrustedForTheProxysSake() throws Exception {
        start("proxy-protocol=127.0.0.1", "trusted-proxies=127.0.0.1");
        try (RawClient client = sidecar.connect()) {
            client.send("PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n")
                    .request("GET", "/a", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil")
                    .response();
        }
        assertThat(origin.requests().get(0).all("X-Forwarded-For")).containsExactly("192.0.2.7");
        assertThat(origin.requests().get(0).all("X-Forwarded-Host")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                GET,
                "PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n" + GET,
                "PROXY TCP4 name.example 198.51.100.1 4711 80\r\n" + GET,
                "PROXY TCP4 192.0.2.7 198.51.100.1 4711 99999\r\n" + GET,
                "PROXY TCP6 192.0.2.7 198.51.100.1 4711 80\r\n" + GET,
                "PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\n" + GET,
                "PROXY TCP4 192.0.2.07 198.51.100.1 4711 80\r\n" + GET,
                "PROXY TCP4 192.0.2.7 198.51.00.1 4711 80\r\n" + GET,
                "PROXY TCP4 192.0.2.7 198.51.100.1 04711 80\r\n" + GET,
                "PROXY TCP4 192.0.2.7 198.51.100.1 4711 080\r\n" + GET,
                "PROXY TCP4 192.0.2.256 198.51.100.1 4711 80\r\n" + GET,
                "PROXY TCP6 .:7 2001:db8::1 4711 80\r\n" + GET,
                "\r\n\r\n\0\r\nQUIT\n\u0031\u0011\0\0" + GET
            })
    void aProxyThatSaysNothingOrNonsenseIsCutOff(String sent) throws Exception {
        start("proxy-protocol=127.0.0.0/8");
        try (RawClient client = sidecar.connect()) {
            client.send(sent);
            client.awaitEnd();
        }
        assertThat(origin.requests()).isEmpty();
        awaitMalformed(1);
    }

    private void awaitMalformed(int connections) {
        await().until(() ->
                sidecar.metric("lastref_proxy_headers_refused_total{reason=\"malformed\",}") == connections);
    }

    /** Section 2.2: of family and transport, other values "must be rejected as invalid by receivers". */
    @Test
    void whatTheProtocolReservesIsRefusedAndCounted() throws Exception {
        start("proxy-protocol=127.0.0.0/8");
        int refused = 0;
        for (int reserved : new int[] {0x51, 0x41, 0xf1, 0x40, 0x13, 0x1f, 0x03, 0xff}) {
            try (RawClient client = sidecar.connect()) {
                client.send(version2(0x21, reserved, 192, 0, 2, 9, 198, 51, 100, 1, 18, 103, 0, 80))
                        .send(GET);
                client.awaitEnd();
            }
            awaitMalformed(++refused);
        }
        assertThat(origin.requests()).isEmpty();
    }

    /** "A receiver is not required to implement other ones, provided that it automatically falls back to the UNSPEC mode". */
    @Test
    void whatTheProtocolKnowsAndHasNoAddressForUsIsTheProxysOwnConnection() throws Exception {
        start("proxy-protocol=127.0.0.0/8");
        for (int known : new int[] {0x00, 0x12, 0x22, 0x31, 0x32}) {
            assertThat(clientOf(version2(0x21, known, new int[216]))).isEqualTo("127.0.0.1");
        }
        assertThat(clientOf(version2(0x20, 0x51, 1, 2, 3)))
                .as("of LOCAL the family is ignored")
                .isEqualTo("127.0.0.1");
        assertThat(sidecar.metric("lastref_proxy_headers_refused_total{reason=\"malformed\",}"))
                .isZero();
    }

    @Test
    void nobodyElseMayNameItself() throws Exception {
        start("proxy-protocol=192.0.2.0/24");
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send("PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n" + GET)
                            .response()
                            .status())
                    .isEqualTo(400);
        }
        assertThat(origin.requests()).isEmpty();
    }
}
