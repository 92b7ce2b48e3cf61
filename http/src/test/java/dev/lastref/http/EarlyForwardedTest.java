package dev.lastref.http;

import static dev.lastref.http.EarlyHitTest.comparable;
import static dev.lastref.http.EarlyHitTest.isEarly;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What proxies say of requests, such as an ingress in front of the sidecar, means the same to early answers as to others. */
class EarlyForwardedTest extends SidecarTest {
    private static final String NOBODY = "trusted-proxies=none";
    private static final String LOOPBACK = "trusted-proxies=127.0.0.0/8";

    /** As ingress-nginx does it. */
    private static final String NGINX = "X-Request-ID: 0123456789abcdef|X-Real-IP: 192.0.2.1|X-Forwarded-For: 192.0.2.1"
            + "|X-Forwarded-Host: test|X-Forwarded-Port: 443|X-Forwarded-Proto: https|X-Forwarded-Scheme: https"
            + "|X-Scheme: https";
    /** As Envoy does it. */
    private static final String ENVOY = "x-forwarded-for: 192.0.2.1|x-forwarded-proto: http"
            + "|x-request-id: 6f0c3b1e-0000-4000-8000-000000000000|x-envoy-external-address: 192.0.2.1"
            + "|x-envoy-attempt-count: 1|x-b3-traceid: 463ac35c9f6413ad|x-b3-spanid: a2fb4a1d1a96d312|x-b3-sampled: 0";

    static Stream<Arguments> requests() {
        return Stream.of(NOBODY, LOOPBACK)
                .flatMap(trusted -> Stream.of(
                        Arguments.of(trusted, NGINX, true),
                        Arguments.of(trusted, ENVOY, true),
                        Arguments.of(trusted, "X-Request-Id: mine/1", true),
                        Arguments.of(trusted, "X-Request-Id: mine-1|If-None-Match: \"v1\"", true),
                        Arguments.of(trusted, "X-Request-Id: mine-1|Range: bytes=5-104", true),
                        Arguments.of(trusted, "X-Request-Id: <script>", false),
                        Arguments.of(trusted, "X-Request-Id:", false),
                        Arguments.of(trusted, "X-Request-Id: one|X-Request-Id: two", false),
                        Arguments.of(trusted, "X-Forwarded-For: 192.0.2.1, 10.0.0.1", true),
                        Arguments.of(trusted, "X-Forwarded-For: nonsense", true),
                        Arguments.of(trusted, "X-Forwarded-For: 192.0.2.1|X-Forwarded-For: 192.0.2.2", false),
                        Arguments.of(trusted, "X-Forwarded-Proto: HTTPS", true),
                        Arguments.of(trusted, "X-Forwarded-Proto: http", true),
                        Arguments.of(trusted, "X-Forwarded-Proto: gopher", true),
                        Arguments.of(trusted, "X-Forwarded-Proto: https, http", true),
                        Arguments.of(trusted, "X-Forwarded-Proto:", true),
                        Arguments.of(trusted, "X-Forwarded-Proto: https|X-Forwarded-Proto: http", false),
                        Arguments.of(trusted, "X-Forwarded-Host: test", true),
                        Arguments.of(trusted, "X-Forwarded-Host: TEST:80", true),
                        Arguments.of(trusted, "X-Forwarded-Host: elsewhere", true),
                        Arguments.of(trusted, "X-Forwarded-Host: elsewhere|X-Forwarded-Host: there", true),
                        Arguments.of(trusted, "X-Forwarded-Port: 8443", true),
                        Arguments.of(trusted, "X-Original-URL: /b|X-Forwarded-Prefix: /p", true),
                        Arguments.of(
                                trusted,
                                "X-Scheme: https|X-Forwarded-Port: 8080|X-Original-URL: /b|X-Forwarded-Scheme: https"
                                        + "|X-Forwarded-Host: elsewhere|X-Forwarded-Prefix: /p|X-Script-Name: /s",
                                true),
                        Arguments.of(trusted, "X-Forwarded-Anything: x", false),
                        Arguments.of(trusted, "X_Forwarded_Host: elsewhere", false),
                        Arguments.of(trusted, "Forwarded: for=192.0.2.1;proto=https", false)));
    }

