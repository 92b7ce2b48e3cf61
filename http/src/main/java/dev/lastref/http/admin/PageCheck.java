package dev.lastref.http.admin;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.http.message.RequestTarget;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a browser may have sent a request because a page tells it to that is not ours. Such a page changes nothing, whatever name its
 * site has given this address; where no token is set, it reads nothing by such a name.
 *
 * <p>A token in the request answers for it: no browser sends one by itself, and a page of another origin that has it sent would first ask
 * with OPTIONS, which is refused.
 */
final class PageCheck {
    private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");
    /** Of these a page can keep its browser from sending some, but not all. */
    private static final List<HttpString> OF_BROWSERS = List.of(
            FETCH_SITE, new HttpString("Sec-Fetch-Mode"), Headers.ORIGIN, Headers.REFERER, Headers.ACCEPT_LANGUAGE);

    private static final String HEALTH = "/health/";
    /** Addresses, and the one name that nobody else can give us. */
    private static final Pattern OURS =
            Pattern.compile("(localhost|\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+])(:\\d*)?", Pattern.CASE_INSENSITIVE);

    private final boolean namesAreSafe;

    /**
     * @param namesAreSafe whether it is no matter by which name this port is asked, since a token is
     */
    PageCheck(boolean namesAreSafe) {
        this.namesAreSafe = namesAreSafe;
    }

    /**
     * Why a request is refused.
     *
     * @param knowsToken whether it bears the token that is set
     * @return null: it is not
     */
    @Nullable
    String refusalOf(HttpServerExchange exchange, boolean knowsToken) {
        String host = RequestTarget.hostOf(exchange);
        if (isRead(exchange)) {
            boolean probe = exchange.getRequestPath().startsWith(HEALTH);
            return probe ? null : nameFault("read", exchange.getRequestHeaders(), host);
        }
        String fault = siteFault(exchange.getRequestHeaders());
        if (fault == null) {
            fault = nameFault("change", exchange.getRequestHeaders(), host);
        }
        return fault != null || knowsToken ? fault : originFault(exchange.getRequestHeaders(), host);
    }

    private static boolean isRead(HttpServerExchange exchange) {
        return exchange.getRequestMethod().equals(Methods.GET)
                || exchange.getRequestMethod().equals(Methods.HEAD);
    }

    /** What the browser itself says, and no page can have it say otherwise. It says nothing without TLS, loopback excepted. */
    private static @Nullable String siteFault(HeaderMap headers) {
        String site = headers.getFirst(FETCH_SITE);
        return site == null || site.equals("same-origin") || site.equals("none")
                ? null
                : "the browser says that a page of another origin asks for this (Sec-Fetch-Site: " + site
                        + "), which may not change anything";
    }

    /**
     * By a name that somebody else's server resolves to our address his page is one of our site to a browser: to reads that sends neither
     * Origin nor, without TLS, Sec-Fetch-Site. So what browsers send in general is looked for, which Prometheus, curl and probes do not
     * send: they go by whatever name their operator has given us.
     */
    private @Nullable String nameFault(String what, HeaderMap headers, @Nullable String host) {
        return namesAreSafe || host == null || OURS.matcher(host).matches() || !isFromBrowser(headers)
                ? null
                : "a browser may not " + what + " this as " + host
                        + ", since anybody can give this address a name: ask by the address or as localhost, or set"
                        + " lastref.admin.token-file";
    }

    private static boolean isFromBrowser(HeaderMap headers) {
        String agent = headers.getFirst(Headers.USER_AGENT);
        return (agent != null && agent.startsWith("Mozilla/"))
                || OF_BROWSERS.stream().anyMatch(headers::contains);
    }

    private static @Nullable String originFault(HeaderMap headers, @Nullable String host) {
        String origin = headers.getFirst(Headers.ORIGIN);
        return origin == null || (host != null && isSame(origin, host, headers.contains(FETCH_SITE)))
                ? null
                : "a page of \"" + origin + "\" (Origin) asks for this at \"" + host
                        + "\" (Host): only a page of this port itself may change anything, or who bears the token of"
                        + " lastref.admin.token-file; a proxy in front must pass Host on as it comes";
    }

    /**
     * Whether the page was got from where it is that it asks.
     *
     * @param secured whether the browser may speak TLS, to a proxy in front of us: it says Sec-Fetch-Site then
     */
    private static boolean isSame(String origin, String host, boolean secured) {
        String scheme = RequestTarget.schemeOf(origin);
        return (scheme.equals("http") || (secured && scheme.equals("https")))
                && CacheKey.canonicalAuthority(RequestTarget.authorityOf(origin), scheme)
                        .equals(CacheKey.canonicalAuthority(host, scheme));
    }
}
