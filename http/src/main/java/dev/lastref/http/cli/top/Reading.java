package dev.lastref.http.cli.top;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What a sidecar said at one moment.
 *
 * @param nanos when, by {@link System#nanoTime}
 * @param metrics samples of /metrics, by name and labels as {@code name{a=b}}
 * @param pool as of /api/pool
 * @param transmissions as of /api/transmissions
 * @param entries as of /api/entries
 * @param origins as of /api/origins
 */
public record Reading(
        long nanos,
        Map<String, Double> metrics,
        JsonNode pool,
        JsonNode transmissions,
        JsonNode entries,
        JsonNode origins) {
    /** Reads Prometheus' text format, as far as a sidecar uses it. */
    public static Map<String, Double> metrics(String text) {
        Map<String, Double> samples = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int blank = line.lastIndexOf(' ');
            if (blank > 0) {
                String name = line.substring(0, blank).replace("\"", "").replace(",}", "}");
                samples.put(name, number(line.substring(blank + 1)));
            }
        });
        return samples;
    }

    private static double number(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "+inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** One sample; 0 if a sidecar of this version has none. */
    double value(String sample) {
        return metrics.getOrDefault(sample, 0.0);
    }

    /** The values of a metric by the value of its one label. */
    Map<String, Double> by(String name, String label) {
        Map<String, Double> values = new TreeMap<>();
        String start = name + "{" + label + "=";
        metrics.forEach((sample, value) -> {
            if (sample.startsWith(start)) {
                values.put(sample.substring(start.length(), sample.length() - 1), value);
            }
        });
        return values;
    }
}
