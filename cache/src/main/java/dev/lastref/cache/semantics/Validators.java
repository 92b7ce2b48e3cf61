package dev.lastref.cache.semantics;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a representation can be told by: its entity tag and its date of last modification (RFC 9110, section 8.8).
 *
 * <p>An ETag that is no entity tag, such as a bare word, counts as none: in a condition it would be read as something else, a
 * {@code *} as any response at all.
 *
 * @param entityTag as sent, with the quotes and the mark of a weak one; null if there is none
 * @param lastModified as sent; null if there is none that is a date
 */
public record Validators(
        @Nullable String entityTag, @Nullable String lastModified) {
    private static final Validators NONE = new Validators(null, null);
    private static final String WEAK = "W/";

    /** Of a response. */
    public static Validators of(FieldList response) {
        String tag = response.first("ETag");
        String modified = response.first("Last-Modified");
        tag = tag != null && isEntityTag(tag) ? tag : null;
        modified = HttpDates.parse(modified, 0) == HttpDates.ABSENT ? null : modified;
        return tag == null && modified == null ? NONE : new Validators(tag, modified);
    }

    /** Whether {@code W/"…"} or {@code "…"}, as RFC 9110, section 8.8.3, has it. */
    static boolean isEntityTag(String tag) {
        int start = tag.startsWith(WEAK) ? WEAK.length() : 0;
        int last = tag.length() - 1;
        if (last <= start || tag.charAt(start) != '"' || tag.charAt(last) != '"') {
            return false;
        }
        for (int i = start + 1; i < last; i++) {
            char c = tag.charAt(i);
            if (c <= ' ' || c == '"' || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    public boolean isEmpty() {
        return entityTag == null && lastModified == null;
    }

    public boolean hasStrongTag() {
        return entityTag != null && !entityTag.startsWith(WEAK);
    }

    /**
     * Whether a 304 (Not Modified) that carries these validators says that a stored response with those is still right (RFC 9111,
     * section 4.3.4). A 304 without any is taken at its word, since it answers a condition that was made from the stored response.
     */
    public boolean confirm(Validators stored) {
        if (entityTag != null) {
            return hasStrongTag()
                    ? entityTag.equals(stored.entityTag)
                    : stored.entityTag != null && opaque(entityTag).equals(opaque(stored.entityTag));
        }
        return lastModified == null
                || stored.lastModified == null
                || HttpDates.parse(lastModified, 0) == HttpDates.parse(stored.lastModified, 0);
    }

    /**
     * Whether a response to HEAD that carries these validators may update a stored response with those: each one that is there is the
     * same (RFC 9111, section 4.3.5).
     */
    public boolean matchAll(Validators stored) {
        return (entityTag == null || entityTag.equals(stored.entityTag))
                && (lastModified == null
                        || (stored.lastModified != null
                                && HttpDates.parse(lastModified, 0) == HttpDates.parse(stored.lastModified, 0)));
    }

    /** Whether one of them is not that of the same representation, even by the weak comparison (RFC 9110, section 8.8.3.2). */
    public boolean contradict(Validators other) {
        return (entityTag != null
                        && other.entityTag != null
                        && !opaque(entityTag).equals(opaque(other.entityTag)))
                || (lastModified != null
                        && other.lastModified != null
                        && HttpDates.parse(lastModified, 0) != HttpDates.parse(other.lastModified, 0));
    }

    /** Whether there is one that both have, be it a different one. */
    public boolean shareOneWith(Validators other) {
        return (entityTag != null && other.entityTag != null) || (lastModified != null && other.lastModified != null);
    }

    /** The entity tags of several responses, for If-None-Match: the origin is to say which of them it is (section 4.3.1). */
    public static String tagsOf(List<FieldList> responses) {
        return responses.stream()
                .map(Validators::of)
                .map(Validators::entityTag)
                .filter(Objects::nonNull)
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String opaque(String tag) {
        return tag.startsWith(WEAK) ? tag.substring(WEAK.length()) : tag;
    }

    /** Makes a request one that is answered with 304 if the representation is still the same (section 4.3.1). */
    public void addConditionsTo(FieldList.Builder request) {
        if (entityTag != null) {
            request.set("If-None-Match", entityTag);
        }
        if (lastModified != null) {
            request.set("If-Modified-Since", lastModified);
        }
    }
}
