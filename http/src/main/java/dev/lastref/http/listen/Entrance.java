package dev.lastref.http.listen;

import dev.lastref.http.message.Networks;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * What a connection goes through before its first request: what a proxy says about it, and TLS. Where none of
 * that is configured it is HTTP/1.1 at once. On the connection's I/O thread.
 */
final class Entrance {
    private final HttpOpenListener http1;
    private final ByteBufferPool buffers;
    private final ClientConnections connections;
    private final Networks proxies;
    private final @Nullable ServerTls tls;

    /**
     * @param proxies who begins with a PROXY header, and must
     * @param tls null: none is spoken
     */
    Entrance(
            HttpHandler handler,
            ByteBufferPool buffers,
            ClientConnections connections,
            Networks proxies,
            @Nullable ServerTls tls) {
        this.buffers = buffers;
        this.connections = connections;
        this.proxies = proxies;
        this.tls = tls;
        http1 = new HttpOpenListener(buffers, Listeners.HTTP);
        http1.setRootHandler(handler);
    }

    void admit(StreamConnection accepted) {
        AcceptFailures.accepted();
        ClientConnection client = connections.accepted(accepted);
        if (client == null) {
            return;
        }
        if (proxies.contains(client.peer())) {
            connections.watch(client);
            ProxiedStart.read(accepted, client, () -> secure(accepted, client));
        } else {
            secure(accepted, client);
        }
    }

    private void secure(StreamConnection accepted, ClientConnection client) {
        ServerTls secured = tls;
        if (secured != null) {
            connections.watch(client);
            SslConnection over = secured.over(accepted);
            client.isOver(over);
            new FirstBytes(over, buffers, client.limits().headTimeout(), first -> speakHttp1(over, first, client))
                    .await();
        } else {
            speakHttp1(accepted, null, client);
        }
    }

    private void speakHttp1(StreamConnection connection, @Nullable PooledByteBuffer first, ClientConnection client) {
        StrictSource.install(connection, client, first);
        ClientSink.install(connection);
        http1.handleEvent(connection);
        connections.watch(client);
    }
}
