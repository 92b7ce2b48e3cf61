package dev.lastref.http.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.http2.Http2Stream;
import dev.lastref.http.listen.ClientSink;
import dev.lastref.http.message.Fields;
import dev.lastref.http.origin.OriginRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Passes the origin's interim responses, such as 103 with its hints, on to the client that made us ask (RFC 9110, section 15.2). */
final class InterimResponses implements OriginRequest.Interim {
    private final HttpServerExchange exchange;
    private final OriginRequest.Interim client;

    private InterimResponses(HttpServerExchange exchange, OriginRequest.Interim client) {
        this.exchange = exchange;
        this.client = client;
    }

    /** Null for an HTTP/1.0 client, which knows none. */
    static OriginRequest.@Nullable Interim to(HttpServerExchange exchange) {
        Http2Stream stream = Http2Stream.of(exchange);
        if (stream != null) {
            return new InterimResponses(exchange, (status, fields) -> send(stream, status, fields));
        }
        ClientSink sink = ClientSink.of(exchange);
        return sink == null || !exchange.isHttp11()
                ? null
                : new InterimResponses(exchange, (status, fields) -> send(sink, status, fields));
    }

    @Override
    public void responded(int status, FieldList fields) {
        if (!exchange.isResponseStarted() && !exchange.isComplete()) {
            client.responded(status, fields);
        }
    }

    private static void send(Http2Stream stream, int status, FieldList fields) {
        HeaderMap headers = new HeaderMap();
        Fields.addTo(headers, fields);
        stream.interim(status, headers);
    }

    private static void send(ClientSink sink, int status, FieldList fields) {
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
