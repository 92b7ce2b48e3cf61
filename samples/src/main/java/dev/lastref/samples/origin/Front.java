package dev.lastref.samples.origin;

import static java.lang.System.Logger.Level.ERROR;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The HTTP side: counts, finds the resource, answers conditional and HEAD requests, and turns refusals into error responses. */
final class Front implements HttpHandler {

    private static final System.Logger LOG = System.getLogger(Front.class.getName());

    private final Map<String, Resource> resources;
    private final RequestCounts counts;

    /** Takes the resources by the first segment of their path. */
    Front(Map<String, Resource> resources, RequestCounts counts) {
        this.resources = Map.copyOf(resources);
        this.counts = counts;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        // Closing the exchange after a failed write closes the connection: a body cut short never looks complete.
        try (exchange) {
            counts.count(exchange.getRequestURI().getRawPath());
            try {
                dispatch(exchange);
            } catch (Refusal e) {
                sendError(exchange, e.status(), String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                LOG.log(
                        ERROR,
                        "Answering " + exchange.getRequestMethod() + " " + exchange.getRequestURI() + " failed",
                        e);
                if (exchange.getResponseCode() == -1) {
                    sendError(exchange, 500, "The origin failed; its log says why.");
                }
            }
        }
    }

    private void dispatch(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            sendError(exchange, 405, method + " is not answered here; GET and HEAD are.");
            return;
        }
        Request request = Request.of(exchange.getRequestURI());
        Resource resource = resources.get(request.segments().get(0));
        if (resource == null) {
            throw request.noSuchPath();
        }
        send(exchange, resource.answer(request));
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Cache-Control", answer.cacheControl());
        if (answer.etag() != null) {
            String etag = '"' + answer.etag() + '"';
            headers.set("ETag", etag);
            if (matches(exchange.getRequestHeaders().get("If-None-Match"), etag)) {
                exchange.sendResponseHeaders(304, -1);
                return;
            }
        }
        headers.set("Content-Type", answer.contentType());
        sendBody(exchange, 200, answer.body().get());
    }

    /** RFC 9110, section 13.1.2: any of the listed tags, weakly compared, or {@code *}. */
    private static boolean matches(@Nullable List<String> ifNoneMatch, String etag) {
        if (ifNoneMatch == null) {
            return false;
        }
        for (String line : ifNoneMatch) {
            // No tag of ours contains a comma.
            for (String tag : line.split(",", -1)) {
                String stripped = tag.strip();
                if (stripped.equals("*") || stripped.equals(etag) || stripped.equals("W/" + etag)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void sendError(HttpExchange exchange, int status, String text) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.remove("ETag");
        headers.set("Cache-Control", Answer.NO_STORE);
        headers.set("Content-Type", Answer.TEXT);
        sendBody(exchange, status, Body.of(text + "\n"));
    }

    private static void sendBody(HttpExchange exchange, int status, Body body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            if (body.length() != Body.UNKNOWN) {
                exchange.getResponseHeaders().set("Content-Length", Long.toString(body.length()));
            }
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, serverLength(body));
        try (OutputStream out = exchange.getResponseBody()) {
            body.writer().writeTo(out);
        }
    }

    /** What {@link HttpExchange#sendResponseHeaders} takes: 0 there means chunked, and -1 means empty. */
    private static long serverLength(Body body) {
        if (body.length() == Body.UNKNOWN) {
            return 0;
        }
        return body.length() == 0 ? -1 : body.length();
    }
}
