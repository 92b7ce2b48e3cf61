package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is answered before the server has parsed the request is what would have been answered after. One that says how far it may be
 * forwarded goes the long way; there fields come out in another order, so it can be told which way a response has come.
 */
class EarlyHitTest extends SidecarTest {
    private static final Pattern ITS_ORDER = Pattern.compile("\r\nCache-Status: .*\r\nAge: \\d+(\r\n|$)");
    private static final String ETAG = "\"v1\"";
    private static final int MANY_HOSTS = 150;
    private static final String MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";

    private void store(RawClient client, String target, byte[] content, String... fields) throws IOException {
        List<String> all = new ArrayList<>(List.of("etag: " + ETAG, "last-modified: " + MODIFIED));
        all.addAll(List.of(fields));
        origin.on(target, ok("max-age=600", content, all.toArray(String[]::new)));
        Response stored = client.request("GET", target).response();
        assertThat(stored.body()).isEqualTo(content);
    }

    static boolean isEarly(Response response) {
        return ITS_ORDER.matcher(response.head()).find();
    }

    /** Names in lower case, in alphabetical order; what time goes into, left out. */
    static List<String> comparable(Response response) {
        String ofNow = response.isHit() ? "the one that is stored" : "^(date|x-request-id): .*";
        return response.head()
                .lines()
                .skip(1)
                .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT)
                        + line.substring(line.indexOf(':')))
                .map(line -> line.replaceFirst("ttl=\\d+", "ttl=N").replaceFirst("^age: \\d+$", "age: N"))
                .map(line -> line.replaceFirst(ofNow, "now"))
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Accept: */*",
                "User-Agent: a|Cookie: b=c|Sec-Fetch-Mode: cors|sec-ch-ua: \"x\"",
                "Connection: keep-alive",
                "CONNECTION:Keep-Alive",
                "If-None-Match: " + ETAG,
                "If-None-Match: \"other\"",
                "If-None-Match: W/" + ETAG + ", \"x\"",
                "If-None-Match: *",
                "If-None-Match:  " + ETAG + " ",
                "If-None-Match: " + ETAG + "|If-None-Match: \"other\"",
                "If-None-Match: " + ETAG + "|If-None-Match: " + ETAG,
                "If-None-Match: " + ETAG + "|Cache-Control: no-cache",
                "If-None-Match: " + ETAG + "|Cache-Control: max-age=0",
                "If-None-Match: " + ETAG + "|Authorization: Basic YTpi",
                "If-None-Match: " + ETAG + "|Range: bytes=0-9",
                "If-None-Match: " + ETAG + "|If-Match: \"other\"",
                "If-None-Match: \"other\"|If-Modified-Since: " + MODIFIED,
                "If-Modified-Since: " + MODIFIED,
                "If-Modified-Since: Sat, 05 Nov 1994 08:49:37 GMT",
                "If-Match: " + ETAG,
                "If-Unmodified-Since: " + MODIFIED,
                "Range: bytes=0-0",
                "Range: bytes=100-",
                "Range: bytes=-5",
                "Range: bytes=0-9, 20-29",
                "Range: bytes=999999-",
                "Range: lines=1-2",
                "Range: bytes=0-9|If-Range: " + ETAG,
                "Range: bytes=0-9|If-Range: \"other\"",
                "Cache-Control: max-age=100",
                "Cache-Control: only-if-cached",
                "Cache-Control: min-fresh=10, max-stale",
                "Authorization: Basic YTpi",
                "X-Nobody-Knows: it|X-Requested-With: XMLHttpRequest|Content-Type: application/json",
                "Via: 1.1 cdn, 1.1 other|CDN-Loop: cdn",
                "Client-Cert: :YTpi:",
                "X-Auth-Request-User: me",
                "If-None-Match: " + ETAG + "|X-Remote-User: me",
                "If-None-Match: " + ETAG + "|X-Nobody-Knows: it"
            })
    void theShortWayAnswersAsTheLongWayDoes(String fields) throws Exception {
        start();
        String[] plain = fields.isEmpty() ? new String[0] : fields.split("\\|");
        String[] odd = (fields.isEmpty() ? LONG_WAY : fields + "|" + LONG_WAY).split("\\|");
        try (RawClient client = sidecar.connect()) {
            store(
                    client,
                    "/a?b=c",
                    Content.of(1, 5000),
                    "via: 1.0 one",
                    "via: 1.1 two",
                    "cache-status: inner; hit",
                    "x-own: value",
                    "x-own: another");
            for (int round = 0; round < 3; round++) {
                Response early = client.request("GET", "/a?b=c", plain).response();
                Response late = client.request("GET", "/a?b=c", odd).response();
                assertThat(early.status()).isEqualTo(late.status());
                assertThat(boundaryless(comparable(early))).isEqualTo(boundaryless(comparable(late)));
                if (!String.join("", early.all("Content-Type")).startsWith("multipart/")) {
                    assertThat(early.body()).isEqualTo(late.body());
                }
            }
            assertThat(client.ending()).isEqualTo(Ending.OPEN);
        }
    }

    /** Each multipart response has a boundary of its own. */
    private static List<String> boundaryless(List<String> head) {
        return head.stream()
                .map(line -> line.replaceFirst("boundary=.*", "boundary"))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            '', true
            If-None-Match: "v1", true
            Range: bytes=1-2, true
            X-Nobody-Knows: it, true
            x-requested-with: XMLHttpRequest, true
            'Content-Type: application/json', true
            'Content-Encoding: gzip', true
            X_Nobody_Knows: it, false
            Via: 1.1 cdn, true
            'Via: 1.1 cdn, 1.1 lastref', false
            'Max-Forwards: 1', false
            'Expect: 100-continue', false
            'Keep-Alive: 1', false
            'Proxy-Connection: x', false
            'Proxy: x', false
            X-HTTP-Method-Override: PUT, false
            X-Forwarded-Elsewhere: x, false
            X-Original-Anything: x, false
            X-Envoy-Original-Path: /b, false
            Forwarded: host=elsewhere, false
            'X-Forwarded-Host: elsewhere', false
            'Connection: close', true
            'Connection: Close', true
            'Connection: x', false
            'Connection: keep-alive, close', false
            'Connection: keep-alivex', false
            'Content-Length: 0', false
            'TE: trailers', false
            'Range: bytes=0-1,5-6', false
            """)
    void whatIsPlainGoesTheShortWay(String field, boolean early) throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", Content.of(1, 100));
            Response response = client.request("GET", "/a", field == null || field.isEmpty() ? "Accept: x" : field)
                    .response();
            assertThat(isEarly(response)).as("%s", response).isEqualTo(early);
        }
    }

    /** However many of them it has, none of them is left out. */
    @ParameterizedTest
    @CsvSource({"63, true", "64, false", "100, false"})
    void aRequestOfManyFieldsGoesTheLongWay(int lines, boolean early) throws Exception {
        start();
        String[] fields = new String[lines];
        Arrays.fill(fields, "Accept: text/plain");
        fields[lines - 1] = "Range: bytes=3-4";
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", Content.of(1, 100));
            for (int i = 0; i < 2; i++) {
                Response response = client.request("GET", "/a", fields).response();
                assertThat(response.status()).isEqualTo(206);
                assertThat(response.body()).isEqualTo(Arrays.copyOfRange(Content.of(1, 100), 3, 5));
                assertThat(isEarly(response)).isEqualTo(early);
            }
        }
    }

    @Test
    void variantsAreToldApart() throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            origin.on("/v", ok("max-age=600", Content.of(1, 300), "etag: \"en\"", "vary: accept-language"));
            client.request("GET", "/v", "Accept-Language: en").response();
            origin.on("/v", ok("max-age=600", Content.of(2, 400), "etag: \"de\"", "vary: accept-language"));
            client.request("GET", "/v", "Accept-Language: de").response();
            for (int round = 0; round < 2; round++) {
                Response english =
                        client.request("GET", "/v", "Accept-Language: en").response();
                Response german =
                        client.request("GET", "/v", "Accept-Language: de").response();
                assertThat(english.body()).isEqualTo(Content.of(1, 300));
                assertThat(german.body()).isEqualTo(Content.of(2, 400));
                assertThat(isEarly(english) && isEarly(german)).isTrue();
            }
        }
    }

    /** Whichever way a request goes, it gets what was stored for it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Accept-Encoding                 | Accept-Encoding: gzip, br        | accept-encoding: br
            accept-encoding, Accept         | ACCEPT-ENCODING: gzip            | Accept-Encoding: gzip~Accept: x
            Cookie                          | Cookie: a=b                      | Cookie: a=b, c
            User-Agent, Cookie              | User-Agent: me~Cookie: a         | User-Agent: me
            Sec-CH-UA                       | Sec-CH-UA: "a"                   | sec-ch-ua: "b"
            Authorization                   | Authorization: Basic YTpi        | Accept: y
            Accept-Language                 | Accept-Language: en~Accept-Language: de | Accept-Language: de
            X-Own                           | Accept-Language: en              | X-Own: 1
            X-Own, Accept                   | Accept: a~X-Own: 1~X-Own: 2      | X-Own: 1~Accept: a
            X_Own                           | Accept-Language: en              | X_Own: 1
            Via                             | Via: 1.1 cdn                     | Accept: a
            X-HTTP-Method, Accept           | Accept: a                        | Accept: b
            X-Forwarded-Own, Accept         | Accept: a                        | Accept: b
            X-Forwarded-Proto, Accept       | Accept: a                        | Accept: b
            X-Forwarded-For, Accept         | Accept: a                        | Accept: b
            Forwarded, Accept               | Accept: a                        | Accept: b
            Connection, Accept              | Connection: keep-alive~Accept: a | Accept: b
            Host, Accept                    | Accept: a                        | Accept: b
            TE, Accept                      | Accept: a                        | Accept: b
            X-Request-Id, Accept            | Accept: a                        | Accept: b
            """)
    void bothWaysChooseTheSameVariant(String vary, String first, String second) throws Exception {
        start("forwarded=true");
        try (RawClient client = sidecar.connect()) {
            List<String[]> requests = List.of(first.split("~"), second.split("~"));
            for (int i = 0; i < 2; i++) {
                origin.on("/v", ok("public, max-age=600", Content.of(i, 300 + i), "vary: " + vary));
                assertThat(client.request("GET", "/v", requests.get(i))
                                .response()
                                .body())
                        .isEqualTo(Content.of(i, 300 + i));
            }
            for (int i = 0; i < 2; i++) {
                String[] odd = Stream.concat(Stream.of(requests.get(i)), Stream.of(LONG_WAY))
                        .toArray(String[]::new);
                Response early = client.request("GET", "/v", requests.get(i)).response();
                Response late = client.request("GET", "/v", odd).response();
                assertThat(early.body()).isEqualTo(Content.of(i, 300 + i));
                assertThat(late.body()).isEqualTo(Content.of(i, 300 + i));
                assertThat(isEarly(late)).isFalse();
                assertThat(isEarly(early))
                        .isEqualTo(!String.join("", requests.get(i)).startsWith("X_Own"));
            }
        }
    }

    /** Behind the begin of a head it is a part of that, and a wrong one, however it comes. */
    @Test
    void whatLooksLikeARequestWithinAHeadIsNone() throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", Content.of(1, 100));
            String request = "GET /a HTTP/1.1\r\nHost: test\r\n\r\n";
            assertThat(isEarly(client.send(request).response())).isTrue();
            client.send("GET /b HTTP/1.1\r\nHost: test\r\n");
            assertThat(client.isQuietFor(100)).isTrue();
            assertThat(client.send(request).response().status()).isEqualTo(400);
        }
    }

    @Test
    void hostsAreToldApart() throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", Content.of(1, 100));
            origin.on("/a", ok("max-age=600", Content.of(2, 100)));
            String elsewhere = "GET /a HTTP/1.1\r\nHost: elsewhere\r\n\r\n";
            assertThat(client.send(elsewhere).response().body()).isEqualTo(Content.of(2, 100));
            assertThat(client.request("GET", "/a").response().body()).isEqualTo(Content.of(1, 100));
            assertThat(client.send(elsewhere).response().body()).isEqualTo(Content.of(2, 100));
            assertThat(client.send("GET /a HTTP/1.1\r\nHost: else where\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(400);
        }
    }

    /** More of them than an I/O thread knows at a time, by connections of the same and of other threads. */
    @Test
    void manyHostsAreToldApartByAllConnections() throws Exception {
        start();
        Random random = random();
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                clients.add(sidecar.connect());
            }
            for (int host = 0; host < MANY_HOSTS; host++) {
                origin.on("/a", ok("max-age=600", Content.of(host, 50)));
                assertThat(clients.get(0).send(toHost(host)).response().body()).isEqualTo(Content.of(host, 50));
            }
            for (int i = 0; i < 10 * MANY_HOSTS; i++) {
                int host = random.nextInt(MANY_HOSTS);
                Response hit = clients.get(random.nextInt(clients.size()))
                        .send(toHost(host))
                        .response();
                assertThat(isEarly(hit)).isTrue();
                assertThat(hit.body()).as("of host %d", host).isEqualTo(Content.of(host, 50));
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static String toHost(int host) {
        return "GET /a HTTP/1.1\r\nHost: h" + host + ".test\r\n\r\n";
    }

    @Test
    void whateverIsMixedOnOneConnectionIsAnsweredInItsOrder() throws Exception {
        start();
        Random random = random();
        try (RawClient client = sidecar.connect()) {
            List<byte[]> contents = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                contents.add(Content.of(i, new int[] {0, 700, 9_000, 400_000}[i]));
                store(client, "/" + i, contents.get(i));
            }
            StringBuilder requests = new StringBuilder();
            List<byte[]> expected = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                int which = random.nextInt(6);
                if (which < 4) {
                    boolean odd = random.nextInt(4) == 0;
                    requests.append(
                            "GET /" + which + " HTTP/1.1\r\nHost: test\r\n" + (odd ? LONG_WAY + "\r\n" : "") + "\r\n");
                    expected.add(contents.get(which));
                } else if (which == 4) {
                    byte[] once = Content.of(100 + i, 50);
                    origin.on("/once" + i, ok("no-store", once));
                    requests.append("GET /once" + i + " HTTP/1.1\r\nHost: test\r\n\r\n");
                    expected.add(once);
                } else {
                    byte[] posted = Content.of(200 + i, 60);
                    origin.on("/post" + i, ok("no-store", posted));
                    requests.append("POST /post" + i + " HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
                    expected.add(posted);
                }
            }
            Thread sender = new Thread(() -> sendInPieces(client, requests.toString(), random));
            sender.start();
            for (int i = 0; i < expected.size(); i++) {
                Response response = client.response();
                assertThat(response.whole()).as("response %d: %s", i, response).isTrue();
                assertThat(response.body()).as("response %d", i).isEqualTo(expected.get(i));
            }
            sender.join();
        }
    }

    private static void sendInPieces(RawClient client, String text, Random random) {
        try {
            for (int at = 0; at < text.length(); ) {
                int n = Math.min(text.length() - at, 1 + random.nextInt(random.nextBoolean() ? 20 : 3000));
                client.send(text.substring(at, at + n));
                at += n;
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Random random() {
        long seed = System.nanoTime();
        System.out.println("EarlyHitTest seed " + seed);
        return new Random(seed);
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 3 << 20})
    void aClientThatReadsLateGetsEveryByteAndHoldsNothingAfterwards(int size) throws Exception {
        start("transmit.sendfile-min=128KiB");
        byte[] content = Content.of(7, size);
        try (RawClient client = sidecar.connect(4096)) {
            store(client, "/big", content);
            store(client, "/small", Content.of(8, 10));
            int rounds = 40;
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < rounds; i++) {
                requests.append("GET /big HTTP/1.1\r\nHost: test\r\n\r\nGET /small HTTP/1.1\r\nHost: test\r\n\r\n");
            }
            client.send(requests.toString());
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") > 0);
            for (int i = 0; i < rounds; i++) {
                assertThat(client.response().body()).as("round %d", i).isEqualTo(content);
                assertThat(client.response().body()).isEqualTo(Content.of(8, 10));
            }
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
            assertThat(client.request("GET", "/small").response().body()).isEqualTo(Content.of(8, 10));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatLeavesInTheMiddleHoldsNothing(boolean reset) throws Exception {
        start();
        for (int i = 0; i < 5; i++) {
            RawClient client = sidecar.connect(4096);
            store(client, "/big" + i, Content.of(7, 3 << 20));
            client.request("GET", "/big" + i);
            client.read(1000);
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") > 0);
            if (reset) {
                client.reset();
            } else {
                client.close();
            }
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
        }
    }

    @Test
    void aClientThatHalfClosesGetsTheRest() throws Exception {
        start();
        byte[] content = Content.of(7, 3 << 20);
        try (RawClient client = sidecar.connect(4096)) {
            store(client, "/big", content);
            client.request("GET", "/big");
            client.socket().shutdownOutput();
            Response response = client.response();
            assertThat(response.body()).isEqualTo(content);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
        }
    }

    @Test
    void aShutdownWaitsForWhatIsOnItsWay() throws Exception {
        start("shutdown.grace=30s");
        byte[] content = Content.of(7, 3 << 20);
        try (RawClient client = sidecar.connect(4096)) {
            store(client, "/big", content);
            client.request("GET", "/big");
            client.read(1);
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") > 0);
            Thread closing = new Thread(sidecar::close);
            closing.start();
            byte[] rest = client.read(Long.MAX_VALUE);
            assertThat(rest).endsWith(java.util.Arrays.copyOfRange(content, 100_000, content.length));
            assertThat(client.ending()).isEqualTo(Ending.FIN);
            closing.join();
        }
    }

    @Test
    void hitsAreCountedWhicheverWayTheyGo() throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", Content.of(1, 100));
            for (int i = 0; i < 10; i++) {
                client.request("GET", "/a").response();
                client.request("GET", "/a", LONG_WAY).response();
            }
            await().until(() -> sidecar.requests("hit") == 20);
        }
    }

    @Test
    void whatIsPurgedIsNotAnsweredEarly() throws Exception {
        start("purge.method=true", "purge.allow=127.0.0.0/8");
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", Content.of(1, 100));
            assertThat(isEarly(client.request("GET", "/a").response())).isTrue();
            assertThat(client.request("PURGE", "/a").response().status()).isEqualTo(200);
            origin.on("/a", ok("max-age=600", Content.of(2, 100)));
            assertThat(client.request("GET", "/a").response().body()).isEqualTo(Content.of(2, 100));
        }
    }

    @Test
    void aConnectionWithNothingToSayIsClosed() throws Exception {
        start("limits.idle-timeout=200ms", "limits.head-timeout=1s"); // which a handshake has, too
        try (RawClient never = sidecar.connect();
                RawClient once = sidecar.connect();
                RawClient twice = sidecar.connect()) {
            store(once, "/a", Content.of(1, 100));
            twice.request("GET", "/a").response();
            twice.request("GET", "/a").response();
            for (RawClient silent : List.of(never, once, twice)) {
                assertThat(silent.awaitEnd()).isEqualTo(Ending.FIN);
            }
        }
    }

    @Test
    void aConnectionOnWhichAnAnswerIsOnItsWayIsNotIdle() throws Exception {
        start("limits.idle-timeout=200ms");
        byte[] content = Content.of(7, 3 << 20);
        origin.on("/big", ok("max-age=600", content));
        origin.on("/small", ok("max-age=600", Content.of(8, 0)));
        try (RawClient client = askTwice("/big", content)) {
            try (RawClient idle = sidecar.connect()) {
                for (int i = 0; i < 3; i++) { // as long as it takes others to be closed
                    try (RawClient other = sidecar.connect()) {
                        assertThat(other.request("GET", "/small").response().body())
                                .isEmpty();
                        assertThat(other.awaitEnd()).isEqualTo(Ending.FIN);
                    }
                }
                idle.request("GET", "/small").response();
                assertThat(idle.awaitEnd()).isEqualTo(Ending.FIN);
            }
            assertThat(client.read(Long.MAX_VALUE)).hasSizeGreaterThan(content.length);
        }
    }

    /** A client that has had the answer to its first request, and the first byte of the second one. */
    private RawClient askTwice(String target, byte[] content) throws IOException {
        while (true) {
            RawClient client = sidecar.connect(4096);
            assertThat(client.request("GET", target).response().body()).isEqualTo(content);
            if (client.request("GET", target).read(1).length == 1) {
                return client;
            }
            client.close(); // it was idle in between, if the machine is slow
        }
    }

    @Test
    void whatIsAnsweredEarlyIsLoggedAsWhatIsNot(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("access.log");
        start("access-log=" + log);
        String[] fields = {"User-Agent: me", "Referer: http://r/", "traceparent: 00-ab-cd-01"};
        String[] odd = Stream.concat(Stream.of(fields), Stream.of(LONG_WAY)).toArray(String[]::new);
        List<String> ids = new ArrayList<>();
        try (RawClient client = sidecar.connect()) {
            store(client, "/a?b", Content.of(1, 300_000));
            for (String[] sent : List.of(fields, odd)) {
                String[] range = Stream.concat(Stream.of(sent), Stream.of("Range: bytes=5-104"))
                        .toArray(String[]::new);
                String[] condition = Stream.concat(Stream.of(sent), Stream.of("If-None-Match: " + ETAG))
                        .toArray(String[]::new);
                for (String[] asked : List.of(sent, range, condition)) {
                    Response got = client.request("GET", "/a?b", asked).response();
                    assertThat(isEarly(got)).isEqualTo(sent == fields);
                    ids.add(got.first("X-Request-Id"));
                }
            }
        }
        await().untilAsserted(() -> assertThat(Files.readAllLines(log)).hasSize(7));
        List<JsonNode> lines = Files.readAllLines(log).stream()
                .skip(1)
                .map(line -> new JsonMapper().readTree(line))
                .toList();
        assertThat(lines.stream().map(line -> line.get("requestId").asString())).isEqualTo(ids);
        for (int i = 0; i < 3; i++) {
            assertThat(withoutItsTime(lines.get(i))).isEqualTo(withoutItsTime(lines.get(i + 3)));
        }
        assertThat(lines.stream().limit(3).map(line -> line.get("status").asInt() + " " + line.get("bytes")))
                .containsExactly("200 300000", "206 100", "304 0");
        assertThat(lines).allMatch(line -> line.get("seconds").asDouble() > 0 && !line.has("aborted"));
    }

    private static String withoutItsTime(JsonNode line) {
        ObjectNode copy = ((ObjectNode) line).deepCopy();
        copy.remove(List.of("time", "seconds", "requestId"));
        return copy.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", LONG_WAY})
    void aResponseThatItsClientDoesNotTakeIsLoggedAsAborted(String field, @TempDir Path folder) throws Exception {
        Path log = folder.resolve("access.log");
        start("access-log=" + log);
        byte[] content = Content.of(3, 8 << 20);
        try (RawClient client = sidecar.connect(4096)) {
            store(client, "/big", content);
            client.request("GET", "/big", field.isEmpty() ? new String[0] : new String[] {field});
            client.read(1 << 20); // more than one write can have taken
            client.reset(); // a client of TLS that closes reads on to the end
        }
        await().untilAsserted(() -> assertThat(Files.readAllLines(log)).hasSize(2));
        JsonNode aborted = new JsonMapper().readTree(Files.readAllLines(log).get(1));
        assertThat(aborted.get("aborted").asBoolean()).isTrue();
        assertThat(aborted.get("cache").asString()).isEqualTo("hit");
        assertThat(aborted.get("bytes").asInt()).isBetween(1, content.length - 1);
    }

    @Test
    void aFaultBehindAnEarlyAnswerIsRefused() throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", Content.of(1, 100));
            client.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\nGET /a HTTP/1.1\r\nHost: test\r\n folded: x\r\n\r\n");
            assertThat(client.response().body()).isEqualTo(Content.of(1, 100));
            assertThat(client.response().status()).isEqualTo(400);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
        }
    }
}
