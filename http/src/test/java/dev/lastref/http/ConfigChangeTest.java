package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
        assertThat(grown.body()).asString().isEqualTo("{\"lastref.pool.size\":67108864}\n");
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
        assertThat(sidecar.admin("/api/config")).isEqualTo("{\"lastref.pool.size\":4194304}\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"lastref.pool.size\":\"64 miles\"}|lastref.pool.size = \"64 miles\"|a size in bytes",
                "{\"lastref.pool.size\":\"1\"}|lastref.pool.size = \"1\"|at least 1048576 bytes",
                "{\"lastref.pool.size\":[]}|lastref.pool.size = \"[]\"|a size in bytes",
                "{\"lastref.pool.segment-size\":\"1MiB\"}|lastref.pool.segment-size|only lastref.pool.size changes",
                "{\"lastref.pool.siez\":\"64MiB\"}|lastref.pool.siez|the nearest is lastref.pool.size",
                "{\"lastref.pool.size\":\"64MiB\",\"lastref.listen\":\":1\"}|lastref.listen|only lastref.pool.size",
                "[1]|a JSON object|{\"lastref.pool.size\":\"64MiB\"}",
                "{}|a JSON object|{\"lastref.pool.size\":\"64MiB\"}",
                "{\"lastref|no JSON|",
            })
    void whatCannotChangeIsRefusedWithTheReasonAndNothingChanges(String body, String what, String why)
            throws Exception {
        start("pool.size=32MiB");
        Response refused = put(body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).asString().contains(what).contains(why == null ? "" : why);
        assertThat(sidecar.admin("/api/config")).isEqualTo("{\"lastref.pool.size\":33554432}\n");
    }

    @Test
    void otherMethodsAreNotAllowed() throws Exception {
        start();
        Response refused = RawClient.ask(sidecar.admin(), "DELETE", "/api/config");
        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.first("Allow")).isEqualTo("GET, HEAD, PUT");
    }
}
