package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of what a request may be, how long it may take to come, and how many may come: what is just allowed, and what is not. */
class LimitsTest extends SidecarTest {
    private static final String END = "\r\nHost: test\r\n\r\n";

    private Response sent(String request) throws Exception {
        try (RawClient client = sidecar.connect()) {
            Response response = client.send(request).response();
            if (response.status() != 200) {
                assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
                assertThat(response.first("Cache-Status")).isEqualTo("lastref; detail=refused");
            }
            return response;
        }
    }

    private void store() {
        origin.on("/", ok("max-age=600", new byte[10]));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 16 * 1024, 64 * 1024})
    void aTargetMayHaveSoManyBytesAndNotOneMore(int limit) throws Exception {
        start("limits.url=" + limit, "limits.head=128KiB");
        String target = "/" + "a".repeat(limit - 1);
        origin.on(target, ok("max-age=600", new byte[10]));
        assertThat(sent("GET " + target + " HTTP/1.1" + END).status()).isEqualTo(200);
        assertThat(sent("GET " + target + " HTTP/1.1" + END).isHit()).isTrue();
        Response refused = sent("GET " + target + "a HTTP/1.1" + END);
        assertThat(refused.status()).isEqualTo(414);
        assertThat(refused.body()).asString().contains("lastref.limits.url");
        assertThat(origin.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 64 * 1024, 512 * 1024})
    void aHeadMayHaveSoManyBytesAndNotOneMore(int limit) throws Exception {
        start("limits.head=" + limit, "cache.default-ttl=1m");
        store();
        String begin = "GET / HTTP/1.1\r\nHost: test\r\nX-Long: ";
        String filling = "x".repeat(limit - begin.length() - 4);
        assertThat(sent(begin + filling + "\r\n\r\n").status()).isEqualTo(200);
        Response refused = sent(begin + filling + "x\r\n\r\n");
        assertThat(refused.status()).isEqualTo(431);
        assertThat(refused.body()).asString().contains("lastref.limits.head");
        assertThat(origin.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 128})
    void aRequestMayHaveSoManyFieldsAndNotOneMore(int limit) throws Exception {
        start("limits.fields=" + limit);
        store();
        String begin = "GET / HTTP/1.1\r\nHost: test\r\n" + "X-Other: x\r\n".repeat(limit - 1);
        assertThat(sent(begin + "\r\n").status()).isEqualTo(200);
        Response refused = sent(begin + "X-Other: x\r\n\r\n");
        assertThat(refused.status()).isEqualTo(431);
        assertThat(refused.body()).asString().contains("lastref.limits.fields");
        assertThat(origin.requests()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "limits.url=0, 1B to 64KiB",
        "limits.url=65537, 1B to 64KiB",
        "limits.head=1023, 1KiB to 512KiB",
        "limits.head=513KiB, 1KiB to 512KiB",
        "limits.fields=0, a number from 1 to 128",
        "limits.fields=129, a number from 1 to 128",
        "limits.head-timeout=0s, more than 0",
        "limits.body-timeout=0s, more than 0",
        "limits.requests-per-second-per-peer=-1, a number from 0",
        "limits.requests-per-second-per-peer=ten, a number from 0",
    })
    void aLimitThatCannotBeIsRefused(String setting, String expected) {
        assertThatThrownBy(() -> start(setting))
                .hasMessageContaining("lastref." + setting.replace("=", " = \"") + "\"")
                .hasMessageContaining(expected);
    }

    // ---- time

    @Test
    void aHeadThatDripsInIsAnsweredWith408HoweverSteadilyItComes() throws Exception {
        start("limits.head-timeout=500ms");
        store();
        try (RawClient client = sidecar.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: test\r\n");
            // Until the other side says something.
            while (client.isQuietFor(20)) {
                client.send("X: y\r\n");
            }
            Response refused = client.response();
            assertThat(refused.status()).isEqualTo(408);
            assertThat(refused.first("Connection")).isEqualTo("close");
            assertThat(refused.body()).asString().contains("lastref.limits.head-timeout");
        }
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void theTimeOfAHeadBeginsWithItsFirstByteAndEndsWithItsLast() throws Exception {
        start("limits.head-timeout=300ms");
        store();
        try (RawClient patient = sidecar.connect();
                RawClient slow = sidecar.connect()) {
            assertThat(patient.request("GET", "/").response().status()).isEqualTo(200);
            // As long as it takes to cut the slow one off, the other says nothing, and half of its connection's
            // requests were whole.
            slow.send("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HT");
            assertThat(slow.response().status()).isEqualTo(200);
            assertThat(slow.response().status()).isEqualTo(408);
            assertThat(slow.awaitEnd()).isEqualTo(Ending.FIN);
            for (int i = 0; i < 3; i++) {
                patient.send("GET / HTTP/1.1\r\nHo");
                patient.send("st: test\r\n\r\n");
                assertThat(patient.response().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aHeadBehindTheLastRequestIsNotWaitedFor() throws Exception {
        start("limits.head-timeout=300ms");
        store();
        try (RawClient client = sidecar.connect();
                RawClient slow = sidecar.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\nGET / HT");
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
            slow.send("GET / HT");
            assertThat(slow.response().status()).as("a head that is waited for").isEqualTo(408);
            assertThat(slow.awaitEnd()).isEqualTo(Ending.FIN);
            // Counted behind the answer.
            await().until(() -> sidecar.metric("lastref_requests_refused_total{reason=\"head_timeout\",}") >= 1);
            assertThat(sidecar.metric("lastref_requests_refused_total{reason=\"head_timeout\",}"))
                    .isEqualTo(1);
        }
    }

    /** Where reads end within heads all the time, each head has its own time. */
    @Test
    void headsThatAreCutByReadsAreNotLate() throws Exception {
        start("limits.head-timeout=400ms");
        store();
        try (RawClient client = sidecar.connect();
                RawClient slow = sidecar.connect()) {
            slow.send("G");
            client.send("GET / HT");
            // Longer than one head may take, as the slow one shows.
            while (slow.isQuietFor(10)) {
                client.send("TP/1.1\r\nHost: test\r\n\r\nGET / HT");
                assertThat(client.response().status()).isEqualTo(200);
            }
            assertThat(slow.response().status()).isEqualTo(408);
            client.send("TP/1.1\r\nHost: test\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(200);
        }
    }

    @Test
    void theOriginsTimeIsNotTheClients() throws Exception {
        origin.on("/up", call -> {
            call.body();
            call.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        start("limits.body-timeout=20s", "origin.first-byte-timeout=1s");
        try (RawClient client = sidecar.connect()) {
            client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx");
            // Longer than the origin may take.
            assertThat(client.isQuietFor(1500)).isTrue();
            client.send("xxxx");
            assertThat(client.response("POST").status()).isEqualTo(200);
        }
    }

    // ---- how many

    @ParameterizedTest
    @ValueSource(strings = {"/miss", "/hit"})
    void whoAsksTooOftenIsToldWhenToComeAgain(String path) throws Exception {
        start("limits.requests-per-second-per-peer=3", "trusted-proxies=none");
        origin.on("/hit", ok("max-age=600", new byte[10]));
        origin.on("/miss", ok("no-store", new byte[10]));
        try (RawClient client = sidecar.connect()) {
            Response response = client.request("GET", path).response();
            int answered = 0;
            while (response.status() == 200) { // on a slow machine some come back meanwhile
                answered++;
                response = client.request("GET", path).response();
            }
            assertThat(answered).isGreaterThanOrEqualTo(3);
            assertThat(response.status()).isEqualTo(429);
            assertThat(response.first("Retry-After")).isEqualTo("1");
            assertThat(response.first("Cache-Status")).isEqualTo("lastref; detail=rate-limited");
            assertThat(sidecar.metric("lastref_requests_limited_total")).isPositive();
            await().until(() -> client.request("GET", path).response().status() == 200);
        }
    }

    @Test
    void eachPeerHasItsOwnCount() throws Exception {
        start("limits.requests-per-second-per-peer=1", "trusted-proxies=none");
        store();
        try (RawClient loud = RawClient.connectFrom("127.0.0.2", sidecar.address());
                RawClient quiet = RawClient.connectFrom("127.0.0.3", sidecar.address())) {
            while (loud.request("GET", "/").response().status() == 200) {
                // until it is one too many
            }
            assertThat(quiet.request("GET", "/").response().status()).isEqualTo(200);
        }
    }

    @Test
    void ofATrustedProxyTheForwardedAddressCountsAndOfOthersTheirOwn() throws Exception {
        start("limits.requests-per-second-per-peer=1", "trusted-proxies=127.0.0.2");
        store();
        try (RawClient proxy = RawClient.connectFrom("127.0.0.2", sidecar.address());
                RawClient liar = RawClient.connectFrom("127.0.0.3", sidecar.address())) {
            String loud = "X-Forwarded-For: 198.51.100.1, 203.0.113.1";
            while (proxy.request("GET", "/", loud).response().status() == 200) {
                // until it is one too many
            }
            assertThat(proxy.request("GET", "/", "X-Forwarded-For: 203.0.113.1, 203.0.113.2")
                            .response()
                            .status())
                    .isEqualTo(200);
            for (int i = 0; i < 10; i++) { // its own requests are many clients'
                assertThat(proxy.request("GET", "/").response().status()).isEqualTo(200);
            }
            int answered = 0;
            int asked = 0;
            while (asked++ == answered) {
                String name = "X-Forwarded-For: 203.0.113." + (10 + asked % 200);
                answered += liar.request("GET", "/", name).response().status() == 200 ? 1 : 0;
            }
            assertThat(answered).isLessThan(asked);
        }
    }

    @Test
    void whatAClientNamesInALineInFrontOfItsProxysDoesNotCount() throws Exception {
        start("limits.requests-per-second-per-peer=1", "trusted-proxies=127.0.0.2");
        store();
        try (RawClient proxy = RawClient.connectFrom("127.0.0.2", sidecar.address())) {
            int status = 200;
            for (int i = 0; i < 2000 && status == 200; i++) {
                String own = "X-Forwarded-For: 198.18." + i / 250 + "." + i % 250;
                status = proxy.request("GET", "/", own, "X-Forwarded-For: 203.0.113.1")
                        .response()
                        .status();
            }
            assertThat(status).isEqualTo(429);
        }
    }

    /** However long the machine takes: those that the bucket holds are answered, and of more only as many as came back meanwhile. */
    @Test
    void whatIsAnsweredEarlyIsCountedAndRefusedAlike() throws Exception {
        int rate = 50;
        start("limits.requests-per-second-per-peer=" + rate, "trusted-proxies=none");
        store();
        try (RawClient other = RawClient.connectFrom("127.0.0.2", sidecar.address())) { // else the server sees them all
            assertThat(other.request("GET", "/").response().status()).isEqualTo(200);
        }
        try (RawClient client = sidecar.connect()) {
            long begun = System.nanoTime();
            List<Integer> first = statusesOf400(client);
            double seconds = (System.nanoTime() - begun) / 1e9;
            assertThat(first.subList(0, rate)).containsOnly(200);
            assertThat(Collections.frequency(first, 200)).isLessThanOrEqualTo((int) (rate + rate * seconds) + 1);
            // A slow one may have taken so long that none was too many: not so for this rate.
            sidecar.sidecar().settings().put(Map.of("lastref.limits.requests-per-second-per-peer", "1"));
            assertThat(statusesOf400(client)).contains(429);
        }
    }

    /** Sent as one, so that they come while the bucket is as it is. */
    private static List<Integer> statusesOf400(RawClient client) throws IOException {
        int requests = 400;
        client.send(("GET / HTTP/1.1\r\nHost: test\r\n\r\n").repeat(requests));
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            statuses.add(client.response().status());
        }
        assertThat(statuses).isSubsetOf(200, 429);
        return statuses;
    }

    @Test
    void theRateChangesWhileRequestsCome() throws Exception {
        start("trusted-proxies=none");
        store();
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.request("GET", "/").response().status()).isEqualTo(200);
            }
            sidecar.sidecar().settings().put(Map.of("lastref.limits.requests-per-second-per-peer", "1"));
            while (client.request("GET", "/").response().status() == 200) {
                // until it is one too many
            }
            sidecar.sidecar().settings().put(Map.of("lastref.limits.requests-per-second-per-peer", "0"));
            for (int i = 0; i < 20; i++) {
                assertThat(client.request("GET", "/").response().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void whatIsRefusedIsLogged(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("access.log");
        start("limits.requests-per-second-per-peer=1", "trusted-proxies=none", "access-log=" + log);
        store();
        try (RawClient client = sidecar.connect()) {
            while (client.request("GET", "/").response().status() == 200) {
                // until it is one too many
            }
        }
        await().untilAsserted(
                        () -> assertThat(Files.readAllLines(log)).anyMatch(line -> line.contains("\"status\":429")));
    }
}
