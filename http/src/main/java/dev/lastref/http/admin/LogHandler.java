package dev.lastref.http.admin;

import dev.lastref.http.log.LogFilter;
import dev.lastref.http.log.RequestLog;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import java.util.function.LongSupplier;

/**
 * {@code GET /api/log?status=&cache=&path=&method=&most=}: requests as they end, until the client goes, and of those at most so many a second. One JSON object a line, or events where
 * {@code Accept: text/event-stream} asks for them. On the I/O thread, without blocking it: it may last for days.
 */
final class LogHandler implements HttpHandler {
    private static final int MOST = 1_000_000;
    private static final String EVENTS = "text/event-stream";
    private static final String LINES = "application/x-ndjson";

    private final RequestLog log;
    private final LongSupplier nanoClock;

    LogHandler(RequestLog log) {
        this(log, System::nanoTime);
    }

    /**
     * @param nanoClock as {@link System#nanoTime}
     */
    LogHandler(RequestLog log, LongSupplier nanoClock) {
        this.log = log;
        this.nanoClock = nanoClock;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        LogFilter filter;
        int most;
        try {
            Parameters.expect(exchange, "status", "cache", "path", "method", "most");
            filter = filter(exchange);
            most = Parameters.number(exchange, "most", Integer.MAX_VALUE, MOST);
        } catch (IllegalArgumentException e) {
            exchange.setStatusCode(400);
            AdminHandler.send(exchange, AdminHandler.TEXT, "400: " + e.getMessage() + "\n");
            return;
        }
        String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
        boolean events = accept != null && accept.contains(EVENTS);
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> begin(exchange, filter, most, events));
    }

    private void begin(HttpServerExchange exchange, LogFilter filter, int most, boolean events) {
        LogStream stream = new LogStream(exchange, filter, most, events, nanoClock);
        if (!log.add(stream)) {
            exchange.setStatusCode(503);
            AdminHandler.send(exchange, AdminHandler.TEXT, "503: as many read the log as may\n");
            return;
        }
        exchange.addExchangeCompleteListener((ended, next) -> {
            log.remove(stream);
            next.proceed();
        });
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, events ? EVENTS : LINES);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        stream.begin();
    }

    private static LogFilter filter(HttpServerExchange exchange) {
        LogFilter filter = LogFilter.ALL;
        String status = Parameters.text(exchange, "status");
        String cache = Parameters.text(exchange, "cache");
        String path = Parameters.url(exchange, "path");
        String method = Parameters.text(exchange, "method");
        filter = status.isEmpty() ? filter : filter.withStatus(status);
        filter = cache.isEmpty() ? filter : filter.withCache(cache);
        filter = path.isEmpty() ? filter : filter.withPath(path);
        return method.isEmpty() ? filter : filter.withMethod(method);
    }
}
