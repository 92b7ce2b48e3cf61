package dev.lastref.http.admin;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.jspecify.annotations.Nullable;

/**
 * Whom the administration port lets in: where a token is set, who knows it (RFC 6750); probes of health everybody. And no browser that
 * is told to by a page of another site ({@link PageCheck}).
 */
public final class AdminGuard implements HttpHandler {
    /** By which commands know this port from any other, before they change anything. */
    public static final HttpString MARK = new HttpString("Lastref");

    private static final String HEALTH = "/health/";
    private static final String BEARER = "Bearer ";

    private final HttpHandler next;
    private final @Nullable AdminToken token;
    private final PageCheck pages;

    private AdminGuard(HttpHandler next, @Nullable AdminToken token) {
        this.next = next;
        this.token = token;
        this.pages = new PageCheck(/* namesAreSafe= */ token != null);
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
        boolean knowsToken = knowsToken(exchange.getRequestHeaders());
        if (!knowsToken && token != null && !isOpen(exchange.getRequestPath())) {
            exchange.setStatusCode(401);
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer realm=\"lastref\"");
            AdminHandler.send(
                    exchange,
                    AdminHandler.TEXT,
                    exchange.getRequestHeaders().contains(Headers.AUTHORIZATION)
                            ? "401: what came is not the token, see lastref.admin.token-file\n"
                            : "401: a token is needed here, see lastref.admin.token-file\n");
            return;
        }
        String refusal = pages.refusalOf(exchange, knowsToken);
        if (refusal == null) {
            next.handleRequest(exchange);
        } else {
            exchange.setStatusCode(403);
            AdminHandler.send(exchange, AdminHandler.TEXT, "403: " + refusal + "\n");
        }
    }

    /** The page has no data of its own, and asks for the token. */
    private static boolean isOpen(String path) {
        return path.startsWith(HEALTH) || Dashboard.isPart(path);
    }

    private boolean knowsToken(HeaderMap headers) {
        AdminToken wanted = token;
        String given = headers.getFirst(Headers.AUTHORIZATION);
        return wanted != null
                && given != null
                // RFC 9110, section 11.1: the scheme's letters may be of any case.
                && given.regionMatches(/* ignoreCase= */ true, 0, BEARER, 0, BEARER.length())
                && wanted.is(given.substring(BEARER.length()).strip());
    }
}
