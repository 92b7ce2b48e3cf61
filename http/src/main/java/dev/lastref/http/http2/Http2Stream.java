package dev.lastref.http.http2;

import dev.lastref.http.message.FramingFault;
import dev.lastref.http.message.Http2Fields;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.StreamSinkConduit;

/**
 * One stream (RFC 9113, section 5): a request, its response, and the windows of both. To the server's exchange it is a connection of its
 * own, and closing it resets the stream alone. For the connection's I/O thread.
 */
public final class Http2Stream extends StreamAsConnection {
    /** What a client may send before it is told to go on. */
    static final int RECEIVE_WINDOW = Frames.INITIAL_WINDOW;
    /** On the heap, with its exchange, besides its head. */
    static final int HELD = 2048;

    private final Http2Connection connection;
    private final int id;
    private final long contentLength;
    private final int heldBytes;
    private final StreamSource source = new StreamSource(this);
    private final StreamSink sink;
    private final ConduitStreamSourceChannel sourceChannel;
    private final ConduitStreamSinkChannel sinkChannel;
    private final ReceivedContent content = new ReceivedContent();
    private final HttpServerExchange exchange;
    private final List<CloseListener> closeListeners = new ArrayList<>(2);

    private final SendWindow sendWindow;
    private final ReceiveWindow receiveWindow = new ReceiveWindow(RECEIVE_WINDOW);
    private long received;
    private boolean remoteEnded;
    private boolean wantsNoMore;
    private boolean cutOff;
    private boolean awaitsContinue;
    private boolean reset;
    private boolean over;
    private boolean queued;
    private boolean blocked;
    private long blockedNanos;

    Http2Stream(Http2Connection connection, int id, Http2Fields fields, boolean remoteEnded, int sendWindow) {
        super(connection.channel(), connection.buffers());
        this.connection = connection;
        this.id = id;
        this.contentLength = fields.contentLength();
        this.heldBytes = HELD + fields.heldBytes();
        this.remoteEnded = remoteEnded;
        this.sendWindow = new SendWindow(sendWindow);
        sink = new StreamSink(this, connection.output());
        sourceChannel = new ConduitStreamSourceChannel(connection.channel(), source);
        sinkChannel = new ConduitStreamSinkChannel(connection.channel(), sink);
        exchange = new HttpServerExchange(this, fields.headers(), new HeaderMap(), -1);
        exchange.setProtocol(Protocols.HTTP_2_0);
        exchange.setRequestMethod(HttpString.tryFromString(Objects.requireNonNull(fields.method())));
        // What a client says of the scheme decides nothing: one response would be stored as two, or for the wrong one.
        exchange.setRequestScheme(getSslSession() == null ? "http" : "https");
        String target = Objects.requireNonNull(fields.target());
        String path = pathOf(target);
        exchange.setRequestPath(path);
        exchange.setRelativePath(path);
        exchange.setRequestURI(target); // as it came, its query included
        exchange.setQueryString("");
        String expectation = fields.headers().getFirst(Headers.EXPECT);
        awaitsContinue = !remoteEnded && expectation != null && expectation.equalsIgnoreCase("100-continue");
        HttpContinue.markContinueResponseSent(exchange); // it is sent from here, not by the server
        if (remoteEnded) {
            Connectors.terminateRequest(exchange);
        }
    }

