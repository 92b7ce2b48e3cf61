package dev.lastref.http.serve;

import dev.lastref.cache.Purge;
import dev.lastref.cache.ResponseCache;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.EncodingChoice;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.http.log.ChangeLog;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.message.ClientAddress;
import dev.lastref.http.message.Networks;
import dev.lastref.http.message.WireText;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * PURGE on the client port: purges the target, all its variants, for those who are allowed; with {@code Soft-Purge: 1} it only
 * becomes stale. The origin is not asked. The scheme of what is purged is that of the connection, or what a trusted proxy says. The
 * connection's address must be allowed, and the client's for whom a trusted proxy asks. A field only takes away, so both are asked: such a
 * proxy may write one and pass on what clients write into the other.
 */
public final class PurgeMethodHandler implements HttpHandler {
    private static final HttpString PURGE = new HttpString("PURGE");
    private static final HttpString SOFT = new HttpString("Soft-Purge");

    private final ResponseCache cache;
    private final Networks allowed;
    private final Networks trusted;
    private final HttpHandler next;

    /**
     * @param trusted proxies, whose word counts about who asks
     * @param next handles all other requests
     */
    public PurgeMethodHandler(ResponseCache cache, Networks allowed, Networks trusted, HttpHandler next) {
        this.cache = cache;
        this.allowed = allowed;
        this.trusted = trusted;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (!exchange.getRequestMethod().equals(PURGE)) {
            next.handleRequest(exchange);
        } else if (!isAllowed(exchange)) {
            ErrorResponse.send(
                    exchange,
                    403,
                    "PURGE is not for this client",
                    CacheStatus.none().detail("refused"));
        } else {
            // All of the index is looked through: not on an I/O thread.
            exchange.dispatch(this::purge);
        }
    }

    private boolean isAllowed(HttpServerExchange exchange) {
        InetAddress peer = exchange.getSourceAddress().getAddress();
        HeaderMap headers = exchange.getRequestHeaders();
        return allowed.contains(peer)
                && isAllowed(peer, RequestLog.inForwardedFor(headers))
                && isAllowed(peer, RequestLog.inForwarded(headers));
    }

    private boolean isAllowed(InetAddress peer, @Nullable String forwardedFor) {
        InetAddress client = ClientAddress.farthest(peer, trusted, forwardedFor);
        return client != null && allowed.contains(client);
    }

    private void purge(HttpServerExchange exchange) {
        // What was sent behind it is not this thread's, which the server would go on with otherwise.
        exchange.setDispatchExecutor(exchange.getIoThread());
        // HTTP/1.0 may name no host: then the target goes on every one.
        Incoming incoming = Incoming.of(exchange, "", EncodingChoice.NONE, PathRules.NONE, false);
        boolean soft = "1".equals(exchange.getRequestHeaders().getFirst(SOFT));
        long purged = cache.purge(Purge.target(incoming.key(), incoming.target(), soft));
        String url = incoming.key().scheme() + "://" + incoming.key().authority() + incoming.target();
        ChangeLog.done(
                exchange, soft ? "PURGE, soft," : "PURGE", WireText.shown(url) + ": responses purged: " + purged);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send("{\"by\":\"url\",\"purged\":" + purged + ",\"soft\":" + soft + "}\n");
    }
}
