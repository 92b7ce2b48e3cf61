package dev.lastref.http.serve;

import dev.lastref.cache.Asked;
import dev.lastref.cache.Fetch;
import dev.lastref.cache.Outcome;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.Reuse;
import io.undertow.server.HttpServerExchange;
import java.util.concurrent.TimeUnit;

/** Answers from the store without asking the origin first, where RFC 9111, section 4, and RFC 5861 allow it. */
final class Reuses {
    private Reuses() {}

    static Reuse of(ServeContext context, Incoming incoming, StoredResponse stored) {
        return incoming.policy().reuse(stored.freshness(), stored.terms(), context.now());
    }

    /**
     * Answers with what was selected, as is allowed.
     *
     * @return false if its content left the store meanwhile, and nothing was done
     */
    static boolean answer(
            ServeContext context, HttpServerExchange exchange, Incoming incoming, StoredResponse stored, Reuse how) {
        Outcome outcome = how == Reuse.FRESH ? Outcome.HIT : Outcome.STALE;
        CacheStatus status = CacheStatus.hit().ttl(ttl(context, stored));
        if (how == Reuse.STALE_WHILE_REVALIDATE) {
            status.detail("stale-while-revalidate");
        } else if (how == Reuse.STALE) {
            status.detail("max-stale");
        }
        context.describe(status, incoming);
        if (!HitResponder.answer(context, exchange, incoming, stored, outcome, status)) {
            return false;
        }
        if (how == Reuse.STALE_WHILE_REVALIDATE) {
            refresh(context, exchange, incoming, stored);
        }
        return true;
    }

    /** Remaining freshness, in seconds. */
    static long ttl(ServeContext context, StoredResponse stored) {
        return TimeUnit.NANOSECONDS.toSeconds(stored.freshness().remainingNanos(context.now()));
    }

    private static void refresh(
            ServeContext context, HttpServerExchange exchange, Incoming incoming, StoredResponse stored) {
        Fetch fetch = context.cache().refresh(new Asked(incoming.key(), incoming.fields(), stored, 0));
        if (fetch != null) {
            context.origin()
                    .ask(exchange.getIoThread(), OriginRequests.inBackground(exchange, incoming, stored), fetch);
        }
    }
}
