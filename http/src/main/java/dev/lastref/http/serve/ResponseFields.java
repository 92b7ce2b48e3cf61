package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.ListField;
import dev.lastref.http.log.RequestId;
import dev.lastref.http.message.Fields;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;

/** What every response carries beyond what the origin sent. */
public final class ResponseFields {
    static final HttpString CACHE_STATUS = new HttpString("Cache-Status");
    static final HttpString VIA = new HttpString("Via");
    static final String VIA_US = "1.1 lastref";

    private ResponseFields() {}

    /** Puts status and fields of an origin's response on the exchange, and ours behind them. */
    static void set(HttpServerExchange exchange, int status, FieldList fields, CacheStatus cacheStatus) {
        exchange.setStatusCode(status);
        HeaderMap headers = exchange.getResponseHeaders();
        Fields.addTo(headers, fields);
        append(headers, CACHE_STATUS, cacheStatus.toString());
        RequestId.answer(exchange);
        keepAliveForHttp10(exchange);
        WithoutContent.note(exchange);
    }

    /** Adds a member to a list field, all of it on one line: a message may have only so many lines of a name. */
    static void append(HeaderMap headers, HttpString name, String member) {
        HeaderValues before = headers.get(name);
        headers.put(name, ListField.added(before == null ? null : String.join(", ", before), member));
    }

    /** HTTP/1.0 clients only keep a connection that they are told is kept. */
    static void keepAliveForHttp10(HttpServerExchange exchange) {
        if (exchange.isHttp10() && exchange.isPersistent()) {
            exchange.getResponseHeaders().put(Headers.CONNECTION, "keep-alive");
        }
    }
}
