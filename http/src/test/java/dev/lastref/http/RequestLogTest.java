package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The access log, the live log, and the identifiers that lead from one log to the other. */
class RequestLogTest extends SidecarTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final byte[] LARGE = Content.of(1, 300_000);

    @TempDir
    Path directory;

    private List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> await(Path file, int count) {
        org.awaitility.Awaitility.await().until(() -> lines(file).size() >= count);
        assertThat(lines(file)).hasSize(count);
        return lines(file);
    }

    private static JsonNode ofMethod(List<JsonNode> logged, String method) {
        return logged.stream()
                .filter(line -> line.get("method").asString().equals(method))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eachRequestIsALineOfJsonWithHowTheCacheAnswered() throws Exception {
        Path file = directory.resolve("access.log");
        start("access-log=" + file);
        origin.on("/a", ok("max-age=60", LARGE));
        sidecar.get("/a?x=1&y=%20\"", "Referer: http://r/", "User-Agent: u\"\\", "traceparent: 00-ab-cd-01");
        origin.on("/a?x=1", ok("max-age=60", LARGE));
        assertThat(sidecar.get("/a?x=1").body()).isEqualTo(LARGE);
        assertThat(sidecar.get("/a?x=1").body()).isEqualTo(LARGE);
        RawClient.ask(sidecar.address(), "TRACE", "/a");
        RawClient.ask(sidecar.address(), "HEAD", "/a?x=1");

        List<JsonNode> logged =
                await(file, 5).stream().map(line -> JSON.readTree(line)).toList();
        JsonNode odd =
                logged.stream().filter(line -> line.has("referer")).findFirst().orElseThrow();
        assertThat(odd.get("target").asString()).isEqualTo("/a?x=1&y=%20\"");
        assertThat(odd.get("client").asString()).isEqualTo("127.0.0.1");
        assertThat(odd.get("host").asString()).isEqualTo("test");
        assertThat(odd.get("protocol").asString()).isEqualTo("HTTP/1.1");
        assertThat(odd.get("referer").asString()).isEqualTo("http://r/");
        assertThat(odd.get("userAgent").asString()).isEqualTo("u\"\\");
        assertThat(odd.get("traceparent").asString()).isEqualTo("00-ab-cd-01");
        assertThat(odd.get("time").asString()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*Z");
        // Sent by sendfile, and counted all the same.
        JsonNode hit = logged.stream()
                .filter(line -> line.get("method").asString().equals("GET")
                        && line.has("cache")
                        && line.get("cache").asString().equals("hit"))
                .findFirst()
                .orElseThrow();
        assertThat(hit.get("bytes").asLong()).isEqualTo(LARGE.length);
        assertThat(hit.get("seconds").asDouble()).isPositive();
        assertThat(logged.stream()
                        .filter(line -> line.has("cache"))
                        .map(line -> line.get("cache").asString()))
                .contains("miss");
        // Of several connections the order is not that of the requests.
        JsonNode refused = ofMethod(logged, "TRACE");
        assertThat(refused.get("status").asInt()).isEqualTo(405);
        assertThat(refused.has("cache")).isFalse();
        assertThat(ofMethod(logged, "HEAD").get("bytes").asLong()).isZero();
        assertThat(logged.stream().map(line -> line.get("requestId").asString()).distinct())
                .hasSize(5);
        assertThat(sidecar.metric("lastref_access_log_lost_total")).isZero();
    }

    @Test
    void ofATargetInAbsoluteFormTheHostIsTheTargetsOwn() throws Exception {
        Path file = directory.resolve("access.log");
        start("access-log=" + file);
        try (RawClient client = sidecar.connect()) {
            client.send("GET http://Shop.example:81/zz?a HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(404);
            client.send("TRACE https://other.example HTTP/1.1\r\nHost: yy.example\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(405);
        }
        List<JsonNode> logged =
                await(file, 2).stream().map(line -> JSON.readTree(line)).toList();
        assertThat(ofMethod(logged, "GET").get("host").asString()).isEqualTo("Shop.example:81");
        assertThat(ofMethod(logged, "TRACE").get("host").asString()).isEqualTo("other.example");
    }

    @Test
    void whatTheOriginFailedHasTheWordThatItWouldHaveHadAndAStatusThatTells() throws Exception {
        Path file = directory.resolve("access.log");
        Gate gate = new Gate();
        origin.on("/a", call -> {
            gate.await();
            call.close();
        });
        origin.on("/b", call -> call.close());
        start("access-log=" + file);
        try (RawClient first = sidecar.connect();
                RawClient second = sidecar.connect()) {
            first.request("GET", "/a");
            org.awaitility.Awaitility.await().until(() -> origin.count("/a") == 1);
            second.request("GET", "/a");
            assertThat(second.isQuietFor(500)).isTrue();
            gate.open();
            assertThat(first.response().status()).isEqualTo(502);
            assertThat(second.response().cacheStatus()).contains("collapsed");
        }
        RawClient.ask(sidecar.address(), "POST", "/b", "Content-Length: 0");
        assertThat(await(file, 3).stream()
                        .map(line -> JSON.readTree(line))
                        .map(line -> line.get("status").asInt() + " "
                                + line.get("cache").asString()))
                .containsExactlyInAnyOrder("502 miss", "502 coalesced", "502 pass");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "json|X-Forwarded-For: 203.0.113.9, 203.0.113.7, 127.0.0.2|203.0.113.7",
                "json|X-Forwarded-For: 203.0.113.9 & X-Forwarded-For: 203.0.113.7|203.0.113.7",
                "json|X-Forwarded-For: 203.0.113.7 & X-Forwarded-For: 127.0.0.2|203.0.113.7",
                "json|X-Forwarded-For: nobody|127.0.0.1",
                "json|Forwarded: for=203.0.113.9;proto=http, for=\"[2001:db8::7]:80\"|2001:db8::7",
                "json|Forwarded: for=_hidden|127.0.0.1",
                "json|Forwarded: for=203.0.113.9 & Forwarded: for=203.0.113.7|203.0.113.7",
                "combined|X-Forwarded-For: 203.0.113.7|203.0.113.7",
            })
    void behindATrustedProxyTheClientIsWhomItNames(String format, String field, String client) throws Exception {
        Path file = directory.resolve("access.log");
        start("access-log=" + file, "access-log.format=" + format, "trusted-proxies=127.0.0.0/8");
        origin.on("/a", ok("max-age=60", Content.of(1, 7)));
        for (int i = 0; i < 4; i++) {
            sidecar.get("/a", field.split(" & ")); // hits too, by the short way as by the long one
        }
        for (String line : await(file, 4)) {
            if (format.equals("combined")) {
                assertThat(line).startsWith(client + " - - [");
                continue;
            }
            JsonNode logged = JSON.readTree(line);
            assertThat(logged.get("client").asString()).as(line).isEqualTo(client);
            if (client.equals("127.0.0.1")) {
                assertThat(logged.has("peer")).isFalse();
            } else {
                assertThat(logged.get("peer").asString()).isEqualTo("127.0.0.1");
            }
        }
    }

    @Test
    void whoIsNoTrustedProxyIsLoggedByItsOwnAddress() throws Exception {
        Path file = directory.resolve("access.log");
        start("access-log=" + file, "trusted-proxies=none");
        origin.on("/a", ok("max-age=60", Content.of(1, 7)));
        sidecar.get("/a", "X-Forwarded-For: 203.0.113.7");
        sidecar.get("/a", "X-Forwarded-For: 203.0.113.7");
        assertThat(await(file, 2))
                .allMatch(line -> line.contains("\"client\":\"127.0.0.1\"") && !line.contains("peer"));
    }

    @Test
    void theCombinedFormatCannotBeForged() throws Exception {
        Path file = directory.resolve("access.log");
        start("access-log=" + file, "access-log.format=combined");
        origin.on("/a", ok("max-age=60", Content.of(1, 7)));
        sidecar.get("/a", "User-Agent: x\" 200 \"\u00e9\\", "Referer: y");
        assertThat(await(file, 1).get(0))
                .matches("127\\.0\\.0\\.1 - - \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}] "
                        + "\"GET /a HTTP/1\\.1\" 200 7 \"y\" \"x\\\\\" 200 \\\\\"\\\\xe9\\\\\\\\\"");
    }

    @Test
    void itIsSwitchedOnReopenedAndSwitchedOffWhileRequestsCome() throws Exception {
        Path file = directory.resolve("access.log");
        start();
        origin.on("/a", ok("max-age=60", Content.of(1, 7)));
        sidecar.get("/a");
        sidecar.sidecar().settings().put(Map.of("lastref.access-log", file.toString()));
        sidecar.get("/a");
        await(file, 1);
        Path rotated = Files.move(file, directory.resolve("access.log.1"));
        sidecar.get("/a");
        await(rotated, 2); // into the file that it has open
        sidecar.sidecar().settings().reload();
        sidecar.get("/a");
        await(file, 1);
        await(rotated, 2);
        sidecar.sidecar().settings().put(Map.of("lastref.access-log", "off"));
        sidecar.get("/a");
        sidecar.sidecar().settings().put(Map.of("lastref.access-log", file.toString()));
        sidecar.get("/a");
        await(file, 2);
    }

    @Test
    void aFileThatCannotBeWrittenIsRefusedAndNothingChanges() throws Exception {
        start();
        String missing = directory.resolve("no/such/access.log").toString();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> sidecar.sidecar()
                        .settings()
                        .put(Map.of("lastref.access-log", missing, "lastref.pool.size", "64MiB")))
                .hasMessageContainingAll("cannot write the access log", missing);
        assertThat(JSON.readTree(sidecar.admin("/api/pool")).get("target").asLong())
                .isEqualTo(32 << 20);
    }

    // ---- read along

    private RawClient readAlong(String query, String... fields) throws IOException {
        RawClient client = RawClient.connect(sidecar.admin()).request("GET", "/api/log" + query, fields);
        Response head = client.head();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.first("Cache-Control")).isEqualTo("no-store");
        return client;
    }

    /** The next line that says something, out of the chunks. */
    private static String next(RawClient client) throws IOException {
        StringBuilder line = new StringBuilder();
        long began = System.nanoTime();
        while (true) {
            assertThat(System.nanoTime() - began) // it goes on to say nothing every 10 s
                    .as("no line came")
                    .isLessThan(Duration.ofSeconds(60).toNanos());
            byte[] one = client.read(1);
            assertThat(one).as("the stream ends after %s", line).hasSize(1);
            if (one[0] == '\n') {
                String said = line.toString().strip();
                if (said.contains("{")) {
                    return said.substring(said.indexOf('{'));
                }
                line.setLength(0);
            } else {
                line.append((char) (one[0] & 0xff));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', application/x-ndjson, /a",
        "?status=5xx, application/x-ndjson, /b",
        "'?status=404,502', application/x-ndjson, /b",
        "?cache=hit, text/event-stream, /a?hit",
        "?path=/a%3f, application/x-ndjson, /a?hit",
        "?path=*hit, text/event-stream, /a?hit",
        "?path=/a*&method=head, text/event-stream, /a?head",
    })
    void whoReadsAlongGetsWhatWasAskedFor(String query, String type, String first) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", Content.of(1, 7)));
        origin.on("/a?hit", ok("max-age=60", Content.of(1, 7)));
        origin.on("/b", call -> call.close());
        sidecar.get("/a?hit");
        try (RawClient reader = readAlong(query, "Accept: " + type)) {
            assertThat(sidecar.metric("lastref_log_readers")).isEqualTo(1);
            askForEverything();
            assertThat(JSON.readTree(next(reader)).get("target").asString()).isEqualTo(first);
        }
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> {
                    askForEverything(); // a client that has gone is noticed when it is sent something
                    return sidecar.metric("lastref_log_readers") == 0;
                });
    }

    /** What each reader has asked to be told of is among it. */
    private void askForEverything() throws IOException {
        sidecar.get("/a");
        sidecar.get("/b");
        sidecar.get("/a?hit");
        RawClient.ask(sidecar.address(), "HEAD", "/a?head");
    }

    /** Å has a byte that is the end of a line in ISO 8859-1. */
    @ParameterizedTest
    @CsvSource({
        "/l\u00c3\u00a9, /l\u00e9, /l%C3%A9",
        "/l\u00c3\u00a9, /l\u00e9, /l\u00c3\u00a9",
        "/l\u00c3\u0085x, /l\u00c5x, /l*x",
        "/l\u00c3\u0085x, /l\u00c5x, /l%c3%85*",
        "/l\u00e9x, /l%xE9x, /l%25xE9",
        "/l\u00e9x, /l%xE9x, /l%25xE9x",
        "/l%C3%A9, /l%C3%A9, /l%25C3%25A9",
    })
    void aTargetIsShownAndLookedForAsTheTextThatItIs(String sent, String shown, String path) throws Exception {
        Path file = directory.resolve("access.log");
        start("access-log=" + file);
        origin.on("/l", ok("max-age=60", Content.of(1, 7)));
        origin.on(sent, ok("max-age=60", Content.of(1, 7)));
        try (RawClient reader = readAlong("?path=" + path)) {
            sidecar.get("/l");
            sidecar.get(sent);
            sidecar.get(sent, "Referer: http://r" + sent); // by the short way
            JsonNode line = JSON.readTree(new String(next(reader).getBytes(ISO_8859_1), UTF_8));
            assertThat(line.get("target").asString()).isEqualTo(shown);
        }
        // A request is told of when it has ended, which the next one does not wait for.
        List<JsonNode> those = await(file, 3).stream()
                .map(JSON::readTree)
                .filter(line -> !line.get("target").asString().equals("/l"))
                .toList();
        assertThat(those).extracting(line -> line.get("target").asString()).containsExactly(shown, shown);
        assertThat(those.stream().filter(line -> line.has("referer")))
                .singleElement()
                .extracting(line -> line.get("referer").asString())
                .isEqualTo("http://r" + shown);
    }

    @Test
    void whoWantsNoMoreThanSoManyASecondIsToldHowManyWereLeftOut() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", Content.of(1, 7)));
        try (RawClient reader = readAlong("?most=1&path=/a");
                RawClient client = sidecar.connect()) {
            int lines = 0;
            int lost = 0;
            for (int i = 0; i < 50; i++) {
                client.request("GET", "/a").response();
            }
            while (lines + lost < 50) {
                JsonNode said = JSON.readTree(next(reader));
                lost += said.has("lost") ? said.get("lost").asInt() : 0;
                lines += said.has("lost") ? 0 : 1;
            }
            assertThat(lost).isPositive();
            assertThat(lines).isPositive();
            assertThat(lines + lost).isEqualTo(50);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "most=0, most is",
        "status=600, status is",
        "status=5x, status is",
        "cache=hits, cache is",
        "method=G%20ET, method is",
        "method=GET%2C, method is",
        "path=foo, path is",
        "path=a*, path is",
        "nonsense=1, '\"nonsense\" is no parameter here: expected some of status, cache, path, method, most'"
    })
    void aFilterThatIsNoneIsTold(String query, String why) throws Exception {
        start();
        Response refused = RawClient.get(sidecar.admin(), "/api/log?" + query);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).asString().contains(why, "expected");
    }

    @Test
    void aReaderThatDoesNotReadHoldsUpNobodyAndIsToldWhatItLost() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", Content.of(1, 7)));
        String agent = "User-Agent: " + "u".repeat(6000);
        try (RawClient reader = RawClient.connect(sidecar.admin(), 4096).request("GET", "/api/log")) {
            reader.head();
            try (RawClient client = sidecar.connect()) {
                // More than the buffer and all the socket queues of this system take: each line has 6000 bytes.
                for (int i = 0; i < 3000; i++) {
                    assertThat(client.request("GET", "/a", agent).response().status())
                            .isEqualTo(200);
                }
            }
            JsonNode said = JSON.readTree(next(reader));
            while (!said.has("lost")) {
                said = JSON.readTree(next(reader));
            }
            assertThat(said.get("lost").asLong()).isPositive();
        }
    }

    @Test
    void aSidecarClosesWhileSomebodyReadsAlong() throws Exception {
        start();
        try (RawClient reader = readAlong("")) {
            sidecar.close();
            assertThat(reader.awaitEnd()).isNotEqualTo(RawClient.Ending.OPEN);
        }
    }

    // ---- identifiers

    /** A field of the last request that the origin got. */
    private String received(String field) {
        return origin.requests().get(origin.requests().size() - 1).all(field).get(0);
    }

    @Test
    void aRequestsIdIsKeptOrMadeAndNeverAnothers() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", Content.of(1, 7), "X-Request-Id: of-the-origin"));
        Response miss = sidecar.get("/a");
        String made = miss.first("X-Request-Id");
        assertThat(made).matches("[0-9a-f]{32}");
        assertThat(received("X-Request-Id")).isEqualTo(made);

        Response hit = sidecar.get("/a");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.first("X-Request-Id")).isNull(); // nobody has written one down
        assertThat(sidecar.get("/a", "X-Request-Id: mine/1").first("X-Request-Id"))
                .isEqualTo("mine/1");

        origin.on("/b", ok("no-store", Content.of(1, 7)));
        assertThat(sidecar.get("/b", "X-Request-Id: mine-2").first("X-Request-Id"))
                .isEqualTo("mine-2");
        assertThat(received("X-Request-Id")).isEqualTo("mine-2");
        // One that could be more than a name is replaced.
        String replaced = sidecar.get("/b", "X-Request-Id: <script>").first("X-Request-Id");
        assertThat(replaced).matches("[0-9a-f]{32}");
        assertThat(received("X-Request-Id")).isEqualTo(replaced);
    }

    @Test
    void withALogEachHitHasAnIdTooAndTheLogHasIt() throws Exception {
        Path file = directory.resolve("access.log");
        start("access-log=" + file);
        origin.on("/a", ok("max-age=60", Content.of(1, 7)));
        sidecar.get("/a");
        String id = sidecar.get("/a").first("X-Request-Id");
        assertThat(JSON.readTree(await(file, 2).get(1)).get("requestId").asString())
                .isEqualTo(id)
                .matches("[0-9a-f]{32}");
    }

    @Test
    void traceContextPassesUntouched() throws Exception {
        start();
        origin.on("/a", ok("no-store", Content.of(1, 7)));
        String parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        sidecar.get("/a", "traceparent: " + parent, "tracestate: a=1,b=2");
        assertThat(received("traceparent")).isEqualTo(parent);
        assertThat(received("tracestate")).isEqualTo("a=1,b=2");
    }

    // ---- entries in order

    @Test
    void entriesComeInTheOrderThatIsAskedFor() throws Exception {
        start();
        for (int i = 1; i <= 3; i++) {
            origin.on("/" + i, ok("max-age=60", Content.of(i, 10_000 * i)));
            for (int times = 0; times <= 4 - i; times++) {
                sidecar.get("/" + i);
            }
        }
        assertThat(entries("sort=hits&limit=2")).containsExactly("http://test/1 3", "http://test/2 2");
        assertThat(entries("sort=bytes&limit=2")).containsExactly("http://test/3 1", "http://test/2 2");
        assertThat(entries("sort=age")).hasSize(3);
        assertThat(RawClient.get(sidecar.admin(), "/api/entries?sort=size").status())
                .isEqualTo(400);
    }

    private List<String> entries(String query) throws IOException {
        return JSON.readTree(sidecar.admin("/api/entries?" + query))
                .get("entries")
                .valueStream()
                .map(entry ->
                        entry.get("url").asString() + " " + entry.get("hits").asInt())
                .toList();
    }
}