    private static String pathOf(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The one of an exchange; null: it came by another version of HTTP. */
    public static @Nullable Http2Stream of(HttpServerExchange exchange) {
        return exchange.getConnection() instanceof Http2Stream stream ? stream : null;
    }

    /** The connection that it is one of. */
    public Http2Connection connection() {
        return connection;
    }

    int id() {
        return id;
    }

    /** On the heap, besides content. */
    int heldBytes() {
        return heldBytes;
    }

    HttpServerExchange exchange() {
        return exchange;
    }

    StreamSink sink() {
        return sink;
    }

    // ---- the request's content

    /** Whether the client sends its content only when it is told to (RFC 9110, section 10.1.1). */
    public boolean awaitsContinue() {
        return awaitsContinue;
    }

    /** Why no more of the request's content comes although its end has not; null: it comes, or all has. */
    public @Nullable FramingFault faultInContent() {
        return cutOff ? FramingFault.CUT_OFF : null;
    }

    /**
     * A DATA frame.
     *
     * @param payload without padding
     * @param length with it
     * @return what is wrong; null: nothing
     */
    @Nullable
    ErrorCode receive(ByteBuffer payload, int length, boolean ends) {
        int bytes = payload.remaining();
        boolean hadRoom = receiveWindow.received(length);
        received += bytes;
        if (remoteEnded) {
            return ErrorCode.STREAM_CLOSED;
        }
        if (!hadRoom) {
            return ErrorCode.FLOW_CONTROL_ERROR;
        }
        if (contentLength >= 0 && (received > contentLength || (ends && received < contentLength))) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        if (wantsNoMore) {
            connection.consumed(length);
        } else if (!connection.held().take(bytes)) {
            return ErrorCode.ENHANCE_YOUR_CALM;
        } else {
            content.append(payload);
            connection.consumed(length - bytes);
            receiveWindow.read(length - bytes);
            awaitsContinue &= bytes == 0;
        }
        if (ends) {
            remoteEnded = true;
        }
        source.wake();
        return null;
    }

    /** Trailer fields have come, and with them the end. */
    @Nullable
    ErrorCode receiveTrailers() {
        if (remoteEnded) {
            return ErrorCode.STREAM_CLOSED;
        }
        if (contentLength >= 0 && received < contentLength) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        remoteEnded = true;
        source.wake();
        return null;
    }

    int take(ByteBuffer to) {
        int n = content.read(to);
        if (n > 0) {
            connection.held().give(n);
            connection.consumed(n);
            receiveWindow.read(n);
            int by = remoteEnded ? 0 : receiveWindow.open();
            if (by > 0) {
                connection.output().number(Frames.WINDOW_UPDATE, id, by);
                connection.turnSoon();
            }
        } else if (awaitsContinue && to.hasRemaining() && !sink.hasBegun() && !over) {
            awaitsContinue = false;
            connection.head(id, 100, new HeaderMap(), false);
        }
        return n;
    }

    boolean isCutOff() {
        return cutOff;
    }

    boolean isAllReceived() {
        return remoteEnded && content.isEmpty();
    }

    boolean hasNewsOfContent() {
        return cutOff || remoteEnded || !content.isEmpty() || awaitsContinue;
    }

    boolean isRemoteEnded() {
        return remoteEnded;
    }

    /** What comes of it from now on is dropped. */
    void wantsNoMore() {
        wantsNoMore = true;
        cutOff |= !isAllReceived();
        int dropped = content.drop();
        connection.held().give(dropped);
        connection.consumed(dropped);
    }

    // ---- the response

    /**
     * Sends an interim response (RFC 9110, section 15.2), if there is room for one. Only while the exchange's own has not begun.
     *
     * @param fields without any that is about a connection
     */
    public void interim(int status, HeaderMap fields) {
        if (!over && !sink.hasBegun() && connection.output().takesMore()) {
            connection.head(id, status, fields, false);
        }
    }

    /** Bytes of content that the client has room for. */
    int window() {
        return (int) Math.max(0, Math.min(Math.min(sendWindow.left(), connection.sendWindow()), Integer.MAX_VALUE));
    }

    /** Returns whether the window stays within what it may be. */
    boolean openWindow(long by) {
        return sendWindow.open(by);
    }

    void sent(int bytes) {
        sendWindow.sent(bytes);
        connection.sent(bytes);
        blocked = false;
    }

    /** It has something to send, and cannot. */
    void blocks() {
        if (!blocked) {
            blocked = true;
            blockedNanos = connection.now();
        }
    }

    /** Whether it waits for a window, if no window is opened any more. */
    boolean isBlockedForGood() {
        return blocked && !sink.canProgress();
    }

    /**
     * For how long its client has had no room for what it has to send, in nanoseconds. While its own window is open it waits for the
     * connection, where others may have their turn: then only a connection on which nothing moves counts. What the socket does not take
     * is the connection's to watch.
     */
    long blockedNanos() {
        if (!blocked || (sendWindow.left() > 0 && connection.sendWindow() > 0)) {
            return 0;
        }
        long now = connection.now();
        long since = now - blockedNanos;
        return sendWindow.left() <= 0 ? since : Math.min(since, now - connection.sentNanos());
    }

    boolean isQueued() {
        return queued;
    }

    void queued(boolean is) {
        queued = is;
    }

    // ---- its end

    /** Whether nothing can be sent on it any more. */
    boolean isOver() {
        return over;
    }

    /** It has been reset, by us or by the client, or the connection is gone: whatever waits for something here ends. */
    void end() {
        if (reset) {
            return;
        }
        reset = true;
        over = true;
        awaitsContinue = false;
        cutOff |= !isAllReceived();
        source.wake();
        wantsNoMore();
        Connectors.terminateRequest(exchange);
        Connectors.terminateResponse(exchange);
    }

    /** The exchange is complete. */
    @Override
    protected void exchangeComplete(HttpServerExchange completed) {
        over = true;
        wantsNoMore();
        connection.held().give(heldBytes);
        connection.completed(this);
        closeListeners.forEach(listener -> listener.closed(this));
        closeListeners.clear();
    }

    /** Resets the stream, unless its response is complete. */
    @Override
    public void close() {
        connection.breakOff(this);
    }

    @Override
    public boolean isOpen() {
        return !over && connection.isOpen();
    }

    @Override
    public void terminateRequestChannel(HttpServerExchange ended) {
        wantsNoMore();
        Connectors.terminateRequest(exchange);
    }

    @Override
    public void addCloseListener(CloseListener listener) {
        closeListeners.add(listener);
    }

    // ---- what an exchange asks of a connection

    @Override
    protected ConduitStreamSinkChannel getSinkChannel() {
        return sinkChannel;
    }

    @Override
    protected ConduitStreamSourceChannel getSourceChannel() {
        return sourceChannel;
    }

    @Override
    protected StreamSinkConduit getSinkConduit(HttpServerExchange begun, StreamSinkConduit conduit) {
        sink.begin(begun);
        return conduit;
    }
}
