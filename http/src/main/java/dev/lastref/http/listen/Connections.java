package dev.lastref.http.listen;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import java.io.IOException;
import org.xnio.IoUtils;
import org.xnio.Options;

/** Ends client connections. */
public final class Connections {
    private Connections() {}

    /**
     * Breaks the connection so that the client cannot take what it has got for a whole response: with a reset, since an orderly
     * close is how a body without a length ends. The reset also frees what is queued for the peer.
     */
    public static void reset(HttpServerExchange exchange) {
        reset(exchange.getConnection());
    }

    static void reset(ServerConnection connection) {
        try {
            connection.setOption(Options.CLOSE_ABORT, true);
        } catch (IOException closedAlready) {
            // then there is nothing left to reset
            IoUtils.safeClose(connection);
        }
        IoUtils.safeClose(connection);
    }
}
