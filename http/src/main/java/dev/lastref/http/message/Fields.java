package dev.lastref.http.message;

import dev.lastref.cache.semantics.FieldList;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;

/** Between the server's header maps and the cache's field lists. */
public final class Fields {
    private Fields() {}

    /** The fields of a message. */
    public static FieldList of(HeaderMap headers) {
        FieldList.Builder fields = FieldList.builder();
        for (long cookie = headers.fastIterateNonEmpty(); cookie != -1; cookie = headers.fiNextNonEmpty(cookie)) {
            HeaderValues values = headers.fiCurrent(cookie);
            String name = values.getHeaderName().toString();
            for (int i = 0; i < values.size(); i++) {
                fields.add(name, values.get(i));
            }
        }
        return fields.build();
    }

    /** Adds the fields to a message. */
    public static void addTo(HeaderMap headers, FieldList fields) {
        for (int i = 0; i < fields.size(); i++) {
            headers.add(HttpString.tryFromString(fields.name(i)), fields.value(i));
        }
    }
}
