package dev.lastref.http.cli.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TopScreenTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode POOL = JSON.readTree("""
            {"capacity":1000000,"target":1000000,"bytes":{"free":300000,"filling":100000,"live":500000,"dead":1,"retired":0,
             "draining":99999,"unproven":0},"segmentsByState":{"prepared":0,"live":5,"draining":1}}""");
    private static final JsonNode TRANSMISSIONS = JSON.readTree("""
            {"pinnedBytes":3072,"transmissions":[
             {"peer":"10.0.0.1:5000","path":"/a","state":"sent","bytes":1024,"secondsWithoutProgress":1.0},
             {"peer":"10.0.0.1:5001","path":"/\\u001b[2Jb","state":"unread","bytes":2048,"secondsWithoutProgress":75.0},
             {"peer":"[::1]:5002","path":null,"state":"sending","bytes":0,"secondsWithoutProgress":0.0}]}""");
    private static final JsonNode ENTRIES = JSON.readTree("""
            {"entries":[{"url":"http://test/long","hits":12,"bytes":2048,"ageSeconds":3,"ttlSeconds":-3}]}""");

    private static final JsonNode ORIGINS = JSON.readTree("""
            {"origins":[
             {"url":"http://one:80","state":"up","running":3,"waiting":0,"lastError":null},
             {"url":"http://two:80","state":"ejected","running":0,"waiting":7,"lastError":"reset \\u001b[2J"}]}""");

    private static Reading reading(long seconds, String metrics) {
        return new Reading(seconds * 1_000_000_000L, Reading.metrics(metrics), POOL, TRANSMISSIONS, ENTRIES, ORIGINS);
    }

    private static final Reading BEFORE = reading(0, """
            # HELP lastref_requests_total Requests
            lastref_requests_total{outcome="hit",} 100.0
            lastref_requests_total{outcome="miss",} 100.0
            lastref_request_duration_seconds_bucket{le="0.001",} 50.0
            lastref_request_duration_seconds_bucket{le="+Inf",} 50.0
            process_start_time_seconds 1.0
            """);
    private static final Reading AFTER = reading(2, """
            lastref_requests_total{outcome="hit",} 118.0
            lastref_requests_total{outcome="miss",} 102.0
            lastref_request_duration_seconds_bucket{le="0.001",} 60.0
            lastref_request_duration_seconds_bucket{le="+Inf",} 60.0
            lastref_cache_entries 7.0
            lastref_connections 12.0
            lastref_origin_answered_total{origin="http://one:80",} 4.0
            lastref_origin_failed_total{origin="http://two:80",} 2.0
            process_start_time_seconds 1.0
            """);

    @Test
    void ratesAndRatiosAreOfWhatHappenedBetweenTheReadings() {
        Frame frame = Frame.between(BEFORE, AFTER);
        assertThat(frame.requests()).containsExactlyInAnyOrderEntriesOf(Map.of("hit", 9.0, "miss", 1.0));
        assertThat(frame.hitRatio()).isEqualTo(0.9);
        assertThat(frame.hitRatioSinceStart()).isEqualTo(118.0 / 220);
        assertThat(frame.latency().p50()).isEqualTo(0.0005);
        assertThat(frame.originLatency().p99()).isNull();
        assertThat(frame.stored()).isEqualTo(7);
    }

    @Test
    void aSidecarThatHasStartedAnewCountsFromZero() {
        Reading anew = reading(2, "lastref_requests_total{outcome=\"hit\",} 4.0\nprocess_start_time_seconds 9.0");
        assertThat(Frame.between(BEFORE, anew).requests()).containsEntry("hit", 2.0);
    }

    @Test
    void whoHoldsSomethingIsSummedByAddress() {
        assertThat(Frame.between(BEFORE, AFTER).holders())
                .containsExactly(new Frame.Holder("10.0.0.1", 2, 3072, 75.0, "unread", "/\u001b[2Jb"));
    }

    @ParameterizedTest
    @CsvSource({"24, 80", "50, 200", "10, 40", "3, 20"})
    void whatIsDrawnFitsTheTerminalAndNothingSentByClientsSteersIt(int rows, int columns) {
        List<String> lines = new TopScreen(false).draw(Frame.between(BEFORE, AFTER), "a:1", "12:00:00", rows, columns);
        assertThat(lines).hasSizeLessThanOrEqualTo(rows);
        if (columns >= 40) {
            assertThat(lines).allMatch(line -> line.length() <= columns, "at most " + columns);
        }
        assertThat(String.join("", lines)).doesNotContain("\u001b");
    }

    @Test
    void theBarSharesItsCellsByBytes() {
        List<String> lines = new TopScreen(false).draw(Frame.between(BEFORE, AFTER), "a:1", "12:00:00", 24, 80);
        String bar = lines.get(2);
        assertThat(bar).startsWith("Pool      [").hasSize(80).endsWith("] 976.6 KiB");
        int cells = bar.indexOf(']') - bar.indexOf('[') - 1;
        assertThat(bar.chars().filter(c -> c == '#').count()).isBetween(cells / 2 - 1L, cells / 2 + 1L);
        assertThat(bar).contains("-"); // a byte is shown
        assertThat(lines.get(3) + lines.get(4)) // what does not fit goes on in the next line
                .contains("# live 488.3 KiB", "- dead 1 B", "free 293.0 KiB")
                .doesNotContain("retired");
        assertThat(String.join("\n", lines)).contains("10.0.0.1", "1m15s", "http://test/long", "hits 90.0 %");
    }

    @Test
    void severalOriginsHaveALineEachAndOneThatIsWellHasNone() {
        Frame frame = Frame.between(BEFORE, AFTER);
        String lines = String.join("\n", new TopScreen(false).draw(frame, "a:1", "12:00:00", 24, 120));
        assertThat(lines)
                .contains("up      http://one:80   errors 0/s   2.0/s   3 running   0 waiting\n")
                .contains("ejected http://two:80   errors 1.0/s   0/s   reset ?[2J");
        assertThat(String.join("\n", new TopScreen(false).draw(frame, "a:1", "12:00:00", 24, 80)))
                .contains("ejected http://two:80   errors 1.0/s   0/s   reset ?[2J");
        assertThat(String.join("\n", new TopScreen(false).draw(frame, "a:1", "12:00:00", 24, 60)))
                .contains("http://two:80   errors 1.0/s");
        JsonNode sole = JSON.readTree(
                "{\"origins\":[{\"url\":\"http://one:80\",\"state\":\"up\",\"running\":3,\"waiting\":0}]}");
        Reading after =
                new Reading(AFTER.nanos(), AFTER.metrics(), AFTER.pool(), AFTER.transmissions(), AFTER.entries(), sole);
        Frame well = Frame.between(BEFORE, after);
        assertThat(String.join("\n", new TopScreen(false).draw(well, "a:1", "12:00:00", 24, 120)))
                .doesNotContain("http://one:80");
    }

    @Test
    void connectionsThatComeToNothingHaveALineAndOthersHaveNone() {
        Frame well = Frame.between(BEFORE, AFTER);
        assertThat(well.clients()).isEqualTo(new Frame.Clients(12, 0, 0, 0));
        assertThat(String.join("\n", new TopScreen(false).draw(well, "a:1", "12:00:00", 24, 120)))
                .doesNotContain("connections");
        Reading after = reading(2, """
                lastref_connections 9.0
                lastref_connections_refused_total{reason="total",} 4.0
                lastref_connections_refused_total{reason="per_peer",} 6.0
                lastref_tls_handshakes_failed_total{reason="closed",} 2.0
                lastref_proxy_headers_refused_total{reason="timeout",} 4.0
                lastref_connections_timed_out_total{reason="idle",} 8.0
                process_start_time_seconds 1.0
                """);
        assertThat(String.join(
                        "\n", new TopScreen(false).draw(Frame.between(BEFORE, after), "a:1", "12:00:00", 24, 120)))
                .contains("Clients   9 connections   refused 5.0/s   failed to begin 3.0/s   timed out 4.0/s\n");
    }

    @Test
    void coloursAreAddedAndNothingElse() {
        Frame frame = Frame.between(BEFORE, AFTER);
        List<String> plain = new TopScreen(false).draw(frame, "a:1", "12:00:00", 24, 80);
        List<String> painted = new TopScreen(true).draw(frame, "a:1", "12:00:00", 24, 80);
        assertThat(painted.stream().map(line -> line.replaceAll("\u001b\\[\\d+m", "")))
                .containsExactlyElementsOf(plain);
        assertThat(painted).isNotEqualTo(plain);
    }

    @Test
    void aQuantileIsWithinTheBucketThatHasIt() {
        TreeMap<Double, Double> buckets = new TreeMap<>(Map.of(1.0, 50.0, 2.0, 90.0, Double.POSITIVE_INFINITY, 100.0));
        assertThat(Counters.quantile(buckets, 0.5)).isEqualTo(1.0);
        assertThat(Counters.quantile(buckets, 0.7)).isEqualTo(1.5);
        assertThat(Counters.quantile(buckets, 0.99)).isEqualTo(2.0);
        assertThat(Counters.quantile(new TreeMap<>(Map.of(1.0, 0.0)), 0.5)).isNull();
    }
}
