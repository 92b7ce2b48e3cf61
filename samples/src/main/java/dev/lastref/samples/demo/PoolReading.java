package dev.lastref.samples.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The pool's account at one moment, as {@code GET /api/pool} tells it.
 *
 * @param capacity bytes; what all states sum to
 * @param bytes by state, in the order in which the server names them
 * @param segments how many there are, by state
 */
record PoolReading(long capacity, Map<String, Long> bytes, Map<String, Integer> segments) {

    private static final JsonMapper JSON = JsonMapper.shared();

    static PoolReading parse(byte[] json) {
        JsonNode root = JSON.readTree(json);
        Map<String, Long> bytes = new LinkedHashMap<>();
        root.required("bytes")
                .properties()
                .forEach(state -> bytes.put(state.getKey(), state.getValue().longValue()));
        Map<String, Integer> segments = new TreeMap<>();
        for (JsonNode segment : root.required("segments")) {
            segments.merge(segment.required("state").stringValue(), 1, Integer::sum);
        }
        return new PoolReading(root.required("capacity").longValue(), bytes, segments);
    }

    long free() {
        return bytes.getOrDefault("free", 0L);
    }
}
