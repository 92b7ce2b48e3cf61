package dev.lastref.http.serve;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.Credentials;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HopByHop;
import dev.lastref.cache.semantics.ListField;
import dev.lastref.http.message.Networks;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fields by which a request says that it is not what it looks like: another host, scheme, path or method, another client. Applications
 * obey them, and what they then answer must not be stored for those who did not say so. So nobody but a trusted proxy may send them,
 * and what of a trusted proxy's changes the response is part of the key.
 */
public final class ForwardedFields {
    public static final String PROTO = "X-Forwarded-Proto";
    public static final String FOR = "X-Forwarded-For";
    public static final String HOST = "X-Forwarded-Host";
    /** RFC 7239. */
    public static final String FORWARDED = ForwardedElement.FIELD;

    /**
     * They say who asks. From a trusted proxy they go on, and like other fields of the client choose nothing but by Vary; those of them that
     * are {@link Credentials} count as Authorization does.
     */
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
            "Proxy-Client-IP",
            "X-Envoy-External-Address",
            "X-Forwarded-User",
            "X-Forwarded-Email",
            "X-Forwarded-Groups",
            "X-Forwarded-Preferred-Username",
            "X-Forwarded-Access-Token");

    /** They say what is asked for. From a trusted proxy they go on, and are part of the key. */
    private static final List<HttpString> ABOUT_THE_TARGET = names(
            ForwardedElement.FIELD,
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
            "X-Script-Name",
            "X-Matched-Path",
            "X-Now-Route-Matches");

    /** Of all that is called so the same holds as of what is known to be about the target. */
    private static final List<HttpString> ABOUT_THE_TARGET_BY_PREFIX =
            names("X-Forwarded-", "X-Original-", "X-Envoy-Original-", "X-Invoke-");

    /** Not for anybody to send: to CGI it is the variable that says by which proxy to ask others (CVE-2016-5385). */
    private static final HttpString PROXY = new HttpString("Proxy");

    /** What they ask for is done under another method's name; harmless where nothing is stored. */
    private static final Set<HttpString> ABOUT_THE_METHOD =
            Set.copyOf(names("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"));

    private static final Set<HttpString> KEYED = Set.copyOf(ABOUT_THE_TARGET);
    private static final Set<HttpString> OF_THE_CLIENT = Set.copyOf(ABOUT_THE_CLIENT);
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

    /** Those that only trusted proxies may send; what else begins like some of them is not among them. */
    public static List<String> names() {
        return FOR_TRUSTED_PROXIES.stream().map(HttpString::toString).toList();
    }

    /** How names begin that only trusted proxies may send as well. */
    public static List<String> prefixes() {
        return ABOUT_THE_TARGET_BY_PREFIX.stream().map(HttpString::toString).toList();
    }

    /** Those that nobody may send with a GET. What has an underscore in its name may be taken out, too. */
    public static List<String> nobodys() {
        return Stream.concat(Stream.of(PROXY), ABOUT_THE_METHOD.stream())
                .map(HttpString::toString)
                .toList();
    }

    /** Takes out of a request what its client must not say. */
    void filter(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        String method = exchange.getRequestMethod().toString();
        if (method.equals("GET") || method.equals("HEAD")) {
            remove(headers, ABOUT_THE_METHOD::contains);
        }
        headers.remove(PROXY);
        removeUnderscored(headers);
        if (!trusted.contains(exchange.getSourceAddress().getAddress())) {
            remove(headers, ForwardedFields::isForTrustedProxies);
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
            if (hasUnderscore(name) && meansMoreWithDashes(name)) {
                found = found == null ? new ArrayList<>() : found;
                found.add(name);
            }
        }
        if (found != null) {
            found.forEach(headers::remove);
        }
    }

    private static boolean meansMoreWithDashes(HttpString name) {
        HttpString dashed = new HttpString(name.toString().replace('_', '-'));
        return DASHED.contains(dashed) || hasPrefix(dashed);
    }

    private static boolean isForTrustedProxies(HttpString name) {
        return FOR_TRUSTED_PROXIES.contains(name) || hasPrefix(name);
    }

    private static boolean hasPrefix(HttpString name) {
        for (int i = 0; i < ABOUT_THE_TARGET_BY_PREFIX.size(); i++) {
            HttpString prefix = ABOUT_THE_TARGET_BY_PREFIX.get(i);
            if (name.length() > prefix.length() && startsWith(name, prefix)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(HttpString name, HttpString prefix) {
        for (int i = 0; i < prefix.length(); i++) {
            if (lower(name.byteAt(i)) != lower(prefix.byteAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
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
    private static void remove(HeaderMap headers, Predicate<HttpString> which) {
        List<HttpString> found = null;
        for (long cookie = headers.fastIterateNonEmpty(); cookie != -1; cookie = headers.fiNextNonEmpty(cookie)) {
            HttpString name = headers.fiCurrent(cookie).getHeaderName();
            if (which.test(name)) {
                found = found == null ? new ArrayList<>() : found;
                found.add(name);
            }
        }
        if (found != null) {
            found.forEach(headers::remove);
        }
    }

    /**
     * The fields of a request as the origin gets them, by which its response is chosen and Vary is to be read: hop-by-hop fields are gone,
     * and it is said whom the request is from and how it came.
     *
     * @param received what is left of them after the filter
     * @param client its address
     * @param scheme that the request is keyed with
     * @param authority host and port that it is keyed with
     * @param saysForwarded whether by {@code Forwarded}, too
     */
    public static FieldList towardsOrigin(
            FieldList received, String client, String scheme, String authority, boolean saysForwarded) {
        FieldList.Builder fields = HopByHop.of(received).strip(received).toBuilder();
        String before = received.combined(FOR);
        fields.set(FOR, ListField.added(before, client));
        fields.set(PROTO, scheme);
        String host = received.combined(HOST);
        if (host != null && isAuthority(host, scheme, authority)) {
            fields.set(HOST, authority);
        }
        if (saysForwarded) {
            fields.set(FORWARDED, ForwardedElement.behind(received.combined(FORWARDED), client, scheme, authority));
        }
        return fields.build();
    }

    /** Whether some field asks for another method than that of the request. */
    static boolean overrideMethod(FieldList fields) {
        return ABOUT_THE_METHOD.stream().anyMatch(name -> fields.contains(name.toString()));
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
    public static String keyOf(FieldList fields, String scheme, String authority) {
        List<String> parts = List.of();
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            if (!isKeyed(name) || isAmongThoseBefore(fields, i)) {
                continue;
            }
            String lower = name.toLowerCase(Locale.ROOT);
            String value = fieldKeyOf(lower, fields.combined(name), scheme, authority);
            if (value != null) {
                parts = parts.isEmpty() ? new ArrayList<>(4) : parts;
                // With its length, so that no value reads as the end of one and the beginning of the next.
                parts.add(" " + lower + ":" + value.length() + ":" + value);
            }
        }
        if (parts.size() > 1) {
            Collections.sort(parts); // the order in which they come says nothing, and is another one after a parser
        }
        return parts.isEmpty() ? "" : String.join("", parts);
    }

    /** Lines of one name are one field. */
    private static boolean isAmongThoseBefore(FieldList fields, int index) {
        for (int i = 0; i < index; i++) {
            if (fields.name(i).equalsIgnoreCase(fields.name(index))) {
                return true;
            }
        }
        return false;
    }

    /** What counts of a field that is keyed; null: proxies send such as a matter of course, and it leads to the response that nothing leads to. */
    private static @Nullable String fieldKeyOf(String lower, @Nullable String value, String scheme, String authority) {
        if (value == null) {
            return null;
        }
        return switch (lower) {
            case "forwarded" -> ForwardedElement.aboutTarget(value, scheme, authority);
            case "x-forwarded-host" -> isAuthority(value, scheme, authority) ? null : value;
            case "x-forwarded-port" ->
                authority.endsWith(":" + value)
                                || (value.equals(scheme.equals("https") ? "443" : "80") && !authority.contains(":"))
                        ? null
                        : value;
            default -> value;
        };
    }

    private static boolean isKeyed(String name) {
        char first = name.charAt(0);
        if (first != 'x' && first != 'X' && first != 'f' && first != 'F') {
            return false;
        }
        HttpString asName = new HttpString(name);
        return !asName.equals(PROTO_NAME)
                && (KEYED.contains(asName) || (hasPrefix(asName) && !OF_THE_CLIENT.contains(asName)));
    }

    /** Whether it names that host and port, which are in their canonical form; it need not be. */
    static boolean isAuthority(String value, String scheme, String authority) {
        return CacheKey.canonicalAuthority(value, scheme).equals(authority);
    }
}
