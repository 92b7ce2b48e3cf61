package dev.lastref.http.admin;

import dev.lastref.http.message.WireText;
import io.undertow.server.HttpServerExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.List;

/** The parameters in a request's query. What cannot be used throws an IllegalArgumentException that says what was expected. */
final class Parameters {
    private static final int MOST_DIGITS = 9;

    private Parameters() {}

    /** Refuses what nobody here looks at: a filter that was mistyped would show everything. */
    static void expect(HttpServerExchange exchange, String... names) {
        for (String name : exchange.getQueryParameters().keySet()) {
            if (!List.of(names).contains(name)) {
                throw new IllegalArgumentException("\"" + name + "\" is no parameter here: expected "
                        + (names.length > 1 ? "some of " : "") + String.join(", ", names));
            }
        }
    }

    /** The first of this name, or nothing. */
    static String text(HttpServerExchange exchange, String name) {
        return new String(wire(exchange, name).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** The same, a character for each byte that it is when it is decoded. */
    private static String wire(HttpServerExchange exchange, String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        // The server leaves targets as they came.
        return values == null ? "" : URLDecoder.decode(values.getFirst(), StandardCharsets.ISO_8859_1);
    }

    /**
     * A URL, or the beginning of one, in bytes: whether it came as bytes or percent-encoded, what is the same text is the same. {@code %xE9}
     * is one byte.
     */
    static String url(HttpServerExchange exchange, String name) {
        return WireText.ofUrl(WireText.shown(wire(exchange, name)));
    }

    /** A number from 1 to {@code largest}; {@code byDefault} where there is none. */
    static int number(HttpServerExchange exchange, String name, int byDefault, int largest) {
        String text = text(exchange, name);
        if (text.isEmpty()) {
            return byDefault;
        }
        boolean digits = text.length() <= MOST_DIGITS && text.chars().allMatch(digit -> digit >= '0' && digit <= '9');
        if (!digits || Integer.parseInt(text) < 1 || Integer.parseInt(text) > largest) {
            throw new IllegalArgumentException(name + " is \"" + text + "\": expected a number from 1 to " + largest);
        }
        return Integer.parseInt(text);
    }
}
