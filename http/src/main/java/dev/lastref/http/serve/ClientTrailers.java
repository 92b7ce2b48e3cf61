package dev.lastref.http.serve;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.http2.Http2Stream;
import dev.lastref.http.message.Fields;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpAttachments;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;

/**
 * The client's side of trailer fields (RFC 9110, section 6.5): whether it takes any, and how they come behind its response. By HTTP/1.1
 * they need chunks, which a response has whose length is not known, and the client's word that it will not drop them; by HTTP/2 nothing.
 */
final class ClientTrailers {
    private static final HttpString TE = new HttpString("TE");

    private ClientTrailers() {}

    /** Whether the client says that it will not discard them (section 10.1.4). */
    static boolean areAskedFor(HttpServerExchange exchange) {
        HeaderValues lines = exchange.getRequestHeaders().get(TE);
        return !exchange.isHttp10() && lines != null && lines.stream().anyMatch(ClientTrailers::namesTrailers);
    }

    /**
     * Whether who sends the request says so for himself: else a hop that knows nothing of TE may have passed it on, and will drop them
     * (section 7.6.1). By HTTP/2 it is said for one hop in any case.
     */
    static boolean arePromised(HttpServerExchange exchange) {
        HeaderValues options = exchange.getRequestHeaders().get(Headers.CONNECTION);
        boolean nominated = options != null && options.stream().anyMatch(line -> hasMember(line, "TE"));
        return areAskedFor(exchange) && (nominated || Http2Stream.of(exchange) != null);
    }

    private static boolean namesTrailers(String line) {
        return hasMember(line, "trailers");
    }

    private static boolean hasMember(String line, String name) {
        for (String member : line.split(",", -1)) {
            if (member.strip().equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** Has them sent when the response ends, to a client that takes them. Call before that. */
    static void add(HttpServerExchange exchange, FieldList trailers) {
        if (trailers.size() > 0 && (Http2Stream.of(exchange) != null || areAskedFor(exchange))) {
            HeaderMap fields = new HeaderMap();
            Fields.addTo(fields, trailers);
            HeaderMap unused = exchange.putAttachment(HttpAttachments.RESPONSE_TRAILERS, fields);
        }
    }
}
