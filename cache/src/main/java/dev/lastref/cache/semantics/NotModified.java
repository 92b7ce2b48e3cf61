package dev.lastref.cache.semantics;

import java.util.List;

/** What a 304 says of the representation that the client has (RFC 9110, section 15.4.5). */
public final class NotModified {
    /**
     * What a 304 must repeat of the 200, and what says where it has been. {@code CDN-Cache-Control} and {@code Surrogate-Control} are
     * to the caches behind us what Cache-Control is.
     */
    private static final List<String> REPEATED = List.of(
            "Cache-Control",
            "Content-Location",
            "Date",
            "ETag",
            "Expires",
            "Vary",
            "CDN-Cache-Control",
            "Surrogate-Control",
            "Cache-Status",
            "Via");

    private NotModified() {}

    /** The fields for a 304. Last-Modified is among them only where there is no entity tag to tell the representation by. */
    public static FieldList fieldsOf(FieldList representation) {
        boolean dated = !representation.contains("ETag");
        FieldList.Builder fields = FieldList.builder();
        representation.forEach((name, value) -> {
            if (isRepeated(name) || (dated && Ascii.equalsIgnoreCase(name, "Last-Modified"))) {
                fields.add(name, value);
            }
        });
        return fields.build();
    }

    private static boolean isRepeated(String name) {
        for (int i = 0; i < REPEATED.size(); i++) {
            if (Ascii.equalsIgnoreCase(name, REPEATED.get(i))) {
                return true;
            }
        }
        return false;
    }
}
