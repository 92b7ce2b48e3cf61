package dev.lastref.http.serve;

import dev.lastref.cache.semantics.ListField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What this sidecar says of a client in Forwarded (RFC 7239): its address, the scheme that it came with, and the host that it asked for.
 * Only for the origin, like what the fields that came before it say.
 */
final class ForwardedElement {
    static final String FIELD = "Forwarded";

    private ForwardedElement() {}

    /**
     * The field's value, with our element behind those that are there (section 4).
     *
     * @param before what a trusted proxy said; one with an open quote, which ours would disappear in, is left out
     * @param client its address
     * @param scheme http or https
     * @param authority host, and port where it is said
     */
    static String behind(@Nullable String before, String client, String scheme, String authority) {
        String node = client.indexOf(':') < 0 ? client : "\"[" + withoutZone(client) + "]\"";
        String element = "for=" + node + ";host=" + value(authority) + ";proto=" + scheme;
        return before == null || !isClosed(before) ? element : ListField.added(before, element);
    }

    /**
     * What elements that were received say of what is asked for, and so belongs to the key: all their parameters but those that name the
     * client and the proxies, for and by, each at the place of its element, since applications go by the first or by the last.
     *
     * @return null: nothing, or what is the case anyway; the whole value where it cannot be read
     */
    static @Nullable String aboutTarget(String elements, String scheme, String authority) {
        String unread = " " + elements; // no name begins so
        if (!isClosed(elements)) {
            return unread;
        }
        StringBuilder said = new StringBuilder();
        boolean isNew = false;
        int start = 0;
        for (int end = endOfPart(elements, 0); ; end = endOfPart(elements, start)) {
            String pair = elements.substring(start, end).strip();
            int equals = pair.indexOf('=');
            if (equals < 0 && !pair.isEmpty()) {
                return unread;
            }
            String name = equals < 0 ? "" : pair.substring(0, equals).toLowerCase(Locale.ROOT);
            if (!name.isEmpty() && !name.equals("for") && !name.equals("by")) {
                String value = unquoted(pair.substring(equals + 1));
                isNew |= !isTheCase(name, value, scheme, authority);
                said.append(name)
                        .append('=')
                        .append(value.length())
                        .append(':')
                        .append(value)
                        .append(';');
            }
            if (end == elements.length()) {
                return isNew ? said.toString() : null;
            }
            if (elements.charAt(end) == ',') {
                said.append(',');
            }
            start = end + 1;
        }
    }

    private static boolean isTheCase(String name, String value, String scheme, String authority) {
        return switch (name) {
            case "proto" -> value.equals(scheme);
            case "host" -> value.equals(authority);
            default -> false;
        };
    }

    /** Where the comma or semicolon is that ends what begins there, or the end; none that is quoted. */
    private static int endOfPart(String elements, int from) {
        boolean quoted = false;
        int i = from;
        for (; i < elements.length(); i++) {
            char c = elements.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == ',' || c == ';')) {
                return i;
            }
        }
        return elements.length();
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1") : value;
    }

    private static String withoutZone(String address) {
        int zone = address.indexOf('%');
        return zone < 0 ? address : address.substring(0, zone);
    }

    /** A token as it is, all else quoted, such as a host with its port. */
    private static String value(String text) {
        boolean token =
                !text.isEmpty() && text.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '.' || c == '-');
        return token ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static boolean isClosed(String elements) {
        boolean quoted = false;
        for (int i = 0; i < elements.length(); i++) {
            char c = elements.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            }
        }
        return !quoted;
    }
}
