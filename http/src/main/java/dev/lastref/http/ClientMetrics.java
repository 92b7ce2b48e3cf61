package dev.lastref.http;

import dev.lastref.http.http2.Http2Counters;
import dev.lastref.http.listen.ClientConnections;
import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.serve.RequestRate;
import dev.lastref.metrics.LastrefMetrics;

/**
 * What metrics say of clients: their connections, and what of them is refused. All there from the start, whether TLS, HTTP/2 or PROXY
 * headers are spoken or not: what is not there cannot be told from what is not measured. Reasons are those of enums, so they are few.
 */
final class ClientMetrics {
    private static final String REASON = "reason";

    private ClientMetrics() {}

    static void showConnections(ClientConnections connections, ConnectionTally tally, LastrefMetrics metrics) {
        metrics.gauge("lastref_connections", "Connections that clients have open.", connections::count);
        metrics.counter(
                "lastref_connections_accepted",
                "Connections of clients that were accepted, those too many included.",
                connections::accepted);
        metrics.counters(
                "lastref_connections_refused",
                "Connections that were not taken: closed at once for a limit; or, of descriptors, attempts to accept in vain.",
                REASON,
                connections::refused);
        metrics.counters(
                "lastref_connections_timed_out",
                "Connections that were ended since their client took too long; of slow_body by HTTP/2, streams.",
                REASON,
                tally::timedOut);
        metrics.counters(
                "lastref_proxy_headers_refused",
                "Connections without a PROXY header that can be used, from networks in lastref.proxy-protocol.",
                REASON,
                tally::proxyHeaders);
        metrics.counters(
                "lastref_tls_handshakes_failed",
                "Connections that ended before TLS was agreed on, by why.",
                REASON,
                tally::handshakes);
    }

    static void showRequests(Refusals refusals, RequestRate rate, HeapShare memory, LastrefMetrics metrics) {
        metrics.gauge(
                "lastref_requests_held_bytes",
                "What requests by HTTP/1.1 hold on the heap: heads, requests behind them, and buffers.",
                memory::bytes);
        metrics.counters(
                "lastref_requests_refused",
                "Requests that were refused before the cache was asked, by why; connection_error counts connections.",
                REASON,
                refusals::byReason);
        metrics.counter(
                "lastref_requests_limited",
                "Requests that were refused, since one peer made more than lastref.limits.requests-per-second-per-peer.",
                rate::refused);
    }

    static void showHttp2(Http2Counters counters, HeapShare held, LastrefMetrics metrics) {
        metrics.gauge("lastref_http2_connections", "Connections that speak HTTP/2.", counters::connections);
        metrics.gauge(
                "lastref_http2_held_bytes",
                "What requests by HTTP/2 hold on the heap: heads, and content that was not read yet.",
                held::bytes);
        metrics.counter("lastref_http2_requests", "Requests that came by HTTP/2.", counters::requests);
        metrics.counter(
                "lastref_http2_stalled_streams",
                "Responses by HTTP/2 that were given up, since their clients took nothing for the pin timeout.",
                counters::stalledStreams);
        metrics.counters(
                "lastref_http2_refused_streams",
                "Requests by HTTP/2 that were refused with REFUSED_STREAM, for their clients to try again, by why.",
                REASON,
                counters::refusedStreams);
        metrics.counter(
                "lastref_http2_faulty_connections",
                "Connections that were ended for what their clients sent by HTTP/2, floods included.",
                counters::faultyConnections);
    }
}
