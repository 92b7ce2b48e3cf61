package dev.lastref.http.listen;

import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import java.io.IOException;
import org.xnio.IoUtils;
import org.xnio.Options;

/** Ends client connections. */
public final class Connections {
    private Connections() {}

    /**
     * Reads no more of a request's content, after whose answer the connection ends. The server would stop reading the socket, and close it with
     * something unread, which resets it; so what still comes is dropped for a while (see {@link StrictSource}), and the client gets the answer (RFC
     * 9112, section 9.6). To be called before the answer ends, once nobody reads the content any more.
     */
    public static void abandonContent(HttpServerExchange exchange) {
        boolean http1 = exchange.isHttp11() || exchange.isHttp10();
        if (http1 && !exchange.isPersistent() && !exchange.isRequestComplete()) {
            Connectors.terminateRequest(exchange);
        }
    }

    /**
     * Breaks the connection so that the client cannot take what it has got for a whole response: with a reset, since an orderly
     * close is how a body without a length ends. The reset also frees what is queued for the peer.
     */
    public static void reset(HttpServerExchange exchange) {
        reset(exchange.getConnection());
    }

    static void reset(ServerConnection connection) {
        abortAtClose(connection, true);
        IoUtils.safeClose(connection);
    }

    /**
     * A response begins whose end is the connection's: from now on every end is a reset, also the one that the kernel makes for a process that
     * is killed, until {@link #endsWhole}.
     */
    public static void endsByClose(HttpServerExchange exchange) {
        abortAtClose(exchange.getConnection(), true);
    }

    /** All of such a response has been given to the kernel. */
    public static void endsWhole(HttpServerExchange exchange) {
        abortAtClose(exchange.getConnection(), false);
    }

    private static void abortAtClose(ServerConnection connection, boolean abort) {
        try {
            connection.setOption(Options.CLOSE_ABORT, abort);
        } catch (IOException closedAlready) {
            IoUtils.safeClose(connection); // there is nothing left to reset
        }
    }
}
