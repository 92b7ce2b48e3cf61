package dev.lastref.cache;

import dev.lastref.cache.semantics.FieldList;

/**
 * A response without its content.
 *
 * @param status the status code
 * @param fields end-to-end fields, Content-Length excluded
 * @param length bytes of content that follow, or {@link #UNKNOWN_LENGTH}
 */
public record ResponseHead(int status, FieldList fields, long length) {
    /** The content ends where it ends. */
    public static final long UNKNOWN_LENGTH = -1;

    public boolean hasKnownLength() {
        return length != UNKNOWN_LENGTH;
    }
}
