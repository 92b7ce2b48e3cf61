/**
 * What is told of each request: the access log, and the live readers of it. Start with {@code RequestLog}. I/O threads do no more than
 * put a small record into a bounded queue; everything else happens on the log's own thread. Knows nothing of the cache.
 */
@NullMarked
package dev.lastref.http.log;

import org.jspecify.annotations.NullMarked;
