package dev.lastref.http.serve;

import dev.lastref.cache.Outcome;
import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.NotModified;
import dev.lastref.cache.semantics.Preconditions;
import dev.lastref.cache.semantics.RangeSelection;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

/** Answers from the store what asks for less than the whole: conditions that may make it a 304, ranges that may make it a 206 or 416. */
final class SelectiveHit {
    private SelectiveHit() {}

    /** Whether a request could be answered with less than the whole. */
    static boolean isAskedBy(Incoming incoming) {
        return incoming.policy().isConditional() || incoming.policy().ranges() != null;
    }

    /**
     * Answers, if the stored response can.
     *
     * @return false if it cannot, or left the store meanwhile, and nothing was done
     */
    static boolean answer(ServeContext context, HttpServerExchange exchange, Incoming incoming, StoredResponse stored) {
        ResponseHead head = stored.head();
        if (head.status() != 200) { // a condition is about a representation, a range too
            return HitResponder.respondWhole(context, exchange, incoming, stored);
        }
        long now = context.epochSeconds();
        if (Preconditions.isLeftToOrigin(incoming.fields(), head.fields(), now)) {
            return false;
        }
        if (Preconditions.isNotModified(incoming.fields(), head.fields(), now)) {
            HitResponder.describe(context, exchange, stored, 304, NotModified.fieldsOf(head.fields()));
            context.completed(exchange, incoming, Outcome.HIT);
            exchange.endExchange();
            return true;
        }
        RangeSelection selection = incoming.method().equals("GET")
                ? RangeSelection.of(incoming.fields(), head.fields(), head.length(), now)
                : RangeSelection.WHOLE;
        return switch (selection.kind()) {
            case WHOLE -> HitResponder.respondWhole(context, exchange, incoming, stored);
            case UNSATISFIABLE -> refuse(context, exchange, incoming, head.length());
            case PARTS ->
                selection.ranges().size() == 1
                        ? HitResponder.respondRange(
                                context,
                                exchange,
                                incoming,
                                stored,
                                selection.ranges().get(0))
                        : MultipartResponder.respond(context, exchange, incoming, stored, selection.ranges());
        };
    }

    private static boolean refuse(
            ServeContext context, HttpServerExchange exchange, Incoming incoming, long completeLength) {
        context.completed(exchange, incoming, Outcome.HIT);
        exchange.getResponseHeaders().put(Headers.CONTENT_RANGE, ContentRange.unsatisfied(completeLength));
        ErrorResponse.send(
                exchange,
                416,
                "the representation has " + completeLength + " bytes, none of them asked for",
                CacheStatus.hit());
        return true;
    }
}
