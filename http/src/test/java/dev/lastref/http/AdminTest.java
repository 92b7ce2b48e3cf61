package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.TestSidecar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The administration port, and that it is a port of its own. */
class AdminTest extends SidecarTest {
    private static final int MIB = 1 << 20;

    private Response admin(String method, String path, String... fields) throws IOException {
        return RawClient.ask(sidecar.admin(), method, path, fields);
    }

    @Test
    void whatCountsHttp2IsThereWhereItIsNotSpoken() throws Exception {
        start("listen.http2=false");
        for (String name : List.of(
                "lastref_http2_connections",
                "lastref_http2_held_bytes",
                "lastref_http2_requests_total",
                "lastref_http2_stalled_streams_total",
                "lastref_http2_refused_streams_total{reason=\"concurrent\",}",
                "lastref_http2_refused_streams_total{reason=\"memory\",}",
                "lastref_http2_refused_streams_total{reason=\"ending\",}",
                "lastref_http2_faulty_connections_total")) {
            assertThat(sidecar.metric(name)).as(name).isZero();
        }
        assertThat(sidecar.admin("/metrics").lines().filter(line -> line.startsWith("# TYPE lastref_http2_")))
                .as("all of them")
                .hasSize(6);
    }

    @Test
    void everySeriesIsThereFromTheStart() throws Exception {
        start();
        String page = sidecar.admin("/metrics");

        assertThat(page.lines().map(line -> line.replaceFirst(" \\S+$", "").replace(",}", "}")))
                .contains(
                        "lastref_requests_total{outcome=\"hit\"}",
                        "lastref_requests_total{outcome=\"miss\"}",
                        "lastref_requests_total{outcome=\"stale\"}",
                        "lastref_requests_total{outcome=\"revalidated\"}",
                        "lastref_requests_total{outcome=\"coalesced\"}",
                        "lastref_requests_total{outcome=\"bypass\"}",
                        "lastref_requests_total{outcome=\"pass\"}",
                        "lastref_request_duration_seconds_count",
                        "lastref_request_duration_seconds_bucket{le=\"+Inf\"}",
                        "lastref_origin_requests_total{status=\"2xx\"}",
                        "lastref_origin_requests_total{status=\"5xx\"}",
                        "lastref_origin_requests_total{status=\"error\"}",
                        "lastref_origin_request_duration_seconds_count",
                        "lastref_pool_capacity_bytes",
                        "lastref_pool_bytes{state=\"free\"}",
                        "lastref_pool_bytes{state=\"filling\"}",
                        "lastref_pool_bytes{state=\"live\"}",
                        "lastref_pool_bytes{state=\"dead\"}",
                        "lastref_pool_bytes{state=\"retired\"}",
                        "lastref_pool_bytes{state=\"draining\"}",
                        "lastref_pool_bytes{state=\"unproven\"}",
                        "lastref_pool_segments{state=\"filling\"}",
                        "lastref_pool_segments{state=\"live\"}",
                        "lastref_pool_segments{state=\"retired\"}",
                        "lastref_pool_segments{state=\"draining\"}",
                        "lastref_pool_seal_probes_total{outcome=\"released\"}",
                        "lastref_pool_seal_probes_total{outcome=\"busy\"}",
                        "lastref_pool_reclaimed_bytes_total{by=\"seal\"}",
                        "lastref_pool_reclaimed_bytes_total{by=\"copied\"}",
                        "lastref_pool_reclaimed_bytes_total{by=\"punch\"}",
                        "lastref_pool_reclaimed_bytes_total{by=\"timeout\"}",
                        "lastref_laggard_resets_total",
                        "lastref_transmissions_pinned_bytes",
                        "lastref_transmit_bytes_total{path=\"sendfile\"}",
                        "lastref_transmit_bytes_total{path=\"copy\"}",
                        "lastref_transmissions_in_flight",
                        "lastref_pool_bypass_total{reason=\"full\"}",
                        "lastref_pool_bypass_total{reason=\"too_large\"}");
        assertThat(page).contains("jvm_memory_", "process_open_fds");
    }

