package dev.lastref.cache;

import dev.lastref.cache.semantics.FieldList;
import java.util.List;

/** The fields of a request as the origin gets them, made only where somebody asks: most resources have one response for all requests. */
@FunctionalInterface
public interface RequestFields {
    /** All of them. */
    FieldList all();

    /**
     * Those that select among the responses of a resource; others may be among them.
     *
     * @param names in lower case
     */
    default FieldList named(List<String> names) {
        return all();
    }
}
