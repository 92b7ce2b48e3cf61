package dev.lastref.http;

import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.origin.OriginListener;
import dev.lastref.http.origin.OriginStatus;
import dev.lastref.http.origin.Origins;
import dev.lastref.metrics.LastrefMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import java.util.function.ToDoubleFunction;

/** What metrics say of each origin. Their labels are the configured URLs, so there are as many series as origins. */
final class OriginMetrics {
    private OriginMetrics() {}

    /**
     * @param tally is told of clients' content that comes too slowly
     * @return what counts requests to origins
     */
    static OriginListener show(Origins origins, ConnectionTally tally, LastrefMetrics metrics) {
        metrics.gauges(
                "lastref_origin_available",
                "Whether an origin is asked: 1, or 0 while it fails checks or is left out for failing requests.",
                "origin",
                () -> by(origins, origin -> origin.available() ? 1 : 0));
        metrics.gauges(
                "lastref_origin_requests_running",
                "Requests that an origin has now.",
                "origin",
                () -> by(origins, OriginStatus::running));
        metrics.gauges(
                "lastref_origin_requests_waiting",
                "Requests that wait for an origin.",
                "origin",
                () -> by(origins, OriginStatus::waiting));
        metrics.counters(
                "lastref_origin_answered",
                "Requests that an origin has answered, whatever it said.",
                "origin",
                () -> by(origins, OriginStatus::answered));
        metrics.counters(
                "lastref_origin_failed",
                "Requests that an origin has failed: no connection, no answer, or none that could be used.",
                "origin",
                () -> by(origins, OriginStatus::failed));
        metrics.counters(
                "lastref_origin_ejections",
                "How often an origin was left out for failing requests.",
                "origin",
                () -> by(origins, OriginStatus::ejections));
        ObjLongConsumer<String> firstByte = metrics.durations(
                "lastref_origin_first_byte_seconds",
                "From sending a request to an origin, with its content, to its response's head.",
                "origin",
                origins.status().stream().map(OriginStatus::url).toList());
        return new OriginListener() {
            @Override
            public void answered(String origin, long nanos) {
                firstByte.accept(origin, nanos);
            }

            @Override
            public void contentTimedOut() {
                tally.timedOut(ConnectionTally.TimedOut.SLOW_BODY);
            }
        };
    }

    private static Map<String, Double> by(Origins origins, ToDoubleFunction<OriginStatus> value) {
        Map<String, Double> values = new LinkedHashMap<>();
        origins.status().forEach(origin -> values.put(origin.url(), value.applyAsDouble(origin)));
        return values;
    }
}
