package dev.lastref.http.serve;

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
        return before == null || !isClosed(before) ? element : before + ", " + element;
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
