package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Settings that change while the sidecar runs. */
class ConfigChangeTest extends SidecarTest {
    private static final long MIB = 1 << 20;
    private static final int BODY = 256 * 1024;

    private Response put(String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            client.send("PUT /api/config HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
                    + bytes.length + "\r\n\r\n");
            return client.send(bytes).response("PUT");
        }
    }

    private JsonNode setting(String key) throws IOException {
        return new JsonMapper().readTree(sidecar.admin("/api/config")).get(key);
    }

    private JsonNode pool() {
        try {
            return new JsonMapper().readTree(sidecar.admin("/api/pool"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void ask(int responses) throws IOException {
        for (int i = 0; i < responses; i++) {
            assertThat(sidecar.get("/" + i).body()).isEqualTo(Content.of(i, BODY));
        }
    }

    @Test
    void thePoolGrowsAndShrinksWhileItServes() throws Exception {
        start("pool.size=8MiB");
        for (int i = 0; i < 100; i++) {
            origin.on("/" + i, ok("max-age=600", Content.of(i, BODY)));
        }
        ask(100);
        assertThat(pool().get("capacity").asLong()).isEqualTo(8 * MIB);

        Response grown = put("{\"lastref.pool.size\":\"64MiB\"}");
        assertThat(grown.status()).isEqualTo(200);
        assertThat(grown.body()).asString().isEqualTo("{\"changed\":{\"lastref.pool.size\":\"64MiB\"}}\n");
        assertThat(pool().get("capacity").asLong()).isEqualTo(64 * MIB);
        // The index follows: what did not fit before does now.
        await().until(() -> {
            ask(100);
            double before = sidecar.requests("hit");
            ask(100);
            return sidecar.requests("hit") - before == 100;
        });

        assertThat(put("{\"lastref.pool.size\": 4194304}").status()).isEqualTo(200);
        await().until(() -> pool().get("capacity").asLong() == 4 * MIB);
        assertThat(pool().get("target").asLong()).isEqualTo(4 * MIB);
        ask(100);
        assertThat(pool().get("bytes").get("live").asLong()).isBetween(1L, 4 * MIB);
        assertThat(setting("lastref.pool.size").get("value").asString()).isEqualTo("4194304");
        assertThat(setting("lastref.pool.size").get("source").asString()).isEqualTo("PUT /api/config");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"lastref.pool.size\":\"64 miles\"}|lastref.pool.size = \"64 miles\"|a size in bytes",
                "{\"lastref.pool.size\":\"1\"}|lastref.pool.size = \"1\"|at least 1MiB",
                "{\"lastref.pool.size\":[]}|lastref.pool.size = \"[]\"|a size in bytes",
                "{\"lastref.pool.segment-size\":\"1MiB\"}|lastref.pool.segment-size|the pool lays out its files by it",
                "{\"lastref.pool.siez\":\"64MiB\"}|lastref.pool.siez|the nearest is lastref.pool.size",
                "{\"lastref.pool.size\":\"64MiB\",\"lastref.listen\":\":1\"}|lastref.listen|addresses are bound at the start; restart",
                "{\"lastref.pool.size\":\"64MiB\",\"lastref.cache.keep\":\"long\"}|lastref.cache.keep = \"long\"|a duration",
                "{\"lastref.listen\":\":1\",\"lastref.pool.backing\":\"directory\"}|lastref.listen|lastref.pool.backing",
                "{\"lastref.pool.siez\":null,\"lastref.x\":\"1\"}|lastref.pool.siez|lastref.x",
                "{\"lastref.pool.siez\":null}|lastref.pool.siez|the nearest is lastref.pool.size",
                "[1]|a JSON object|{\"lastref.pool.size\":\"64MiB\"}",
                "{}|a JSON object|{\"lastref.pool.size\":\"64MiB\"}",
                "{\"lastref|no JSON|at line 1, column 10",
                "{\"lastref.pool.size\":\"48MiB\",\"lastref.pool.size\":\"40MiB\"}|no JSON|",
            })
    void whatCannotChangeIsRefusedWithTheReasonAndNothingChanges(String body, String what, String why)
            throws Exception {
        start("pool.size=32MiB");
        Response refused = put(body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).asString().contains(what).contains(why == null ? "" : why);
        assertThat(setting("lastref.pool.size").get("value").asString()).isEqualTo("32MiB");
        assertThat(pool().get("target").asLong()).isEqualTo(32 * MIB);
        if (why != null && body.startsWith("{\"lastref.")) {
            assertThat(sidecar.metric("lastref_config_last_change_successful")).isZero();
            assertThat(sidecar.metric("lastref_config_changes_total{outcome=\"refused\",}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void theLogSaysWhatWasChangedWithWhichValueAndFromWhere() throws Exception {
        start("pool.size=32MiB");
        try (LoggedLines log = new LoggedLines("dev.lastref.http.log.ChangeLog")) {
            put("{\"lastref.pool.size\":\"24MiB\",\"lastref.cache.keep\":\"7s\"}");
            put("{\"lastref.pool.size\":\"24MiB\"}");
            put("{\"lastref.listen\":\":1\"}");
            put("{\"lastref.cache.keep\":\"1\\r\\n2\\u001b[2J\"}");
            RawClient.ask(sidecar.admin(), "POST", "/api/reload");
            RawClient.get(sidecar.admin(), "/api/config");
            String from = " from 127\\.0\\.0\\.1:\\d+: ";
            assertThat(log.lines()).hasSize(5);
            assertThat(log.lines().get(0))
                    .matches("PUT /api/config" + from + "lastref\\.pool\\.size = 24MiB, lastref\\.cache\\.keep = 7s");
            assertThat(log.lines().get(1)).matches("PUT /api/config" + from + "no setting has changed");
            assertThat(log.lines().get(2))
                    .matches("PUT /api/config" + from + "nothing is changed: lastref\\.listen = \":1\" .*");
            assertThat(log.lines().get(3))
                    .contains("\"1\\u000d\\u000a2\\u001b[2J\"")
                    .doesNotContain("\n", "\u001b");
            assertThat(log.lines().get(4)).matches("POST /api/reload" + from + "no setting has changed");
        }
    }

    @Test
    void whoTurnsTheLogDownIsLoggedAndWhatIsDoneThen() throws Exception {
        start();
        try (LoggedLines log = new LoggedLines("dev.lastref.http.log.ChangeLog")) {
            put("{\"lastref.log.level\":\"error\"}");
            put("{\"lastref.pool.size\":\"24MiB\"}");
            put("{\"lastref.listen\":\":1\"}");
            assertThat(Logger.getLogger("dev.lastref.http.Sidecar").isLoggable(Level.WARNING))
                    .as("the level counts for all others")
                    .isFalse();
            put("{\"lastref.log.level\":\"info\"}");
            assertThat(log.lines()).hasSize(4);
            assertThat(log.lines().get(0)).endsWith(": lastref.log.level = error");
            assertThat(log.lines().get(1)).endsWith(": lastref.pool.size = 24MiB");
            assertThat(log.lines().get(2)).contains(": nothing is changed: lastref.listen");
            assertThat(log.lines().get(3)).endsWith(": lastref.log.level = info");
        } finally {
            put("{\"lastref.log.level\":\"info\"}");
        }
    }

    /** The pool is the first to take what changes, so what it refuses leaves everything else as it was too. */
    @Test
    void whatThePoolRefusesChangesNothingElse() throws Exception {
        start("pool.size=32MiB", "pool.segment-size=2MiB");
        origin.on("/a", ok("max-age=60", Content.of(1, 100)));
        Response refused = put("{\"lastref.pool.size\":\"4MiB\",\"lastref.cache.status-key\":\"true\"}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).asString().contains("lastref.pool.s");
        assertThat(sidecar.get("/a").first("Cache-Status")).doesNotContain("key=");
        assertThat(setting("lastref.cache.status-key").get("source").asString()).isEqualTo("default");
    }

    @Test
    void whatIsServedAndStoredFollowsTheSettings() throws Exception {
        start();
        for (int i = 0; i < 4; i++) {
            origin.on("/" + i, ok(null, Content.of(i, 100)));
        }
        assertThat(sidecar.get("/0").first("Cache-Status"))
                .contains("detail=no-lifetime")
                .doesNotContain("key=");
        assertThat(put("{\"lastref.cache.default-ttl\":\"60s\",\"lastref.cache.status-key\":true,"
                                + "\"lastref.cache.max-object\":50,\"lastref.pool.pin-timeout\":\"20s\","
                                + "\"lastref.transmit.unsent-limit\":\"64KiB\",\"lastref.log.level\":\"info\"}")
                        .status())
                .isEqualTo(200);
        assertThat(sidecar.get("/1").first("Cache-Status")).contains("key=", "detail=pool-too-large");

        Response back = put("{\"lastref.cache.max-object\":null}");
        assertThat(back.body()).asString().isEqualTo("{\"changed\":{\"lastref.cache.max-object\":\"64MiB\"}}\n");
        assertThat(setting("lastref.cache.max-object").get("source").asString()).isEqualTo("default");
        sidecar.get("/2");
        assertThat(sidecar.get("/2").isHit()).isTrue();
    }

    @Test
    void aRulesLifetimesChangeAndWhatItIsForDoesNot() throws Exception {
        start("rules.all.path=*", "rules.all.tags=t");
        origin.on("/0", ok(null, Content.of(0, 100)));
        sidecar.get("/0");
        assertThat(sidecar.get("/0").isHit()).isFalse();
        assertThat(put("{\"lastref.rules.all.ttl\":\"60s\"}").status()).isEqualTo(200);
        sidecar.get("/0");
        assertThat(sidecar.get("/0").isHit()).isTrue();
        assertThat(setting("lastref.rules.all.ttl").get("value").asString()).isEqualTo("60s");

        Response refused = put("{\"lastref.rules.all.path\":\"/x\",\"lastref.rules.all.ttl\":null}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).asString().contains("lastref.rules.all.path", "what is stored is found by it");
        assertThat(put("{\"lastref.rules.new.path\":\"/x\"}").status()).isEqualTo(400);
        assertThat(setting("lastref.rules.all.ttl").get("value").asString()).isEqualTo("60s");
    }

    @Test
    void moreInTheSocketsOfClientsThatTakeNothingHasToFitToo() throws Exception {
        long heap = Runtime.getRuntime().maxMemory() >> 20;
        start("memory.limit=" + (heap + 1024) + "MiB", "pool.size=32MiB");
        String refused =
                new String(put("{\"lastref.pool.size\":\"2GiB\"}").body(), java.nio.charset.StandardCharsets.UTF_8);
        String largest = refused.replaceFirst("(?s).*set lastref.pool.size to at most (\\w+).*", "$1");
        assertThat(put("{\"lastref.pool.size\":\"" + largest + "\"}").status()).isEqualTo(200);
        Response tooMuch = put("{\"lastref.transmit.unsent-limit\":\"1MiB\"}");
        assertThat(tooMuch.status()).isEqualTo(400);
        assertThat(tooMuch.body()).asString().contains("sockets 80 MiB");
        assertThat(put("{\"lastref.transmit.unsent-limit\":\"128KiB\"}").status())
                .isEqualTo(200);
        assertThat(put("{\"lastref.transmit.unsent-limit\":\"512KiB\"}").status())
                .isEqualTo(200);
    }

    @Test
    void aPoolThatDoesNotFitTheMemoryIsRefusedWithTheSumAndNothingChanges() throws Exception {
        long heap = Runtime.getRuntime().maxMemory() >> 20;
        start("memory.limit=" + (heap + 1024) + "MiB", "pool.size=32MiB");
        Response refused = put("{\"lastref.pool.size\":\"2GiB\",\"lastref.cache.status-key\":true}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body())
                .asString()
                .contains(
                        "lastref.pool.size = 2048 MiB does not fit: lastref.memory.limit is " + (heap + 1024) + " MiB",
                        "pool 2048 MiB + heap ",
                        "set lastref.pool.size to at most ");
        assertThat(setting("lastref.pool.size").get("value").asString()).isEqualTo("32MiB");
        assertThat(setting("lastref.cache.status-key").get("value").asString()).isEqualTo("false");
        assertThat(sidecar.metric("lastref_config_last_change_successful")).isZero();
        assertThat(new JsonMapper()
                        .readTree(sidecar.admin("/api/pool"))
                        .get("target")
                        .asLong())
                .isEqualTo(32 << 20);
        assertThat(put("{\"lastref.pool.size\":\"64MiB\"}").status()).isEqualTo(200);
    }

    @Test
    void aPageOfAnotherSiteMayNotChangeAnything() throws Exception {
        start();
        for (String[] request : new String[][] {{"PUT", "/api/config"}, {"POST", "/api/reload"}}) {
            assertThat(RawClient.ask(sidecar.admin(), request[0], request[1], "Origin: http://elsewhere.example")
                            .status())
                    .isEqualTo(403);
        }
    }

    @Test
    void otherMethodsAreNotAllowed() throws Exception {
        start();
        Response refused = RawClient.ask(sidecar.admin(), "DELETE", "/api/config");
        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.first("Allow")).isEqualTo("GET, HEAD, PUT");
    }
}
