package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.message.Networks;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Fields by which a request says that it is not what it looks like: another host, scheme, path or method, another client. Applications
 * obey them, and what they then answer must not be stored for those who did not say so. So nobody but a trusted proxy may send them,
 * and what of a trusted proxy's changes the response is part of the key.
 */
public final class ForwardedFields {
    static final String PROTO = "X-Forwarded-Proto";
    static final String FOR = "X-Forwarded-For";
    static final String HOST = "X-Forwarded-Host";

    /** They say who asks. From a trusted proxy they go on, and like other fields of the client choose nothing but by Vary. */
    private static final List<HttpString> ABOUT_THE_CLIENT = names(
            FOR,
            "X-Real-IP",
            "X-Client-IP",
            "X-Cluster-Client-IP",
            "X-ProxyUser-Ip",
            "X-Originating-IP",
            "X-Remote-IP",
            "X-Remote-Addr",
            "True-Client-IP",
            "CF-Connecting-IP",
            "Fastly-Client-IP",
            "WL-Proxy-Client-IP",
            "Proxy-Client-IP");

    /** They say what is asked for. From a trusted proxy they go on, and are part of the key. */
    private static final List<HttpString> ABOUT_THE_TARGET = names(
            "Forwarded",
            PROTO,
            HOST,
            "X-Forwarded-Port",
            "X-Forwarded-Prefix",
            "X-Forwarded-Path",
            "X-Forwarded-Uri",
            "X-Forwarded-Server",
            "X-Forwarded-Scheme",
            "X-Forwarded-Protocol",
            "X-Forwarded-Ssl",
            "X-Forwarded-Context",
            "X-Forwarded-Method",
            "X-Url-Scheme",
            "Front-End-Https",
            "X-Scheme",
            "X-Host",
            "X-Original-Host",
            "X-Backend-Host",
            "X-HTTP-Host-Override",
            "X-Host-Override",
            "X-Original-URL",
            "X-Original-URI",
            "X-Original-Method",
            "X-Rewrite-URL",
            "X-Script-Name");

    /** What they ask for is done under another method's name; harmless where nothing is stored. */
    private static final Set<HttpString> ABOUT_THE_METHOD =
            Set.copyOf(names("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"));

    private static final Set<HttpString> FOR_TRUSTED_PROXIES =
            Stream.concat(ABOUT_THE_CLIENT.stream(), ABOUT_THE_TARGET.stream()).collect(Collectors.toUnmodifiableSet());

    /** Others by which an origin may choose its response, or find the end of a request, and that have a dash in their name. */
    private static final Set<HttpString> DASHED = Stream.of(
                    ABOUT_THE_CLIENT.stream(),
                    ABOUT_THE_TARGET.stream(),
                    ABOUT_THE_METHOD.stream(),
                    names(
                            "Accept-Charset",
                            "Accept-Encoding",
                            "Accept-Language",
                            "Cache-Control",
                            "Content-Encoding",
                            "Content-Length",
                            "Content-Range",
                            "Content-Type",
                            "If-Match",
                            "If-Modified-Since",
                            "If-None-Match",
                            "If-Range",
                            "If-Unmodified-Since",
                            "Max-Forwards",
                            "Proxy-Authorization",
                            "Transfer-Encoding",
                            "User-Agent",
                            "X-Request-Id",
                            "X-Requested-With")
                            .stream())
            .flatMap(names -> names)
            .filter(name -> name.toString().indexOf('-') >= 0)
            .collect(Collectors.toUnmodifiableSet());

    private static final HttpString PROTO_NAME = new HttpString(PROTO);

    private final Networks trusted;

    public ForwardedFields(Networks trusted) {
        this.trusted = trusted;
    }

    private static List<HttpString> names(String... names) {
        return List.of(names).stream().map(HttpString::new).toList();
    }

