package dev.lastref.http.serve;

import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.FieldList;
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
    static boolean answer(StoredReply reply) {
        StoredResponse stored = reply.stored();
        FieldList asked = reply.incoming().fields();
        ContentRange part = stored.part();
        if (!Preconditions.areAbout(stored.status())) {
            return HitResponder.respondWhole(reply);
        }
        long now = reply.context().epochSeconds();
        if (Preconditions.isLeftToOrigin(asked, stored.fields(), now)) {
            return false;
        }
        if (Preconditions.isNotModified(asked, stored.fields(), now)) {
            reply.begin(304, NotModified.fieldsOf(stored.fields()));
            reply.exchange().endExchange();
            return true;
        }
        RangeSelection selection =
                reply.incoming().policy().ranges() == null || (stored.status() != 200 && part == null)
                        ? RangeSelection.WHOLE
                        : RangeSelection.of(asked, stored.fields(), stored.completeLength(), now);
        if (part != null && !selection.isWithin(part.range())) {
            return false;
        }
        return switch (selection.kind()) {
            case WHOLE -> HitResponder.respondWhole(reply);
            case UNSATISFIABLE -> refuse(reply, stored.completeLength());
            case PARTS ->
                selection.ranges().size() == 1
                        ? HitResponder.respondRange(reply, selection.ranges().get(0))
                        : MultipartResponder.respond(reply, selection.ranges());
        };
    }

    private static boolean refuse(StoredReply reply, long completeLength) {
        HttpServerExchange exchange = reply.exchange();
        reply.context().completed(exchange, reply.incoming(), reply.outcome());
        exchange.getResponseHeaders().put(Headers.CONTENT_RANGE, ContentRange.unsatisfied(completeLength));
        ErrorResponse.send(
                exchange,
                416,
                "the representation has " + completeLength + " bytes, none of them asked for",
                reply.cacheStatus());
        return true;
    }
}
