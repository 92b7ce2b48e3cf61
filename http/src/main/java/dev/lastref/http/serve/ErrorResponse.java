package dev.lastref.http.serve;

import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.http.listen.Connections;
import dev.lastref.http.log.RequestId;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

/** Answers of our own: a status, and one line that says why. */
final class ErrorResponse {
    private ErrorResponse() {}

    /** Says that the origin failed, or that its response could not be awaited. */
    static void send(ServeContext context, HttpServerExchange exchange, FetchFailure failure, CacheStatus cacheStatus) {
        exchange.setPersistent(exchange.isPersistent() && exchange.isRequestComplete());
        if (failure == FetchFailure.NONE_AVAILABLE
                || failure == FetchFailure.OVERLOADED
                || failure == FetchFailure.EXHAUSTED
                || failure == FetchFailure.UNREACHABLE) {
            exchange.getResponseHeaders()
                    .put(Headers.RETRY_AFTER, context.origin().retryAfterSeconds());
        }
        boolean origins = failure.isOrigins() && failure != FetchFailure.EXHAUSTED; // nobody asked it
        String why = (origins ? "the origin failed: " : "no response: ") + failure.token();
        send(exchange, failure.status(), why, cacheStatus);
    }

    /** Sends it and ends the exchange. */
    static void send(HttpServerExchange exchange, int status, String why, CacheStatus cacheStatus) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseHeaders().put(ResponseFields.CACHE_STATUS, cacheStatus.toString());
        RequestId.answer(exchange);
        ResponseFields.keepAliveForHttp10(exchange);
        Connections.abandonContent(exchange);
        exchange.getResponseSender().send(status + " " + StatusCodes.getReason(status) + ": " + why + "\n");
    }
}