    /** Takes out of a request what its client must not say. */
    void filter(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        String method = exchange.getRequestMethod().toString();
        if (method.equals("GET") || method.equals("HEAD")) {
            remove(headers, ABOUT_THE_METHOD);
        }
        removeUnderscored(headers);
        if (!trusted.contains(exchange.getSourceAddress().getAddress())) {
            remove(headers, FOR_TRUSTED_PROXIES);
            return;
        }
        HeaderValues schemes = headers.get(PROTO_NAME);
        if (schemes != null && (schemes.size() != 1 || !isScheme(schemes.getFirst()))) {
            headers.remove(PROTO_NAME);
        }
    }

    /**
     * CGI and what came after it (RFC 3875, section 4.1.18) make one variable of {@code X_Forwarded_Host} and {@code X-Forwarded-Host}: to
     * such an origin the first is the second, which here is filtered, or compared by Vary.
     */
    private static void removeUnderscored(HeaderMap headers) {
        List<HttpString> found = null;
        for (long cookie = headers.fastIterateNonEmpty(); cookie != -1; cookie = headers.fiNextNonEmpty(cookie)) {
            HttpString name = headers.fiCurrent(cookie).getHeaderName();
            if (hasUnderscore(name)
                    && DASHED.contains(new HttpString(name.toString().replace('_', '-')))) {
                found = found == null ? new ArrayList<>() : found;
                found.add(name);
            }
        }
        if (found != null) {
            found.forEach(headers::remove);
        }
    }

    private static boolean hasUnderscore(HttpString name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.byteAt(i) == '_') {
                return true;
            }
        }
        return false;
    }

    /** Looks each field of the request up, which has fewer than there are names. */
    private static void remove(HeaderMap headers, Set<HttpString> names) {
        List<HttpString> found = null;
        for (long cookie = headers.fastIterateNonEmpty(); cookie != -1; cookie = headers.fiNextNonEmpty(cookie)) {
            HttpString name = headers.fiCurrent(cookie).getHeaderName();
            if (names.contains(name)) {
                found = found == null ? new ArrayList<>() : found;
                found.add(name);
            }
        }
        if (found != null) {
            found.forEach(headers::remove);
        }
    }

    private static boolean isScheme(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        return lower.equals("http") || lower.equals("https");
    }

    /**
     * What of the fields that are left belongs to the key, behind the target; mostly nothing. It begins with a blank, which no target
     * has in it.
     *
     * @param scheme that the request is keyed with
     * @param authority host and port that it is keyed with
     */
    static String keyOf(FieldList fields, String scheme, String authority) {
        StringBuilder key = null;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            String value = fields.value(i);
            if (isKeyed(name) && !saysNothingNew(name, value, scheme, authority)) {
                key = key == null ? new StringBuilder() : key;
                key.append(' ')
                        .append(name.toLowerCase(Locale.ROOT))
                        .append(": ")
                        .append(value);
            }
        }
        return key == null ? "" : key.toString();
    }

    private static boolean isKeyed(String name) {
        char first = name.charAt(0);
        if (first != 'x' && first != 'X' && first != 'f' && first != 'F') {
            return false;
        }
        for (int i = 0; i < ABOUT_THE_TARGET.size(); i++) {
            HttpString keyed = ABOUT_THE_TARGET.get(i);
            if (keyed.length() == name.length() && !keyed.equals(PROTO_NAME) && keyed.equalToString(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it names that host and port, which are in their canonical form; it need not be. */
    static boolean isAuthority(String value, String scheme, String authority) {
        return CacheKey.canonicalAuthority(value, scheme).equals(authority);
    }

    /** What proxies send as a matter of course, and what then leads to the same response as to send nothing. */
    private static boolean saysNothingNew(String name, String value, String scheme, String authority) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "x-forwarded-host" -> isAuthority(value, scheme, authority);
            case "x-forwarded-port" ->
                authority.endsWith(":" + value)
                        || (value.equals(scheme.equals("https") ? "443" : "80") && !authority.contains(":"));
            default -> false;
        };
    }
}
