package dev.lastref.http;

import static dev.lastref.http.EarlyHitTest.isEarly;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import dev.lastref.http.testing.Response;
import dev.lastref.pool.testing.TcpTable;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a connection whose requests are answered early begins, comes to the server when one is not, and ends. */
class EarlyConnectionTest extends SidecarTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: test\r\n";
    private static final byte[] CONTENT = Content.of(1, 3000);

    private void store(String target, byte[] content) throws IOException {
        origin.on(target, ok("max-age=600", content, "etag: \"a\""));
        assertThat(sidecar.get(target).body()).isEqualTo(content);
    }

    private static void assertAnswered(RawClient client, boolean early) throws IOException {
        Response response = client.response();
        assertThat(response.body()).isEqualTo(CONTENT);
        assertThat(isEarly(response)).as("%s", response).isEqualTo(early);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theServerHearsOfAConnectionWithTheFirstRequestThatIsNotAnsweredEarly(boolean http2) throws Exception {
        start("listen.http2=" + http2);
        store("/a", CONTENT);
        try (RawClient client = sidecar.connect()) {
            for (boolean early : new boolean[] {true, true, false, true, false, false, true}) {
                client.send(GET + (early ? "" : LONG_WAY + "\r\n") + "\r\n");
                assertAnswered(client, early);
            }
            assertThat(client.ending()).isEqualTo(Ending.OPEN);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatComesInOnePieceIsAnsweredInItsOrder(boolean http2) throws Exception {
        start("listen.http2=" + http2);
        store("/a", CONTENT);
        origin.on("/once", ok("no-store", Content.of(2, 50)));
        try (RawClient client = sidecar.connect()) {
            client.send(GET + "\r\n" + GET + LONG_WAY + "\r\n\r\n" + GET
                    + "\r\nPOST /once HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello" + GET + "\r\n");
            assertAnswered(client, true);
            assertAnswered(client, false);
            assertThat(client.response().body()).isEqualTo(CONTENT); // read ahead by the server, mostly
            assertThat(client.response().body()).isEqualTo(Content.of(2, 50));
            assertThat(client.response().body()).isEqualTo(CONTENT);
            client.send(GET + "\r\n");
            assertAnswered(client, true);
        }
    }

    /** Whoever has read a part of it reads the rest. */
    @Test
    void aHeadThatComesInPiecesGoesTheLongWay() throws Exception {
        start();
        store("/a", CONTENT);
        try (RawClient client = sidecar.connect()) {
            client.send(GET + "\r\n" + GET);
            assertAnswered(client, true);
            client.send("Accept: x\r\n").send("\r\n");
            assertAnswered(client, false);
            client.send(GET + "\r\n");
            assertAnswered(client, true);
        }
    }

    @ParameterizedTest
    @CsvSource({"100, false", "100, true", "3000000, false", "3000000, true"})
    void theLastAnswerSaysSoAndIsWhole(int size, boolean known) throws Exception {
        start();
        byte[] content = Content.of(3, size);
        store("/last", content);
        store("/a", CONTENT);
        try (RawClient client = sidecar.connect(4096)) {
            if (known) { // to the server
                client.send(GET + LONG_WAY + "\r\n\r\n");
                assertAnswered(client, false);
            }
            client.request("GET", "/last", "Connection: close");
            if (size > CONTENT.length) { // it cannot take all of it at once
                await().until(() -> sidecar.metric("lastref_transmissions_in_flight") > 0);
            }
            Response response = client.response();
            assertThat(isEarly(response) || size > CONTENT.length).isTrue();
            assertThat(response.all("Connection")).containsExactly("close");
            assertThat(response.body()).isEqualTo(content);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
        }
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {3000, 3_000_000})
    void whatComesBehindTheLastRequestIsNotAnsweredAndTakesNothingAway(int size) throws Exception {
        start();
        byte[] content = Content.of(4, size);
        store("/last", content);
        try (RawClient client = sidecar.connect(4096)) {
            client.send("GET /last HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n" + GET + "\r\n" + GET + LONG_WAY
                    + "\r\n\r\n");
            client.send(GET.repeat(500));
            assertThat(client.response().body()).isEqualTo(content);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
        }
    }

    /**
     * To close a connection with something unread resets it, and takes from the client what it has not read yet. Here the kernel has all of
     * the answer, and the end behind it, when another request comes.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatComesAfterTheEndTakesNothingAwayEither(boolean byDrain) throws Exception {
        start("shutdown.grace=20s");
        byte[] content = Content.of(5, 60_000);
        store("/last", content);
        try (RawClient client = sidecar.connect(4096)) {
            client.request("GET", "/last", byDrain ? "Accept: */*" : "Connection: close");
            await().until(() -> sidecar.metric("lastref_requests_total{outcome=\"hit\",}") == 1);
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
            CompletableFuture<Void> closed = byDrain
                    ? CompletableFuture.runAsync(sidecar::close, task -> new Thread(task, "closer").start())
                    : CompletableFuture.completedFuture(null);
            int here = sidecar.address().getPort();
            int there = client.socket().getLocalPort();
            await().until(() -> TcpTable.between(here, there).state() == TcpTable.FIN_WAIT1);
            client.send(GET + "\r\n" + GET.repeat(100));
            Response response = client.response();
            assertThat(isEarly(response)).isTrue();
            assertThat(response.body()).isEqualTo(content);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
            client.close();
            closed.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aClientThatDoesNotEndAfterTheLastAnswerIsLeft() throws Exception {
        start("limits.idle-timeout=200ms");
        store("/a", CONTENT);
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a", "Connection: close");
            assertThat(client.response().body()).isEqualTo(CONTENT);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
            await().until(
                            () -> { // the other end is closed: what comes is answered by a reset
                                try {
                                    client.send("x");
                                    return false;
                                } catch (IOException reset) {
                                    return true;
                                }
                            });
        }
    }

    /**
     * Without HTTP/2 nobody but the early reader looks at a connection before the server does, and the server sets a listener of its own
     * for its end.
     */
    @ParameterizedTest
    @CsvSource({"true, false", "true, true", "false, false", "false, true"})
    void aClientThatGoesTakesItsConnectionWithIt(boolean http2, boolean knownToTheServer) throws Exception {
        start("listen.http2=" + http2, "shutdown.grace=1s");
        store("/a", CONTENT);
        await().until(() -> sidecar.metric("lastref_connections") == 0);
        for (int i = 0; i < 5; i++) {
            try (RawClient client = sidecar.connect()) {
                client.send(GET + "\r\n");
                assertAnswered(client, true);
                if (knownToTheServer) {
                    client.send(GET + LONG_WAY + "\r\n\r\n");
                    assertAnswered(client, false);
                }
                assertThat(sidecar.metric("lastref_connections")).isEqualTo(1);
            }
            await().until(() -> sidecar.metric("lastref_connections") == 0);
        }
    }

    /** TLS takes a whole record of which the socket takes a part: the rest of it has to go out, too, before the answer is over. */
    @Test
    void anAnswerIsWholeWhereverTheSocketTakesNoMore() throws Exception {
        start();
        byte[] content = Content.of(6, 8 << 20);
        store("/large", content);
        int step = 4096;
        int hits = 0;
        int fits = 0;
        int tooMuch = content.length;
        while (tooMuch - fits > step) {
            int length = (fits + tooMuch) >>> 1;
            try (RawClient client = begun(length, ++hits)) {
                assertThat(client.ending()).isEqualTo(Ending.OPEN);
                if (sidecar.metric("lastref_transmissions_in_flight") == 0) {
                    fits = length;
                } else {
                    tooMuch = length;
                }
            }
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
        }
        assertThat(fits).isPositive();
        assertThat(tooMuch).isLessThan(content.length);
        for (int length = tooMuch - 10 * step; length <= tooMuch + 2 * step; length += step) {
            try (RawClient client = begun(length, ++hits)) {
                assertThat(client.response().body()).hasSize(length).isEqualTo(Arrays.copyOf(content, length));
            }
        }
    }

    /** Asks for so much, and reads nothing of it until the answer has been begun. */
    private RawClient begun(int length, int hits) throws IOException {
        RawClient client = sidecar.connect(4096).request("GET", "/large", "Range: bytes=0-" + (length - 1));
        sidecar.awaitRequests("hit", hits);
        return client;
    }
}
