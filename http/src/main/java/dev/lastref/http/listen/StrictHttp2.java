package dev.lastref.http.listen;

import dev.lastref.http.message.Http2Fields;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.protocols.http2.AbstractHttp2StreamSourceChannel;
import io.undertow.protocols.http2.Http2Channel;
import io.undertow.protocols.http2.Http2RstStreamStreamSourceChannel;
import io.undertow.protocols.http2.Http2StreamSourceChannel;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http2.Http2ReceiveListener;
import io.undertow.util.AttachmentKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.channels.Channels;

/**
 * A connection that speaks HTTP/2 (RFC 9113). Undertow frames it and bounds its streams and resets; what its requests say is checked
 * here before anybody sees it. For the connection's I/O thread.
 */
final class StrictHttp2 extends Http2Channel {
    static final AttachmentKey<ClientConnection> CLIENT = AttachmentKey.create(ClientConnection.class);

    private static final int MOST_STREAMS = 128;
    private static final int MOST_FIELDS = 128;
    /** Of a head, as RFC 9113, section 6.5.2, counts; also the most that CONTINUATION frames may bring. */
    private static final int MOST_HEAD_BYTES = 20_000;
    /** Streams reset in half a minute: more are an attack (CVE-2023-44487). */
    private static final int MOST_RESETS = 200;

    private static final int RESETS_WITHIN_MILLIS = 30_000;

    private static final OptionMap OPTIONS = OptionMap.builder()
            .addAll(Listeners.HTTP)
            .set(UndertowOptions.ENABLE_HTTP2, true)
            .set(UndertowOptions.HTTP2_SETTINGS_ENABLE_PUSH, false)
            .set(UndertowOptions.HTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, MOST_STREAMS)
            .set(UndertowOptions.MAX_CONCURRENT_REQUESTS_PER_CONNECTION, MOST_STREAMS)
            .set(UndertowOptions.MAX_HEADER_SIZE, MOST_HEAD_BYTES)
            .set(UndertowOptions.MAX_HEADERS, MOST_FIELDS)
            .set(UndertowOptions.MAX_RST_FRAMES_PER_WINDOW, MOST_RESETS)
            .set(UndertowOptions.RST_FRAMES_TIME_WINDOW, RESETS_WITHIN_MILLIS)
            .getMap();

    /** What runs on which stream. */
    private final Map<Integer, HttpServerExchange> running = new HashMap<>();
    /** The stream whose request is being handed on. */
    private int current;

    private StrictHttp2(StreamConnection connection, ByteBufferPool buffers, @Nullable PooledByteBuffer first) {
        super(connection, "h2", buffers, first, false, false, true, OPTIONS);
    }

    /**
     * Begins to serve.
     *
     * @param first what has been read already, the preface first
     */
    static void open(
            StreamConnection connection,
            @Nullable PooledByteBuffer first,
            ClientConnection client,
            HttpHandler handler,
            ByteBufferPool buffers,
            int bufferSize) {
        GoAwaySink sink = GoAwaySink.install(connection);
        StrictHttp2 made = new StrictHttp2(connection, buffers, first);
        made.setIdleTimeout(Listeners.IDLE_MILLIS);
        made.putAttachment(CLIENT, client);
        made.addCloseTask(closed -> made.endAll());
        client.speaksHttp2(made, sink);
        made.getReceiveSetter().set(new Http2ReceiveListener(handler, OPTIONS, bufferSize, null));
        made.resumeReceives();
    }

    @Override
    public synchronized @Nullable AbstractHttp2StreamSourceChannel receive() throws IOException {
        AbstractHttp2StreamSourceChannel frame;
        try {
            frame = super.receive();
        } catch (NumberFormatException noContentLength) {
            sendGoAway(ERROR_PROTOCOL_ERROR);
            return null;
        }
        if (frame instanceof Http2RstStreamStreamSourceChannel reset) {
            end(running.get(reset.getStreamId()));
        } else if (frame instanceof Http2StreamSourceChannel stream) {
            current = stream.getStreamId();
        }
        if (frame instanceof Http2StreamSourceChannel stream && Http2Fields.faultOf(stream.getHeaders()) != null) {
            sendRstStream(stream.getStreamId(), ERROR_PROTOCOL_ERROR);
            try {
                Channels.drain(stream, Long.MAX_VALUE);
            } catch (IOException reset) {
                // which is what it is
            }
            return null;
        }
        return frame;
    }

    /** A request begins to run: the one that was received last. It ends with its stream, whatever it waits for. */
    void runs(HttpServerExchange exchange) {
        int stream = current;
        running.put(stream, exchange);
        exchange.addExchangeCompleteListener((ended, next) -> {
            running.remove(stream);
            next.proceed();
        });
    }

    /** For what is wrong on our side, or with what the client sends. */
    @Override
    public void sendRstStream(int streamId, int statusCode) {
        super.sendRstStream(streamId, statusCode);
        if (running.containsKey(streamId)) {
            try { // whoever resets it is not done with it
                getIoThread().execute(() -> end(running.get(streamId)));
            } catch (RejectedExecutionException threadHasEnded) {
                // with which all its connections are closed
            }
        }
    }

    private void endAll() {
        List.copyOf(running.values()).forEach(StrictHttp2::end);
    }

    private static void end(@Nullable HttpServerExchange exchange) {
        if (exchange != null && !exchange.isComplete()) {
            exchange.endExchange();
        }
    }
}
