package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.message.Networks;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;

/** Refuses requests of peers that make too many (429, RFC 6585), before anything else is done for them. On I/O threads. */
public final class RateGate implements HttpHandler {
    private static final HttpString FORWARDED_FOR = new HttpString(ForwardedFields.FOR);

    private final RequestRate rate;
    private final Networks trusted;
    private final HttpHandler next;

    /**
     * @param trusted proxies, whose word counts about who asks
     */
    public RateGate(RequestRate rate, Networks trusted, HttpHandler next) {
        this.rate = rate;
        this.trusted = trusted;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        int seconds = rate.isLimited() ? rate.take(keyOf(exchange)) : 0;
        if (seconds == 0) {
            next.handleRequest(exchange);
        } else {
            refuse(exchange, seconds);
        }
    }

    private long keyOf(HttpServerExchange exchange) {
        HeaderValues lines = exchange.getRequestHeaders().get(FORWARDED_FOR);
        return rate.keyOf(
                exchange.getSourceAddress().getAddress(), trusted, lines == null ? null : String.join(",", lines));
    }

    private static void refuse(HttpServerExchange exchange, int seconds) {
        StrictSource source = StrictSource.of(exchange);
        int facts = source == null ? 0 : source.scanner().takeFacts();
        // Neither content nor another protocol follows.
        exchange.setPersistent(exchange.isPersistent() && exchange.isRequestComplete() && facts == 0);
        exchange.getResponseHeaders().put(Headers.RETRY_AFTER, seconds);
        ErrorResponse.send(
                exchange,
                429,
                "too many requests from this address",
                CacheStatus.none().detail("rate-limited"));
    }
}
