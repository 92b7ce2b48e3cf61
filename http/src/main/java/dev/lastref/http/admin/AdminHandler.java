package dev.lastref.http.admin;

import dev.lastref.metrics.MetricsText;
import dev.lastref.pool.TmpfsPool;
import io.undertow.Handlers;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/** The administration port. Reports are made on a worker, never on an I/O thread: they may take a while. */
public final class AdminHandler implements HttpHandler {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    private final PathHandler paths;

    /**
     * @param ready whether clients are to be sent here
     */
    public AdminHandler(TmpfsPool pool, MetricsText metrics, BooleanSupplier ready) {
        JsonMapper json = new JsonMapper();
        paths = Handlers.path(AdminHandler::notFound)
                .addExactPath("/health/live", get(TEXT, exchange -> "live\n"))
                .addExactPath("/health/ready", exchange -> health(exchange, ready.getAsBoolean()))
                .addExactPath("/metrics", new BlockingHandler(exchange -> {
                    String accepted = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
                    MetricsText.Page page = metrics.page(accepted);
                    send(exchange, page.contentType(), page.text());
                }))
                .addExactPath(
                        "/api/pool",
                        new BlockingHandler(
                                get(JSON, exchange -> json.writeValueAsString(PoolReport.of(pool.snapshot())) + "\n")));
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        boolean reads = exchange.getRequestMethod().equals(Methods.GET)
                || exchange.getRequestMethod().equals(Methods.HEAD);
        if (!reads) {
            exchange.setStatusCode(405);
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
            send(exchange, TEXT, "405: only GET and HEAD here\n");
            return;
        }
        paths.handleRequest(exchange);
    }

    private static HttpHandler get(String contentType, Function<HttpServerExchange, String> body) {
        return exchange -> send(exchange, contentType, body.apply(exchange));
    }

    private static void health(HttpServerExchange exchange, boolean ready) {
        exchange.setStatusCode(ready ? 200 : 503);
        send(exchange, TEXT, ready ? "ready\n" : "not ready\n");
    }

    private static void notFound(HttpServerExchange exchange) {
        exchange.setStatusCode(404);
        send(exchange, TEXT, "404: there is /metrics, /health/live, /health/ready and /api/pool\n");
    }

    private static void send(HttpServerExchange exchange, String contentType, String body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(body);
    }
}
