package dev.lastref.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.BypassReason;
import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.Outcome;
import dev.lastref.pool.Extent;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import dev.lastref.pool.testing.TestPools;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads the metrics as Prometheus does. */
class LastrefMetricsTest {
    private static final long CAPACITY = 1 << 20;

    private final LastrefMetrics metrics = new LastrefMetrics();
    private final TmpfsPool pool = TestPools.open(PoolConfig.of(CAPACITY).withListener(metrics.poolListener()));

    LastrefMetricsTest() {
        metrics.observe(pool);
    }

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void everySeriesIsThereFromTheStart() {
        Map<String, Double> expected = new TreeMap<>();
        Stream.of("hit", "miss", "stale", "revalidated", "coalesced", "bypass", "pass")
                .forEach(outcome -> expected.put("lastref_requests_total{outcome=\"" + outcome + "\",}", 0.0));
        Stream.of("error", "2xx", "3xx", "4xx", "5xx")
                .forEach(status -> expected.put("lastref_origin_requests_total{status=\"" + status + "\",}", 0.0));
        Stream.of("full", "heap", "too_large", "failed")
                .forEach(reason -> expected.put("lastref_pool_bypass_total{reason=\"" + reason + "\",}", 0.0));
        Stream.of("filling", "live", "dead", "retired", "draining", "unproven")
                .forEach(state -> expected.put("lastref_pool_bytes{state=\"" + state + "\",}", 0.0));
        Stream.of("prepared", "filling", "live", "retired", "draining", "unproven")
                .forEach(state -> expected.put("lastref_pool_segments{state=\"" + state + "\",}", 0.0));
        expected.put("lastref_pool_bytes{state=\"free\",}", (double) CAPACITY);
        expected.put("lastref_pool_capacity_bytes", (double) CAPACITY);
        expected.put("lastref_pool_seal_probes_total{outcome=\"released\",}", 0.0);
        expected.put("lastref_pool_seal_probes_total{outcome=\"busy\",}", 0.0);
        expected.put("lastref_pool_reclaimed_bytes_total{by=\"seal\",}", 0.0);
        expected.put("lastref_pool_reclaimed_bytes_total{by=\"copied\",}", 0.0);
        expected.put("lastref_pool_reclaimed_bytes_total{by=\"punch\",}", 0.0);
        expected.put("lastref_pool_reclaimed_bytes_total{by=\"timeout\",}", 0.0);
        expected.put("lastref_laggard_resets_total", 0.0);
        expected.put("lastref_transmissions_pinned_bytes", 0.0);
        expected.put("lastref_pool_evacuated_bytes_total", 0.0);
        expected.put("lastref_pool_evicted_bytes_total", 0.0);
        expected.put("lastref_cache_heap_evicted_entries_total", 0.0);
        expected.put("lastref_transmit_bytes_total{path=\"sendfile\",}", 0.0);
        expected.put("lastref_transmit_bytes_total{path=\"copy\",}", 0.0);
        expected.put("lastref_transmissions_in_flight", 0.0);
        expected.put("lastref_request_duration_seconds_count", 0.0);
        expected.put("lastref_request_duration_seconds_sum", 0.0);
        expected.put("lastref_origin_request_duration_seconds_count", 0.0);
        expected.put("lastref_origin_request_duration_seconds_sum", 0.0);

        expected.put("lastref_config_changes_total{outcome=\"applied\",}", 0.0);
        expected.put("lastref_config_changes_total{outcome=\"refused\",}", 0.0);
        expected.put("lastref_config_last_change_successful", 1.0);

        Map<String, Double> ours = scrape();
        ours.keySet().removeIf(name -> !name.startsWith("lastref_") || name.contains("_created"));
        assertThat(ours.keySet().stream().filter(name -> name.contains("_bucket")))
                .hasSizeGreaterThan(20);
        ours.keySet().removeIf(name -> name.contains("_bucket"));
        assertThat(ours).containsExactlyInAnyOrderEntriesOf(expected);
    }

