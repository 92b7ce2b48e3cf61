package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Purging through the administration port and by the PURGE method. */
class PurgingTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(91, 20_000);

    private Response purge(String body, String... fields) throws IOException {
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            String lines = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
            return client.send("POST /api/purge HTTP/1.1\r\nHost: admin\r\n" + lines + "Content-Length: "
                            + body.getBytes(UTF_8).length + "\r\n\r\n")
                    .send(body.getBytes(UTF_8))
                    .response();
        }
    }

    private long purged(String body) throws IOException {
        Response response = purge(body);
        assertThat(response.status()).as(new String(response.body(), UTF_8)).isEqualTo(200);
        return new JsonMapper().readTree(response.body()).get("purged").asLong();
    }

    private void store(String target, String... fields) throws IOException {
        origin.on(target, ok("max-age=60", CONTENT, fields));
        sidecar.get(target);
        assertThat(sidecar.get(target).isHit()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'{\"url\":\"http://test/a/b\"}', /a/b",
                "'{\"url\":\"/a/b\"}', /a/b",
                "'{\"prefix\":\"http://test/a/\"}', /a/b|/a/c",
                "'{\"prefix\":\"/a\"}', /a/b|/a/c",
                "'{\"tag\":\"t\"}', /a/b|/x",
                "'{\"tag\":\"g\"}', /x",
                "'{\"host\":\"test\"}', /a/b|/a/c|/x|/y",
                "'{\"host\":\"test:80\"}', /a/b|/a/c|/x|/y",
                "'{\"host\":\"test:443\"}', ''",
                "'{\"host\":\"other\"}', ''",
                "'{\"all\":true}', /a/b|/a/c|/x|/y",
                "'{\"tag\":\"none\"}', ''",
                "'{\"url\":\"http://test/a\"}', ''",
            })
    void whatIsNamedGoesAndNothingElse(String body, String targets) throws Exception {
        start();
        store("/a/b", "Surrogate-Key: s t");
        store("/a/c", "Cache-Tag: u,v w");
        store("/x", "xkey: t", "Cache-Groups: \"g\"");
        store("/y");
        java.util.List<String> named =
                targets.isEmpty() ? java.util.List.of() : java.util.List.of(targets.split("\\|"));
        assertThat(purged(body)).isEqualTo(named.size());
        for (String target : new String[] {"/a/b", "/a/c", "/x", "/y"}) {
            assertThat(sidecar.get(target).isHit()).as(target).isEqualTo(!named.contains(target));
        }
        assertThat(purged("{\"all\":true}")).as("all are there again").isEqualTo(4);
        await().untilAsserted(() -> assertThat(sidecar.poolBytes("live")).isZero());
    }

    @Test
    void theLogSaysWhatWasPurgedAndFromWhere() throws Exception {
        start("purge.method=true");
        store("/a");
        store("/b");
        try (LoggedLines log = new LoggedLines("dev.lastref.http.log.ChangeLog")) {
            purged("{\"url\":\"/a\",\"soft\":true}");
            RawClient.ask(sidecar.address(), "PURGE", "/b");
            RawClient.ask(sidecar.address(), "PURGE", "/b", "Soft-Purge: 1");
            store("/c");
            purged("{\"all\":true}");
            purge("{\"al\":true}");
            String from = " from 127\\.0\\.0\\.1:\\d+: ";
            assertThat(log.lines()).hasSize(4);
            assertThat(log.lines().get(0))
                    .matches("POST /api/purge" + from + "\\{\"url\":\"/a\",\"soft\":true}: responses purged: 1");
            assertThat(log.lines().get(1)).matches("PURGE" + from + "http://test/b: responses purged: 1");
            assertThat(log.lines().get(2)).matches("PURGE, soft," + from + "http://test/b: responses purged: 0");
            assertThat(log.lines().get(3)).matches("POST /api/purge" + from + "\\{\"all\":true}: responses purged: 1");
        }
    }

    @Test
    void everyVariantGoes() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT, "Vary: Accept"));
        sidecar.get("/a", "Accept: x");
        sidecar.get("/a", "Accept: y");
        assertThat(purged("{\"url\":\"http://test/a\"}")).isEqualTo(2);
        assertThat(sidecar.get("/a", "Accept: x").isHit()).isFalse();
        assertThat(sidecar.get("/a", "Accept: y").isHit()).isFalse();
    }

    /** As a client has sent it: its bytes are UTF-8, but for one, or are percent-encoded; each is a key of its own. */
    private static final String RAW = "/caf" + onWire("\u00e9");

    private static final String ENCODED = "/caf%C3%A9";
    private static final String LATIN = "/caf\u00e9";

    /** One with a byte that a regular expression takes for the end of a line. */
    private static final String ANGSTROM = "/" + onWire("\u00c5") + "ngstr"
            + onWire("\u00f6m \u20ac\ud83d\ude00").replace(" ", "+");

    private static String onWire(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'{\"url\":\"http://test/caf\u00e9\"}', 0",
                "'{\"url\":\"/caf\u00e9\"}', 0",
                "'{\"url\":\"/caf\\u00e9\"}', 0",
                "'{\"url\":\"http://test/caf%xC3%xa9\"}', 0",
                "'{\"url\":\"http://test/caf%C3%A9\"}', 1",
                "'{\"url\":\"/caf%xE9\"}', 2",
                "'{\"url\":\"http://test/\u00c5ngstr\u00f6m+\u20ac\ud83d\ude00\"}', 3",
                "'{\"prefix\":\"http://test/caf\u00e9\"}', 0",
                "'{\"prefix\":\"http://test/\u00c5\"}', 3",
                "'{\"tag\":\"\u00fc\"}', 1",
                "'{\"url\":\"http://test/caf\u00c3\u00a9\"}', -1",
            })
    void bytesOutsideAsciiAreNamedAsTheyAreWritten(String body, int named) throws Exception {
        start();
        String[] targets = {RAW, ENCODED, LATIN, ANGSTROM};
        for (String target : targets) {
            store(target, target.equals(ENCODED) ? "Cache-Tag: " + onWire("\u00fc") : "X: y");
        }
        assertThat(purged(body)).isEqualTo(named < 0 ? 0 : 1);
        for (int i = 0; i < targets.length; i++) {
            assertThat(sidecar.get(targets[i]).isHit()).as(targets[i]).isEqualTo(i != named);
        }
    }

    @Test
    void whatIsNoTextIsTold() throws Exception {
        start();
        assertThat(purge("{\"url\":\"http://test/\\ud83d\"}").status()).isEqualTo(400);
    }

    /** What is listed can be purged as it is listed. */
    @Test
    void bytesOutsideAsciiAreListedAsTheyAreWritten() throws Exception {
        start();
        for (String target : new String[] {RAW, ENCODED, LATIN, ANGSTROM}) {
            store(target, "Cache-Tag: " + onWire("\u00fc"));
        }
        JsonNode entries =
                new JsonMapper().readTree(sidecar.admin("/api/entries")).get("entries");
        assertThat(entries.valueStream().map(entry -> entry.get("url").asString()))
                .containsExactlyInAnyOrder(
                        "http://test/caf\u00e9",
                        "http://test/caf%C3%A9",
                        "http://test/caf%xE9",
                        "http://test/\u00c5ngstr\u00f6m+\u20ac\ud83d\ude00");
        assertThat(entries.get(0).get("tags").get(0).asString()).isEqualTo("\u00fc");
        for (String prefix : new String[] {RAW, "/caf%C3%A9", "/caf%25xC3%25xA9"}) {
            JsonNode found = new JsonMapper()
                    .readTree(sidecar.admin("/api/entries?prefix=" + prefix))
                    .get("entries");
            assertThat(found.valueStream().map(entry -> entry.get("url").asString()))
                    .as(prefix)
                    .containsExactly("http://test/caf\u00e9");
        }
        for (JsonNode entry : entries) {
            assertThat(purged("{\"url\":\"" + entry.get("url").asString() + "\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void rfc9211_2_7_keysThatDifferAreToldApart() throws Exception {
        start("cache.status-key=true");
        Set<String> keys = new HashSet<>();
        for (String target : new String[] {RAW, ENCODED, LATIN, "/caf%E9", "/caf%c3%a9", "/caf%25xC3%25xA9"}) {
            origin.on(target, ok("max-age=60", CONTENT));
            assertThat(keys.add(sidecar.get(target).cacheStatus().replaceFirst(".*key=", "")))
                    .as(target)
                    .isTrue();
            assertThat(keys).contains(sidecar.get(target).cacheStatus().replaceFirst(".*key=", ""));
        }
        assertThat(keys).contains("\"GET http://test/caf%xC3%xA9\"");
    }

    /** Else a byte could be written in the way that a target writes another. */
    @ParameterizedTest
    @ValueSource(strings = {"/caf%xC3", "/caf%xC3%xA9", "/caf?%xC3", "/caf%x"})
    void noTargetSaysWhatStandsForAByte(String target) throws Exception {
        start();
        assertThat(sidecar.get(target).status()).isEqualTo(400);
    }

    /** Those who wait get it; nobody who comes later does. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"url\":\"http://test/a\"}",
                "{\"prefix\":\"/\"}",
                "{\"tag\":\"t\"}",
                "{\"host\":\"test\"}",
                "{\"all\":true}",
                "{\"all\":true,\"soft\":true}",
            })
    void whatIsOnItsWayIsNotStoredAndJoinedByNobody(String body) throws Exception {
        start();
        Gate begin = new Gate();
        Gate rest = new Gate();
        origin.on(
                "/a",
                call -> {
                    begin.await();
                    call.send(head("max-age=60", CONTENT.length, "Cache-Tag: t"))
                            .send(CONTENT, 0, 100);
                    rest.await();
                    call.send(CONTENT, 100, CONTENT.length - 100);
                },
                ok("max-age=60", Content.of(92, 10), "Cache-Tag: t"));
        try (RawClient first = sidecar.connect()) {
            first.request("GET", "/a");
            await().until(() -> origin.count("/a") == 1);
            purged(body);
            assertThat(sidecar.get("/a").body()).as("asked for itself").isEqualTo(Content.of(92, 10));
            begin.open();
            assertThat(first.head().status()).isEqualTo(200);
            purged(body);
            assertThat(sidecar.get("/a").body()).isEqualTo(Content.of(92, 10));
            rest.open();
            assertThat(first.read(CONTENT.length)).isEqualTo(CONTENT);
        }
        Response after = sidecar.get("/a");
        assertThat(after.body()).isEqualTo(Content.of(92, 10));
        assertThat(after.isHit()).isTrue();
        assertThat(origin.count("/a")).isEqualTo(3);
    }

    @Test
    void softMakesStale() throws Exception {
        start();
        origin.on("/a", ok("max-age=60, stale-while-revalidate=60", CONTENT, "ETag: \"x\""), call -> {
            assertThat(call.request().all("If-None-Match")).containsExactly("\"x\"");
            call.send("HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\nETag: \"x\"\r\n\r\n");
        });
        sidecar.get("/a");
        assertThat(purged("{\"url\":\"http://test/a\",\"soft\":true}")).isEqualTo(1);
        Response stale = sidecar.get("/a");
        assertThat(stale.body()).isEqualTo(CONTENT);
        assertThat(stale.cacheStatus()).matches(".*ttl=(0|-).*");
        await().until(() -> origin.count("/a") == 2);
        await().untilAsserted(() -> assertThat(sidecar.get("/a").cacheStatus()).containsPattern("hit; ttl=[1-9]"));
    }

    @Test
    void softMakesGoWhatMayNotBeServedStale() throws Exception {
        start();
        store("/a");
        assertThat(purged("{\"all\":true,\"soft\":true}")).isEqualTo(1);
        assertThat(sidecar.get("/a").isHit()).isFalse();
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[]",
                "{}",
                "{\"soft\":true}",
                "{\"url\":1}",
                "{\"url\":\"a\"}",
                "{\"url\":\"/a\",\"tag\":\"b\"}",
                "{\"all\":false}",
                "{\"all\":\"true\"}",
                "{\"urls\":\"/a\"}",
                "{\"url\":\"/a\",\"soft\":1}",
                "{\"tag\":\"\"}",
            })
    void whatIsNotUnderstoodPurgesNothingAndSaysWhatIsExpected(String body) throws Exception {
        start();
        store("/a");
        Response response = purge(body);
        assertThat(response.status()).isEqualTo(400);
        assertThat(new String(response.body(), UTF_8)).startsWith("400: ").contains("expected");
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    @Test
    void aPageOfAnotherSiteMayNotPurge() throws Exception {
        start();
        store("/a");
        assertThat(purge("{\"all\":true}", "Origin: http://evil.test").status()).isEqualTo(403);
        assertThat(sidecar.get("/a").isHit()).isTrue();
        // A name may be anybody's that leads here; an address is ours.
        assertThat(purge("{\"all\":true}", "Origin: http://admin").status()).isEqualTo(403);
        assertThat(sidecar.get("/a").isHit()).isTrue();
        String ours = "127.0.0.1:" + sidecar.admin().getPort();
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            client.send("POST /api/purge HTTP/1.1\r\nHost: " + ours + "\r\nOrigin: http://" + ours
                    + "\r\nContent-Length: 12\r\n\r\n{\"all\":true}");
            assertThat(client.response().status()).isEqualTo(200);
        }
    }

    @Test
    void entriesAreListedByPrefix() throws Exception {
        start();
        store("/a/b", "Surrogate-Key: s t");
        store("/a/c");
        store("/x");
        JsonNode page = new JsonMapper().readTree(sidecar.admin("/api/entries?prefix=http%3A%2F%2Ftest%2Fa%2Fb"));
        JsonNode entry = page.get("entries").get(0);
        assertThat(page.get("entries").size()).isEqualTo(1);
        assertThat(entry.get("url").asString()).isEqualTo("http://test/a/b");
        assertThat(entry.get("status").asInt()).isEqualTo(200);
        assertThat(entry.get("length").asLong()).isEqualTo(CONTENT.length);
        assertThat(entry.get("bytes").asLong()).isGreaterThanOrEqualTo(CONTENT.length);
        assertThat(entry.get("ttlSeconds").asLong()).isBetween(0L, 60L);
        assertThat(entry.get("tags").toString()).isEqualTo("[\"s\",\"t\"]");
        assertThat(page.get("truncated").asBoolean()).isFalse();
        JsonNode all = new JsonMapper().readTree(sidecar.admin("/api/entries?limit=2"));
        assertThat(all.get("entries").size()).isEqualTo(2);
        assertThat(all.get("truncated").asBoolean()).isTrue();
        assertThat(RawClient.get(sidecar.admin(), "/api/entries?limit=0").status())
                .isEqualTo(400);
        assertThat(RawClient.get(sidecar.admin(), "/api/entries?prefix=x").status())
                .isEqualTo(400);
    }

    private Response purgeMethod(String target, String... fields) throws IOException {
        return RawClient.ask(sidecar.address(), "PURGE", target, fields);
    }

    @Test
    void thePurgeMethodPurgesIfItIsSwitchedOn() throws Exception {
        start("purge.method=true");
        store("/a?b");
        store("/a");
        Response response = purgeMethod("/a?b");
        assertThat(response.status()).isEqualTo(200);
        assertThat(new String(response.body(), UTF_8)).contains("\"purged\":1");
        assertThat(sidecar.get("/a?b").isHit()).isFalse();
        assertThat(sidecar.get("/a").isHit()).isTrue();
        assertThat(origin.requests()).noneMatch(request -> request.line().startsWith("PURGE"));
        assertThat(purgeMethod("/none").status()).isEqualTo(200);
    }

    @Test
    void aSoftPurgeByTheMethodLeavesWhatMayBeServedStale() throws Exception {
        start("purge.method=true");
        origin.on("/a", ok("max-age=60, stale-while-revalidate=60", CONTENT));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").isHit()).isTrue();

        Response purged = purgeMethod("/a", "Soft-Purge: 1");
        assertThat(new String(purged.body(), UTF_8)).contains("\"purged\":1", "\"soft\":true");
        assertThat(origin.count("/a")).isEqualTo(1);
        Response stale = sidecar.get("/a");
        assertThat(stale.body()).isEqualTo(CONTENT);
        assertThat(stale.isHit()).as("stale, while it is asked for again").isTrue();
        await().until(() -> origin.count("/a") == 2);

        assertThat(new String(purgeMethod("/a", "Soft-Purge: 0").body(), UTF_8)).contains("\"soft\":false");
    }

    @Test
    void thePurgeMethodIsAboutTheSchemeThatItCameBy() throws Exception {
        start("purge.method=true");
        origin.on("/a", ok("max-age=60", CONTENT));
        sidecar.get("/a");
        sidecar.get("/a", "X-Forwarded-Proto: https");
        purgeMethod("/a");
        assertThat(sidecar.get("/a", "X-Forwarded-Proto: https").isHit()).isTrue();
        purgeMethod("/a", "X-Forwarded-Proto: https");
        assertThat(sidecar.get("/a", "X-Forwarded-Proto: https").isHit()).isFalse();
    }

    @Test
    void thePurgeMethodIsForThoseWhoAreAllowed() throws Exception {
        start("purge.method=true", "purge.allow=127.0.0.2, 10.0.0.0/8");
        store("/a");
        assertThat(purgeMethod("/a", "X-Forwarded-For: 10.1.2.3").status()).isEqualTo(403);
        assertThat(sidecar.get("/a").isHit()).isTrue();
        try (RawClient allowed = RawClient.connectFrom("127.0.0.2", sidecar.address())) {
            assertThat(allowed.request("PURGE", "/a").response().status()).isEqualTo(200);
            assertThat(allowed.request("GET", "/a").response().isHit()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "X-Forwarded-For: 8.8.8.8, 403",
        "'X-Forwarded-For: 127.0.0.1, 8.8.8.8', 403",
        "'X-Forwarded-For: 8.8.8.8, 127.0.0.1', 403",
        "'X-Forwarded-For: 8.8.8.8, 127.0.0.3', 403",
        "X-Forwarded-For: unknown, 403",
        "Forwarded: for=8.8.8.8, 403",
        "Forwarded: for=_hidden, 403",
        "X-Forwarded-For: 127.0.0.1, 200",
        "'X-Forwarded-For: 8.8.8.8, 10.1.2.3', 200",
        "'X-Forwarded-For: 10.1.2.3, 127.0.0.1', 200",
        "Forwarded: for=10.1.2.3, 200",
        // A proxy may add a line of its own behind what its client has sent.
        "X-Forwarded-For: 127.0.0.1|X-Forwarded-For: 8.8.8.8, 403",
        "X-Forwarded-For: 8.8.8.8|X-Forwarded-For: 127.0.0.1, 403",
        "X-Forwarded-For: 8.8.8.8|X-Forwarded-For: 10.1.2.3, 200",
        "Forwarded: for=127.0.0.1|Forwarded: for=8.8.8.8, 403",
        "Forwarded: for=8.8.8.8|Forwarded: for=10.1.2.3, 200",
        // A proxy that writes one of the two may pass on what its client has written into the other.
        "Forwarded: for=8.8.8.8|X-Forwarded-For: 127.0.0.1, 403",
        "X-Forwarded-For: 127.0.0.1|Forwarded: for=8.8.8.8, 403",
        "Forwarded: for=127.0.0.1|X-Forwarded-For: 8.8.8.8, 403",
        "Forwarded: for=_hidden|X-Forwarded-For: 10.1.2.3, 403",
        "Forwarded: for=10.1.2.3|X-Forwarded-For: 10.1.2.3, 200",
        "Forwarded: for=127.0.0.1;for=8.8.8.8, 403",
        "Forwarded: for=8.8.8.8;for=127.0.0.1, 403",
        "'Forwarded: for=10.1.2.3;by=127.0.0.1;proto=http', 200",
    })
    void whoComesByATrustedProxyIsToBeAllowedToPurgeAsTheProxyIs(String fields, int status) throws Exception {
        start("purge.method=true", "purge.allow=127.0.0.1, 10.0.0.0/8", "trusted-proxies=127.0.0.0/8");
        store("/a");
        assertThat(purgeMethod("/a", fields.split("\\|")).status()).isEqualTo(status);
        assertThat(sidecar.get("/a").isHit()).isEqualTo(status == 403);
    }

    /** It is then a method like any that is not known to be safe. */
    @Test
    void thePurgeMethodIsTheOriginsIfItIsNotSwitchedOn() throws Exception {
        start();
        origin.on(
                "/a",
                ok("max-age=60", CONTENT),
                call -> call.send("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"));
        sidecar.get("/a");
        assertThat(purgeMethod("/a").status()).isEqualTo(405);
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }
}
