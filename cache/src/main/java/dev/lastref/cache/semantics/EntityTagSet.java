package dev.lastref.cache.semantics;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What If-Match and If-None-Match carry: {@code *}, or a list of entity tags (RFC 9110, sections 13.1.1 and 13.1.2). A comma within a
 * tag separates nothing; a member that is no tag is left out, and matches nothing.
 *
 * <p>Immutable. Reading takes time linear in the value's length.
 */
final class EntityTagSet {
    private final boolean any;
    private final List<EntityTag> tags;

    private EntityTagSet(boolean any, List<EntityTag> tags) {
        this.any = any;
        this.tags = tags;
    }

    /** The set that a request names in this field; null if it has no such field. */
    static @Nullable EntityTagSet of(FieldList request, String field) {
        List<String> lines = request.all(field);
        if (lines.isEmpty()) {
            return null;
        }
        if (lines.size() == 1 && Ascii.trim(lines.get(0)).equals("*")) {
            return new EntityTagSet(true, List.of());
        }
        List<EntityTag> tags = new ArrayList<>();
        for (String line : lines) {
            addTags(line, tags);
        }
        return new EntityTagSet(false, tags);
    }

    private static void addTags(String line, List<EntityTag> tags) {
        int at = 0;
        while (at < line.length()) {
            if (Ascii.isOws(line.charAt(at)) || line.charAt(at) == ',') {
                at++;
                continue;
            }
            int end = EntityTag.endOf(line, at);
            int next = skipOws(line, Math.max(end, at));
            if (end > 0 && (next == line.length() || line.charAt(next) == ',')) {
                tags.add(EntityTag.at(line, at, end));
                at = next;
            } else {
                int comma = line.indexOf(',', Math.max(end, at));
                at = comma < 0 ? line.length() : comma;
            }
        }
    }

    private static int skipOws(String line, int from) {
        int at = from;
        while (at < line.length() && Ascii.isOws(line.charAt(at))) {
            at++;
        }
        return at;
    }

    /** For If-None-Match; {@code *} matches whatever there is. */
    boolean matchesWeakly(@Nullable EntityTag current) {
        return any || (current != null && tags.stream().anyMatch(current::matchesWeakly));
    }

    /** For If-Match; {@code *} matches whatever there is. */
    boolean matchesStrongly(@Nullable EntityTag current) {
        return any || (current != null && tags.stream().anyMatch(current::matchesStrongly));
    }
}
