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

    /** The fields for a 304. */
    public static FieldList fieldsOf(FieldList representation) {
        boolean dated = needsDate(representation);
        FieldList.Builder fields = FieldList.builder();
        representation.forEach((name, value) -> {
            if (isRepeated(name, dated)) {
                fields.add(name, value);
            }
        });
        return fields.build();
    }

    /** Whether a 304 has to name the representation's Last-Modified, since there is no entity tag to tell it by. */
    public static boolean needsDate(FieldList representation) {
        return !representation.contains("ETag");
    }

    /**
     * Whether a field of the representation is one of the 304's too.
     *
     * @param dated whether the representation {@linkplain #needsDate needs} its date there
     */
    public static boolean isRepeated(String name, boolean dated) {
        return isRepeated(name) || (dated && Ascii.equalsIgnoreCase(name, "Last-Modified"));
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
