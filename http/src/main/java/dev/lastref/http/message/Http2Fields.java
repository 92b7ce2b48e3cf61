package dev.lastref.http.message;

import dev.lastref.cache.semantics.CacheKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one HTTP/2 request, or those behind its content, checked as they come: nothing in them may end a line, say where a
 * message ends, or leave in doubt whom it is for (RFC 9113, sections 8.2, 8.3 and 10.3), since the request goes on as HTTP/1.1. What
 * {@link RequestScanner} refuses in HTTP/1.1 is refused here too, and a head may be as large.
 */
public final class Http2Fields {
    /** Of each field, as RFC 9113, section 6.5.2, counts. */
    private static final int FIELD_OVERHEAD = 32;

    /** What the objects of a field that is kept need, besides its bytes. */
    private static final int FIELD_OBJECTS = 192;

    private static final int MOST_METHOD_BYTES = 32;
    private static final int MOST_DIGITS = 18;

    /** RFC 9113, section 8.2.2. */
    private static final Set<String> OF_A_CONNECTION =
            Set.of("connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade");

    private final HeadLimits limits;
    private final boolean trailers;
    private final HeaderMap headers = new HeaderMap();
    private @Nullable String method;
    private @Nullable String scheme;
    private @Nullable String authority;
    private @Nullable String path;
    private @Nullable String host;
    private @Nullable StringBuilder cookie;
    private long contentLength = -1;
    private boolean regularSeen;
    private int listBytes;
    private int fields;
    private int crumbs;
    private @Nullable String malformed;
    private @Nullable FramingFault refused;

    private Http2Fields(HeadLimits limits, boolean trailers) {
        this.limits = limits;
        this.trailers = trailers;
    }

    /** Of a request's head. */
    public static Http2Fields ofHead(HeadLimits limits) {
        return new Http2Fields(limits, false);
    }

    /** Of what comes behind a request's content. */
    public static Http2Fields ofTrailers(HeadLimits limits) {
        return new Http2Fields(limits, true);
    }

    /**
     * The next field. What is beyond the bounds is counted and not kept.
     *
     * @param value one character for each byte
     */
    public void field(String name, String value) {
        listBytes += name.length() + value.length() + FIELD_OVERHEAD;
        if (listBytes > limits.head() || listBytes < 0) {
            listBytes = limits.head(); // the next one is too much, too
            refused = FramingFault.HEAD_TOO_LARGE;
        }
        if (refused != null || malformed != null) {
            return;
        }
        if (!isValue(value)) {
            malformed = "a value with an octet that may not be in it, or a blank at its end";
        } else if (name.startsWith(":")) {
            pseudo(name, value);
        } else {
            regularSeen = true;
            regular(name, value);
        }
    }

    private void pseudo(String name, String value) {
        if (trailers || regularSeen) {
            malformed = "a pseudo-header field where none may be";
            return;
        }
        String before;
        switch (name) {
            case ":method" -> {
                before = method;
                method = value;
            }
            case ":scheme" -> {
                before = scheme;
                scheme = value;
            }
            case ":authority" -> {
                before = authority;
                authority = value;
            }
            case ":path" -> {
                before = path;
                path = value;
            }
            default -> before = "";
        }
        if (before != null) {
            malformed = "a pseudo-header field that is none, or comes twice";
        }
    }

    private void regular(String name, String value) {
        if (!isName(name)) {
            malformed = "a field's name that is none, or not in lower case";
        } else if (OF_A_CONNECTION.contains(name)) {
            malformed = "a field that is about a connection";
        } else if (trailers) {
            fields++; // checked, and dropped
        } else {
            switch (name) {
                case "te" -> te(value);
                case "host" -> host(value);
                case "content-length" -> contentLength(value);
                case "cookie" -> crumb(value);
                default -> add(name, value);
            }
        }
        if (fields >= limits.fields()
                || crumbs > limits.fields()) { // the Host is one; crumbs become one line, and count apart
            refused = FramingFault.TOO_MANY_FIELDS;
        }
    }

    private void add(String name, String value) {
        fields++;
        if (fields < limits.fields()) {
            HttpString known = Headers.fromCache(name);
            headers.add(known == null ? new HttpString(name) : known, value);
        }
    }

    private void te(String value) {
        if (!value.toLowerCase(Locale.ROOT).equals("trailers")) {
            malformed = "TE with more than trailers";
        }
        add("te", value);
    }

    private void host(String value) {
        if (host != null) {
            malformed = "several Hosts";
        }
        host = value;
    }

