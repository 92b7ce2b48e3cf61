package dev.lastref.http.listen;

import dev.lastref.http.http2.Http2Connection;
import dev.lastref.http.http2.Http2Stream;
import dev.lastref.pool.Peer;
import dev.lastref.pool.TransmitLedger;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.AttachmentKey;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Names the client connections to the pool's ledger: each once, when it is first sent something from the pool. */
public final class ClientPeers {
    private static final AttachmentKey<Peer> PEER = AttachmentKey.create(Peer.class);

    private final TransmitLedger ledger;

    public ClientPeers(TransmitLedger ledger) {
        this.ledger = ledger;
    }

    /** The peer of an exchange's connection, which is sent what the exchange asked for; null: it is closed. On its I/O thread. */
    public @Nullable Peer of(HttpServerExchange exchange) {
        Http2Stream stream = Http2Stream.of(exchange);
        if (stream != null) {
            Peer peer = of(stream.connection());
            if (peer != null) {
                peer.sending(exchange.getRequestURI());
            }
            return peer;
        }
        return of(exchange.getConnection(), exchange.getRequestURI());
    }

    /** The peer of a connection, which is sent what was asked for with this target; null: it is closed. On its I/O thread. */
    public @Nullable Peer of(ServerConnection connection, String target) {
        Peer peer = connection.getAttachment(PEER);
        if (peer == null) {
            peer = name(connection);
        }
        if (peer != null) {
            peer.sending(target);
        }
        return peer;
    }

    private @Nullable Peer name(ServerConnection connection) {
        InetSocketAddress local = connection.getLocalAddress(InetSocketAddress.class);
        InetSocketAddress remote = connection.getPeerAddress(InetSocketAddress.class);
        if (local == null || remote == null || !connection.isOpen()) {
            return null;
        }
        Peer added = ledger.peer(local, remote, () -> resetOnItsThread(connection));
        connection.putAttachment(PEER, added);
        connection.addCloseListener(closed -> added.closed());
        return added;
    }

    /** All streams of a connection go to one peer. */
    private @Nullable Peer of(Http2Connection connection) {
        Peer peer = connection.getAttachment(PEER);
        InetSocketAddress local = connection.channel().getLocalAddress(InetSocketAddress.class);
        InetSocketAddress remote = connection.channel().getPeerAddress(InetSocketAddress.class);
        if (peer != null || local == null || remote == null || !connection.isOpen()) {
            return peer;
        }
        Peer added = ledger.peer(local, remote, () -> connection.execute(connection::resetStalled));
        connection.putAttachment(PEER, added);
        connection.whenClosed(added::closed);
        return added;
    }

    private static void resetOnItsThread(ServerConnection connection) {
        try {
            connection.getIoThread().execute(() -> Connections.reset(connection));
        } catch (RejectedExecutionException serverEnds) {
            // which closes all its connections
        }
    }
}
