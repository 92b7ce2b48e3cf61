package dev.lastref.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** The metrics as Prometheus reads them: in its text format, or as OpenMetrics. */
public final class MetricsText {
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
                name -> Arrays.stream(prefixes).anyMatch(name::startsWith) && !name.endsWith("_created"));
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

    /** Gathers everything now, as Prometheus' text. */
    public Page plain() {
        return page(TextFormat.CONTENT_TYPE_004);
    }

    /** Gathers everything now, as OpenMetrics. */
    public Page openMetrics() {
        return page(TextFormat.CONTENT_TYPE_OPENMETRICS_100);
    }

    private Page page(String contentType) {
        StringWriter text = new StringWriter();
        try {
            TextFormat.writeFormat(contentType, text, registry.metricFamilySamples());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return new Page(contentType, text.toString());
    }
}
