package dev.lastref.http.http2;

import io.undertow.connector.ByteBufferPool;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.HttpUpgradeListener;
import io.undertow.server.SSLSessionInfo;
import io.undertow.server.ServerConnection;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.Option;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.channels.ConnectedChannel;
import org.xnio.ssl.SslConnection;

/**
 * What the server's exchange asks of its connection, and what is the same for each stream of HTTP/2: that of the connection which it is
 * one of, or that there is no such thing. For the connection's I/O thread.
 */
abstract class StreamAsConnection extends ServerConnection {
    private final StreamConnection channel;
    private final ByteBufferPool buffers;

    StreamAsConnection(StreamConnection channel, ByteBufferPool buffers) {
        this.channel = channel;
        this.buffers = buffers;
    }

    @Override
    @Deprecated
    @SuppressWarnings("deprecation")
    public org.xnio.Pool<ByteBuffer> getBufferPool() {
        throw new UnsupportedOperationException("nobody asks for it any more");
    }

    @Override
    public ByteBufferPool getByteBufferPool() {
        return buffers;
    }

    @Override
    public int getBufferSize() {
        return getByteBufferPool().getBufferSize();
    }

    @Override
    public XnioWorker getWorker() {
        return channel.getWorker();
    }

    @Override
    public XnioIoThread getIoThread() {
        return channel.getIoThread();
    }

    @Override
    public SocketAddress getPeerAddress() {
        return channel.getPeerAddress();
    }

    @Override
    public <A extends SocketAddress> A getPeerAddress(Class<A> type) {
        return channel.getPeerAddress(type);
    }

    @Override
    public SocketAddress getLocalAddress() {
        return channel.getLocalAddress();
    }

    @Override
    public <A extends SocketAddress> A getLocalAddress(Class<A> type) {
        return channel.getLocalAddress(type);
    }

    @Override
    public @Nullable SSLSession getSslSession() {
        return channel instanceof SslConnection tls ? tls.getSslSession() : null;
    }

    @Override
    public @Nullable SSLSessionInfo getSslSessionInfo() {
        return null;
    }

    @Override
    public void setSslSessionInfo(SSLSessionInfo info) {
        throw new UnsupportedOperationException("the connection's own counts");
    }

    @Override
    public OptionMap getUndertowOptions() {
        return OptionMap.EMPTY;
    }

    @Override
    public String getTransportProtocol() {
        return "h2";
    }

    @Override
    public boolean isRequestTrailerFieldsSupported() {
        return false;
    }

    /** The server does not send 100 itself: whoever reads content first does, see {@link Http2Stream#take}. */
    @Override
    public boolean isContinueResponseSupported() {
        return false;
    }

    @Override
    public HttpServerExchange sendOutOfBandResponse(HttpServerExchange ofExchange) {
        throw new UnsupportedOperationException("interim responses go another way");
    }

    @Override
    protected boolean isUpgradeSupported() {
        return false;
    }

    @Override
    protected boolean isConnectSupported() {
        return false;
    }

    @Override
    protected StreamConnection upgradeChannel() {
        throw new UnsupportedOperationException("no stream is upgraded");
    }

    @Override
    protected void setUpgradeListener(HttpUpgradeListener listener) {
        upgradeChannel();
    }

    @Override
    protected void setConnectListener(HttpUpgradeListener listener) {
        upgradeChannel();
    }

    @Override
    protected void maxEntitySizeUpdated(HttpServerExchange ofExchange) {
        // is looked at where content is read
    }

    @Override
    public boolean supportsOption(Option<?> option) {
        return false;
    }

    @Override
    public <T> @Nullable T getOption(Option<T> option) {
        return null;
    }

    /** None is known: {@code CLOSE_ABORT} is what closing a stream comes to anyway. */
    @Override
    public <T> @Nullable T setOption(Option<T> option, T value) {
        return null;
    }

    @Override
    public ChannelListener.Setter<? extends ConnectedChannel> getCloseSetter() {
        return new ChannelListener.SimpleSetter<>();
    }
}
