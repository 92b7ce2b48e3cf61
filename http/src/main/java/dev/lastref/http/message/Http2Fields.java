package dev.lastref.http.message;

import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the fields of an HTTP/2 request may go on as HTTP/1.1: nothing in them may end a line, or say where a message ends (RFC 9113,
 * sections 8.2, 8.3 and 10.3). What {@link RequestScanner} refuses in HTTP/1.1 is refused here too. Pseudo-header fields that are not
 * known, come twice or too late, and upper case in names the server has refused already.
 */
public final class Http2Fields {
    /** The target as it came; the server takes it apart, and loses something of it. No client can send a field of this name. */
    public static final HttpString TARGET = new HttpString(":lastref-target");

    private static final HttpString METHOD = new HttpString(":method");
    private static final HttpString PATH = new HttpString(":path");
    private static final HttpString AUTHORITY = new HttpString(":authority");
    private static final HttpString SCHEME = new HttpString(":scheme");
    private static final Set<HttpString> PSEUDO = Set.of(METHOD, PATH, AUTHORITY, SCHEME);
    /** RFC 9113, section 8.2.2. */
    private static final Set<HttpString> OF_A_CONNECTION = Set.of(
            Headers.CONNECTION,
            new HttpString("Proxy-Connection"),
            new HttpString("Keep-Alive"),
            Headers.TRANSFER_ENCODING,
            Headers.UPGRADE);

    private static final int MOST_METHOD_BYTES = 32;
    private static final int MOST_TARGET_BYTES = 16 * 1024;

    private Http2Fields() {}

    /**
     * What is wrong with a request; null if nothing is. Gives it the field {@link #TARGET}, and the authority of its Host where it names
     * none.
     */
    public static @Nullable String faultOf(HeaderMap headers) {
        for (HeaderValues values : headers) {
            HttpString name = values.getHeaderName();
            boolean pseudo = name.length() > 0 && name.byteAt(0) == ':';
            if (pseudo ? !PSEUDO.contains(name) || values.size() != 1 : !isName(name)) {
                return "a field's name that is none";
            }
            if (OF_A_CONNECTION.contains(name)) {
                return "the field " + name + ", which is about a connection";
            }
            for (int i = 0; i < values.size(); i++) {
                if (!isValue(values.get(i))) {
                    return "a value of " + name + " with an octet that may not be in it";
                }
            }
        }
        String fault = faultOfFraming(headers);
        return fault == null ? faultOfTarget(headers) : fault;
    }

    private static boolean isName(HttpString name) {
        for (int i = 0; i < name.length(); i++) {
            if (!Octets.isToken(name.byteAt(i))) {
                return false;
            }
        }
        return name.length() > 0;
    }

    private static boolean isValue(String value) {
        int length = value.length();
        if (length > 0 && (isBlank(value.charAt(0)) || isBlank(value.charAt(length - 1)))) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c > 0xff || !Octets.isValue((byte) c)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static @Nullable String faultOfFraming(HeaderMap headers) {
        HeaderValues lengths = headers.get(Headers.CONTENT_LENGTH);
        if (lengths != null && (lengths.size() != 1 || !lengths.getFirst().matches("\\d{1,18}"))) {
            return "a Content-Length that is none, or several";
        }
        HeaderValues te = headers.get(Headers.TE);
        return te != null && !te.stream().allMatch("trailers"::equals) ? "TE with more than trailers" : null;
    }

    private static @Nullable String faultOfTarget(HeaderMap headers) {
        String method = headers.getFirst(METHOD);
        String path = headers.getFirst(PATH);
        String scheme = headers.getFirst(SCHEME);
        if (method == null || !isMethod(method)) {
            return "a method that is none";
        }
        if (method.equals("CONNECT") || path == null) {
            return "CONNECT, or no path";
        }
        if (!"http".equals(scheme) && !"https".equals(scheme)) {
            return "a scheme that is not http or https";
        }
        boolean form = path.startsWith("/") || (path.equals("*") && method.equals("OPTIONS"));
        if (!form || path.length() > MOST_TARGET_BYTES || !isTarget(path)) {
            return "a path that is none";
        }
        HeaderValues hosts = headers.get(Headers.HOST);
        String host = hosts == null ? null : hosts.getFirst();
        String authority = headers.getFirst(AUTHORITY);
        if (hosts != null && hosts.size() > 1) {
            return "several Hosts";
        }
        if (authority == null && host != null) {
            headers.put(AUTHORITY, host);
            authority = host;
        }
        if (authority == null || !RequestTarget.isAuthority(authority)) {
            return "no authority, or one that is none";
        }
        if (host != null && !host.equals(authority)) {
            return "a Host that is not the authority";
        }
        headers.put(TARGET, path);
        return null;
    }

    private static boolean isMethod(String method) {
        return !method.isEmpty()
                && method.length() <= MOST_METHOD_BYTES
                && method.chars().allMatch(c -> c < 0x80 && Octets.isToken((byte) c));
    }

    private static boolean isTarget(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c > 0xff || !Octets.isTarget((byte) c)) {
                return false;
            }
            if (c == '%' && (i + 2 >= path.length() || !isHex(path.charAt(i + 1)) || !isHex(path.charAt(i + 2)))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHex(char c) {
        return c < 0x80 && Octets.isHex((byte) c);
    }
}
