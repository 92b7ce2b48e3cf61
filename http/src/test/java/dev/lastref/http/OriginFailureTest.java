package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.origin.LargeBuffers;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients get when the origin does not do as it should, and that none of it is ever stored. */
class OriginFailureTest extends SidecarTest {
    private static final String STORABLE = "max-age=60";
    /** A half is more than is read before the client gets anything, whose response could be an error until then. */
    private static final byte[] CONTENT = Content.of(1, 4 * LargeBuffers.SIZE);

    private static final byte[] HALF = Arrays.copyOf(CONTENT, CONTENT.length / 2);
    private static final byte[] GOOD = Content.of(2, 5_000);

    // ---- before the first byte

    @Test
    void whileNoOriginCanBeConnectedToTheServiceIsUnavailableAndClientsAreToldWhenToComeBack() throws Exception {
        int free;
        try (ServerSocket bound = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = bound.getLocalPort();
        }
        sidecar = TestSidecar.before("http://127.0.0.1:" + free);

        Response response = sidecar.get("/a");

        assertThat(response.status()).isEqualTo(503);
        assertThat(Integer.parseInt(response.first("Retry-After"))).isPositive();
        assertThat(response.whole()).isTrue();
        assertThat(response.first("Cache-Control")).isEqualTo("no-store");
        assertThat(response.cacheStatus()).contains("lastref").contains("detail=unreachable");
        assertThat(sidecar.get("/a").status()).isEqualTo(503);
    }

    @Test
    void anOriginWhoseNameCannotBeResolvedIsUnavailableToo() throws Exception {
        try (LoggedLines log = new LoggedLines("dev.lastref.http.origin.OriginAddress")) {
            sidecar = TestSidecar.before("http://no-such-host.invalid:81");

            assertThat(sidecar.get("/a").status()).isEqualTo(503);
            assertThat(log.lines())
                    .contains(
                            "cannot resolve the origin's name no-such-host.invalid; requests to it are answered with 503 until it can");
        }
    }

    @Test
    void anOriginThatDoesNotAnswerInTimeIsAGatewayTimeout() throws Exception {
        start("origin.first-byte-timeout=300ms");
        origin.on("/a", call -> call.in().read(), ok(STORABLE, GOOD));

        Response response = sidecar.get("/a");

        assertThat(response.status()).isEqualTo(504);
        assertThat(response.cacheStatus()).contains("detail=timed-out");
        assertIsAskedAgain("/a", 1);
    }

    @Test
    void anOriginThatStopsWithinTheHeadIsAGatewayTimeout() throws Exception {
        start("origin.first-byte-timeout=300ms");
        origin.on(
                "/a",
                call -> {
                    call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nConte");
                    call.in().read();
                },
                ok(STORABLE, GOOD));

        assertThat(sidecar.get("/a").status()).isEqualTo(504);
        assertIsAskedAgain("/a", 1);
    }

