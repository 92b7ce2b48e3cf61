package dev.lastref.http.serve;

import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.FetchReader;
import dev.lastref.cache.Outcome;
import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.Substitute;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.Reuse;
import io.undertow.server.HttpServerExchange;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the store, instead of with what a fetch brings, a client that made the origin be asked, or waited for another's response:
 * so it is no hit, and Cache-Status says why the origin was asked (RFC 9211, section 2.2).
 *
 * @param attempt for which the client waited
 * @param reader where it waited
 */
record StoredInstead(
        ServeContext context, HttpServerExchange exchange, Incoming incoming, Attempt attempt, FetchReader reader) {
    /** Whether it may answer this client: the leader, since it was asked for on his word, or another whom it suits. */
    boolean suits(Substitute substitute) {
        StoredResponse stored = substitute.stored();
        return reader.isLeader()
                || (isValidated(substitute)
                        ? Reuses.of(context, incoming, stored).answers()
                        : incoming.policy().standInNanos(stored.terms())
                                > -stored.freshness().remainingNanos(context.now()));
    }

    private static boolean isValidated(Substitute substitute) {
        return substitute.why() == Substitute.Why.VALIDATED;
    }

    /**
     * What may answer in place of an origin that failed, be it in the middle of its content, as long as the client has not got a byte
     * of that (RFC 5861, section 4); null: nothing.
     */
    @Nullable
    Substitute standIn(FetchFailure failure) {
        StoredResponse stored = attempt.asked().stored();
        if (stored == null || !failure.isOrigins() || !attempt.asked().standsIn(context.now())) {
            return null;
        }
        ResponseHead arrived = reader.head();
        return new Substitute(stored, Substitute.Why.STALE_IF_ERROR, arrived == null ? 0 : arrived.status());
    }

    /** Returns false if its content has left the store. */
    boolean answer(Substitute substitute) {
        StoredResponse stored = substitute.stored();
        boolean validated = isValidated(substitute);
        CacheStatus status = CacheStatus.forward(attempt.why());
        // Where the client is sent a part, or a 304, that status is not the origin's either.
        boolean selective =
                incoming.policy().isConditional() || incoming.policy().ranges() != null;
        if (substitute.status() > 0 && (selective || substitute.status() != stored.status())) {
            status.forwardStatus(substitute.status());
        }
        if (validated) {
            status.stored();
        }
        if (!reader.isLeader()) {
            status.collapsed();
        }
        status.ttl(Reuses.ttl(context, stored));
        context.describe(status, incoming);
        if (!validated) {
            status.detail("stale-if-error");
        }
        Outcome outcome = validated ? Outcome.REVALIDATED : Outcome.STALE;
        return HitResponder.answer(context, exchange, incoming, stored, outcome, status);
    }

    /**
     * Instead of the rest of a stored part that of something else has come, or nothing. What is stored by now answers, if it is fresh, but
     * not as a hit: the origin was asked for this client.
     *
     * @param arrived what came
     * @return false if nothing does
     */
    boolean answerOther(ResponseHead arrived) {
        StoredResponse stored = context.cache().select(incoming.key(), incoming.fields());
        if (stored == null || Reuses.of(context, incoming, stored) != Reuse.FRESH) {
            return false;
        }
        CacheStatus status = FetchedStatus.ofOther(context, incoming, attempt, reader, arrived.status(), stored);
        return HitResponder.answer(context, exchange, incoming, stored, FetchedStatus.outcome(attempt, reader), status);
    }
}
