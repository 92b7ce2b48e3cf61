package dev.lastref.samples.origin;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many requests reached the origin, in all and by path. Paths are raw, without the query. */
final class RequestCounts {

    /** Paths counted one by one; requests for further ones appear in the total only, so that memory stays bounded. */
    static final int MAX_PATHS = 10_000;

    private final LongAdder total = new LongAdder();
    private final Map<String, LongAdder> byPath = new ConcurrentHashMap<>();

    void count(String rawPath) {
        total.increment();
        LongAdder counter = byPath.get(rawPath);
        if (counter == null && byPath.size() < MAX_PATHS) {
            counter = byPath.computeIfAbsent(rawPath, path -> new LongAdder());
        }
        if (counter != null) {
            counter.increment();
        }
    }

    long total() {
        return total.sum();
    }

    long of(String rawPath) {
        LongAdder counter = byPath.get(rawPath);
        return counter == null ? 0 : counter.sum();
    }

    /** {@code {"total":3,"paths":{"/clock":1,"/report.json":2}}}, sorted by path. */
    String toJson() {
        StringBuilder json =
                new StringBuilder(256).append("{\"total\":").append(total()).append(",\"paths\":{");
        String separator = "";
        for (Map.Entry<String, LongAdder> entry : new TreeMap<>(byPath).entrySet()) {
            // java.net.URI lets no quote, backslash or control character into a raw path: nothing to escape.
            json.append(separator)
                    .append('"')
                    .append(entry.getKey())
                    .append("\":")
                    .append(entry.getValue());
            separator = ",";
        }
        return json.append("}}\n").toString();
    }
}
