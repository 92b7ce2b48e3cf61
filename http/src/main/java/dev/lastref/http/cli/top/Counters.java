package dev.lastref.http.cli.top;

import dev.lastref.http.cli.top.Frame.Latency;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How counters have grown between two readings.
 *
 * @param before null: since the start
 */
record Counters(@Nullable Reading before, Reading after) {
    double grown(String sample) {
        double earlier = before == null ? 0 : before.value(sample);
        return Math.max(0, after.value(sample) - earlier);
    }

    /** All reasons of a counter together. */
    double grownByReason(String name) {
        return after.by(name, "reason").keySet().stream()
                .mapToDouble(reason -> grown(name + "{reason=" + reason + "}"))
                .sum();
    }

    Latency latency(String histogram) {
        TreeMap<Double, Double> buckets = new TreeMap<>();
        for (Map.Entry<String, Double> bucket :
                after.by(histogram + "_bucket", "le").entrySet()) {
            String bound = bucket.getKey();
            buckets.put(
                    bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound),
                    grown(histogram + "_bucket{le=" + bound + "}"));
        }
        return new Latency(quantile(buckets, 0.5), quantile(buckets, 0.99));
    }

    /**
     * Within the bucket that has it, as if values were spread evenly there, as Prometheus does.
     *
     * @param buckets how many were at most this
     * @return null if there were none
     */
    static @Nullable Double quantile(TreeMap<Double, Double> buckets, double quantile) {
        if (buckets.isEmpty() || buckets.lastEntry().getValue() == 0) {
            return null;
        }
        double rank = quantile * buckets.lastEntry().getValue();
        double lower = 0;
        double below = 0;
        for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
            double upper = bucket.getKey();
            double upTo = bucket.getValue();
            if (upTo >= rank) {
                return Double.isInfinite(upper) ? lower : lower + (upper - lower) * (rank - below) / (upTo - below);
            }
            lower = upper;
            below = upTo;
        }
        return lower;
    }
}
