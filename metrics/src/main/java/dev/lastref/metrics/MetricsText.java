package dev.lastref.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The metrics as Prometheus reads them: in its text format, or as OpenMetrics where the client asks for that. */
public final class MetricsText {
    private final CollectorRegistry registry;

    MetricsText(CollectorRegistry registry) {
        this.registry = registry;
    }

    /** One scrape. */
    public record Page(String contentType, String text) {}

    /**
     * Gathers everything now.
     *
     * @param accept the scraper's Accept field, or null
     */
    public Page page(@Nullable String accept) {
        String contentType = TextFormat.chooseContentType(accept);
        StringWriter text = new StringWriter();
        try {
            TextFormat.writeFormat(contentType, text, registry.metricFamilySamples());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return new Page(contentType, text.toString());
    }
}