    static Stream<Arguments> answersThatAreNone() {
        Map<String, Script> scripts = new TreeMap<>();
        scripts.put("closes at once", call -> call.close());
        scripts.put("resets at once", call -> call.reset());
        scripts.put("closes within the head", call -> {
            call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nConte");
            call.close();
        });
        scripts.put("resets within the head", call -> {
            call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nConte");
            call.reset();
        });
        for (String head : new String[] {
            "garbage\r\n\r\n",
            "HTTP/1.1 abc OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 99 Low\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 1000 High\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5, 6\r\n\r\nhello!",
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: -5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: +5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: five\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        }) {
            scripts.put(head.replace("\r\n", " | "), call -> {
                call.send(head);
                call.close();
            });
        }
        return scripts.entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answersThatAreNone")
    void anAnswerThatIsNoneIsABadGateway(String what, Script script) throws Exception {
        start();
        origin.on("/a", script, ok(STORABLE, GOOD));

        Response response = sidecar.get("/a");

        assertThat(response.status()).as(response.toString()).isEqualTo(502);
        assertThat(response.whole()).isTrue();
        assertIsAskedAgain("/a", 1);
    }

    @Test
    void oneClientSurvivesTheOriginsFailureOnItsKeptConnection() throws Exception {
        start();
        origin.on("/bad", call -> call.reset()).on("/good", ok(STORABLE, GOOD));
        try (RawClient client = sidecar.connect()) {
            assertThat(client.request("GET", "/bad").response().status()).isEqualTo(502);
            assertThat(client.request("GET", "/good").response().body()).isEqualTo(GOOD);
        }
    }

    /** How an origin can fail between its response's head and the first byte of the content. */
    static Stream<Arguments> headsWithoutContent() {
        Map<String, Script> scripts = new TreeMap<>();
        scripts.put("length, closed", call -> {
            call.send(head(STORABLE, GOOD.length));
            call.close();
        });
        scripts.put("chunked, closed", call -> {
            call.send(chunkedHead(STORABLE));
            call.close();
        });
        scripts.put("not storable, closed", call -> {
            call.send(head("no-store", GOOD.length));
            call.close();
        });
        return scripts.entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("headsWithoutContent")
    void anOriginThatClosesBeforeTheFirstByteOfTheContentIsABadGateway(String what, Script script) throws Exception {
        start();
        origin.on("/a", script, ok(STORABLE, GOOD));

        Response response = sidecar.get("/a");

        assertThat(response.status()).isEqualTo(502);
        assertThat(response.whole()).isTrue();
        assertIsAskedAgain("/a", 1);
    }

    @Test
    void anOriginThatIsSilentAfterTheHeadIsAGatewayTimeout() throws Exception {
        start("origin.idle-timeout=300ms");
        origin.on(
                "/a",
                call -> {
                    call.send(head(STORABLE, GOOD.length));
                    call.in().read();
                },
                ok(STORABLE, GOOD));

        assertThat(sidecar.get("/a").status()).isEqualTo(504);
        assertIsAskedAgain("/a", 1);
    }

    @Test
    void theHeadOfAStreamDoesNotWaitForItsFirstByte() throws Exception {
        start();
        Gate event = new Gate();
        origin.on("/events", call -> {
            call.send(chunkedHead("no-store"));
            event.await();
            call.sendChunk(GOOD).sendLastChunk();
        });
        try (RawClient client = sidecar.connect()) {
            Response head = client.request("GET", "/events").head();
            assertThat(head.status()).isEqualTo(200);
            event.open();
            assertThat(client.content(head, "GET").body()).isEqualTo(GOOD);
        }
    }

    // ---- after the first byte

    /** A reset overtakes what the other side has not read yet, so it waits for that. */
    private static volatile Gate clientHasHead;

    @BeforeEach
    void nobodyHasAHead() {
        clientHasHead = new Gate();
    }

    /** One GET; the origin learns when its head has come. */
    private Response getTelling(String version) throws IOException {
        try (RawClient client = sidecar.connect()) {
            client.send("GET /a " + version + "\r\nHost: test\r\nConnection: close\r\n\r\n");
            Response head = client.head();
            clientHasHead.open();
            Response response = client.content(head, "GET");
            client.awaitEnd();
            return new Response(response.status(), response.head(), response.body(), response.whole(), client.ending());
        }
    }

    /** How an origin can fail to finish {@link #CONTENT}. */
    static Stream<Arguments> bodiesThatDoNotEnd() {
        Map<String, Script> scripts = new TreeMap<>();
        scripts.put("length, closed half-way", call -> {
            call.send(head(STORABLE, CONTENT.length)).send(HALF);
            call.close();
        });
        scripts.put("length, reset half-way", call -> {
            call.send(head(STORABLE, CONTENT.length)).send(HALF);
            clientHasHead.await();
            call.reset();
        });
        scripts.put("length, closed one byte early", call -> {
            call.send(head(STORABLE, CONTENT.length)).send(CONTENT, 0, CONTENT.length - 1);
            call.close();
        });
        scripts.put("chunked, closed between chunks", call -> {
            call.send(chunkedHead(STORABLE)).sendChunk(HALF);
            call.close();
        });
        scripts.put("chunked, closed within a chunk", call -> {
            call.send(chunkedHead(STORABLE))
                    .send(Integer.toHexString(CONTENT.length) + "\r\n")
                    .send(HALF);
            call.close();
        });
        scripts.put("chunked, reset", call -> {
            call.send(chunkedHead(STORABLE)).sendChunk(HALF);
            clientHasHead.await();
            call.reset();
        });
        scripts.put("chunked, closed before the empty line at the end", call -> {
            call.send(chunkedHead(STORABLE)).sendChunk(HALF).send("0\r\n");
            call.close();
        });
        scripts.put("chunked, then no chunk", call -> {
            call.send(chunkedHead(STORABLE)).sendChunk(HALF).send("xyz\r\n");
            call.close();
        });
        scripts.put("without length, reset", call -> {
            call.send("HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\n").send(HALF);
            clientHasHead.await();
            call.reset();
        });
        scripts.put("length, silent half-way", call -> {
            call.send(head(STORABLE, CONTENT.length)).send(HALF);
            call.in().read();
        });
        scripts.put("chunked, silent half-way", call -> {
            call.send(chunkedHead(STORABLE)).sendChunk(HALF);
            call.in().read();
        });
        return scripts.entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodiesThatDoNotEnd")
    void aBodyThatDoesNotEndBreaksTheClientsConnection(String what, Script script) throws Exception {
        start("origin.idle-timeout=300ms");
        origin.on("/a", script, ok(STORABLE, GOOD));

        Response response = getTelling("HTTP/1.1");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.whole()).as(response.toString()).isFalse();
        assertThat(response.ending()).isEqualTo(Ending.RST);
        assertIsPrefix(response.body());
        assertIsAskedAgain("/a", 1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodiesThatDoNotEnd")
    void aBodyThatDoesNotEndBreaksTheConnectionOfAnHttp10Client(String what, Script script) throws Exception {
        start("origin.idle-timeout=300ms");
        origin.on("/a", script, ok(STORABLE, GOOD));

        Response response = getTelling("HTTP/1.0");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.ending()).as(response.toString()).isEqualTo(Ending.RST);
        assertIsPrefix(response.body());
        assertIsAskedAgain("/a", 1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodiesThatDoNotEnd")
    void aBodyThatDoesNotEndIsBrokenTooWhereItCannotBeStored(String what, Script script) throws Exception {
        start("origin.idle-timeout=300ms", "cache.max-object=1KiB");
        origin.on("/a", script, ok(STORABLE, GOOD));

        Response response = getTelling("HTTP/1.1");

        assertThat(response.whole()).as(response.toString()).isFalse();
        assertThat(response.ending()).isEqualTo(Ending.RST);
        assertIsPrefix(response.body());
    }

    /** What breaks off so early that the client need not have had a byte of it is told as an error, or broken too; it is never stored. */
    @Test
    void aShortBodyThatBreaksOffIsAnErrorOrBroken() throws Exception {
        start("origin.idle-timeout=300ms");
        byte[] part = Arrays.copyOf(CONTENT, 50_000);
        Script script = call -> {
            call.send(head(STORABLE, 100_000)).send(part);
            call.close();
        };
        origin.on("/a", script, ok(STORABLE, GOOD));

        Response response = RawClient.get(sidecar.address(), "/a");

        if (response.status() == 502) {
            assertThat(response.whole()).isTrue();
        } else {
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.whole()).as(response.toString()).isFalse();
            assertIsPrefix(response.body());
        }
        assertIsAskedAgain("/a", 1);
    }

    /** What is behind it is no part of it, and no answer to anybody (RFC 9112, sections 6.3 and 9.2). */
    @ParameterizedTest
    @CsvSource({"100000, 1", "100000, 100000", "10000, 1", "10000, 100000", "0, 1"})
    void rfc9112_6_3_contentEndsWithItsLengthWhateverIsBehindIt(int length, int extra) throws Exception {
        start();
        byte[] all = Content.of(3, length + extra);
        origin.on("/a", call -> {
            call.send(head(STORABLE, length)).send(all);
            call.in().read();
        });
        origin.on("/b", ok(STORABLE, GOOD));

        for (int i = 0; i < 2; i++) {
            Response response = sidecar.get("/a");
            assertThat(response.whole()).as(response.toString()).isTrue();
            assertThat(response.body()).isEqualTo(Arrays.copyOf(all, length));
            assertThat(response.isHit()).isEqualTo(i == 1);
        }
        assertThat(sidecar.get("/b").body()).isEqualTo(GOOD);
        assertThat(origin.requests("/b").get(0).port())
                .as("another connection")
                .isNotEqualTo(origin.requests("/a").get(0).port());
    }

    /** Too late to spoil the response that is out already; it must not become the next one's. */
    @RepeatedTest(5)
    void whatComesBehindAResponseIsNeverTakenForTheNextOne() throws Exception {
        start();
        Gate responseIsOut = new Gate();
        Gate moreIsOut = new Gate();
        origin.on("/a", call -> {
            call.send(head("no-store", 5) + "hello");
            responseIsOut.await();
            call.send(head(STORABLE, 4) + "evil");
            moreIsOut.open();
        });
        origin.on("/b", ok(STORABLE, GOOD));
        try (RawClient client = sidecar.connect()) {
            assertThat(client.request("GET", "/a").response().body()).asString().isEqualTo("hello");
            responseIsOut.open();
            moreIsOut.await();
            assertThat(client.request("GET", "/b").response().body()).isEqualTo(GOOD);
        }
    }

    // ---- what looks odd but is right

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.0", "HTTP/1.1"})
    void aBodyThatEndsWithItsConnectionIsDeliveredAndStored(String version) throws Exception {
        start();
        origin.on("/a", call -> {
            call.send(version + " 200 OK\r\nCache-Control: max-age=60\r\n\r\n").send(CONTENT);
            call.close();
        });

        Response miss = sidecar.get("/a");
        Response hit = sidecar.get("/a");

        assertThat(miss.whole()).isTrue();
        assertThat(miss.body()).isEqualTo(CONTENT);
        assertThat(hit.isHit()).as(hit.toString()).isTrue();
        assertThat(hit.body()).isEqualTo(CONTENT);
    }

    @Test
    void anHttp10OriginThatClosesAfterEachResponseServesManyRequests() throws Exception {
        start();
        origin.on("/a", call -> {
            call.send("HTTP/1.0 200 OK\r\nContent-Length: " + GOOD.length + "\r\n\r\n")
                    .send(GOOD);
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.request("GET", "/a").response().body()).isEqualTo(GOOD);
            }
        }
    }

    @Test
    void anInterimResponseComesBeforeTheOneThatCounts() throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 100 Continue\r\n\r\n" + head(STORABLE, GOOD.length))
                        .send(GOOD));

        Response response = sidecar.get("/a");

        assertThat(response.status()).as(response.toString()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(GOOD);
    }

    @Test
    void chunksWithExtensionsAndTrailersAreUnderstood() throws Exception {
        start();
        origin.on("/a", call -> call.send(chunkedHead(STORABLE) + "5;a=b\r\nhello\r\n0\r\nX-Trailer: y\r\n\r\n"));

        assertThat(new String(sidecar.get("/a").body(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("hello");
        assertThat(new String(sidecar.get("/a").body(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("hello");
    }

    @Test
    void equalContentLengthsAreOne() throws Exception {
        start();
        origin.on("/a", call -> call.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"));

        Response response = sidecar.get("/a");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.first("Content-Length")).isEqualTo("5");
    }

    private void assertIsPrefix(byte[] body) {
        assertThat(body).isEqualTo(Arrays.copyOf(CONTENT, body.length));
    }

    /** The next script answers {@link #GOOD}: a client that gets it was not served from what failed. */
    private void assertIsAskedAgain(String target, int before) throws IOException {
        assertThat(origin.count(target)).isEqualTo(before);
        Response again = sidecar.get(target);
        assertThat(again.body()).isEqualTo(GOOD);
        assertThat(again.isHit()).isFalse();
        assertThat(origin.count(target)).isEqualTo(before + 1);
        assertThat(sidecar.get(target).isHit()).isTrue();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
