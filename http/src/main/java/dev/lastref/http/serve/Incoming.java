package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.http.message.Fields;
import dev.lastref.http.message.RequestTarget;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A client's request, as the cache sees it.
 *
 * @param authority as the client named it: in the target, else as Host (RFC 9112, section 3.2.2); the origin's own if it named none
 *     (HTTP/1.0)
 * @param target path and query, as sent: what the origin is asked for, and what the key has
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
        String uri = exchange.getRequestURI();
        boolean absolute = exchange.isHostIncludedInRequestURI();
        String scheme = scheme(exchange, received, absolute ? RequestTarget.schemeOf(uri) : null);
        String authority = absolute ? RequestTarget.authorityOf(uri) : host(exchange, defaultAuthority);
        String target = target(exchange, absolute ? RequestTarget.pathOf(uri) : uri, absolute);
        return new Incoming(
                method,
                authority,
                target,
                forwarded(exchange, received, scheme),
                CacheKey.of(method, scheme, authority, target + ForwardedFields.keyOf(received, scheme, authority)),
                RequestPolicy.of(method, received),
                System.nanoTime());
    }

    /** A trusted proxy's word, then the target's own, then the connection's. */
    private static String scheme(HttpServerExchange exchange, FieldList received, @Nullable String named) {
        String before = received.first(ForwardedFields.PROTO);
        if (before != null) {
            return before.toLowerCase(Locale.ROOT);
        }
        return named == null ? exchange.getRequestScheme() : named;
    }

    private static FieldList forwarded(HttpServerExchange exchange, FieldList received, String scheme) {
        FieldList.Builder fields = HopByHop.of(received).strip(received).toBuilder();
        String client = exchange.getSourceAddress().getAddress().getHostAddress();
        String before = received.combined(ForwardedFields.FOR);
        fields.set(ForwardedFields.FOR, before == null ? client : before + ", " + client);
        fields.set(ForwardedFields.PROTO, scheme);
        return fields.build();
    }

    private static String host(HttpServerExchange exchange, String defaultAuthority) {
        String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
        return host == null ? defaultAuthority : host;
    }

    private static String target(HttpServerExchange exchange, String path, boolean absolute) {
        String query = exchange.getQueryString();
        if (query.isEmpty()) {
            // OPTIONS without a path is about the server as a whole (RFC 9112, section 3.2.4).
            boolean server = absolute
                    && exchange.getRequestMethod().equals(Methods.OPTIONS)
                    && exchange.getRequestURI().endsWith(RequestTarget.authorityOf(exchange.getRequestURI()));
            return server ? "*" : path;
        }
        return path + "?" + query;
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** The key of the stored response that this request makes invalid, if it succeeds; null if it makes none so. */
    @Nullable
    CacheKey invalidatedKey() {
        return policy.invalidates() ? CacheKey.of("GET", key.scheme(), key.authority(), key.target()) : null;
    }
}
