package dev.lastref.http.serve;

import dev.lastref.cache.Outcome;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheStatus;
import io.undertow.server.HttpServerExchange;
import java.util.concurrent.TimeUnit;

/** Whether a stored response may answer a request without asking the origin (RFC 9111, section 4), and the answer if so. */
final class Reuse {
    private Reuse() {}

    /**
     * Answers, if the stored response is one for this request.
     *
     * @return false if it is not, or left the store meanwhile, and nothing was done
     */
    static boolean asHit(ServeContext context, HttpServerExchange exchange, Incoming incoming, StoredResponse stored) {
        if (incoming.policy().hasAuthorization() && !stored.allowsAuthorized()) {
            return false;
        }
        long now = context.now();
        long age = stored.freshness().ageSeconds(now);
        if (!incoming.policy().accepts(age, stored.freshness().lifetimeSeconds())) {
            return false;
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(stored.freshness().remainingNanos(now));
        return HitResponder.answer(
                context,
                exchange,
                incoming,
                stored,
                Outcome.HIT,
                CacheStatus.hit().ttl(seconds));
    }
}
