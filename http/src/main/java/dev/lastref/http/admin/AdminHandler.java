package dev.lastref.http.admin;

import dev.lastref.cache.ResponseCache;
import dev.lastref.http.config.RunningSettings;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.origin.OriginStatus;
import dev.lastref.metrics.MetricsText;
import dev.lastref.pool.TmpfsPool;
import io.undertow.Handlers;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** The administration port. Reports are made on a worker, never on an I/O thread: they may take a while. */
public final class AdminHandler implements HttpHandler {
    static final String TEXT = "text/plain; charset=utf-8";
    static final String JSON = "application/json";

    private static final List<HttpString> READS = List.of(Methods.GET, Methods.HEAD);
    private static final List<HttpString> READS_AND_PUT = List.of(Methods.GET, Methods.HEAD, Methods.PUT);

    private static final int MOST_TRANSMISSIONS = 100_000;
    private static final HttpString CONTENT_TYPE_OPTIONS = new HttpString("X-Content-Type-Options");

    private final PathHandler paths;

    /**
     * @param settings those that hold, and may change
     * @param log what can be read along
     * @param origins how they are
     * @param ready whether clients are to be sent here, and what is waited for
     * @param patience in which the content of a request must come
     */
    public AdminHandler(
            TmpfsPool pool,
            ResponseCache cache,
            MetricsText metrics,
            RunningSettings settings,
            RequestLog log,
            Supplier<List<OriginStatus>> origins,
            Supplier<Readiness> ready,
            Duration patience) {
        JsonMapper json = new JsonMapper();
        paths = Handlers.path(AdminHandler::notFound);
        Dashboard.handlers().forEach((path, handler) -> add(path, READS, handler));
        add(
                "/api/stats",
                READS,
                onWorker(get(JSON, exchange -> json.writeValueAsString(StatsReport.of(metrics, ready.get())) + "\n")));
        add("/health/live", READS, get(TEXT, exchange -> "live\n"));
        add("/health/ready", READS, exchange -> health(exchange, ready.get()));
        add("/metrics", READS, onWorker(new MetricsHandler(metrics)));
        add(
                "/api/pool",
                READS,
                onWorker(get(JSON, exchange -> json.writeValueAsString(PoolReport.of(pool.snapshot())) + "\n")));
        add("/api/transmissions", READS, onWorker(get(JSON, exchange -> {
            Parameters.expect(exchange, "limit");
            int limit = Parameters.number(exchange, "limit", Integer.MAX_VALUE, MOST_TRANSMISSIONS);
            return json.writeValueAsString(TransmissionsReport.of(pool.ledger().holders(), limit)) + "\n";
        })));
        add(
                "/api/origins",
                READS,
                onWorker(get(JSON, exchange -> json.writeValueAsString(OriginsReport.of(origins.get())) + "\n")));
        add("/api/entries", READS, onWorker(new EntriesHandler(cache, json)));
        add("/api/purge", List.of(Methods.POST), WithContent.before(new PurgeHandler(cache, json), patience));
        add("/api/log", List.of(Methods.GET), new LogHandler(log));
        HttpHandler config = WithContent.before(new ConfigHandler(settings, json), patience);
        add("/api/config", READS_AND_PUT, config);
        add("/api/reload", List.of(Methods.POST), config);
    }

    /** Its answer goes out without a thread that waits for whoever reads it. */
    private static HttpHandler onWorker(HttpHandler handler) {
        HttpHandler there = exchange -> {
            nextOnItsThread(exchange);
            handler.handleRequest(exchange);
        };
        return exchange -> exchange.dispatch(there);
    }

    /** What was sent behind a request that a worker answers is the I/O thread's again; the server would go on with it there. */
    static void nextOnItsThread(HttpServerExchange exchange) {
        exchange.setDispatchExecutor(exchange.getIoThread());
    }

    private void add(String path, List<HttpString> methods, HttpHandler handler) {
        String allowed = methods.stream().map(HttpString::toString).collect(Collectors.joining(", "));
        paths.addExactPath(path, exchange -> {
            if (methods.contains(exchange.getRequestMethod())) {
                handler.handleRequest(exchange);
            } else {
                exchange.setStatusCode(405);
                exchange.getResponseHeaders().put(Headers.ALLOW, allowed);
                send(exchange, TEXT, "405: only " + allowed + " here\n");
            }
        });
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        paths.handleRequest(exchange);
    }

    private static HttpHandler get(String contentType, Function<HttpServerExchange, String> body) {
        return exchange -> {
            String text;
            try {
                text = body.apply(exchange);
            } catch (IllegalArgumentException e) {
                exchange.setStatusCode(400);
                send(exchange, TEXT, "400: " + e.getMessage() + "\n");
                return;
            }
            send(exchange, contentType, text);
        };
    }

    private static void health(HttpServerExchange exchange, Readiness ready) {
        exchange.setStatusCode(ready == Readiness.READY ? 200 : 503);
        send(exchange, TEXT, ready.text() + "\n");
    }

    private static void notFound(HttpServerExchange exchange) {
        exchange.setStatusCode(404);
        send(
                exchange,
                TEXT,
                "404: there is / (the dashboard), /metrics, /health/live, /health/ready, /api/stats, /api/pool,"
                        + " /api/transmissions, /api/origins, /api/entries, /api/log, /api/purge, /api/config and /api/reload\n");
    }

    static void send(HttpServerExchange exchange, String contentType, String body) {
        describe(exchange, contentType);
        exchange.getResponseSender().send(body);
    }

    /** The fields that each answer has. */
    static void describe(HttpServerExchange exchange, String contentType) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        // What a client names itself is in some answers: none is to be taken for a page.
        exchange.getResponseHeaders().put(CONTENT_TYPE_OPTIONS, "nosniff");
    }
}
