package dev.lastref.http.listen;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.Option;
import org.xnio.StreamConnection;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * A connection as it was accepted, for those who close connections themselves, TLS and HTTP/2, and do so on the I/O thread: here that
 * ends only what they can do with it. The socket is closed a moment later, together with others that end in the same turn, and where
 * these are many by another thread (see {@link Leavers}). Nothing that was written is lost by that.
 *
 * <p>For the connection's I/O thread, which alone reads and writes through it. Where it is there, nobody else may read the accepted one.
 */
final class ClosedLater extends StreamConnection {
    private final StreamConnection accepted;
    private final Runnable closeLater;
    private boolean ending;

    /**
     * @param closeLater has the accepted connection closed
     * @param elsewhere runs something soon, with the same of others; on the I/O thread or on another
     */
    ClosedLater(StreamConnection accepted, Runnable closeLater, Consumer<Runnable> elsewhere) {
        super(accepted.getIoThread());
        this.accepted = accepted;
        this.closeLater = closeLater;
        setSourceConduit(new ReadElsewhere(
                accepted.getSourceChannel().getConduit(),
                () -> accepted.isWriteShutdown() && accepted.isOpen(),
                () -> ending,
                elsewhere));
        setSinkConduit(new Sink(accepted.getSinkChannel().getConduit()));
        ChannelListener<? super StreamConnection> before = accepted.getCloseListener();
        accepted.setCloseListener(
                closed -> { // by somebody else, such as at the end of all
                    closeOnItsThread();
                    ChannelListeners.invokeChannelListener(closed, before);
                });
    }

    /** Where the socket is closed by another thread, what is spoken over it may just be running on its own. */
    private void closeOnItsThread() {
        if (Thread.currentThread() == getIoThread()) {
            IoUtils.safeClose(this);
            return;
        }
        try {
            getIoThread().execute(() -> IoUtils.safeClose(this));
        } catch (RejectedExecutionException threadHasEnded) {
            IoUtils.safeClose(this);
        }
    }

    private void end() {
        if (!ending) {
            ending = true;
            if (accepted.isOpen()) {
                accepted.getSourceChannel().suspendReads();
                accepted.getSinkChannel().suspendWrites();
                closeLater.run();
            }
        }
    }

    @Override
    protected void closeAction() {
        end();
    }

    @Override
    public SocketAddress getPeerAddress() {
        return accepted.getPeerAddress();
    }

    @Override
    public SocketAddress getLocalAddress() {
        return accepted.getLocalAddress();
    }

    @Override
    public boolean supportsOption(Option<?> option) {
        return accepted.supportsOption(option);
    }

    @Override
    public <T> T getOption(Option<T> option) throws IOException {
        return accepted.getOption(option);
    }

    @Override
    public <T> T setOption(Option<T> option, T value) throws IOException {
        return accepted.setOption(option, value);
    }

    /** Where the client has ended its side, to end ours closes the socket. */
    private final class Sink extends AbstractStreamSinkConduit<StreamSinkConduit> {
        Sink(StreamSinkConduit next) {
            super(next);
        }

        @Override
        public void terminateWrites() throws IOException {
            if (accepted.isReadShutdown()) {
                end();
            }
            if (!ending) {
                next.terminateWrites();
            }
        }

        @Override
        public void truncateWrites() throws IOException {
            end();
        }
    }
}
