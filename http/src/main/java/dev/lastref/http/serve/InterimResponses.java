package dev.lastref.http.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.listen.ClientSink;
import dev.lastref.http.origin.OriginRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Passes the origin's interim responses, such as 103 with its hints, on to the client that made us ask (RFC 9110, section 15.2). */
final class InterimResponses implements OriginRequest.Interim {
    private final HttpServerExchange exchange;
    private final ClientSink sink;

    private InterimResponses(HttpServerExchange exchange, ClientSink sink) {
        this.exchange = exchange;
        this.sink = sink;
    }

    /** Null for an HTTP/1.0 client, which knows none. */
    static OriginRequest.@Nullable Interim to(HttpServerExchange exchange) {
        ClientSink sink = ClientSink.of(exchange);
        return sink == null || !exchange.isHttp11() ? null : new InterimResponses(exchange, sink);
    }

    @Override
    public void responded(int status, FieldList fields) {
        if (exchange.isResponseStarted() || exchange.isComplete()) {
            return;
        }
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(StatusCodes.getReason(status))
                .append("\r\n");
        fields.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        sink.interim(ByteBuffer.wrap(head.append("\r\n").toString().getBytes(ISO_8859_1)));
    }
}
