package dev.lastref.http.serve;

import dev.lastref.cache.Outcome;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.FieldList;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;

/**
 * A request, and the stored response that answers it.
 *
 * @param outcome what the answer counts as
 * @param cacheStatus what Cache-Status says of it
 */
record StoredReply(
        ServeContext context,
        HttpServerExchange exchange,
        Incoming incoming,
        StoredResponse stored,
        Outcome outcome,
        CacheStatus cacheStatus) {
    /** Puts status and fields on the exchange, with what every answer from the store carries, and sees to it that it is counted. */
    void begin(int status, FieldList fields) {
        stored.used();
        ResponseFields.set(exchange, status, fields, cacheStatus);
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(Headers.AGE, stored.freshness().ageSeconds(context.now()));
        if (status == 200 && !headers.contains(Headers.ACCEPT_RANGES)) {
            headers.put(Headers.ACCEPT_RANGES, "bytes");
        }
        context.completed(exchange, incoming, outcome);
    }
}
