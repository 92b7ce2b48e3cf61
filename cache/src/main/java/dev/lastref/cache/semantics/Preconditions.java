package dev.lastref.cache.semantics;

import java.util.List;

/**
 * The conditions of a GET or HEAD against a representation that is at hand (RFC 9110, section 13; RFC 9111, section 4.3.2).
 *
 * <p>Their precedence (section 13.2.2): If-Match, else If-Unmodified-Since; then If-None-Match, else If-Modified-Since; then If-Range,
 * if there is a Range. The first two are the origin's to judge, "not applicable to a cache": {@link #isLeftToOrigin} tells whether it
 * has to be asked, which is not needed where what is stored fulfils them.
 *
 * <p>Conditions apply to a representation, so the caller asks only where the answer without them would be {@linkplain #areAbout successful}.
 * No state: any thread may call. {@code now} is in epoch seconds, and only needed to read years of two digits.
 */
public final class Preconditions {
    private static final String IF_MATCH = "If-Match";
    private static final String IF_UNMODIFIED_SINCE = "If-Unmodified-Since";
    private static final String IF_NONE_MATCH = "If-None-Match";
    private static final String IF_MODIFIED_SINCE = "If-Modified-Since";
    private static final String IF_RANGE = "If-Range";

    private Preconditions() {}

    /** Whether the request has a condition that only the origin may find false, and this representation does not fulfil it. */
    public static boolean isLeftToOrigin(FieldList request, FieldList representation, long now) {
        EntityTagSet match = EntityTagSet.of(request, IF_MATCH);
        if (match != null) {
            return !match.matchesStrongly(EntityTag.of(representation));
        }
        long since = singleDate(request, IF_UNMODIFIED_SINCE, now);
        if (since == HttpDates.ABSENT) {
            return false;
        }
        long modified = singleDate(representation, "Last-Modified", now);
        return modified == HttpDates.ABSENT || modified > since;
    }

    /** Whether conditions count where the response would have this status without them: it is successful (RFC 9110, section 13.2.1). */
    public static boolean areAbout(int status) {
        return status >= 200 && status < 300;
    }

    /** Whether the request has a condition that the origin judges. */
    public static boolean hasConditionForOrigin(FieldList request) {
        return request.contains(IF_MATCH) || request.contains(IF_UNMODIFIED_SINCE);
    }

    /**
     * Whether the client has this representation already, and is to be told so with a 304. A stored response without Last-Modified is
     * held to be as old as its Date.
     */
    public static boolean isNotModified(FieldList request, FieldList representation, long now) {
        EntityTagSet noneMatch = EntityTagSet.of(request, IF_NONE_MATCH);
        if (noneMatch != null) {
            return noneMatch.matchesWeakly(EntityTag.of(representation));
        }
        long since = singleDate(request, IF_MODIFIED_SINCE, now);
        if (since == HttpDates.ABSENT) {
            return false;
        }
        long modified = representation.contains("Last-Modified")
                ? singleDate(representation, "Last-Modified", now)
                : singleDate(representation, "Date", now);
        return modified != HttpDates.ABSENT && modified <= since;
    }

    /**
     * Whether a Range applies to this representation: there is no If-Range, or it names this very representation. Only a strong
     * validator can: an entity tag that is not weak, or a Last-Modified at least a second before the Date beside it (section 8.8.2.2).
     */
    public static boolean isRangeFor(FieldList request, FieldList representation, long now) {
        List<String> conditions = request.all(IF_RANGE);
        if (conditions.isEmpty()) {
            return true;
        }
        if (conditions.size() > 1) {
            return false;
        }
        EntityTag wanted = EntityTag.parse(conditions.get(0));
        if (wanted != null) {
            EntityTag current = EntityTag.of(representation);
            return current != null && current.matchesStrongly(wanted);
        }
        long date = HttpDates.parse(conditions.get(0), now);
        return date != HttpDates.ABSENT
                && date == singleDate(representation, "Last-Modified", now)
                && isStrongLastModified(representation, now);
    }

    /** Whether nothing can have changed within the second that Last-Modified names, by the origin's own clock. */
    static boolean isStrongLastModified(FieldList representation, long now) {
        long modified = singleDate(representation, "Last-Modified", now);
        long date = singleDate(representation, "Date", now);
        return modified != HttpDates.ABSENT && date != HttpDates.ABSENT && date > modified;
    }

    /** Several lines are not one date; the condition is then ignored (section 13.1.3). */
    private static long singleDate(FieldList fields, String name, long now) {
        List<String> lines = fields.all(name);
        return lines.size() == 1 ? HttpDates.parse(lines.get(0), now) : HttpDates.ABSENT;
    }
}
