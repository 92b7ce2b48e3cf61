package dev.lastref.http.serve;

import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.ByteRanges;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.NotModified;
import dev.lastref.cache.semantics.Preconditions;
import dev.lastref.cache.semantics.RangeSelection;
import dev.lastref.cache.semantics.RequestPolicy;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a client gets of a response that comes from the origin, asked for without this client's conditions, and perhaps for more than
 * this client's range.
 *
 * @param range of the content; null: all of it, or none
 */
record MissSelection(Kind kind, @Nullable ByteRange range) {
    /** Which answer it makes. */
    enum Kind {
        /** The response as it comes, or the range of it. */
        CONTENT,
        /** 304: the client has it already. */
        NOT_MODIFIED,
        /** 416. */
        UNSATISFIABLE
    }

    private static final MissSelection WHOLE = new MissSelection(Kind.CONTENT, null);

    /** Whether the client's part, or the head that it asks for, can be cut out of a response that is on its way to others. */
    static boolean canShareTheWhole(Incoming incoming) {
        RequestPolicy policy = incoming.policy();
        ByteRanges ranges = policy.ranges();
        return policy.action() == RequestPolicy.Action.LOOKUP
                && !policy.hasAuthorization()
                && !policy.hasConditionForOrigin()
                && (incoming.isHead() || (ranges != null && ranges.size() == 1));
    }

    /** Names the part that a client asks for, for those who ask for the same. */
    static String partOf(Incoming incoming) {
        // Absent is another thing than the word "null", and no field value has a line break.
        String condition =
                incoming.fields().contains("If-Range") ? incoming.fields().combined("If-Range") : "\n";
        return incoming.fields().combined("Range") + " " + condition;
    }

    /** Decides, once the head is there. */
    static MissSelection of(Incoming incoming, ResponseHead head, long now) {
        return of(incoming, head, now, true);
    }

    /**
     * The same for a stored part that is completed: which range of it the client gets was decided when the rest was asked for. The head
     * is newer than the one which that was decided by, so an If-Range may match it now, but what comes begins elsewhere.
     */
    static MissSelection ofCompleted(Incoming incoming, ResponseHead head, long now) {
        return of(incoming, head, now, false);
    }

    private static MissSelection of(Incoming incoming, ResponseHead head, long now, boolean cuts) {
        RequestPolicy.Action action = incoming.policy().action();
        boolean conditionsWithheld = action == RequestPolicy.Action.LOOKUP || action == RequestPolicy.Action.REFRESH;
        if (!SelectiveHit.isAskedBy(incoming) || !conditionsWithheld || !Preconditions.areAbout(head.status())) {
            return WHOLE;
        }
        if (Preconditions.isNotModified(incoming.fields(), head.fields(), now)) {
            return new MissSelection(Kind.NOT_MODIFIED, null);
        }
        return cuts && head.status() == 200 && head.hasKnownLength() && !incoming.isHead()
                ? cut(RangeSelection.of(incoming.fields(), head.fields(), head.length(), now))
                : WHOLE;
    }

    /** Several ranges would have to be sent as they come, in their order; the whole may be sent instead. */
    private static MissSelection cut(RangeSelection selection) {
        return switch (selection.kind()) {
            case WHOLE -> WHOLE;
            case UNSATISFIABLE -> new MissSelection(Kind.UNSATISFIABLE, null);
            case PARTS ->
                selection.ranges().size() == 1
                        ? new MissSelection(Kind.CONTENT, selection.ranges().get(0))
                        : WHOLE;
        };
    }

    /**
     * Answers what needs no content; returns whether it did.
     *
     * @param begin puts status and fields on the exchange
     * @param status what Cache-Status says of an answer with that status
     */
    boolean answer(
            HttpServerExchange exchange,
            ResponseHead head,
            ObjIntConsumer<FieldList> begin,
            IntFunction<CacheStatus> status) {
        switch (kind) {
            case CONTENT -> {
                return false;
            }
            case NOT_MODIFIED -> {
                begin.accept(NotModified.fieldsOf(head.fields()), StatusCodes.NOT_MODIFIED);
                exchange.endExchange();
            }
            case UNSATISFIABLE -> {
                exchange.getResponseHeaders().put(Headers.CONTENT_RANGE, ContentRange.unsatisfied(head.length()));
                ErrorResponse.send(
                        exchange,
                        416,
                        "the representation has " + head.length() + " bytes, none of them asked for",
                        status.apply(416));
            }
        }
        return true;
    }
}
