package dev.lastref.http.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lastref.metrics.MetricsText;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;

/**
 * {@code /metrics}: as OpenMetrics where that is preferred to Prometheus' own text, and with gzip where that is welcome, as it is to
 * Prometheus. Packs the whole of it, so it runs on a worker.
 */
final class MetricsHandler implements HttpHandler {
    private static final int USUALLY = 16 * 1024;

    private final MetricsText metrics;

    MetricsHandler(MetricsText metrics) {
        this.metrics = metrics;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws IOException {
        MetricsText.Page page = isOpenPreferred(exchange) ? metrics.openMetrics() : metrics.plain();
        AdminHandler.describe(exchange, page.contentType());
        exchange.getResponseHeaders().put(Headers.VARY, "Accept, Accept-Encoding");
        byte[] content = page.text().getBytes(UTF_8);
        if (isGzipPreferred(exchange)) {
            exchange.getResponseHeaders().put(Headers.CONTENT_ENCODING, "gzip");
            content = packed(content);
        }
        exchange.getResponseSender().send(ByteBuffer.wrap(content));
    }

    /** Whoever takes everything alike gets what people and old scrapers read. */
    private static boolean isOpenPreferred(HttpServerExchange exchange) {
        Accepted types = Accepted.by(exchange, Headers.ACCEPT);
        double open = types.weight("application/openmetrics-text");
        return open > 0 && open >= types.weight("text/plain", "text/*", "*/*");
    }

    private static boolean isGzipPreferred(HttpServerExchange exchange) {
        Accepted codings = Accepted.by(exchange, Headers.ACCEPT_ENCODING);
        double gzip = codings.weight("gzip", "*");
        return gzip > 0 && gzip >= codings.weight("identity");
    }

    private static byte[] packed(byte[] content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(USUALLY);
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(content);
        }
        return packed.toByteArray();
    }
}
