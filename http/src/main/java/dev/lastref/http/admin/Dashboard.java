package dev.lastref.http.admin;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The dashboard: a page and its style and scripts, which are resources of this package. They are the same for everybody and hold no
 * data: the page asks the API for it, with the credentials that it is given. Small, kept in memory, and sent by the I/O thread.
 */
final class Dashboard {
    /** Where its parts are, and its own part of the page's address, which is relative: a proxy may put it anywhere. */
    private static final String PARTS = "/dashboard/";

    /**
     * The page may use what this port sends, and nothing else: no other place's resources, no script or style in the page, no plugin; and
     * no other page may frame it.
     */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private static final String[] FILES = {
        "style.css",
        "icon.svg",
        "main.js",
        "api.js",
        "chart.js",
        "figures.js",
        "format.js",
        "pool-map.js",
        "purge.js",
        "requests.js",
        "tables.js",
        "theme.js"
    };

    private Dashboard() {}

    /** Each path with what answers there. */
    static Map<String, HttpHandler> handlers() {
        Map<String, HttpHandler> handlers = new LinkedHashMap<>();
        handlers.put("/", file("index.html"));
        for (String name : FILES) {
            handlers.put(PARTS + name, file(name));
        }
        return handlers;
    }

    /** Whether it is one of its paths. */
    static boolean isPart(String path) {
        return path.equals("/") || (path.startsWith(PARTS) && List.of(FILES).contains(path.substring(PARTS.length())));
    }

    private static HttpHandler file(String name) {
        ByteBuffer content = ByteBuffer.wrap(read(name)).asReadOnlyBuffer();
        String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
        return exchange -> send(exchange, type, content.duplicate());
    }

    private static byte[] read(String name) {
        try (InputStream resource = Dashboard.class.getResourceAsStream("dashboard/" + name)) {
            if (resource == null) {
                throw new IllegalStateException(
                        "the dashboard's " + name + " is not among the resources: a broken build");
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void send(HttpServerExchange exchange, String type, ByteBuffer content) {
        exchange.getResponseHeaders()
                .put(Headers.CONTENT_TYPE, type)
                .put(Headers.CACHE_CONTROL, "no-store")
                .put(new HttpString("Content-Security-Policy"), POLICY)
                .put(new HttpString("X-Content-Type-Options"), "nosniff")
                .put(new HttpString("Referrer-Policy"), "no-referrer")
                .put(new HttpString("Cross-Origin-Opener-Policy"), "same-origin");
        exchange.getResponseSender().send(content);
    }
}
