package dev.lastref.http.serve;

import io.undertow.server.ConduitWrapper;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.ConduitFactory;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import org.xnio.conduits.StreamSinkConduit;

/**
 * The head of a response of HTTP/1 whose status has no content, 204 or 304. The server says of none of them that the connection ends (RFC 9112,
 * section 9.6), and takes those to HEAD for responses whose length is not known: it calls their content chunked (section 6.1 forbids it for
 * 204), and ends the connections of HTTP/1.0.
 *
 * <p>Runs when the head is made, once it is known whether the connection goes on. It keeps nothing, so one serves all exchanges.
 */
final class WithoutContent implements ConduitWrapper<StreamSinkConduit> {
    private static final WithoutContent FOR_ALL = new WithoutContent();

    private WithoutContent() {}

    /** Sees to an exchange, if that is the kind of status that it has. */
    static void note(HttpServerExchange exchange) {
        int status = exchange.getStatusCode();
        if ((status == StatusCodes.NO_CONTENT || status == StatusCodes.NOT_MODIFIED)
                && (exchange.isHttp11() || exchange.isHttp10())) {
            exchange.addResponseWrapper(FOR_ALL);
        }
    }

    @Override
    public StreamSinkConduit wrap(ConduitFactory<StreamSinkConduit> server, HttpServerExchange exchange) {
        HeaderMap headers = exchange.getResponseHeaders();
        boolean described = headers.contains(Headers.CONTENT_LENGTH); // of a 304: what a 200 would have
        if (!described) {
            headers.put(Headers.CONTENT_LENGTH, 0);
        }
        StreamSinkConduit made = server.create();
        if (!described || exchange.getStatusCode() == StatusCodes.NO_CONTENT) {
            headers.remove(Headers.CONTENT_LENGTH);
        }
        if (!exchange.isPersistent()) {
            headers.put(Headers.CONNECTION, Headers.CLOSE.toString());
        }
        return made;
    }
}
