package dev.lastref.samples.origin;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A successful response, its body not yet computed: a request that the validator answers (304) costs nothing.
 *
 * @param etag an opaque tag without quotes; null where the body differs from one request to the next
 */
record Answer(
        String contentType, String cacheControl, @Nullable String etag, Supplier<Body> body) {

    static final String TEXT = "text/plain; charset=utf-8";
    static final String JSON = "application/json";
    static final String NO_STORE = "no-store";

    static String maxAge(long seconds) {
        return "max-age=" + seconds;
    }
}
