/**
 * A shared HTTP cache (RFC 9111) over the pool: the index of stored responses, and the fetches that fill it.
 *
 * <p>Start with {@link dev.lastref.cache.ResponseCache}, then {@link dev.lastref.cache.Fetch}, one origin response on its way to
 * everybody who waits for it. What HTTP says about caching, as pure functions, is in {@code dev.lastref.cache.semantics}. Depends
 * on the pool and on Caffeine; knows nothing of sockets or of Undertow, and is observed through
 * {@link dev.lastref.cache.CacheListener}.
 */
@NullMarked
package dev.lastref.cache;

import org.jspecify.annotations.NullMarked;
