package dev.lastref.metrics;

import dev.lastref.cache.CacheListener;
import dev.lastref.pool.PoolListener;
import dev.lastref.pool.TmpfsPool;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import io.prometheus.client.Histogram;
import io.prometheus.client.hotspot.DefaultExports;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;

/**
 * All metrics of one sidecar: give the listeners to the pool and the cache before they are opened, show it the pool when it is, and
 * serve the text. Every series is there from the start, with 0.
 */
public final class LastrefMetrics {
    private final CollectorRegistry registry = new CollectorRegistry();
    private final PoolMetrics pool = new PoolMetrics(registry);
    private final CacheMetrics cache = new CacheMetrics(registry, pool::evicted);
    private final ConfigMetrics config = new ConfigMetrics(registry);
    private final MetricsText text = new MetricsText(registry);

    /** To be given to the pool. */
    public PoolListener poolListener() {
        return pool;
    }

    /** To be given to the cache. */
    public CacheListener cacheListener() {
        return cache;
    }

    /** The account of this pool is read at every scrape, as are the JVM's and the process's own metrics. */
    public void observe(TmpfsPool opened) {
        new PoolAccount(opened).register(registry);
        DefaultExports.register(registry);
    }

    /** The settings were to change while running, and did, or were refused. */
    public void configChanged(boolean applied) {
        config.changed(applied);
    }

    /** Shows a number that somebody else counts, and that only grows; read at every scrape. */
    public void counter(String name, String help, LongSupplier value) {
        registry.register(new Reading(() -> new CounterMetricFamily(name, help, value.getAsLong())));
    }

    /** Shows a number that somebody else knows; read at every scrape. */
    public void gauge(String name, String help, LongSupplier value) {
        registry.register(new Reading(() -> new GaugeMetricFamily(name, help, value.getAsLong())));
    }

    /**
     * Shows numbers that somebody else knows; read at every scrape.
     *
     * @param label its name; the values that it has are the keys, which must be the same ones at every scrape
     */
    public void gauges(String name, String help, String label, Supplier<Map<String, Double>> values) {
        registry.register(new Reading(() -> {
            GaugeMetricFamily family = new GaugeMetricFamily(name, help, List.of(label));
            values.get().forEach((key, value) -> family.addMetric(List.of(key), value));
            return family;
        }));
    }

    /** The same for numbers that only grow. */
    public void counters(String name, String help, String label, Supplier<Map<String, Double>> values) {
        registry.register(new Reading(() -> {
            CounterMetricFamily family = new CounterMetricFamily(name, help, List.of(label));
            values.get().forEach((key, value) -> family.addMetric(List.of(key), value));
            return family;
        }));
    }

    /**
     * Shows how long something takes that somebody else observes, in buckets from a millisecond to a minute.
     *
     * @param label its name; of its values there are series, and of no others
     * @return takes a value of the label, and nanoseconds; from any thread, and nobody waits
     */
    public ObjLongConsumer<String> durations(String name, String help, String label, List<String> values) {
        Histogram histogram = Histogram.build(name, help)
                .labelNames(label)
                .buckets(CacheMetrics.ORIGIN_SECONDS)
                .register(registry);
        Map<String, Histogram.Child> all = new HashMap<>();
        values.forEach(value -> all.put(value, histogram.labels(value)));
        return (value, nanos) -> {
            Histogram.Child observed = all.get(value);
            if (observed != null) {
                observed.observe(nanos / CacheMetrics.NANOS_A_SECOND);
            }
        };
    }

    private static final class Reading extends Collector {
        private final Supplier<MetricFamilySamples> read;

        Reading(Supplier<MetricFamilySamples> read) {
            this.read = read;
        }

        @Override
        public List<MetricFamilySamples> collect() {
            return List.of(read.get());
        }
    }

    public MetricsText text() {
        return text;
    }
}
