package dev.lastref.http.listen;

import dev.lastref.http.message.Networks;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;

/**
 * What a connection goes through before its first request: what a proxy says about it, TLS, and which HTTP it speaks. Where none of
 * that is configured it is HTTP/1.1 at once. On the connection's I/O thread.
 */
final class Entrance {
    private final HttpOpenListener http1;
    private final HttpHandler handler;
    private final ByteBufferPool buffers;
    private final int bufferSize;
    private final ClientConnections connections;
    private final boolean http2;
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
            boolean http2,
            Networks proxies,
            @Nullable ServerTls tls) {
        this.handler = handler;
        this.buffers = buffers;
        this.connections = connections;
        this.http2 = http2;
        this.proxies = proxies;
        this.tls = tls;
        http1 = new HttpOpenListener(buffers, Listeners.HTTP);
        http1.setRootHandler(handler);
        try (PooledByteBuffer one = buffers.allocate()) {
            bufferSize = one.getBuffer().capacity();
        }
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
            ServerTls.Secured over = secured.over(accepted, http2);
            client.isOver(over.connection());
            new FirstBytes(over.connection(), buffers, (first, preface) -> {
                        if ("h2".equals(over.engine().getApplicationProtocol())) {
                            speakHttp2(over.connection(), first, client);
                        } else {
                            speakHttp1(over.connection(), first, client);
                        }
                    })
                    .await(false);
        } else if (http2) {
            connections.watch(client);
            new FirstBytes(accepted, buffers, (first, preface) -> {
                        if (preface) {
                            speakHttp2(accepted, first, client);
                        } else {
                            speakHttp1(accepted, first, client);
                        }
                    })
                    .await(true);
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

    private void speakHttp2(StreamConnection connection, PooledByteBuffer first, ClientConnection client) {
        StrictHttp2.open(connection, first, client, handler, buffers, bufferSize);
        connections.watch(client);
    }
}
