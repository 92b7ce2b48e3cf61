package dev.lastref.http.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
    private static final int SHORTEST_TOKEN = 16;
    /** Addresses, and the one name that nobody else can give us. */
    private static final Pattern OURS =
            Pattern.compile("(localhost|\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+])(:\\d+)?");

    private final HttpHandler next;
    private final byte @Nullable [] tokenDigest;

    private AdminGuard(HttpHandler next, byte @Nullable [] tokenDigest) {
        this.next = next;
        this.tokenDigest = tokenDigest;
    }

    /**
     * @param tokenFile with the token in it, and nothing else; null: everybody is let in who reaches the port
     * @throws IOException if it cannot be read, or the token is too short to be none that is guessed
     */
    public static AdminGuard before(HttpHandler next, @Nullable Path tokenFile) throws IOException {
        if (tokenFile == null) {
            return new AdminGuard(next, null);
        }
        String token = Files.readString(tokenFile).strip();
        if (token.length() < SHORTEST_TOKEN) {
            throw new IOException("the token in " + tokenFile + " (lastref.admin.token-file) has " + token.length()
                    + " characters: expected at least " + SHORTEST_TOKEN + ", such as those of openssl rand -hex 16");
        }
        return new AdminGuard(next, digest(token));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException everyJvmHasIt) {
            throw new IllegalStateException(everyJvmHasIt);
        }
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
        byte[] wanted = tokenDigest;
        String path = exchange.getRequestPath();
        // The page has no data of its own, and asks for the token.
        if (wanted == null || path.startsWith(HEALTH) || Dashboard.isPart(path)) {
            return true;
        }
        String given = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
        // Of digests, in a time that does not depend on how much of them is right.
        return given != null
                // RFC 9110, section 11.1: the scheme's letters may be of any case.
                && given.regionMatches(/* ignoreCase= */ true, 0, BEARER, 0, BEARER.length())
                && MessageDigest.isEqual(
                        wanted, digest(given.substring(BEARER.length()).strip()));
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
        return tokenDigest == null
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
        boolean named =
                tokenDigest == null && (host == null || !OURS.matcher(host).matches());
        return origin != null && (named || !origin.equals("http://" + host));
    }
}