    /** Prometheus' own text has no place for them; as samples of their own they would be there for some counters and not for others. */
    @Test
    void onlyOpenMetricsSaysSinceWhenCountersAreThere() {
        assertThat(metrics.text().plain().text())
                .contains("lastref_requests_total")
                .doesNotContain("_created");
        assertThat(metrics.text().openMetrics().text()).contains("lastref_requests_created");
    }

    @Test
    void theJvmAndTheProcessAreShownToo() {
        assertThat(scrape()).containsKeys("process_cpu_seconds_total", "jvm_threads_current");
    }

    @Test
    void theBytesByStateSumToTheCapacityWhateverHappens() throws Exception {
        assertThat(sumOfBytes()).isEqualTo(CAPACITY);
        ExtentWriter writer = pool.tryAllocate();
        writer.append(ByteBuffer.allocate(100_000));
        assertThat(sumOfBytes()).isEqualTo(CAPACITY);
        Extent extent = writer.commit();
        assertThat(value("lastref_pool_bytes{state=\"live\",}")).isEqualTo(100_000);
        assertThat(value("lastref_pool_segments{state=\"filling\",}")).isEqualTo(1);
        assertThat(sumOfBytes()).isEqualTo(CAPACITY);
        Transmission transmission = extent.transmit();
        extent.release();
        assertThat(sumOfBytes()).isEqualTo(CAPACITY);
        transmission.close();
        await().until(() -> value("lastref_pool_bytes{state=\"free\",}") == CAPACITY);
    }

    @Test
    void segmentsThatComeBackAreCountedWithTheProof() throws Exception {
        Extent extent = write(100_000);
        extent.release();
        await().until(() -> value("lastref_pool_reclaimed_bytes_total{by=\"seal\",}") == 256 * 1024);
        assertThat(value("lastref_pool_seal_probes_total{outcome=\"released\",}"))
                .isEqualTo(1);
        metrics.poolListener().sealProbed(false, 160_000_000);
        assertThat(value("lastref_pool_seal_probes_total{outcome=\"busy\",}")).isEqualTo(1);
        metrics.poolListener().reclaimedToFillAgain(64 * 1024);
        assertThat(value("lastref_pool_reclaimed_bytes_total{by=\"copied\",}")).isEqualTo(64 * 1024);
    }

    @Test
    void sentBytesAreCountedByHowWhenTheTransmissionEnds() throws Exception {
        Extent extent = write(10_000);
        try (Transmission transmission = extent.transmit()) {
            assertThat(value("lastref_transmissions_in_flight")).isEqualTo(1);
            transmission.transferTo((file, position, count) -> Math.min(count, 6_000));
            transmission.advance(1_500);
            assertThat(value("lastref_transmit_bytes_total{path=\"sendfile\",}"))
                    .isZero();
        }
        assertThat(value("lastref_transmit_bytes_total{path=\"sendfile\",}")).isEqualTo(6_000);
        assertThat(value("lastref_transmit_bytes_total{path=\"copy\",}")).isEqualTo(1_500);
        assertThat(value("lastref_transmissions_in_flight")).isZero();
        extent.release();
    }

    @Test
    void evictedAndEvacuatedBytesAreCounted() {
        metrics.poolListener().evicted(1000);
        metrics.cacheListener().evicted(134);
        metrics.cacheListener().evictedForHeap(100);
        metrics.poolListener().evacuated(567);
        assertThat(value("lastref_pool_evacuated_bytes_total")).isEqualTo(567);
        assertThat(value("lastref_pool_evicted_bytes_total")).isEqualTo(1234);
        assertThat(value("lastref_cache_heap_evicted_entries_total")).isEqualTo(1);
    }

