package dev.lastref.http.serve;

import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.EntityTag;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.FieldUpdate;
import dev.lastref.cache.semantics.RangeSelection;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.cache.semantics.Reuse;
import dev.lastref.pool.Transmission;
import org.jspecify.annotations.Nullable;

/**
 * A stored part that has the beginning of what a client wants: the origin is asked for the rest alone, on condition that the
 * representation is still the same (RFC 9111, section 3.4; RFC 9110, sections 13.1.5 and 15.3.7.3).
 *
 * @param held fresh, with a strong entity tag
 * @param part which part it is
 * @param wanted what the client gets of the representation
 * @param whole whether it gets it as a 200: it asked for all there is
 * @param front sends what is held of it: begun before the origin is asked, so that it is there when the rest comes, whatever becomes of
 *     what is stored. Whoever made this closes it
 */
record Completion(StoredResponse held, ContentRange part, ByteRange wanted, boolean whole, Transmission front) {
    /** For a request that nothing stored covers; null: all that it wants is to be asked for. */
    static @Nullable Completion of(ServeContext context, Incoming incoming, StoredResponse held) {
        ContentRange part = held.part();
        RequestPolicy policy = incoming.policy();
        EntityTag tag = EntityTag.of(held.fields());
        if (part == null
                || tag == null
                || tag.weak()
                || !incoming.method().equals("GET")
                || policy.action() != RequestPolicy.Action.LOOKUP
                || Reuses.of(context, incoming, held) != Reuse.FRESH) {
            return null;
        }
        RangeSelection selection = policy.ranges() == null
                ? RangeSelection.WHOLE
                : RangeSelection.of(incoming.fields(), held.fields(), part.completeLength(), context.epochSeconds());
        ByteRange wanted = wanted(selection, part.completeLength());
        if (wanted == null
                || wanted.first() < part.range().first()
                || wanted.first() > part.range().last()
                || wanted.last() <= part.range().last()) {
            return null;
        }
        Transmission front =
                held.transmit(new ByteRange(wanted.first(), part.range().last()));
        return front == null ? null : new Completion(held, part, wanted, selection.isWhole(), front);
    }

    private static @Nullable ByteRange wanted(RangeSelection selection, long completeLength) {
        if (selection.isWhole()) {
            return new ByteRange(0, completeLength - 1);
        }
        return selection.ranges().size() == 1 ? selection.ranges().get(0) : null;
    }

    /** What the origin is asked for. */
    private ByteRange missing() {
        return new ByteRange(part.range().end(), wanted.last());
    }

    /** Puts that into the request. */
    void ask(FieldList.Builder fields) {
        fields.set("Range", range());
        fields.set("If-Range", String.valueOf(held.fields().first("ETag")));
    }

    /** The value of Range. */
    String range() {
        return "bytes=" + missing().first() + "-" + missing().last();
    }

    /** Names what is asked for, for those who can share it. */
    String place() {
        return range() + " " + held.fields().first("ETag");
    }

    /** Whether this is the rest of the same representation, all of it. */
    boolean isAnsweredBy(ResponseHead arrived) {
        ContentRange came = arrived.status() == 206 ? ContentRange.of(arrived.fields()) : null;
        EntityTag tag = EntityTag.of(arrived.fields());
        EntityTag its = EntityTag.of(held.fields());
        return came != null
                && came.equals(new ContentRange(missing(), part.completeLength()))
                && arrived.length() == missing().length()
                && tag != null
                && its != null
                && tag.matchesStrongly(its);
    }

    /**
     * Whether this, if it is not what was asked for, is no answer for the client either: it is about a part that the client did not ask
     * for, or says that nothing has changed, which nobody has asked.
     */
    static boolean isAboutPart(ResponseHead arrived) {
        return arrived.status() == 206 || arrived.status() == 416 || arrived.status() == 304;
    }

    /** The head of the client's response: the fields of both, where they differ those of the newer one. */
    ResponseHead head(ResponseHead arrived) {
        FieldList.Builder fields = FieldUpdate.apply(held.fields(), arrived.fields()).toBuilder();
        fields.remove("Content-Range");
        if (!whole) {
            fields.add("Content-Range", wanted.contentRange(part.completeLength()));
        }
        return new ResponseHead(whole ? 200 : 206, fields.build(), wanted.length());
    }
}
