package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that change to another protocol (RFC 9110, section 7.8), as WebSocket does. */
class UpgradeTest extends SidecarTest {
    private static final String ASK =
            "GET /ws HTTP/1.1\r\nHost: t\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    private static final String AGREE =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    /** Agrees, and sends back what it gets until the client has said all. */
    private static final Script ECHO = call -> {
        call.send(AGREE);
        byte[] buffer = new byte[64 * 1024];
        for (int n = call.in().read(buffer); n > 0; n = call.in().read(buffer)) {
            call.send(buffer, 0, n);
        }
        call.close();
    };

    @ParameterizedTest
    @ValueSource(strings = {"h2c", "HTTP/2.0", "TLS/1.3", "websocket, h2c", "websockets", ","})
    void rfc9110_7_8_nobodySwitchesToWhatWasNotAskedFor(String agreed) throws Exception {
        start();
        origin.on("/ws", call -> {
            call.send(AGREE.replace("Upgrade: websocket", "Upgrade: " + agreed) + "PRI * HTTP/2.0\r\n\r\n");
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            Response answer = client.send(ASK).response();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.body()).asString().doesNotContain("PRI");
        }
    }

    /** What is offered to the origin is what may be passed on; what it must not switch to is taken out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "websocket, foo | websocket, foo",
                "h2c, websocket | websocket",
                "websocket, h2c | websocket",
                "HTTP/2.0, foo/1, TLS/1.0, websocket, h2c | foo/1, websocket",
                "websocket, websocket | websocket",
                "websocket,, foo | websocket, foo",
                "two words, websocket | websocket",
                "a/b/c, /1, foo/, websocket/13 | websocket/13",
                "first\\r\\nUpgrade: second | first, second",
                "h2c\\r\\nUpgrade: websocket | websocket",
            })
    void rfc9110_7_8_ofAListOfProtocolsGoesOnWhatMayGoOn(String asked, String offered) throws Exception {
        start();
        origin.on("/ws", call -> {
            call.send(AGREE.replace(
                            "Upgrade: websocket",
                            "Upgrade: " + call.request().all("Upgrade").get(0)) + "hello");
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            Response answer = client.send(
                            ASK.replace("Upgrade: websocket", "Upgrade: " + asked.replace("\\r\\n", "\r\n")))
                    .head();
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.first("Upgrade")).isEqualTo(offered);
            assertThat(client.read(5)).asString(ISO_8859_1).isEqualTo("hello");
        }
        assertThat(origin.requests("/ws").get(0).all("Upgrade")).containsExactly(offered);
        assertThat(origin.requests("/ws").get(0).all("Connection")).containsExactly("Upgrade");
    }

    /** More of them than the buffer of an ordinary head has room for. */
    @Test
    void rfc9110_7_8_aLongListGoesOnAsFarAsItIsRead() throws Exception {
        start();
        origin.on("/ws", call -> {
            call.send(AGREE + "hello");
            call.close();
        });
        String list = "p".repeat(60) + ", websocket, " + "q".repeat(9000);
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK.replace("Upgrade: websocket", "Upgrade: " + list))
                            .head()
                            .status())
                    .isEqualTo(101);
            assertThat(client.read(5)).asString(ISO_8859_1).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo", "FOO", "websocket", "foo, websocket", "websocket , foo"})
    void rfc9110_7_8_theOriginChoosesAmongThoseItWasOffered(String agreed) throws Exception {
        start();
        origin.on("/ws", call -> {
            call.send(AGREE.replace("Upgrade: websocket", "Upgrade: " + agreed) + "hello");
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            Response answer = client.send(ASK.replace("Upgrade: websocket", "Upgrade: h2c, websocket, foo"))
                    .head();
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.first("Upgrade")).isEqualTo(agreed);
            assertThat(client.read(5)).asString(ISO_8859_1).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2c", "bar", "foo, h2c", "foo, bar", "fo", "foo/1"})
    void rfc9110_7_8_theOriginChoosesNothingElse(String agreed) throws Exception {
        start();
        origin.on("/ws", call -> {
            call.send(AGREE.replace("Upgrade: websocket", "Upgrade: " + agreed) + "hello");
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            Response answer = client.send(ASK.replace("Upgrade: websocket", "Upgrade: h2c, websocket, foo"))
                    .response();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.body()).asString().doesNotContain("hello");
        }
    }

    /** What it would say is left open: which protocol, for which connection, and where it begins. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "rfc9110_15_2_2 no Upgrade | Connection: Upgrade",
                "rfc9110_15_2_2 an empty Upgrade | Connection: Upgrade\\r\\nUpgrade:",
                "rfc9110_7_8 no Connection | Upgrade: websocket",
                "rfc9110_7_8 a Connection without upgrade | Upgrade: websocket\\r\\nConnection: keep-alive",
                "rfc9110_7_8 a Connection with something like upgrade | Upgrade: websocket\\r\\nConnection: upgraded",
                "rfc9110_8_6 Content-Length | Upgrade: websocket\\r\\nConnection: Upgrade\\r\\nContent-Length: 5",
                "rfc9110_8_6 Content-Length of 0 | Upgrade: websocket\\r\\nConnection: Upgrade\\r\\nContent-Length: 0",
                "rfc9112_6_1 Transfer-Encoding | Upgrade: websocket\\r\\nConnection: Upgrade\\r\\nTransfer-Encoding: chunked",
            })
    void aSwitchThatIsNotSaidInOrderIsABadGateway(String why, String fields) throws Exception {
        start();
        origin.on("/ws", call -> {
            call.send("HTTP/1.1 101 Switching Protocols\r\n" + fields.replace("\\r\\n", "\r\n") + "\r\n\r\nhello");
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            Response answer = client.send(ASK).response();
            assertThat(answer.status()).as(why).isEqualTo(502);
            assertThat(answer.body()).asString().doesNotContain("hello");
        }
        await().until(() -> origin.openConnections() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upgrade", "upgrade", "keep-alive, Upgrade", "keep-alive\r\nConnection: upgrade"})
    void rfc9110_7_8_theConnectionMaySayMore(String connection) throws Exception {
        start();
        origin.on("/ws", call -> {
            call.send(AGREE.replace("Connection: Upgrade", "Connection: " + connection) + "hello");
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK).head().status()).isEqualTo(101);
            assertThat(client.read(5)).asString(ISO_8859_1).isEqualTo("hello");
        }
    }

    @Test
    void rfc9110_7_8_howTheProtocolIsWrittenDoesNotMatter() throws Exception {
        start();
        origin.on("/ws", call -> {
            call.send(AGREE.replace("Upgrade: websocket", "Upgrade: WebSocket") + "hello");
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK).head().status()).isEqualTo(101);
            assertThat(client.read(5)).asString(ISO_8859_1).isEqualTo("hello");
        }
    }

    @Test
    void bytesGoBothWaysAndEachEndIsPassedOn() throws Exception {
        start();
        origin.on("/ws", ECHO);
        try (RawClient client = sidecar.connect()) {
            Response answer = client.send(ASK).head();
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.first("Upgrade")).isEqualTo("websocket");
            assertThat(answer.first("Connection")).isEqualToIgnoringCase("upgrade");
            assertThat(answer.first("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            // Neither HTTP nor text, and some that HTTP would be refused for.
            for (String message : new String[] {"\u0000\u00ff\n\r", "GET / HTTP/1.1\r\n X\r\n", "x"}) {
                client.send(message);
                assertThat(client.read(message.length())).asString(ISO_8859_1).isEqualTo(message);
            }
            client.socket().shutdownOutput();
            assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        }
        assertThat(origin.requests("/ws").get(0).all("Connection")).containsExactly("Upgrade");
        assertThat(origin.requests("/ws").get(0).all("Upgrade")).containsExactly("websocket");
        assertThat(origin.requests("/ws").get(0).all("Sec-WebSocket-Key")).hasSize(1);
        sidecar.awaitRequests("pass", 1);
        await().until(() -> origin.openConnections() == 0);
    }

    @Test
    void whatTheOriginSendsWithItsAnswerIsNotLost() throws Exception {
        start();
        byte[] much = Content.of(91, 3_000_000);
        origin.on("/ws", call -> {
            call.send((AGREE + "at once").getBytes(ISO_8859_1)).send(much);
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK).head().status()).isEqualTo(101);
            assertThat(client.read(7)).asString(ISO_8859_1).isEqualTo("at once");
            assertThat(client.read(much.length)).isEqualTo(much);
            client.socket().shutdownOutput();
            client.awaitEnd();
        }
    }

    /** Each side is read only as fast as the other takes it, so much more than any buffer holds goes through. */
    @Test
    void muchGoesBothWaysAtOnce() throws Exception {
        start();
        origin.on("/ws", ECHO);
        byte[] much = Content.of(92, 20_000_000);
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK).head().status()).isEqualTo(101);
            Thread sender = new Thread(() -> {
                try {
                    client.send(much).socket().shutdownOutput();
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            sender.start();
            assertThat(Arrays.hashCode(client.read(much.length))).isEqualTo(Arrays.hashCode(much));
            client.awaitEnd();
            sender.join();
        }
    }

    @Test
    void anotherAnswerLeavesTheConnectionAsItWas() throws Exception {
        start();
        origin.on("/ws", ok("max-age=60", "plain".getBytes(ISO_8859_1)), ECHO).on("/b", ok("no-store", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            Response refused = client.send(ASK).response();
            assertThat(refused.status()).isEqualTo(200);
            assertThat(refused.body()).asString().isEqualTo("plain");
            assertThat(refused.cacheStatus()).doesNotContain("stored");
            assertThat(client.request("GET", "/b").response().body()).containsExactly(1);
            assertThat(client.send(ASK).head().status()).isEqualTo(101);
        }
    }

    @Test
    void aStoredResponseDoesNotAnswerIt() throws Exception {
        start();
        origin.on("/ws", ok("max-age=60", "plain".getBytes(ISO_8859_1)), ECHO);
        sidecar.get("/ws", "Host-Ignored: x");
        try (RawClient client = sidecar.connect()) {
            client.send("GET /ws HTTP/1.1\r\nHost: test\r\n\r\n");
            assertThat(client.response().isHit()).isTrue();
            assertThat(client.send(ASK.replace("Host: t", "Host: test")).head().status())
                    .isEqualTo(101);
        }
    }

    /** They carry requests, which would pass by the cache and everything that is checked. */
    @ParameterizedTest
    @ValueSource(strings = {"h2c", "HTTP/2.0", "TLS/1.0", "h2c, HTTP/2.0", "h2c\r\nUpgrade: h2", ",", "two words"})
    void protocolsThatCarryHttpAreNotAskedFor(String protocol) throws Exception {
        start();
        origin.on("/ws", ok("no-store", new byte[] {1}));
        Response response =
                sidecar.get("/ws", "Upgrade: " + protocol, "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AA");

        assertThat(response.status()).isEqualTo(200);
        assertThat(origin.requests("/ws").get(0).all("Upgrade")).isEmpty();
        assertThat(origin.requests("/ws").get(0).all("Connection")).isEmpty();
        assertThat(origin.requests("/ws").get(0).all("HTTP2-Settings")).isEmpty();
    }

    @Test
    void anHttp10ClientsWishIsIgnored() throws Exception {
        start();
        origin.on("/ws", ok("no-store", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK.replace("HTTP/1.1", "HTTP/1.0"))
                            .response()
                            .status())
                    .isEqualTo(200);
        }
        assertThat(origin.requests("/ws").get(0).all("Upgrade")).isEmpty();
    }

    /** What comes behind the request could be one or the other protocol: it is neither. */
    @Test
    void whoDoesNotWaitForTheAnswerIsNotUpgraded() throws Exception {
        start();
        origin.on("/ws", ok("no-store", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            client.send(ASK + "GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(client.response().status()).isEqualTo(400);
            client.awaitEnd();
        }
        assertThat(origin.requests("/ws").get(0).all("Upgrade")).isEmpty();
        assertThat(origin.count("/smuggled")).isZero();
    }

    @Test
    void aTunnelInWhichNothingMovesIsClosed() throws Exception {
        start("origin.idle-timeout=300ms");
        origin.on("/ws", ECHO);
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK).head().status()).isEqualTo(101);
            client.awaitEnd();
        }
        await().until(() -> origin.openConnections() == 0);
    }

    @ParameterizedTest(name = "reset: {0}")
    @ValueSource(booleans = {true, false})
    void aClientThatGoesTakesTheOriginsConnectionWithIt(boolean reset) throws Exception {
        start();
        origin.on("/ws", ECHO);
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK + "").head().status()).isEqualTo(101);
            client.send("hello");
            assertThat(client.read(5)).hasSize(5);
            if (reset) {
                client.reset();
            }
        }
        await().until(() -> origin.openConnections() == 0);
    }

    @Test
    void aStopEndsTunnels() throws Exception {
        start();
        origin.on("/ws", ECHO);
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(ASK).head().status()).isEqualTo(101);
            sidecar.close();
            client.awaitEnd();
        }
        await().until(() -> origin.openConnections() == 0);
    }
}
