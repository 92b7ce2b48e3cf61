package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.pool.testing.SlowReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Clients that do not take what they asked for: named, counted and reset; and one that is only slow. */
class LaggardTest extends SidecarTest {
    private static final int BODY = 8_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final JsonMapper json = new JsonMapper();

    private JsonNode transmissions() throws IOException {
        return json.readTree(sidecar.admin("/api/transmissions"));
    }

    private static String address(RawClient client) {
        return "127.0.0.1:" + client.socket().getLocalPort();
    }

    /** A client that has asked for the body, and has read the response's head. */
    private RawClient ask(String target, String... fields) throws IOException {
        RawClient client = RawClient.connect(sidecar.address(), 16 * 1024);
        assertThat(client.request("GET", target, fields).head().status()).isBetween(200, 206);
        return client;
    }

    private Response purge(String url) throws IOException {
        byte[] content = ("{\"url\":\"" + url + "\"}").getBytes(StandardCharsets.UTF_8);
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            return client.request(
                            "POST", "/api/purge", "Content-Type: application/json", "Content-Length: " + content.length)
                    .send(content)
                    .response("POST");
        }
    }

    @Test
    void whoHoldsWhatIsListedUntilItHasBeenRead() throws Exception {
        start();
        origin.on("/large", ok("max-age=600", Content.of(1, BODY)));
        sidecar.get("/large");
        await().until(() -> transmissions().get("transmissions").isEmpty());
        try (RawClient client = ask("/large")) {
            // Its transmission runs from the first byte on; the kernel's queues fill a moment later.
            await().until(() -> transmissions().get("pinnedBytes").asLong() > 0);
            JsonNode listed = transmissions().get("transmissions");
            assertThat(listed).hasSize(1);
            JsonNode one = listed.get(0);
            assertThat(one.get("peer").asString()).isEqualTo(address(client));
            assertThat(one.get("local").asString())
                    .endsWith(":" + sidecar.address().getPort());
            assertThat(one.get("path").asString()).isEqualTo("/large");
            assertThat(one.get("state").asString()).isEqualTo("sending");
            assertThat(one.get("segments")).isNotEmpty();
            assertThat(one.get("bytes").asLong()).isPositive();
            assertThat(one.get("heldSeconds").asDouble())
                    .isGreaterThanOrEqualTo(one.get("secondsWithoutProgress").asDouble());
            assertThat(sidecar.metric("lastref_transmissions_pinned_bytes")).isPositive();

            assertThat(client.read(BODY)).isEqualTo(Content.of(1, BODY));
            await().until(() -> transmissions().get("transmissions").isEmpty());
            assertThat(transmissions().get("pinnedBytes").asLong()).isZero();
        }
        assertThat(sidecar.metric("lastref_laggard_resets_total")).isZero();
    }

    @Test
    void whoHoldsAResponseIsListedWithTheUrlByWhichItIsPurgedHoweverItIsSent() throws Exception {
        start("rules.large.path=/large", "rules.large.query.without=utm_*");
        String wire = "/large?id=caf\u00c3\u00a9"; // as UTF-8 has it, a character for each byte
        String shown = "/large?id=caf\u00e9";
        origin.on(wire, ok("max-age=600", Content.of(5, BODY)));
        origin.on("/small", ok("max-age=600", Content.of(6, 100)));
        List<RawClient> stalled = new ArrayList<>();
        try {
            stalled.add(ask(wire + "&utm_source=miss"));
            await().until(() -> sidecar.admin("/api/entries").contains(shown));
            String target = wire + "&utm_source=hit";
            stalled.add(ask(target));
            stalled.add(ask("http://test" + target));
            stalled.add(ask(target, "Range: bytes=0-7999990"));
            stalled.add(ask(target, "Range: bytes=0-3999999,4000001-7999999"));
            // What follows on a connection is answered before the server has parsed it.
            RawClient again = RawClient.connect(sidecar.address(), 16 * 1024);
            stalled.add(again);
            sidecar.get("/small");
            again.request("GET", "/small").response();
            again.request("GET", target).head();

            await().untilAsserted(() -> assertThat(transmissions()
                            .get("transmissions")
                            .valueStream()
                            .map(one -> one.get("path").asString()))
                    .hasSize(6)
                    .containsOnly(shown));
        } finally {
            for (RawClient client : stalled) {
                client.close();
            }
        }
        Response purged = purge(shown);
        assertThat(new String(purged.body(), StandardCharsets.UTF_8)).contains("\"purged\":1");
    }

    @Test
    void aClientThatLeavesAnUnreadResponseInItsOwnQueueIsListedAsSuch() throws Exception {
        start("transmit.sendfile-min=8KiB");
        origin.on("/medium", ok("max-age=600", Content.of(2, 100_000)));
        sidecar.get("/medium");
        try (RawClient client = RawClient.connect(sidecar.address(), 256 * 1024)) {
            client.request("GET", "/medium");
            await().until(() -> transmissions()
                    .get("transmissions")
                    .valueStream()
                    .anyMatch(one -> one.get("peer").asString().equals(address(client))
                            && one.get("state").asString().equals("unread")));
            assertThat(client.response().body()).isEqualTo(Content.of(2, 100_000));
            await().until(() -> transmissions().get("transmissions").isEmpty());
        }
    }

    @Test
    void whoStopsReadingWhatGoesPastThePoolIsResetToo() throws Exception {
        start("pool.pin-timeout=2s");
        origin.on("/private", ok("no-store", Content.of(3, 3 * BODY)));
        try (RawClient stalled = ask("/private")) {
            await().atMost(PATIENCE).until(() -> sidecar.metric("lastref_laggard_resets_total") == 1);
            assertThat(stalled.awaitEnd()).isEqualTo(RawClient.Ending.RST);
        }
        await().atMost(PATIENCE).until(() -> origin.openConnections() == 0);
        await().until(() -> transmissions().get("transmissions").isEmpty());
    }

    @Test
    void whoTakesWhatGoesPastThePoolIsListedUntilItHasAll() throws Exception {
        start();
        origin.on("/private", ok("no-store", Content.of(4, BODY)));
        try (RawClient client = ask("/private")) {
            await().until(() -> transmissions().get("transmissions").size() == 1);
            assertThat(client.read(BODY)).isEqualTo(Content.of(4, BODY));
            await().until(() -> transmissions().get("transmissions").isEmpty());
        }
    }

    @Test
    void aClientThatStopsReadingIsResetAndOneThatIsSlowIsNot() throws Exception {
        start("pool.pin-timeout=3s");
        origin.on("/large", ok("max-age=600", Content.of(1, BODY)));
        assertThat(sidecar.get("/large").body()).isEqualTo(Content.of(1, BODY));
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        SlowReader.Taster keep = (bytes, from) -> {
            byte[] some = new byte[bytes.remaining()];
            bytes.duplicate().get(some);
            taken.writeBytes(some);
        };
        // It takes from the socket exactly what it is told to, where RawClient would take a buffer at a time.
        try (SlowReader slow = SlowReader.connect(sidecar.address(), 16 * 1024, keep);
                RawClient stalled = ask("/large")) {
            slow.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
                slow.read(100); // 5 kB a second
                return sidecar.metric("lastref_laggard_resets_total") == 1;
            });
            slow.goOn();
            await().atMost(PATIENCE).until(() -> slow.received() > BODY);
            String head = taken.toString(StandardCharsets.ISO_8859_1).split("\r\n\r\n", 2)[0];
            slow.awaitReceived(head.length() + 4 + BODY);
            byte[] all = taken.toByteArray();
            assertThat(Arrays.copyOfRange(all, head.length() + 4, all.length)).isEqualTo(Content.of(1, BODY));
            assertThat(stalled.awaitEnd()).isEqualTo(RawClient.Ending.RST);
        }
        assertThat(sidecar.metric("lastref_laggard_resets_total")).isEqualTo(1);
        await().until(() -> sidecar.metric("lastref_transmissions_pinned_bytes") == 0);
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }
}
