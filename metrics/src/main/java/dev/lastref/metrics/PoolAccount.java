package dev.lastref.metrics;

import dev.lastref.pool.Holder;
import dev.lastref.pool.PoolSnapshot;
import dev.lastref.pool.TmpfsPool;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import java.util.Locale;

/** The pool's account at the moment of the scrape, from one snapshot, so that its bytes sum to the capacity. */
final class PoolAccount extends Collector {
    private final TmpfsPool pool;

    PoolAccount(TmpfsPool pool) {
        this.pool = pool;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        PoolSnapshot snapshot = pool.snapshot();
        GaugeMetricFamily bytes = new GaugeMetricFamily(
                "lastref_pool_bytes", "Bytes of the pool by state; they sum to the capacity.", List.of("state"));
        snapshot.bytes().forEach((use, count) -> bytes.addMetric(List.of(label(use)), count));
        GaugeMetricFamily segments =
                new GaugeMetricFamily("lastref_pool_segments", "Segments of the pool by state.", List.of("state"));
        snapshot.segmentsByState().forEach((state, count) -> segments.addMetric(List.of(label(state)), count));
        return List.of(
                new GaugeMetricFamily(
                        "lastref_pool_capacity_bytes", "Bytes that the pool never exceeds.", snapshot.capacity()),
                bytes,
                segments,
                new GaugeMetricFamily(
                        "lastref_transmissions_in_flight", "Sends from the pool that run.", snapshot.transmissions()),
                new GaugeMetricFamily(
                        "lastref_transmissions_pinned_bytes",
                        "Bytes queued for clients that may hold pages of the pool.",
                        pool.ledger().holders().stream()
                                .mapToLong(Holder::bytes)
                                .sum()));
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
