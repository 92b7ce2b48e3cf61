package dev.lastref.http.message;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.NetworkUtils;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The forms of a request target, and the host in it (RFC 9112, section 3.2; RFC 3986, section 3.2.2). */
public final class RequestTarget {
    private RequestTarget() {}

    /**
     * Host and port that a request is for, as they came: in its target, else as Host (RFC 9112, section 3.2.2). Beside a target in absolute
     * form the Host that the server sees is not what was sent ({@link RequestScanner}).
     *
     * @return null: it names none
     */
    public static @Nullable String hostOf(HttpServerExchange exchange) {
        return exchange.isHostIncludedInRequestURI()
                ? authorityOf(exchange.getRequestURI())
                : exchange.getRequestHeaders().getFirst(Headers.HOST);
    }

    /** Whether a target is {@code http://host…} or {@code https://host…}, without user information. */
    public static boolean isAbsoluteHttp(String target) {
        String scheme = schemeOf(target);
        return (scheme.equals("http") || scheme.equals("https")) && isAuthority(authorityOf(target));
    }

    /** The scheme of a target in absolute form, in lower case; empty if it has none. */
    public static String schemeOf(String absolute) {
        int end = absolute.indexOf("://");
        return end < 0 ? "" : absolute.substring(0, end).toLowerCase(Locale.ROOT);
    }

    /** Host and port of a target in absolute form. */
    public static String authorityOf(String absolute) {
        int from = absolute.indexOf("//") + 2;
        return absolute.substring(from, pathStart(absolute, from));
    }

    /** What is behind the host: path and query as they are, {@code /} in front if there is no path. */
    public static String pathOf(String absolute) {
        int from = pathStart(absolute, absolute.indexOf("//") + 2);
        String path = absolute.substring(from);
        return path.startsWith("/") ? path : "/" + path;
    }

    private static int pathStart(String absolute, int from) {
        int i = from;
        while (i < absolute.length() && "/?".indexOf(absolute.charAt(i)) < 0) {
            i++;
        }
        return i;
    }

    /** Whether it is a host, and perhaps a port: what Host holds, and a target in absolute form behind its scheme. */
    public static boolean isAuthority(String text) {
        int end = text.startsWith("[") ? text.indexOf(']') + 1 : portColon(text);
        String host = text.substring(0, end);
        String port = text.substring(end);
        return (host.startsWith("[") ? isIpLiteral(host) : isName(host)) && isPort(port);
    }

    /** Whether it is host and port, both there: the form that CONNECT takes (RFC 9112, section 3.2.3). */
    static boolean isAuthorityForm(String target) {
        return isAuthority(target)
                && Octets.isDigit((byte) target.charAt(target.length() - 1))
                && target.indexOf(':', target.indexOf(']') + 1) > 0;
    }

    private static int portColon(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? text.length() : colon;
    }

    /** An IPv6 address (RFC 3986, section 3.2.2); no other kind has been defined since. */
    private static boolean isIpLiteral(String host) {
        if (host.length() < 4 || !host.endsWith("]")) {
            return false;
        }
        try {
            NetworkUtils.parseIpv6Address(host.substring(1, host.length() - 1));
            return true;
        } catch (IllegalArgumentException | IOException none) {
            return false;
        }
    }

    private static boolean isName(String host) {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c == '%') {
                if (i + 2 >= host.length() || !isHex(host.charAt(i + 1)) || !isHex(host.charAt(i + 2))) {
                    return false;
                }
                i += 2;
            } else if (!isAlphanumeric(c) && "-._~!$&'()*+,;=".indexOf(c) < 0) {
                return false;
            }
        }
        return !host.isEmpty();
    }

    private static boolean isHex(char c) {
        return c < 0x80 && Octets.isHex((byte) c);
    }

    private static boolean isAlphanumeric(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /**
     * A colon and a number; the number may be missing (RFC 3986, section 3.2.3). There is no port 0 to connect to (RFC 6335, section 6), and
     * the server's parser refuses it as Host.
     */
    private static boolean isPort(String port) {
        if (port.isEmpty() || port.equals(":")) {
            return true;
        }
        int number = 0;
        for (int i = 1; i < port.length(); i++) {
            char c = port.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
            number = 10 * number + c - '0';
        }
        return port.charAt(0) == ':' && port.length() <= 6 && number > 0 && number <= 65535;
    }
}
