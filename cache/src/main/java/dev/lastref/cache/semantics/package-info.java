/**
 * What HTTP caching means, and nothing else: RFC 9111 with the parts of RFC 9110 and RFC 9211 that a cache needs.
 *
 * <p>Everything here is pure: no I/O, no clock, no pool, no listener; times are arguments. Nothing in this package
 * depends on another package of Lastref. Every type is immutable and safe for any thread, except the builders. What a
 * peer sent is never a reason to throw: parsers accept any string, and where a field is malformed they choose the
 * reading that reuses less.
 *
 * <p>Start reading at {@link dev.lastref.cache.semantics.RequestPolicy} (what a request allows), {@link
 * dev.lastref.cache.semantics.StoragePolicy} (what a response allows) and {@link
 * dev.lastref.cache.semantics.Freshness} (for how long). It is a safe subset: responses that need validation are not
 * stored yet, and a range is passed on.
 */
@NullMarked
package dev.lastref.cache.semantics;

import org.jspecify.annotations.NullMarked;
