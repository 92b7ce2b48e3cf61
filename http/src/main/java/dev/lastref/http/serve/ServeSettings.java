package dev.lastref.http.serve;

import dev.lastref.cache.semantics.EncodingChoice;
import java.time.Duration;

/**
 * What of the settings requests are served by, and may change from one to the next.
 *
 * @param encodings what Accept-Encoding is reduced to
 * @param collapseTimeout how long a request waits for the head of a response that another one asked for
 * @param tellsKeys whether Cache-Status names the key
 * @param forwarded whether the origin is sent an element of Forwarded (RFC 7239)
 */
public record ServeSettings(EncodingChoice encodings, Duration collapseTimeout, boolean tellsKeys, boolean forwarded) {}