    @Test
    void eachOutcomeIsCountedUnderItsName() {
        for (Outcome outcome : Outcome.values()) {
            for (int i = 0; i <= outcome.ordinal(); i++) {
                metrics.cacheListener().answered(outcome, 3_000_000);
            }
        }
        Map<String, Double> read = scrape();
        for (Outcome outcome : Outcome.values()) {
            assertThat(read)
                    .contains(entry(
                            "lastref_requests_total{outcome=\"" + outcome.label() + "\",}", outcome.ordinal() + 1.0));
        }
        assertThat(read.get("lastref_request_duration_seconds_count")).isEqualTo(28);
        assertThat(read.get("lastref_request_duration_seconds_sum")).isCloseTo(0.084, within(1e-9));
        assertThat(read.get("lastref_request_duration_seconds_bucket{le=\"0.0025\",}"))
                .isZero();
        assertThat(read.get("lastref_request_duration_seconds_bucket{le=\"0.005\",}"))
                .isEqualTo(28);
    }

    @Test
    void originRequestsAreCountedByTheClassOfTheirStatus() {
        Stream.of(200, 206, 304, 404, 500, 599, 999)
                .forEach(status -> metrics.cacheListener().originResponded(status, 1_000_000_000));
        metrics.cacheListener().originFailed(FetchFailure.UNREACHABLE);
        Map<String, Double> read = scrape();
        assertThat(read)
                .contains(
                        entry("lastref_origin_requests_total{status=\"2xx\",}", 2.0),
                        entry("lastref_origin_requests_total{status=\"3xx\",}", 1.0),
                        entry("lastref_origin_requests_total{status=\"4xx\",}", 1.0),
                        entry("lastref_origin_requests_total{status=\"5xx\",}", 3.0),
                        entry("lastref_origin_requests_total{status=\"error\",}", 1.0),
                        entry("lastref_origin_request_duration_seconds_count", 7.0),
                        entry("lastref_origin_request_duration_seconds_sum", 7.0));
    }

    @Test
    void bypassesAreCountedByReason() {
        metrics.cacheListener().bypassed(BypassReason.FULL);
        metrics.cacheListener().bypassed(BypassReason.FULL);
        metrics.cacheListener().bypassed(BypassReason.TOO_LARGE);
        assertThat(value("lastref_pool_bypass_total{reason=\"full\",}")).isEqualTo(2);
        assertThat(value("lastref_pool_bypass_total{reason=\"too_large\",}")).isEqualTo(1);
        assertThat(value("lastref_pool_bypass_total{reason=\"failed\",}")).isZero();
    }

    @Test
    void whoeverAsksForOpenMetricsGetsIt() {
        MetricsText.Page page = metrics.text().openMetrics();
        assertThat(page.contentType()).startsWith("application/openmetrics-text");
        assertThat(page.text()).endsWith("# EOF\n").contains("# TYPE lastref_requests counter");
    }

    @Test
    void everybodyElseGetsPrometheusText() {
        MetricsText.Page page = metrics.text().plain();
        assertThat(page.contentType()).startsWith("text/plain; version=0.0.4");
        assertThat(page.text())
                .contains("# TYPE lastref_requests_total counter")
                .doesNotContain("# EOF");
    }

    private Extent write(int length) throws Exception {
        ExtentWriter writer = pool.tryAllocate(length);
        writer.append(ByteBuffer.allocate(length));
        return writer.commit();
    }

    private double sumOfBytes() {
        return scrape().entrySet().stream()
                .filter(series -> series.getKey().startsWith("lastref_pool_bytes{"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    private double value(String series) {
        Map<String, Double> read = scrape();
        assertThat(read).containsKey(series);
        return read.get(series);
    }

    /** Name with labels, and value. */
    private Map<String, Double> scrape() {
        Map<String, Double> series = new TreeMap<>();
        metrics.text()
                .plain()
                .text()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> series.put(
                        line.substring(0, line.lastIndexOf(' ')),
                        Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
        return series;
    }
}
