package dev.lastref.http.serve;

import dev.lastref.pool.Transmission;
import io.undertow.io.IoCallback;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.channels.StreamSinkChannel;

/**
 * Sends content from the store over one exchange, at the connection's pace, on the I/O thread.
 *
 * <p>What is in swap would make that thread wait for a disk, and with it every other connection that it serves. So it sends only what was
 * seen to be in memory; a thread that may wait brings in what is not, up to 1 MiB, and then it goes on here.
 */
abstract class StoredSend implements ChannelListener<StreamSinkChannel>, ExchangeCompletionListener {
    private final HttpServerExchange exchange;
    private final String target;
    private final Executor waiting;
    private volatile boolean ended;
    private @Nullable ConnectionSink sink;

    /**
     * @param target what is sent, as the key has it
     * @param waiting runs what may wait for a disk, on threads that nobody interrupts: an interrupt within a read closes the file
     */
    StoredSend(HttpServerExchange exchange, String target, Executor waiting) {
        this.exchange = exchange;
        this.target = target;
        this.waiting = waiting;
    }

    /** Sends to the connection what it takes; returns whether there is nothing more to send. */
    abstract boolean sendTo(ConnectionSink to) throws IOException;

    /** Closes the transmissions. */
    abstract void close();

    /** Begins; the exchange calls back when it ends. */
    final void start(ServeContext context) {
        exchange.addExchangeCompleteListener(this);
        StreamSinkChannel channel = exchange.getResponseChannel();
        ConnectionSink to = ConnectionSink.of(
                exchange, channel, context.sendfileMin(), false, context.peers().of(exchange, target));
        sink = to;
        if (sendOrEnd(to)) {
            return;
        }
        channel.getWriteSetter().set(this);
        Transmission swappedOut = to.takeSwappedOut();
        if (swappedOut == null) {
            channel.resumeWrites();
        } else { // within the call of a handler: what is neither dispatched nor resumed would end with it
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> bringIn(swappedOut, channel));
        }
    }

    /** The connection takes bytes again. */
    @Override
    public final void handleEvent(StreamSinkChannel channel) {
        // Before the end, never after it: what is encrypted and not sent yet, the end itself waits to write.
        channel.suspendWrites();
        goOn(channel);
    }

    private void goOn(StreamSinkChannel channel) {
        ConnectionSink to = sink;
        if (ended || to == null || sendOrEnd(to)) {
            return;
        }
        Transmission swappedOut = to.takeSwappedOut();
        if (swappedOut == null) {
            channel.resumeWrites();
        } else {
            bringIn(swappedOut, channel);
        }
    }

    private void bringIn(Transmission swappedOut, StreamSinkChannel channel) {
        swappedOut.bringIn(waiting, () -> WaitingThreads.goOn(exchange, () -> goOn(channel)));
    }

    private boolean sendOrEnd(ConnectionSink to) {
        try {
            if (!sendTo(to)) {
                return false;
            }
            exchange.endExchange();
        } catch (IOException clientIsGone) {
            IoCallback.END_EXCHANGE.onException(exchange, null, clientIsGone);
        }
        return true;
    }

    /** Complete, or the connection is closed: the one place where the transmissions end. */
    @Override
    public final void exchangeEvent(HttpServerExchange done, NextListener next) {
        ended = true;
        close();
        next.proceed();
    }
}
