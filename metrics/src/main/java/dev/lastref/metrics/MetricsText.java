package dev.lastref.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** The metrics as Prometheus reads them: in its text format, or as OpenMetrics. */
public final class MetricsText {
    private static final String CREATED = "_created";

    private final CollectorRegistry registry;

    MetricsText(CollectorRegistry registry) {
        this.registry = registry;
    }

    /** One scrape. */
    public record Page(String contentType, String text) {}

    /**
     * Gathers the series of some families now: each by its name and labels, as in the text, such as
     * {@code lastref_requests_total{outcome="hit"}}.
     *
     * @param prefixes what the names of the families begin with
     */
    public Map<String, Double> series(String... prefixes) {
        Map<String, Double> series = new LinkedHashMap<>();
        Enumeration<MetricFamilySamples> families = registry.filteredMetricFamilySamples(
                name -> Arrays.stream(prefixes).anyMatch(name::startsWith) && !name.endsWith(CREATED));
        while (families.hasMoreElements()) {
            for (MetricFamilySamples.Sample sample : families.nextElement().samples) {
                series.put(nameOf(sample), sample.value);
            }
        }
        return series;
    }

    private static String nameOf(MetricFamilySamples.Sample sample) {
        if (sample.labelNames.isEmpty()) {
            return sample.name;
        }
        StringJoiner labels = new StringJoiner(",", sample.name + "{", "}");
        for (int i = 0; i < sample.labelNames.size(); i++) {
            labels.add(sample.labelNames.get(i) + "=\"" + sample.labelValues.get(i) + "\"");
        }
        return labels.toString();
    }

    /**
     * Gathers everything now, as Prometheus' text. Since when a counter is there that has no word for: the library would make a gauge of its
     * own of it, for those counters that are the library's.
     */
    public Page plain() {
        return page(
                TextFormat.CONTENT_TYPE_004,
                Collections.enumeration(Collections.list(registry.metricFamilySamples()).stream()
                        .map(MetricsText::withoutCreated)
                        .toList()));
    }

    private static MetricFamilySamples withoutCreated(MetricFamilySamples family) {
        List<MetricFamilySamples.Sample> samples = family.samples.stream()
                .filter(sample -> !sample.name.equals(family.name + CREATED))
                .toList();
        return new MetricFamilySamples(family.name, family.unit, family.type, family.help, samples);
    }

    /** Gathers everything now, as OpenMetrics. */
    public Page openMetrics() {
        return page(TextFormat.CONTENT_TYPE_OPENMETRICS_100, registry.metricFamilySamples());
    }

    private static Page page(String contentType, Enumeration<MetricFamilySamples> families) {
        StringWriter text = new StringWriter();
        try {
            TextFormat.writeFormat(contentType, text, families);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return new Page(contentType, text.toString());
    }
}