    private void serve(String... settings) {
        start(settings);
        // What the origin would make of it is part of the response: a wrong one is seen.
        origin.on("/a", call -> {
            String said = Stream.of("Host", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Original-URL")
                    .map(name -> name + call.request().all(name))
                    .toList()
                    .toString();
            ok(
                            "max-age=600",
                            Content.of(said.hashCode(), 500),
                            "etag: \"v1\"",
                            "x-said: " + said,
                            "x-request-id: of-another")
                    .play(call);
        });
    }

    private static String[] with(String fields, String... more) {
        return Stream.concat(Arrays.stream(fields.split("\\|")), Arrays.stream(more))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void theShortWayAnswersAsTheLongWayDoes(String trusted, String fields, boolean early) throws Exception {
        serve(trusted);
        try (RawClient client = sidecar.connect()) {
            // Others' responses, which must not be taken for this one's.
            for (String other : List.of("Accept: x", NGINX, "X-Forwarded-Host: other", "X-Forwarded-Proto: https")) {
                client.request("GET", "/a", with(other, LONG_WAY)).response();
            }
            client.request("GET", "/a", with(fields, LONG_WAY)).response();
            int asked = origin.count("/a");
            for (int round = 0; round < 2; round++) {
                Response shortWay = client.request("GET", "/a", with(fields)).response();
                Response longWay =
                        client.request("GET", "/a", with(fields, LONG_WAY)).response();
                assertThat(longWay.isHit()).as("%s", longWay).isTrue();
                assertThat(comparable(shortWay)).isEqualTo(comparable(longWay));
                assertThat(shortWay.body()).isEqualTo(longWay.body());
                assertThat(isEarly(shortWay)).as("%s", shortWay).isEqualTo(early);
            }
            assertThat(origin.count("/a")).isEqualTo(asked);
        }
    }

    @Test
    void theOrderInWhichAProxySaysItMakesNoOther() throws Exception {
        serve(LOOPBACK);
        List<String> fields = new ArrayList<>(List.of(
                "X-Scheme: https",
                "X-Forwarded-Port: 8080",
                "X-Original-URL: /b",
                "X-Forwarded-Scheme: https",
                "X-Forwarded-Host: elsewhere",
                "X-Forwarded-Prefix: /p"));
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (RawClient client = sidecar.connect()) {
            for (int round = 0; round < 20; round++) {
                Collections.shuffle(fields, random);
                client.request("GET", "/a", fields.toArray(String[]::new)).response();
                client.request("GET", "/a", with(String.join("|", fields), LONG_WAY))
                        .response();
            }
        }
        assertThat(origin.count("/a")).as("seed %d", seed).isEqualTo(1);
    }

    /** The one that connections do not have. */
    String otherScheme() {
        return "https";
    }

    @Test
    void whatATrustedProxySaysKeepsResponsesApartAndWhatOthersSayDoesNot() throws Exception {
        for (String trusted : List.of(LOOPBACK, NOBODY)) {
            serve(trusted);
            try (RawClient client = sidecar.connect()) {
                List<String> requests = List.of(
                        "Accept: x",
                        "X-Forwarded-Proto: " + otherScheme(),
                        "X-Forwarded-Host: elsewhere",
                        "X-Forwarded-Host: elsewhere|X-Forwarded-Proto: " + otherScheme(),
                        "X-Original-URL: /b");
                for (String request : requests) {
                    client.request("GET", "/a", with(request)).response();
                }
                List<String> said = requests.stream()
                        .map(request -> {
                            try {
                                Response got = client.request("GET", "/a", with(request))
                                        .response();
                                assertThat(isEarly(got)).as("%s", got).isTrue();
                                return got.first("X-Said");
                            } catch (java.io.IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        })
                        .distinct()
                        .toList();
                assertThat(said).hasSize(trusted.equals(LOOPBACK) ? requests.size() : 1);
            }
            sidecar.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "X-Forwarded-Host", "X-Request-Id"})
    void whereTheResponseVariesByItTheRightOneIsFound(String name) throws Exception {
        for (String trusted : List.of(LOOPBACK, NOBODY)) {
            start(trusted);
            origin.on("/v", call -> {
                String got = call.request().all(name).toString();
                ok("max-age=600", Content.of(got.hashCode(), 100), "vary: " + name, "x-got: " + got)
                        .play(call);
            });
            try (RawClient client = sidecar.connect()) {
                for (int round = 0; round < 3; round++) {
                    for (String value : List.of("http", "https", "test", "127.0.0.1", "1.1.1.1, 127.0.0.1")) {
                        String line = name + ": " + value;
                        Response shortWay = client.request("GET", "/v", line).response();
                        Response longWay =
                                client.request("GET", "/v", line, LONG_WAY).response();
                        assertThat(shortWay.first("X-Got"))
                                .as("%s, %s", trusted, line)
                                .isEqualTo(longWay.first("X-Got"));
                        assertThat(shortWay.body()).isEqualTo(longWay.body());
                    }
                }
            }
            sidecar.close();
        }
    }

    /** Of several that may answer the best is taken, and the short way must not know fewer of them. */
    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-Proto", "X-Forwarded-For", "Forwarded", "X-Forwarded-Host"})
    void whereAnotherVaryIsNewerItIsFoundToo(String name) throws Exception {
        for (String trusted : List.of(LOOPBACK, NOBODY)) {
            start(trusted, "forwarded=true");
            AtomicReference<String> vary = new AtomicReference<>("Accept-Encoding");
            origin.on(
                    "/v",
                    call -> ok("max-age=600", Content.of(1, 100), "vary: " + vary, "x-vary: " + vary)
                            .play(call));
            String[] usual = {"X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: http", "X-Forwarded-Host: test"};
            try (RawClient client = sidecar.connect()) {
                client.request("GET", "/v", usual).response();
                vary.set("Accept-Encoding, " + name);
                client.request("GET", "/v", with("Cache-Control: no-cache", usual))
                        .response();
                for (int round = 0; round < 2; round++) {
                    Response shortWay = client.request("GET", "/v", usual).response();
                    Response longWay =
                            client.request("GET", "/v", with(LONG_WAY, usual)).response();
                    assertThat(shortWay.isHit() && isEarly(shortWay))
                            .as("%s", shortWay)
                            .isTrue();
                    assertThat(longWay.first("X-Vary")).endsWith(name);
                    assertThat(shortWay.first("X-Vary")).isEqualTo(longWay.first("X-Vary"));
                }
            }
            sidecar.close();
        }
    }

    @Test
    void requestsCountForWhomATrustedProxyNames() throws Exception {
        serve(LOOPBACK, "limits.requests-per-second-per-peer=20");
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a", "X-Forwarded-For: 192.0.2.9").response();
            int status = 200;
            for (int i = 0; i < 10_000 && status == 200; i++) {
                status = client.request("GET", "/a", "X-Forwarded-For: 192.0.2.1")
                        .response()
                        .status();
            }
            assertThat(status).as("of a peer that makes too many").isEqualTo(429);
        }
        try (RawClient client = sidecar.connect()) {
            Response long1 =
                    client.request("GET", "/a", "X-Forwarded-For: 192.0.2.2").response();
            Response early =
                    client.request("GET", "/a", "X-Forwarded-For: 192.0.2.2").response();
            assertThat(long1.status()).isEqualTo(200);
            assertThat(early.status()).isEqualTo(200);
            assertThat(isEarly(early)).isTrue();
            Response nobodys = client.request("GET", "/a").response();
            assertThat(nobodys.status()).as("the proxy's own are not counted").isEqualTo(200);
        }
    }

    @Test
    void theLogHasTheIdThatTheClientSentAndElseOneThatWasMade(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("access.log");
        serve("access-log=" + log);
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a", "X-Request-Id: first").response();
            Response given = client.request("GET", "/a", "X-Request-Id: mine").response();
            Response made =
                    client.request("GET", "/a", "X-Forwarded-For: 192.0.2.1").response();
            assertThat(isEarly(given) && isEarly(made)).isTrue();
            assertThat(given.first("X-Request-Id")).isEqualTo("mine");
            await().untilAsserted(() -> assertThat(Files.readAllLines(log)).hasSize(3));
            List<JsonNode> lines = Files.readAllLines(log).stream()
                    .map(line -> new JsonMapper().readTree(line))
                    .toList();
            assertThat(lines.stream().map(line -> line.get("requestId").asString()))
                    .containsExactly("first", "mine", made.first("X-Request-Id"));
            assertThat(lines.stream().map(line -> line.get("client").asString()))
                    .containsExactly("127.0.0.1", "127.0.0.1", "192.0.2.1");
            assertThat(lines.get(2).get("peer").asString()).isEqualTo("127.0.0.1");
        }
    }
}