    @Test
    void openMetricsIsNegotiated() throws Exception {
        start();
        Response plain = admin("GET", "/metrics");
        Response open =
                admin("GET", "/metrics", "Accept: application/openmetrics-text; version=1.0.0,text/plain;q=0.5");

        assertThat(plain.first("Content-Type")).startsWith("text/plain; version=0.0.4");
        assertThat(open.first("Content-Type")).startsWith("application/openmetrics-text; version=1.0.0");
        assertThat(open.body()).asString().endsWith("# EOF\n").contains("lastref_requests_total{outcome=\"hit\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/openmetrics-text;q=0.1,text/plain;q=0.9 | false",
                "application/openmetrics-text; q=0.9 , text/plain ;q=0.1 | true",
                "text/plain;q=0.2,application/openmetrics-text;version=1.0.0;q=0.3;charset=utf-8 | true",
                // What Prometheus 3 asks for.
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                        + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1 | true",
                "application/openmetrics-text;q=0,*/* | false",
                "application/openmetrics-text;q=0.5,*/* | false",
                "application/openmetrics-text;q=0.5,text/* | false",
                "application/openmetrics-text;q=0.5,text/plain;q=0,*/* | true",
                "application/openmetrics-text,text/plain | true",
                "application/openmetrics-text;q=high,text/plain;q=0.1 | false",
                "*/* | false",
                "text/html | false",
            })
    void theFormatIsTheOneThatIsPreferred(String accept, boolean open) throws Exception {
        start();
        Response page = admin("GET", "/metrics", "Accept: " + accept);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.first("Content-Type")).startsWith(open ? "application/openmetrics-text" : "text/plain");
        assertThat(page.first("Vary")).isEqualTo("Accept, Accept-Encoding");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip | true",
                "br, GZIP;q=0.5 | true",
                "* | true",
                "gzip;q=0, * | false",
                "gzip;q=1.000 | true",
                "gzip;q=0.001 | true",
                "gzip;q=1. | true",
                "gzip;q=1.001 | false",
                "gzip;q=1.999 | false",
                "gzip;q=0.5000 | false",
                "gzip;q=.5 | false",
                "gzip;q=2 | false",
                "gzip;q= | false",
                "gzip;q=0.5, identity | false",
                "identity | false",
                "br | false",
            })
    void metricsArePackedWhereThatIsWelcome(String accepted, boolean packed) throws Exception {
        start();
        Response page = admin("GET", "/metrics", "Accept-Encoding: " + accepted);
        assertThat(page.first("Content-Encoding")).isEqualTo(packed ? "gzip" : null);
        byte[] text = page.body();
        if (packed) {
            try (GZIPInputStream unpacking = new GZIPInputStream(new ByteArrayInputStream(page.body()))) {
                text = unpacking.readAllBytes();
            }
            assertThat(page.body()).hasSizeLessThan(text.length / 3);
        }
        assertThat(text)
                .asString()
                .contains("# TYPE lastref_requests_total counter")
                .endsWith("\n");
        assertThat(admin("HEAD", "/metrics", "Accept-Encoding: " + accepted).first("Content-Encoding"))
                .isEqualTo(packed ? "gzip" : null);
    }

    @Test
    void whatIsSentIsCountedByHow() throws Exception {
        start("transmit.sendfile-min=8KiB");
        origin.on("/small", ok("max-age=60", Content.of(71, 1000)));
        origin.on("/large", ok("max-age=60", Content.of(72, 100_000)));
        afterGetting("/small", 1000);
        assertThat(hitBy("/small", 1000)).containsExactly(1000, 0);
        assertThat(hitBy("/small", 1000, SidecarTest.LONG_WAY)).containsExactly(1000, 0);
        afterGetting("/large", 100_000);
        assertThat(hitBy("/large", 100_000)).containsExactly(0, 100_000);
        // The first bytes go with the head.
        assertThat(hitBy("/large", 100_000, SidecarTest.LONG_WAY)).containsExactly(8192, 100_000 - 8192);
        sidecar.awaitRequests("hit", 4);
    }

    /** The bytes that were copied and sent to get it once more. */
    private double[] hitBy(String target, int length, String... fields) throws IOException {
        double[] before = transmitted();
        double[] after = afterGetting(target, length, fields);
        return new double[] {after[0] - before[0], after[1] - before[1]};
    }

    /** Gets it and returns the bytes copied and sent since the start. They are counted when a send ends: after the client has them. */
    private double[] afterGetting(String target, int length, String... fields) throws IOException {
        double before = sum(transmitted());
        sidecar.get(target, fields);
        await().until(() -> sum(transmitted()) == before + length);
        return transmitted();
    }

    private double[] transmitted() {
        return new double[] {
            sidecar.metric("lastref_transmit_bytes_total{path=\"copy\",}"),
            sidecar.metric("lastref_transmit_bytes_total{path=\"sendfile\",}")
        };
    }

    private static double sum(double[] parts) {
        return parts[0] + parts[1];
    }

    @Test
    void healthTellsThatItLivesAndIsReady() throws Exception {
        start();
        for (String path : new String[] {"/health/live", "/health/ready"}) {
            Response answer = admin("GET", path);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).asString().isEqualTo(path.endsWith("live") ? "live\n" : "ready\n");
            Response head = admin("HEAD", path);
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"/api/entries?prefx=/a, prefx", "/api/transmissions?most=1, most", "/api/log?Status=5xx, Status"})
    void aParameterThatNobodyKnowsIsRefused(String target, String named) throws Exception {
        start();
        Response refused = admin("GET", target);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).asString().contains("\"" + named + "\" is no parameter here: expected ");
    }

    @Test
    void thePoolsAccountSumsToItsCapacity() throws Exception {
        start("pool.size=8MiB");
        for (int i = 0; i < 20; i++) {
            origin.on("/" + i, ok("max-age=" + (1 + i % 2 * 60), Content.of(i, 50_000 + 40_000 * i)));
        }
        JsonMapper json = new JsonMapper();
        for (int i = 0; i < 60; i++) {
            sidecar.get("/" + i % 20);
            Response response = admin("GET", "/api/pool");
            assertThat(response.first("Content-Type")).isEqualTo("application/json");
            JsonNode pool = json.readTree(response.body());
            long sum =
                    pool.get("bytes").valueStream().mapToLong(JsonNode::asLong).sum();
            long segments = pool.get("segments")
                    .valueStream()
                    .mapToLong(s -> s.get("size").asLong())
                    .sum();
            assertThat(sum).isEqualTo(8 * MIB).isEqualTo(pool.get("capacity").asLong());
            assertThat(segments)
                    .isEqualTo(8 * MIB - pool.get("bytes").get("free").asLong());
        }
    }

    @Test
    void aSegmentSaysForWhichLifetimesItIsFilled() throws Exception {
        start("pool.size=16MiB", "pool.segment-size=256KiB");
        origin.on("/short", ok("max-age=2", Content.of(61, 300_000)));
        origin.on("/long", ok("max-age=3600", Content.of(62, 300_000)));
        sidecar.get("/short");
        sidecar.get("/long");
        JsonNode segments =
                new JsonMapper().readTree(sidecar.admin("/api/pool")).get("segments");
        assertThat(segments.valueStream()
                        .filter(segment -> !segment.get("state").asString().equals("PREPARED"))
                        .map(segment -> segment.get("leastLifetimeSeconds").asLong()))
                .as("64 segments are sorted into two classes")
                .contains(0L, 256L)
                .containsOnly(0L, 256L);
        assertThat(segments.valueStream()
                        .filter(segment -> segment.get("state").asString().equals("PREPARED")))
                .allMatch(segment -> segment.get("leastLifetimeSeconds").isNull());
    }

    @Test
    void theNumbersOfTheMomentAreThereAsJson() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", Content.of(63, 1000)));
        sidecar.get("/a");
        sidecar.get("/a");
        sidecar.awaitRequests("hit", 1);
        JsonNode stats = new JsonMapper().readTree(sidecar.admin("/api/stats"));
        assertThat(stats.get("ready").asBoolean()).isTrue();
        assertThat(stats.get("now").asLong()).isGreaterThan(stats.get("started").asLong());
        JsonNode series = stats.get("series");
        assertThat(series.get("lastref_requests_total{outcome=\"hit\"}").asDouble())
                .isEqualTo(1);
        assertThat(series.get("lastref_requests_total{outcome=\"miss\"}").asDouble())
                .isEqualTo(1);
        assertThat(series.get("lastref_request_duration_seconds_bucket{le=\"+Inf\"}")
                        .asDouble())
                .isEqualTo(2);
        assertThat(series.get("lastref_pool_capacity_bytes").asLong()).isEqualTo(32 * MIB);
        assertThat(series.propertyNames()).allMatch(name -> name.startsWith("lastref_") || name.startsWith("process_"));
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html; charset=utf-8",
        "/dashboard/main.js, text/javascript; charset=utf-8",
        "/dashboard/style.css, text/css; charset=utf-8",
        "/dashboard/icon.svg, image/svg+xml",
    })
    void theDashboardMayUseNothingFromElsewhere(String path, String type) throws Exception {
        start();
        Response page = admin("GET", path);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.first("Content-Type")).isEqualTo(type);
        assertThat(page.first("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.first("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
                .doesNotContain("unsafe", "http:", "*", "data:");
        assertThat(page.body()).isNotEmpty();
        assertThat(admin("HEAD", path).body()).isEmpty();
        assertThat(admin("POST", path).status()).isEqualTo(405);
    }

    @Test
    void noAnswerIsTakenForAPage() throws Exception {
        start();
        for (String path : new String[] {"/api/pool", "/api/entries?limit=x", "/api/stats", "/metrics", "/nothing"}) {
            assertThat(admin("GET", path).first("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "x", "-1", "1e3", "9999999999", "٣"})
    void aLimitThatIsNoneIsRefused(String limit) throws Exception {
        start();
        String encoded = java.net.URLEncoder.encode(limit, java.nio.charset.StandardCharsets.UTF_8);
        for (String path : new String[] {"/api/transmissions", "/api/entries"}) {
            Response refused = admin("GET", path + "?limit=" + encoded);
            assertThat(refused.status()).isEqualTo(400);
            assertThat(new String(refused.body(), java.nio.charset.StandardCharsets.UTF_8))
                    .contains("limit is \"" + limit + "\"", "from 1 to");
        }
    }

    @Test
    void whatIsNotThereIs404AndWhatIsNotAllowed405() throws Exception {
        start();
        assertThat(admin("GET", "/nothing").status()).isEqualTo(404);
        assertThat(admin("GET", "/health").status()).isEqualTo(404);
        Response refused = admin("POST", "/metrics");
        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.first("Allow")).contains("GET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics", "/health/live", "/health/ready", "/api/pool", "/api/transmissions"})
    void administrationIsNotOnTheClientPort(String path) throws Exception {
        start();
        origin.on(path, ok("no-store", "the origin's".getBytes()));

        assertThat(sidecar.get(path).body()).asString().isEqualTo("the origin's");
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen", "admin"})
    void aPortThatIsTakenIsNamedWithItsProperty(String property) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Map<String, String> settings = TestSidecar.all(origin.url(), property + "=" + address);

            assertThatThrownBy(() -> Sidecar.start(ConfigLoader.read(new ConfigSources(null, Map.of(), settings))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("lastref." + property)
                    .hasMessageContaining(address);
        }
    }
}
