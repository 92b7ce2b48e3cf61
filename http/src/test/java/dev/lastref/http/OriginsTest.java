package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Several origins: who is asked, who is left out, and what clients get where nobody can be asked. */
class OriginsTest extends SidecarTest {
    private static final byte[] CONTENT = "an answer".getBytes();

    private final ScriptedOrigin other = ScriptedOrigin.start();
    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void closeOthers() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        if (sidecar != null) {
            sidecar.close();
        }
        other.close();
    }

    private void startBoth(String... settings) {
        before(origin.url() + "," + other.url(), settings);
    }

    private void before(String origins, String... settings) {
        sidecar = TestSidecar.before(origins, settings);
    }

    private RawClient ask(String method, String target, String... fields) throws IOException {
        RawClient client = sidecar.connect();
        clients.add(client);
        return client.request(method, target, fields);
    }

    private static String closedPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + free.getLocalPort();
        }
    }

    @Test
    void theOriginWithTheFewestRequestsIsAsked() throws Exception {
        Gate gate = new Gate();
        Script slow = call -> {
            gate.await();
            ok("no-store", CONTENT).play(call);
        };
        for (int i = 1; i <= 6; i++) {
            origin.on("/slow?" + i, slow);
            other.on("/slow?" + i, slow);
        }
        startBoth("origin.health.interval=0");
        for (int i = 1; i <= 6; i++) {
            ask("GET", "/slow?" + i);
            int running = i;
            await().until(() -> origin.requests().size() + other.requests().size() == running);
        }

        assertThat(origin.requests()).hasSize(3);
        assertThat(other.requests()).hasSize(3);
        gate.open();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void whereNoConnectionCanBeMadeAnotherOriginIsAskedWhateverTheMethod(String method) throws Exception {
        origin.on("/", ok("no-store", CONTENT));
        before(closedPort() + "," + origin.url(), "origin.health.interval=0");
        for (int i = 0; i < 20; i++) {
            assertThat(ask(method, "/").response().body()).isEqualTo(CONTENT);
        }
        assertThat(origin.count("/")).isEqualTo(20);
    }

    @Test
    void anOriginThatBreaksConnectionsIsLeftOutAndNoIdempotentRequestFails() throws Exception {
        Script breaks = call -> call.close();
        origin.on("/", breaks);
        other.on("/", ok("no-store", CONTENT));
        startBoth("origin.health.interval=0", "origin.eject-after=3", "origin.eject-time=600s");
        for (int i = 0; i < 60; i++) {
            assertThat(ask("GET", "/").response().body()).isEqualTo(CONTENT);
        }

        assertThat(origin.count("/")).isEqualTo(3);
        assertThat(other.count("/")).isEqualTo(60);
    }

    @Test
    void aRequestThatMayHaveHadAnEffectIsNotSentTwice() throws Exception {
        origin.on("/", call -> call.close());
        other.on("/", call -> call.close());
        startBoth("origin.health.interval=0");

        assertThat(ask("POST", "/").response().status()).isEqualTo(502);
        assertThat(origin.count("/") + other.count("/")).isEqualTo(1);
        // A GET is, once.
        assertThat(ask("GET", "/").response().status()).isEqualTo(502);
        assertThat(origin.count("/") + other.count("/")).isEqualTo(3);
    }

    @Test
    void theLastOriginIsNeverLeftOutForItsFailuresAlone() throws Exception {
        origin.on("/", call -> call.close());
        start("origin.eject-after=1", "origin.eject-time=600s");
        for (int i = 1; i <= 5; i++) {
            assertThat(sidecar.get("/").status()).isEqualTo(502);
            assertThat(origin.count("/")).isEqualTo(i);
        }
    }

    @Test
    void whileChecksFailStaleIsServedWhereAllowedAndTheRestIsToldWhenToComeBack() throws Exception {
        AtomicBoolean well = new AtomicBoolean(true);
        origin.on("/health", call -> {
            String status = well.get() ? "204 No Content" : "500 Internal Server Error";
            call.send("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                    .close();
        });
        origin.on("/stale", ok("max-age=0, stale-if-error=600", CONTENT, "ETag: \"a\""));
        origin.on("/never", ok("no-store", CONTENT));
        start(
                "origin.health.path=/health",
                "origin.health.interval=50ms",
                "origin.health.down-after=2",
                "origin.health.up-after=2",
                "ready.origin=always");
        assertThat(sidecar.get("/stale").status()).isEqualTo(200);
        await().until(() -> ready() == 200);
        well.set(false);
        await().until(() -> ready() == 503);
        assertThat(said()).isEqualTo("not ready: every origin is down (lastref.ready.origin=always)\n");
        assertThat(sidecar.metric("lastref_not_ready{waits_for=\"origin_down\",}"))
                .isOne();
        int before = origin.count("/never");

        Response refused = sidecar.get("/never");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(Integer.parseInt(refused.first("Retry-After"))).isPositive();
        assertThat(refused.cacheStatus()).contains("none-available");
        Response stale = sidecar.get("/stale");
        assertThat(stale.body()).isEqualTo(CONTENT);
        assertThat(stale.cacheStatus()).contains("stale-if-error");
        assertThat(origin.count("/never")).isEqualTo(before);

        well.set(true);
        await().until(() -> ready() == 200);
        assertThat(sidecar.get("/never").status()).isEqualTo(200);
    }

    @Test
    void whileNoOriginHasAnsweredItSaysThatItWaitsForThat() throws Exception {
        origin.close();
        start();
        assertThat(ready()).isEqualTo(503);
        assertThat(said()).isEqualTo("not ready: no origin has answered yet (lastref.ready.origin)\n");
        assertThat(sidecar.metric("lastref_not_ready{waits_for=\"origin_unanswered\",}"))
                .isOne();
        assertThat(sidecar.metric("lastref_not_ready{waits_for=\"draining\",}")).isZero();
        assertThat(sidecar.admin("/api/stats")).contains("\"ready\":false", said().strip());
    }

    private String said() throws IOException {
        return new String(RawClient.ask(sidecar.admin(), "GET", "/health/ready").body(), UTF_8);
    }

    private int ready() throws IOException {
        return RawClient.ask(sidecar.admin(), "GET", "/health/ready").status();
    }

    @Test
    void checksFindADeadOriginBeforeClientsDo() throws Exception {
        origin.on("/", ok("no-store", CONTENT));
        other.on("/", ok("no-store", CONTENT));
        startBoth(
                "origin.health.interval=50ms",
                "origin.health.down-after=1",
                "origin.eject-after=0",
                "ready.origin=always");
        InetSocketAddress gone = other.address();
        other.close();
        // Down: of many requests none goes there first, so none is retried.
        await().untilAsserted(() -> {
            for (int i = 0; i < 8; i++) {
                assertThat(sidecar.get("/").body()).isEqualTo(CONTENT);
            }
        });
        assertThat(ready()).isEqualTo(200);
        origin.close();
        await().until(() -> ready() == 503);
        // One comes back.
        try (ServerSocket back = new ServerSocket(gone.getPort(), 8, gone.getAddress())) {
            await().until(() -> ready() == 200);
        }
    }

    @Test
    void whereOneIsAlwaysToBeUpReadinessGoesAndComesWithTheSoleOrigin() throws Exception {
        start(
                "origin.health.interval=50ms",
                "origin.health.down-after=2",
                "origin.health.up-after=2",
                "ready.origin=always");
        await().until(() -> ready() == 200);
        InetSocketAddress gone = origin.address();
        origin.close();
        await().until(() -> ready() == 503);
        assertThat(said()).isEqualTo("not ready: every origin is down (lastref.ready.origin=always)\n");
        assertThat(shown(0).get("state").asString()).isEqualTo("down");
        try (ServerSocket back = new ServerSocket(gone.getPort(), 8, gone.getAddress())) {
            await().until(() -> ready() == 200);
        }
        await().until(() -> ready() == 503);
    }

    @Test
    void whatIsTooMuchForAnOriginWaitsAndWhatIsTooMuchToWaitIsRefusedAtOnce() throws Exception {
        Gate gate = new Gate();
        Script slow = call -> {
            gate.await();
            ok("no-store", CONTENT).play(call);
        };
        origin.on("/1", slow).on("/2", slow).on("/3", slow);
        start("origin.connections=1", "origin.queue=1", "origin.queue-timeout=600s");
        RawClient first = ask("POST", "/1");
        await().until(() -> origin.count("/1") == 1);
        RawClient second = ask("POST", "/2");
        // The queue has room for one of these two.
        RawClient third = ask("POST", "/3");
        Response[] refused = new Response[1];
        await().until(() -> {
            for (RawClient client : new RawClient[] {second, third}) {
                if (!client.isQuietFor(50)) {
                    refused[0] = client.response();
                    return true;
                }
            }
            return false;
        });
        assertThat(refused[0].status()).isEqualTo(503);
        assertThat(refused[0].cacheStatus()).contains("overloaded");
        assertThat(Integer.parseInt(refused[0].first("Retry-After"))).isPositive();
        assertThat(origin.requests()).hasSize(1);

        gate.open();
        assertThat(first.response().body()).isEqualTo(CONTENT);
        await().until(() -> origin.requests().size() == 2);
    }

    @Test
    void nobodyWaitsForAnOriginLongerThanItsTime() throws Exception {
        Gate gate = new Gate();
        origin.on("/1", call -> gate.await());
        start("origin.connections=1", "origin.queue-timeout=100ms");
        ask("POST", "/1");
        await().until(() -> origin.count("/1") == 1);

        assertThat(ask("POST", "/2").response().status()).isEqualTo(503);
        assertThat(origin.count("/2")).isZero();
        gate.open();
    }

    @Test
    void itIsReadyOnceAnOriginHasAnswered() throws Exception {
        String url = closedPort();
        before(url);
        assertThat(ready()).isEqualTo(503);
        assertThat(RawClient.ask(sidecar.admin(), "GET", "/health/live").status())
                .isEqualTo(200);
        try (ServerSocket up = new ServerSocket(
                Integer.parseInt(url.substring(url.lastIndexOf(':') + 1)), 8, InetAddress.getLoopbackAddress())) {
            await().until(() -> ready() == 200);
        }
        assertThat(ready()).as("once is enough").isEqualTo(200);
    }

    @Test
    void itIsReadyWithoutAnOriginWhereThatIsWanted() throws Exception {
        before(closedPort(), "ready.origin=never");
        assertThat(ready()).isEqualTo(200);
    }

    private JsonNode shown(int index) throws IOException {
        return new JsonMapper()
                .readTree(sidecar.admin("/api/origins"))
                .get("origins")
                .get(index);
    }

    @Test
    void eachOriginsStateIsShownAndMeasuredFromTheStart() throws Exception {
        String gone = closedPort();
        Gate gate = new Gate();
        origin.on("/slow", call -> {
            gate.await();
            ok("no-store", CONTENT).play(call);
        });
        origin.on("/a", ok("no-store", CONTENT));
        before(origin.url() + "," + gone, "origin.eject-after=1", "origin.eject-time=1h", "origin.connections=1");
        String ofOrigin = "{origin=\"" + origin.url() + "\",}";
        String ofGone = "{origin=\"" + gone + "\",}";
        for (String name : List.of("running", "waiting")) {
            assertThat(sidecar.metric("lastref_origin_requests_" + name + ofGone))
                    .isZero();
        }
        for (String name : List.of("answered", "failed", "ejections")) {
            assertThat(sidecar.metric("lastref_origin_" + name + "_total" + ofOrigin))
                    .isZero();
            assertThat(sidecar.metric("lastref_origin_" + name + "_total" + ofGone))
                    .isZero();
        }
        assertThat(shown(0).get("url").asString()).isEqualTo(origin.url());
        assertThat(shown(0).get("lastError").isNull()).isTrue();

        // Each that is first tried there goes elsewhere, until it is left out.
        await().until(() -> {
            assertThat(sidecar.get("/a").status()).isEqualTo(200);
            return shown(1).get("state").asString().equals("ejected");
        });
        JsonNode ejected = shown(1);
        assertThat(ejected.get("available").asBoolean()).isFalse();
        assertThat(ejected.get("availableInSeconds").asDouble()).isBetween(3000.0, 3600.0);
        assertThat(ejected.get("lastError").asString()).containsIgnoringCase("refused");
        assertThat(ejected.get("lastErrorAt").asString()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
        assertThat(ejected.get("failed").asInt()).isPositive();
        assertThat(ejected.get("failedInARow").asInt()).isPositive();
        assertThat(sidecar.metric("lastref_origin_available" + ofGone)).isZero();
        assertThat(sidecar.metric("lastref_origin_available" + ofOrigin)).isEqualTo(1);
        assertThat(sidecar.metric("lastref_origin_ejections_total" + ofGone)).isEqualTo(1);
        assertThat(sidecar.metric("lastref_origin_answered_total" + ofOrigin)).isPositive();

        ask("GET", "/slow");
        await().until(() -> shown(0).get("running").asInt() == 1);
        ask("GET", "/slow?2");
        await().until(() -> shown(0).get("waiting").asInt() == 1);
        assertThat(sidecar.metric("lastref_origin_requests_waiting" + ofOrigin)).isEqualTo(1);
        gate.open();
        await().until(() -> shown(0).get("running").asInt() == 0);
    }
}
