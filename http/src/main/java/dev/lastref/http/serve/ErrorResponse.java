package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.http.log.RequestId;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

/** Answers of our own: a status, and one line that says why. */
final class ErrorResponse {
    private ErrorResponse() {}

    /** Sends it and ends the exchange. */
    static void send(HttpServerExchange exchange, int status, String why, CacheStatus cacheStatus) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseHeaders().put(ResponseFields.CACHE_STATUS, cacheStatus.toString());
        RequestId.answer(exchange);
        ResponseFields.keepAliveForHttp10(exchange);
        exchange.getResponseSender().send(status + " " + StatusCodes.getReason(status) + ": " + why + "\n");
    }
}
