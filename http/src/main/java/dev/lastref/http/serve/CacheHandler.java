package dev.lastref.http.serve;

import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.cache.semantics.Reuse;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Where requests go that {@link RequestGate} lets in: from here to the store, to a fetch, or back with an error. Runs on I/O threads
 * and never blocks.
 */
public final class CacheHandler implements HttpHandler {
    private final ServeContext context;

    public CacheHandler(ServeContext context) {
        this.context = context;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Incoming incoming = Incoming.of(
                exchange, context.origin().authority(), context.encodings(), context.paths(), context.saysForwarded());
        StoredResponse stored = select(incoming);
        Reuse reuse = stored == null ? Reuse.NONE : Reuses.of(context, incoming, stored);
        if (stored != null && reuse.answers() && Reuses.answer(context, exchange, incoming, stored, reuse)) {
            return;
        }
        if (incoming.policy().action() == RequestPolicy.Action.ONLY_IF_CACHED) {
            ErrorResponse.send(
                    exchange,
                    504,
                    "nothing stored, and the client asked for no more",
                    CacheStatus.none().detail("only-if-cached"));
            return;
        }
        // The answer comes later, but still on this thread.
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> FollowResponder.respond(context, exchange, incoming));
    }

    private @Nullable StoredResponse select(Incoming incoming) {
        return incoming.policy().looksUp() ? context.cache().select(incoming.key(), incoming::fields) : null;
    }
}
