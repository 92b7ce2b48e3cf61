package dev.lastref.http.listen;

import dev.lastref.http.http2.Http2Connection;
import dev.lastref.http.http2.Http2Stream;
import dev.lastref.pool.Peer;
import dev.lastref.pool.TransmitLedger;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Names the client connections to the pool's ledger: each once, when it is first sent something from the pool. */
public final class ClientPeers {
    private static final AttachmentKey<Peer> PEER = AttachmentKey.create(Peer.class);

    private final TransmitLedger ledger;

    public ClientPeers(TransmitLedger ledger) {
        this.ledger = ledger;
    }

    /**
     * The peer of an exchange's connection; null: it is closed. On its I/O thread.
     *
     * @param target what it is sent, as the key of a stored response has it, by which it is found and purged
     */
    public @Nullable Peer of(HttpServerExchange exchange, String target) {
        Http2Stream stream = Http2Stream.of(exchange);
        if (stream != null) {
            Peer peer = of(stream.connection());
            if (peer != null) {
                peer.sending(target);
            }
            return peer;
        }
        StrictSource source = StrictSource.of(exchange);
        return source == null ? null : of(source, target);
    }

    /** The same of a connection whose request has no exchange. */
    public @Nullable Peer of(StrictSource source, String target) {
        Peer peer = source.client().ledgerPeer();
        if (peer == null) {
            peer = name(source.client());
        }
        if (peer != null) {
            peer.sending(target);
        }
        return peer;
    }

    private @Nullable Peer name(ClientConnection client) {
        InetSocketAddress local = client.channel().getLocalAddress(InetSocketAddress.class);
        InetSocketAddress remote = client.channel().getPeerAddress(InetSocketAddress.class);
        if (local == null || remote == null || !client.channel().isOpen()) {
            return null;
        }
        Peer added = ledger.peer(local, remote, () -> client.execute(client::reset));
        client.isKnownAs(added);
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
}
