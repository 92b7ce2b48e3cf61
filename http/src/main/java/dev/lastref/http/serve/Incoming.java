package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.http.message.Fields;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A client's request, as the cache sees it.
 *
 * @param authority as the client named it, in the target or as Host; the origin's own if it named none (HTTP/1.0)
 * @param target path and query, as sent
 * @param fields as the origin gets them, by which its response is chosen and Vary is to be read: hop-by-hop fields are gone, and
 *     {@code X-Forwarded-For} and {@code -Proto} name this client too
 */
record Incoming(
        String method,
        String authority,
        String target,
        FieldList fields,
        CacheKey key,
        RequestPolicy policy,
        long startNanos) {
    static Incoming of(HttpServerExchange exchange, String defaultAuthority) {
        String method = exchange.getRequestMethod().toString();
        FieldList received = Fields.of(exchange.getRequestHeaders());
        String before = received.combined("X-Forwarded-Proto");
        String scheme = before == null ? exchange.getRequestScheme() : before;
        String authority = authority(exchange, defaultAuthority);
        String target = target(exchange);
        return new Incoming(
                method,
                authority,
                target,
                forwarded(exchange, received, scheme),
                CacheKey.of(method, scheme, authority, target),
                RequestPolicy.of(method, received),
                System.nanoTime());
    }

    private static FieldList forwarded(HttpServerExchange exchange, FieldList received, String scheme) {
        FieldList.Builder fields = HopByHop.of(received).strip(received).toBuilder();
        String client = exchange.getSourceAddress().getAddress().getHostAddress();
        String before = received.combined("X-Forwarded-For");
        fields.set("X-Forwarded-For", before == null ? client : before + ", " + client);
        fields.set("X-Forwarded-Proto", scheme);
        return fields.build();
    }

    /** A target in absolute form wins over Host (RFC 9112, section 3.2.2). */
    private static String authority(HttpServerExchange exchange, String defaultAuthority) {
        if (exchange.isHostIncludedInRequestURI()) {
            String uri = exchange.getRequestURI();
            int authority = uri.indexOf("//") + 2;
            int slash = uri.indexOf('/', authority);
            return uri.substring(authority, slash < 0 ? uri.length() : slash);
        }
        String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
        return host == null ? defaultAuthority : host;
    }

    private static String target(HttpServerExchange exchange) {
        String path = exchange.getRequestURI();
        if (exchange.isHostIncludedInRequestURI()) {
            int authority = path.indexOf("//") + 2;
            int slash = path.indexOf('/', authority);
            path = slash < 0 ? "/" : path.substring(slash);
        }
        String query = exchange.getQueryString();
        return query.isEmpty() ? path : path + "?" + query;
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** The key of the stored response that this request makes invalid, if it succeeds; null if it makes none so. */
    @Nullable
    CacheKey invalidatedKey() {
        return policy.invalidates() ? CacheKey.of("GET", key.scheme(), authority, target) : null;
    }
}