    private void contentLength(String value) {
        boolean number = !value.isEmpty()
                && value.length() <= MOST_DIGITS
                && value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number || contentLength >= 0) {
            malformed = "a Content-Length that is none, or several";
            return;
        }
        contentLength = Long.parseLong(value);
        add("content-length", value);
    }

    /** RFC 9113, section 8.2.3. */
    private void crumb(String value) {
        crumbs++;
        StringBuilder before = cookie;
        if (before == null) {
            cookie = new StringBuilder(value);
        } else {
            before.append("; ").append(value);
        }
    }

    /**
     * All have come.
     *
     * @param endsStream whether no content follows
     */
    public void end(boolean endsStream) {
        if (refused != null || malformed != null || trailers) {
            return;
        }
        String asked = method;
        String target = path;
        if (asked != null && asked.equals("CONNECT")) { // it has neither scheme nor path (section 8.5)
            refused = FramingFault.CONNECT;
        } else if (asked == null || scheme == null || target == null) {
            malformed = "no method, scheme or path";
        } else if (!isMethod(asked)) {
            malformed = "a method that is none";
        } else if (!scheme.equals("http") && !scheme.equals("https")) {
            malformed = "a scheme that is not http or https";
        } else if (endsStream && contentLength > 0) {
            malformed = "a Content-Length, and no content";
        } else if (asked.length() > MOST_METHOD_BYTES) {
            refused = FramingFault.METHOD_TOO_LONG;
        } else {
            target(asked, scheme, target);
        }
    }

    private void target(String asked, String scheme, String target) {
        String named = authority == null ? host : authority;
        if (!target.startsWith("/") && !(target.equals("*") && asked.equals("OPTIONS"))) {
            malformed = "a path that is none";
        } else if (target.length() > limits.target()) {
            refused = FramingFault.TARGET_TOO_LONG;
        } else if (!isTarget(target)) {
            refused = FramingFault.REQUEST_LINE;
        } else if (!isPercentEncoded(target)) {
            refused = FramingFault.PERCENT;
        } else if (named == null) {
            refused = FramingFault.NO_HOST;
        } else if (host != null && !isSame(host, named, scheme)) {
            malformed = "a Host that is not the authority";
        } else if (!RequestTarget.isAuthority(named)) {
            malformed = "an authority that is none";
        } else {
            headers.put(Headers.HOST, named);
            if (cookie != null) {
                headers.put(Headers.COOKIE, cookie.toString());
            }
        }
    }

    /** Whether two authorities name one server: the case of its name, and a port that is the default one or empty, make no difference. */
    private static boolean isSame(String one, String other, String scheme) {
        return one.equalsIgnoreCase(other)
                || CacheKey.canonicalAuthority(one, scheme).equals(CacheKey.canonicalAuthority(other, scheme));
    }

    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c > 0xff || !Octets.isToken((byte) c) || (c >= 'A' && c <= 'Z')) {
                return false;
            }
        }
        return !name.isEmpty();
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

    private static boolean isMethod(String method) {
        return !method.isEmpty() && method.chars().allMatch(c -> c < 0x80 && Octets.isToken((byte) c));
    }

    private static boolean isTarget(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c > 0xff || !Octets.isTarget((byte) c)) {
                return false;
            }
        }
        return true;
    }

    /** RFC 3986, section 2.1. */
    private static boolean isPercentEncoded(String path) {
        for (int i = path.indexOf('%'); i >= 0; i = path.indexOf('%', i + 1)) {
            if (i + 2 >= path.length() || !isHex(path.charAt(i + 1)) || !isHex(path.charAt(i + 2))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHex(char c) {
        return c < 0x80 && Octets.isHex((byte) c);
    }

    /** What makes it malformed (RFC 9113, section 8.1.1), which ends its stream; null: nothing. */
    public @Nullable String malformed() {
        return malformed;
    }

    /** Why it is answered with an error although it is well formed; null: it is not. */
    public @Nullable FramingFault refused() {
        return malformed == null ? refused : null;
    }

    /** As it came; a request that is in order has one. */
    public @Nullable String method() {
        return method;
    }

    /** As it came; a request that is in order has one. */
    public @Nullable String target() {
        return path;
    }

    /** All but the pseudo-header fields; Host is the authority, and Cookie one line. */
    public HeaderMap headers() {
        return headers;
    }

    /** What it holds on the heap, in bytes, estimated from above. */
    public int heldBytes() {
        return listBytes + fields * FIELD_OBJECTS;
    }

    /** As the request says; -1: it does not. */
    public long contentLength() {
        return contentLength;
    }
}
