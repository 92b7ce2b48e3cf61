package dev.lastref.http.admin;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a client would rather have: Accept or Accept-Encoding with its weights (RFC 9110, section 12.4.2). Undertow's parser of such fields
 * takes any parameter for one more value, so it is of no use with those of media types.
 *
 * <p>A weight that is none, such as one above 1 or with more than three decimals, counts as 0: what has it is not wanted.
 */
final class Accepted {
    private static final Pattern WEIGHT = Pattern.compile("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?");

    private final Map<String, Double> weights = new HashMap<>();

    private Accepted() {}

    static Accepted by(HttpServerExchange exchange, HttpString field) {
        Accepted accepted = new Accepted();
        HeaderValues lines = exchange.getRequestHeaders().get(field);
        if (lines != null) {
            for (String line : lines) {
                accepted.add(line);
            }
        }
        return accepted;
    }

    private void add(String line) {
        for (String member : line.split(",", -1)) {
            String[] parts = member.toLowerCase(Locale.ROOT).split(";", -1);
            double weight = 1;
            for (int i = 1; i < parts.length; i++) {
                String parameter = parts[i].strip();
                if (parameter.startsWith("q=")) {
                    weight = weight(parameter.substring(2));
                }
            }
            // Of several versions of one type, the one that is liked most.
            weights.merge(parts[0].strip(), weight, Math::max);
        }
    }

    private static double weight(String text) {
        return WEIGHT.matcher(text).matches() ? Double.parseDouble(text) : 0;
    }

    /**
     * That of the first name which is there; 0: none is.
     *
     * @param names in lower case, the most specific first
     */
    double weight(String... names) {
        for (String name : names) {
            Double weight = weights.get(name);
            if (weight != null) {
                return weight;
            }
        }
        return 0;
    }
}
