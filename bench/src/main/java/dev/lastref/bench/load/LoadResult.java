package dev.lastref.bench.load;

/**
 * What a client says of its turn.
 *
 * @param requests that were answered
 * @param bytes that came, of content at least, those of responses that the end cut short too, and with h2load of what came before it counted
 * @param errors responses that were none of success, and connections that broke
 * @param p50 latency in microseconds, as the two after it; NaN where nobody knows
 */
public record LoadResult(long requests, double seconds, long bytes, long errors, double p50, double p99, double p999) {}
