package dev.lastref.http.serve;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.http.origin.OriginRequest;
import io.undertow.server.HttpServerExchange;
import java.util.List;

/** Turns a client's request into the one that the origin gets (RFC 9110, section 7.6). */
final class OriginRequests {
    /** A response that may be stored must be there, so the origin is asked as if the client had nothing yet. */
    private static final List<String> CONDITIONS = List.of("If-None-Match", "If-Modified-Since");
    /** Goes on only where the part that it asks for will do. */
    private static final List<String> RANGES = List.of("Range", "If-Range");

    private OriginRequests() {}

    static OriginRequest of(HttpServerExchange exchange, Incoming incoming) {
        FieldList.Builder fields = incoming.fields().toBuilder();
        fields.remove("Content-Length");
        fields.remove("Expect"); // answered by this server, when the origin's connection takes the content
        fields.set("Host", incoming.authority());
        RequestPolicy.Action action = incoming.policy().action();
        if (action == RequestPolicy.Action.LOOKUP || action == RequestPolicy.Action.REFRESH) {
            CONDITIONS.forEach(fields::remove);
            if (!incoming.policy().asksForPart()) {
                RANGES.forEach(fields::remove);
            }
        }
        String via = incoming.fields().combined("Via");
        String us = (exchange.isHttp10() ? "1.0" : "1.1") + " lastref";
        fields.set("Via", via == null ? us : via + ", " + us);
        return new OriginRequest(incoming.method(), incoming.target(), fields.build(), content(exchange));
    }

    private static OriginRequest.@org.jspecify.annotations.Nullable Content content(HttpServerExchange exchange) {
        if (exchange.isRequestComplete()) {
            return null;
        }
        return new OriginRequest.Content(exchange.getRequestChannel(), exchange.getRequestContentLength());
    }
}
