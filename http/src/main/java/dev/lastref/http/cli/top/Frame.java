package dev.lastref.http.cli.top;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What happened between two readings, and what was there at the second: all that {@code lastref top} shows, and prints as JSON. Rates are
 * a second's; ratios from 0 to 1; what nothing was seen of is null.
 *
 * @param hitRatio of the requests, those answered from the store without asking the origin first: hit and stale
 * @param hitRatioSinceStart the same, since the sidecar started
 * @param stored what the index holds
 * @param held bytes queued for clients that may hold pages of the pool
 * @param clients their connections
 * @param holders by address, who holds most comes first
 * @param entries those that have answered most requests
 */
public record Frame(
        double uptimeSeconds,
        Pool pool,
        Map<String, Double> requests,
        @Nullable Double hitRatio,
        @Nullable Double hitRatioSinceStart,
        Latency latency,
        double originRequests,
        double originErrors,
        Latency originLatency,
        List<Origin> origins,
        double sentBySendfile,
        double sentByCopy,
        double evicted,
        double bypassed,
        double resets,
        Clients clients,
        long stored,
        long held,
        List<Holder> holders,
        List<Entry> entries) {
    /** Bytes by state sum to the capacity. */
    public record Pool(long capacity, long target, Map<String, Long> bytes, Map<String, Integer> segments) {}

    /**
     * Connections of clients, and those that come to nothing.
     *
     * @param open now
     * @param refused a second, for a limit or for want of a descriptor
     * @param notBegun a second, that have failed before a request: at TLS, or at a PROXY header
     * @param timedOut a second, for being silent or slow
     */
    public record Clients(long open, double refused, double notBegun, double timedOut) {}

    /** Seconds, from the histogram's buckets. */
    public record Latency(@Nullable Double p50, @Nullable Double p99) {}

    /**
     * All connections of an address that hold something.
     *
     * @param stillSeconds the longest of their times without progress
     * @param path what the one that holds most asked for last
     */
    public record Holder(String address, int connections, long bytes, double stillSeconds, String state, String path) {}

    /**
     * One origin.
     *
     * @param state up, ejected or down
     * @param answered requests a second
     * @param failed the same
     * @param lastError empty: none yet
     */
    public record Origin(
            String url, String state, int running, int waiting, double answered, double failed, String lastError) {}

    /** A stored response. */
    public record Entry(String url, int hits, long bytes, long ageSeconds, long ttlSeconds) {}

    /** Of two readings of one sidecar; counters that fell, since it has started anew between them, count from 0. */
    public static Frame between(Reading before, Reading after) {
        double seconds = Math.max(1e-3, (after.nanos() - before.nanos()) / 1e9);
        boolean again = after.value("process_start_time_seconds") != before.value("process_start_time_seconds");
        Counters counters = new Counters(again ? null : before, after);
        Map<String, Double> requests = new LinkedHashMap<>();
        for (String outcome : after.by("lastref_requests_total", "outcome").keySet()) {
            requests.put(outcome, counters.grown("lastref_requests_total{outcome=" + outcome + "}") / seconds);
        }
        double origin = 0;
        for (String status : after.by("lastref_origin_requests_total", "status").keySet()) {
            origin += counters.grown("lastref_origin_requests_total{status=" + status + "}");
        }
        return new Frame(
                System.currentTimeMillis() / 1000.0 - after.value("process_start_time_seconds"),
                pool(after.pool()),
                requests,
                hitRatio(requests),
                hitRatio(after.by("lastref_requests_total", "outcome")),
                counters.latency("lastref_request_duration_seconds"),
                origin / seconds,
                counters.grown("lastref_origin_requests_total{status=error}") / seconds,
                counters.latency("lastref_origin_request_duration_seconds"),
                origins(after, counters, seconds),
                counters.grown("lastref_transmit_bytes_total{path=sendfile}") / seconds,
                counters.grown("lastref_transmit_bytes_total{path=copy}") / seconds,
                counters.grown("lastref_pool_evicted_bytes_total") / seconds,
                counters.grownByReason("lastref_pool_bypass_total") / seconds,
                counters.grown("lastref_laggard_resets_total") / seconds,
                new Clients(
                        (long) after.value("lastref_connections"),
                        counters.grownByReason("lastref_connections_refused_total") / seconds,
                        (counters.grownByReason("lastref_tls_handshakes_failed_total")
                                        + counters.grownByReason("lastref_proxy_headers_refused_total"))
                                / seconds,
                        counters.grownByReason("lastref_connections_timed_out_total") / seconds),
                (long) after.value("lastref_cache_entries"),
                after.transmissions().get("pinnedBytes").asLong(),
                holders(after.transmissions().get("transmissions")),
                entries(after.entries().get("entries")));
    }

    private static @Nullable Double hitRatio(Map<String, Double> requests) {
        double all = requests.values().stream().mapToDouble(Double::doubleValue).sum();
        double hits = requests.getOrDefault("hit", 0.0) + requests.getOrDefault("stale", 0.0);
        return all == 0 ? null : hits / all;
    }

    private static Pool pool(JsonNode pool) {
        Map<String, Long> bytes = new LinkedHashMap<>();
        pool.get("bytes")
                .properties()
                .forEach(state -> bytes.put(state.getKey(), state.getValue().asLong()));
        Map<String, Integer> segments = new LinkedHashMap<>();
        pool.get("segmentsByState")
                .properties()
                .forEach(state -> segments.put(state.getKey(), state.getValue().asInt()));
        return new Pool(pool.get("capacity").asLong(), pool.get("target").asLong(), bytes, segments);
    }

    private static List<Origin> origins(Reading after, Counters counters, double seconds) {
        List<Origin> all = new ArrayList<>();
        for (JsonNode origin : after.origins().get("origins")) {
            String url = origin.get("url").asString();
            JsonNode error = origin.get("lastError");
            all.add(new Origin(
                    url,
                    origin.get("state").asString(),
                    origin.get("running").asInt(),
                    origin.get("waiting").asInt(),
                    counters.grown("lastref_origin_answered_total{origin=" + url + "}") / seconds,
                    counters.grown("lastref_origin_failed_total{origin=" + url + "}") / seconds,
                    error == null || error.isNull() ? "" : error.asString()));
        }
        return all;
    }

    private static List<Holder> holders(JsonNode transmissions) {
        Map<String, List<JsonNode>> byAddress = new LinkedHashMap<>();
        for (JsonNode transmission : transmissions) {
            String peer = transmission.get("peer").asString();
            byAddress
                    .computeIfAbsent(peer.substring(0, peer.lastIndexOf(':')), address -> new ArrayList<>())
                    .add(transmission);
        }
        return byAddress.entrySet().stream()
                .map(of -> holder(of.getKey(), of.getValue()))
                .filter(holder -> holder.bytes() > 0)
                .sorted(Comparator.comparingLong(Holder::bytes).reversed())
                .toList();
    }

    private static Holder holder(String address, List<JsonNode> transmissions) {
        JsonNode most = transmissions.stream()
                .max(Comparator.comparingLong(one -> one.get("bytes").asLong()))
                .orElseThrow();
        JsonNode path = most.get("path");
        return new Holder(
                address,
                transmissions.size(),
                transmissions.stream()
                        .mapToLong(one -> one.get("bytes").asLong())
                        .sum(),
                transmissions.stream()
                        .mapToDouble(one -> one.get("secondsWithoutProgress").asDouble())
                        .max()
                        .orElse(0),
                most.get("state").asString(),
                path == null || path.isNull() ? "" : path.asString());
    }

    private static List<Entry> entries(JsonNode entries) {
        List<Entry> all = new ArrayList<>();
        for (JsonNode entry : entries) {
            all.add(new Entry(
                    entry.get("url").asString(),
                    entry.get("hits").asInt(),
                    entry.get("bytes").asLong(),
                    entry.get("ageSeconds").asLong(),
                    entry.get("ttlSeconds").asLong()));
        }
        return all;
    }
}
