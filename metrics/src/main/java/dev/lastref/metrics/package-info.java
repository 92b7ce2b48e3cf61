/**
 * Prometheus metrics of the pool and the cache, gathered through their listeners. Start with
 * {@link dev.lastref.metrics.LastrefMetrics}. Knows nothing of the HTTP server, which fetches the text.
 */
@NullMarked
package dev.lastref.metrics;

import org.jspecify.annotations.NullMarked;
