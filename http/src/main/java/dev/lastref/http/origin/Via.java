package dev.lastref.http.origin;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.ListField;

/** Says in a response that it came through us, and which protocol it came with (RFC 9110, section 7.6.3). */
final class Via {
    private static final String NAME = "Via";

    private Via() {}

    /** The fields with our entry behind those that are there, all on one line. */
    static FieldList added(FieldList received, boolean http11) {
        String before = received.combined(NAME);
        String us = http11 ? "1.1 lastref" : "1.0 lastref";
        return received.toBuilder().set(NAME, ListField.added(before, us)).build();
    }
}
