package dev.lastref.samples.origin;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parts of a request URI: what stands between the slashes, and the query parameters by name. */
record Request(String path, List<String> segments, Map<String, String> parameters) {

    static Request of(URI uri) {
        String path = uri.getPath();
        return new Request(path, List.of(path.substring(1).split("/", -1)), parameters(uri.getRawQuery()));
    }

    /** Refuses with 404 unless the path has this many segments. */
    void requireSegments(int count) {
        if (segments.size() != count) {
            throw noSuchPath();
        }
    }

    Refusal noSuchPath() {
        return Refusal.notFound("Nothing lives at " + path + ". The page at / lists what does.");
    }

    /** The number in a path segment. */
    long segment(int index, String name, long min, long max) {
        return number(name, segments.get(index), min, max);
    }

    /** The number in a query parameter, or {@code absent} if there is none of that name. */
    long parameter(String name, long absent, long min, long max) {
        String text = parameters.get(name);
        return text == null ? absent : number(name, text, min, max);
    }

    static long number(String name, String text, long min, long max) {
        try {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered below, with the range: the reader needs both.
        }
        throw Refusal.badRequest(name + " is '" + text + "'; expected a whole number from " + min + " to " + max + ".");
    }

    private static Map<String, String> parameters(@Nullable String rawQuery) {
        Map<String, String> parameters = new HashMap<>();
        if (rawQuery != null) {
            for (String pair : rawQuery.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
                }
            }
        }
        return Map.copyOf(parameters);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
