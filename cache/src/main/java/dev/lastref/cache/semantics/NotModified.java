package dev.lastref.cache.semantics;

import java.util.Set;

/** What a 304 says of the representation that the client has (RFC 9110, section 15.4.5). */
public final class NotModified {
    /**
     * What a 304 must repeat of the 200, and what says where it has been. {@code CDN-Cache-Control} and {@code Surrogate-Control} are
     * to the caches behind us what Cache-Control is.
     */
    private static final Set<String> REPEATED = Set.of(
            "cache-control",
            "content-location",
            "date",
            "etag",
            "expires",
            "vary",
            "cdn-cache-control",
            "surrogate-control",
            "cache-status",
            "via");

    private NotModified() {}

    /** The fields for a 304. Last-Modified is among them only where there is no entity tag to tell the representation by. */
    public static FieldList fieldsOf(FieldList representation) {
        boolean dated = !representation.contains("ETag");
        FieldList.Builder fields = FieldList.builder();
        representation.forEach((name, value) -> {
            String lower = Ascii.lower(name);
            if (REPEATED.contains(lower) || (dated && lower.equals("last-modified"))) {
                fields.add(name, value);
            }
        });
        return fields.build();
    }
}
