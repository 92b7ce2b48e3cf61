package dev.lastref.http.listen;

import dev.lastref.http.http2.Http2Connection;
import dev.lastref.http.http2.Http2Serving;
import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.ConnectionTally.TimedOut;
import dev.lastref.http.message.Networks;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * What a connection goes through before its first request: what a proxy says about it, TLS, and which HTTP it speaks. Where none of
 * that is configured it is HTTP/1.1 at once. On the connection's I/O thread.
 */
final class Entrance {
    private final HttpOpenListener http1;
    private final ByteBufferPool buffers;
    private final ClientConnections connections;
    private final @Nullable Http2Serving http2;
    private final Networks proxies;
    private final @Nullable ServerTls tls;
    private final @Nullable EarlyResponders early;
    /** For who reads something only to look at it. */
    private final ThreadLocal<ByteBuffer> reading;

    /**
     * @param http2 null: it is not spoken
     * @param proxies who begins with a PROXY header, and must
     * @param tls null: none is spoken
     * @param early answers what it can before the server hears of it; null: nobody does
     */
    Entrance(
            HttpHandler handler,
            ByteBufferPool buffers,
            ClientConnections connections,
            @Nullable Http2Serving http2,
            Networks proxies,
            @Nullable ServerTls tls,
            @Nullable EarlyResponders early) {
        this.buffers = buffers;
        this.connections = connections;
        this.http2 = http2;
        this.proxies = proxies;
        this.tls = tls;
        this.early = early;
        reading = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(buffers.getBufferSize()));
        http1 = new HttpOpenListener(buffers, Listeners.HTTP);
        http1.setRootHandler(handler);
    }

    void admit(StreamConnection accepted) {
        ClientConnection client =
                connections.accepted(accepted, tls == null ? ConnectionBytes.OPEN : ConnectionBytes.WITHIN_HANDSHAKE);
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
            SslConnection over = secured.over(client.closedLater(), http2 != null);
            client.isOver(over);
            ServerTls.engine(over).ifPlainHttp(head -> client.saysLast(() -> PlainHttp.refuse(client, head)));
            FirstBytes first = new FirstBytes(over, buffers, client.limits().headTimeout(), new Secured(over, client));
            client.beginsWith(first);
            first.await(client.limits().memory());
        } else if (http2 != null) {
            connections.watch(client);
            FirstBytes first =
                    new FirstBytes(accepted, buffers, client.limits().headTimeout(), new Plain(accepted, client));
            client.beginsWith(first);
            first.awaitPreface(client.limits().idle());
        } else {
            speakHttp1(accepted, null, client);
        }
    }

    private void speakHttp1(StreamConnection connection, @Nullable PooledByteBuffer first, ClientConnection client) {
        StrictSource source = StrictSource.install(connection, client, first);
        Duration send = client.limits().send();
        if (send != null) {
            SendTimeout.install(connection, send, client::reset);
        }
        ClientSink sink = ClientSink.install(connection);
        EarlyResponders answering = early;
        if (answering == null) {
            http1.handleEvent(connection);
            connections.watch(client);
            return;
        }
        source.askFirst(answering.on(source, sink));
        connections.watch(client);
        new EarlyReader(connection, reading.get(), buffers, client.isSecured(), unanswered -> {
                    try {
                        http1.handleEvent(connection, unanswered);
                    } finally {
                        connections.watch(client); // again: the server has set its own listener
                    }
                })
                .start();
    }

    private void speakHttp2(StreamConnection connection, PooledByteBuffer first, ClientConnection client) {
        Http2Serving serving = Objects.requireNonNull(http2, "http2");
        Http2Connection made = Http2Connection.open(connection, client.client(), first, serving);
        client.speaksHttp2(made);
        connections.watch(client);
        made.start();
    }

    /** What a connection without TLS speaks. */
    private final class Plain implements FirstBytes.Next {
        private final StreamConnection accepted;
        private final ClientConnection client;

        Plain(StreamConnection accepted, ClientConnection client) {
            this.accepted = accepted;
            this.client = client;
        }

        @Override
        public void goOn(PooledByteBuffer first, boolean preface) {
            if (preface) {
                speakHttp2(client.closedLater(), first, client);
            } else {
                speakHttp1(accepted, first, client);
            }
        }

        @Override
        public void late(boolean begun) {
            client.tally().timedOut(begun ? TimedOut.SLOW_HEAD : TimedOut.IDLE);
            client.leaves();
        }

        @Override
        public void scarce() {
            client.leaves(); // never: nothing is held of what is read
        }

        @Override
        public void ended() {
            client.leaves();
        }
    }

    /** What a connection speaks by TLS. */
    private final class Secured implements FirstBytes.Next {
        private final SslConnection over;
        private final ClientConnection client;

        Secured(SslConnection over, ClientConnection client) {
            this.over = over;
            this.client = client;
        }

        @Override
        public void goOn(PooledByteBuffer first, boolean preface) {
            client.heap().give(ConnectionBytes.OF_HANDSHAKE);
            if (ServerTls.isHttp2(over)) {
                speakHttp2(over, first, client);
            } else {
                speakHttp1(over, first, client);
            }
        }

        @Override
        public void late(boolean begun) {
            if (ServerTls.engine(over).isHandshakeOver()) {
                client.tally().timedOut(TimedOut.IDLE);
            } else if (!client.isEndedHere()) {
                client.tally().failedHandshake(ConnectionTally.Handshake.TIMEOUT);
            }
            IoUtils.safeClose(over);
        }

        @Override
        public void scarce() {
            client.tally().refused(ConnectionTally.Refused.MEMORY);
            IoUtils.safeClose(over);
        }

        @Override
        public void ended() {
            WatchedEngine engine = ServerTls.engine(over);
            if (!engine.isHandshakeOver() && !client.isEndedHere()) {
                client.tally().failedHandshake(engine.failure());
            }
            IoUtils.safeClose(over);
        }
    }
}
