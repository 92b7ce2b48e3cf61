package dev.lastref.http.serve;

import dev.lastref.http.message.Http2Fields;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;

/** Makes of a request of HTTP/2, whose fields have been checked, what the same one of HTTP/1.1 is to all that follows. */
final class Http2Request {
    private Http2Request() {}

    static void normalize(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        String target = headers.getFirst(Http2Fields.TARGET);
        if (target != null) { // as it came, the question marks included that the server drops
            headers.remove(Http2Fields.TARGET);
            exchange.setRequestURI(target);
            exchange.setQueryString("");
        }
        // What a client says of the scheme decides nothing: one response would be stored as two, or for the wrong one.
        exchange.setRequestScheme(exchange.getConnection().getSslSession() == null ? "http" : "https");
        HeaderValues crumbs = headers.get(Headers.COOKIE);
        if (crumbs != null && crumbs.size() > 1) { // RFC 9113, section 8.2.3
            headers.put(Headers.COOKIE, String.join("; ", crumbs));
        }
    }
}
