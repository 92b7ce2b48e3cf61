package dev.lastref.http.admin;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whom the administration port lets in: where a token is set, who knows it (RFC 6750); probes of health everybody. And no browser
 * changes or, where no token is set, reads anything because a page of another site tells it to, whatever name that site has given this
 * address.
 */
public final class AdminGuard implements HttpHandler {
    /** By which commands know this port from any other, before they change anything. */
    public static final HttpString MARK = new HttpString("Lastref");

    private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");
    /** Of these a page can keep its browser from sending some, but not all. */
    private static final List<HttpString> OF_BROWSERS = List.of(
            FETCH_SITE, new HttpString("Sec-Fetch-Mode"), Headers.ORIGIN, Headers.REFERER, Headers.ACCEPT_LANGUAGE);

    private static final String HEALTH = "/health/";
    private static final String BEARER = "Bearer ";
    /** Addresses, and the one name that nobody else can give us. */
    private static final Pattern OURS =
            Pattern.compile("(localhost|\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+])(:\\d+)?");

    private final HttpHandler next;
    private final @Nullable AdminToken token;

    private AdminGuard(HttpHandler next, @Nullable AdminToken token) {
        this.next = next;
        this.token = token;
    }

    /**
     * @param token that must be borne; null: everybody is let in who reaches the port
     */
    public static AdminGuard before(HttpHandler next, @Nullable AdminToken token) {
        return new AdminGuard(next, token);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        exchange.getResponseHeaders().put(MARK, "administration");
        if (!isLetIn(exchange)) {
            exchange.setStatusCode(401);
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer realm=\"lastref\"");
            AdminHandler.send(
                    exchange, AdminHandler.TEXT, "401: a token is needed here, see lastref.admin.token-file\n");
        } else if (!isRead(exchange) && comesFromAnotherSite(exchange.getRequestHeaders())) {
            exchange.setStatusCode(403);
            AdminHandler.send(exchange, AdminHandler.TEXT, "403: a page of another site may not change anything\n");
        } else if (isRead(exchange) && isReadUnderForeignName(exchange)) {
            exchange.setStatusCode(403);
            AdminHandler.send(
                    exchange,
                    AdminHandler.TEXT,
                    "403: a browser may not read this as "
                            + exchange.getRequestHeaders().getFirst(Headers.HOST)
                            + ", since anybody can give this address a name: ask by the address or as localhost, or set"
                            + " lastref.admin.token-file\n");
        } else {
            next.handleRequest(exchange);
        }
    }

    private boolean isLetIn(HttpServerExchange exchange) {
        AdminToken wanted = token;
        String path = exchange.getRequestPath();
        // The page has no data of its own, and asks for the token.
        if (wanted == null || path.startsWith(HEALTH) || Dashboard.isPart(path)) {
            return true;
        }
        String given = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
        return given != null
                // RFC 9110, section 11.1: the scheme's letters may be of any case.
                && given.regionMatches(/* ignoreCase= */ true, 0, BEARER, 0, BEARER.length())
                && wanted.is(given.substring(BEARER.length()).strip());
    }

    private static boolean isRead(HttpServerExchange exchange) {
        return exchange.getRequestMethod().equals(Methods.GET)
                || exchange.getRequestMethod().equals(Methods.HEAD);
    }

    /**
     * By a name that somebody else's server resolves to our address his page reads what we answer, being of our site to a browser; and that
     * sends neither Origin with it nor, without TLS, Sec-Fetch-Site. So what browsers send in general is looked for, which Prometheus, curl
     * and probes do not send: they go by whatever name their operator has given us.
     */
    private boolean isReadUnderForeignName(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        String host = headers.getFirst(Headers.HOST);
        return token == null
                && host != null
                && !OURS.matcher(host).matches()
                && !exchange.getRequestPath().startsWith(HEALTH)
                && isFromBrowser(headers);
    }

    private static boolean isFromBrowser(HeaderMap headers) {
        String agent = headers.getFirst(Headers.USER_AGENT);
        return (agent != null && agent.startsWith("Mozilla/"))
                || OF_BROWSERS.stream().anyMatch(headers::contains);
    }

    private boolean comesFromAnotherSite(HeaderMap headers) {
        String site = headers.getFirst(FETCH_SITE);
        String origin = headers.getFirst(Headers.ORIGIN);
        String host = headers.getFirst(Headers.HOST);
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            return true;
        }
        // A name that somebody else's server resolves to our address makes his page one of our site.
        boolean named = token == null && (host == null || !OURS.matcher(host).matches());
        return origin != null && (named || !origin.equals("http://" + host));
    }
}
