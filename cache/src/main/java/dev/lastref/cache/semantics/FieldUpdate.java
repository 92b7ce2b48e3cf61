package dev.lastref.cache.semantics;

import java.util.HashSet;
import java.util.Set;

/**
 * Updates the fields of a stored response from those of a newer one that came without content (RFC 9111, section 3.2).
 *
 * <p>Each field that the newer response has replaces the stored ones of its name; the others stay. Excepted are the fields on which
 * the stored content depends. A stored Age goes even if the newer response has none: it was the age of the response before.
 */
public final class FieldUpdate {
    /** By these the stored bytes are to be read, and they do not change. */
    private static final Set<String> KEPT =
            Set.of("content-length", "content-encoding", "content-range", "transfer-encoding");

    private FieldUpdate() {}

    /**
     * @param stored the fields of the stored response
     * @param newer the fields of the 304, or of the response to HEAD; hop-by-hop fields are gone
     */
    public static FieldList apply(FieldList stored, FieldList newer) {
        Set<String> replaced = new HashSet<>();
        newer.forEach((name, value) -> replaced.add(Ascii.lower(name)));
        replaced.removeAll(KEPT);
        replaced.add("age");
        FieldList.Builder updated = FieldList.builder();
        stored.forEach((name, value) -> {
            if (!replaced.contains(Ascii.lower(name))) {
                updated.add(name, value);
            }
        });
        newer.forEach((name, value) -> {
            if (!KEPT.contains(Ascii.lower(name))) {
                updated.add(name, value);
            }
        });
        return updated.build();
    }
}
