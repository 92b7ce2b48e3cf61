/**
 * The sidecar: a listener, the way of a request through the cache or to the origin, administration, configuration and command line.
 *
 * <p>Start with {@link dev.lastref.http.Sidecar}, which assembles everything, and follow a request from
 * {@code serve.CacheHandler}. Packages: {@code config} (what the user sets), {@code listen} (sockets), {@code serve} (answering
 * clients), {@code origin} (asking the origin), {@code message} (what both share), {@code heap} (what all of that may hold), {@code admin} (the other port), {@code cli}
 * (commands). Depends on cache, pool and metrics; nothing depends on it but samples.
 */
@NullMarked
package dev.lastref.http;

import org.jspecify.annotations.NullMarked;
