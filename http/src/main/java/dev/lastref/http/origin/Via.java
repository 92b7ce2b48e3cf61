package dev.lastref.http.origin;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.ListField;

/** Says in a response that it came through us, and which protocol it came with (RFC 9110, section 7.6.3). */
final class Via {
    private static final String NAME = "Via";

    private Via() {}

    /** The fields with our entry behind those that are there, all on one line. */
    static FieldList added(FieldList received, boolean http11) {
        FieldList.Builder fields = received.toBuilder();
        addTo(fields, received, http11);
        return fields.build();
    }

    /** Has our entry stand behind those that were received. */
    static void addTo(FieldList.Builder fields, FieldList received, boolean http11) {
        fields.set(NAME, ListField.added(received.combined(NAME), http11 ? "1.1 lastref" : "1.0 lastref"));
    }
}
