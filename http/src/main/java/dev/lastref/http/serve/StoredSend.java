package dev.lastref.http.serve;

import dev.lastref.http.http2.Http2Stream;
import dev.lastref.pool.Transmission;
import io.undertow.io.IoCallback;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.channels.StreamSinkChannel;

/**
 * Sends content from the store over one exchange, at the connection's pace.
 *
 * <p>On the I/O thread, always, where the content is in memory. What is in swap would make that thread wait for a disk, and with it every
 * other connection that it serves; so then the next bytes are sent by a thread that may wait, and only they: when the connection takes no
 * more, or all is sent, the I/O thread has it again. One thread at a time uses the channel, which on the I/O thread is not resumed
 * meanwhile.
 */
abstract class StoredSend implements ChannelListener<StreamSinkChannel>, ExchangeCompletionListener {
    private static final AtomicReferenceFieldUpdater<StoredSend, Turn> TURN =
            AtomicReferenceFieldUpdater.newUpdater(StoredSend.class, Turn.class, "turn");

    private static final int PAGE = 4096;
    /** Keeps what touches pages from being optimised away. */
    @SuppressWarnings("unused")
    private static volatile int loaded;

    /** Whose turn it is to send, and to close what is sent. */
    private enum Turn {
        /** The I/O thread's. */
        IO,
        /** The waiting thread's: it closes, should the exchange end meanwhile. */
        WAITING,
        /** The exchange has ended. */
        ENDED
    }

    private final HttpServerExchange exchange;
    private final Executor waiting;

    @SuppressWarnings("unused") // through TURN
    private volatile Turn turn = Turn.IO;

    private @Nullable ConnectionSink sink;

    /**
     * @param waiting runs what may wait for a disk, on threads that nobody interrupts: an interrupt within sendfile closes the file
     */
    StoredSend(HttpServerExchange exchange, Executor waiting) {
        this.exchange = exchange;
        this.waiting = waiting;
    }

    /** Sends to the connection what it takes; returns whether there is nothing more to send. */
    abstract boolean sendTo(ConnectionSink to) throws IOException;

    /** Whether what can be sent next is in memory. */
    abstract boolean isResident();

    /** Brings what can be sent into memory, be it from a disk. Sends nothing. */
    abstract void load();

    /** Closes the transmissions. */
    abstract void close();

    /** Begins; the exchange calls back when it ends. */
    final void start(ServeContext context) {
        exchange.addExchangeCompleteListener(this);
        StreamSinkChannel channel = exchange.getResponseChannel();
        sink = ConnectionSink.of(
                exchange, channel, context.sendfileMin(), false, context.peers().of(exchange));
        if (!isResident()) {
            channel.getWriteSetter().set(this);
            TURN.set(this, Turn.WAITING);
            exchange.dispatch(this::execute, () -> sendWaiting(channel));
        } else if (!sendOrEnd()) {
            channel.getWriteSetter().set(this);
            channel.resumeWrites();
        }
    }

    /** The connection takes bytes again. */
    @Override
    public final void handleEvent(StreamSinkChannel channel) {
        if (!isResident()) {
            channel.suspendWrites();
            TURN.set(this, Turn.WAITING);
            execute(() -> sendWaiting(channel));
        } else {
            // Before the end, never after it: what is encrypted and not sent yet, the end itself waits to write.
            channel.suspendWrites();
            if (!sendOrEnd()) {
                channel.resumeWrites();
            }
        }
    }

    private void execute(Runnable work) {
        try {
            waiting.execute(work);
        } catch (RejectedExecutionException stopping) {
            work.run(); // better late than never
        }
    }

    private boolean sendOrEnd() {
        try {
            if (!send()) {
                return false;
            }
            exchange.endExchange();
        } catch (IOException clientIsGone) {
            fail(clientIsGone);
        }
        return true;
    }

    private boolean send() throws IOException {
        ConnectionSink to = sink;
        return to == null || sendTo(to);
    }

    /** Touches each page of what can be sent next and lies together. */
    static void load(Transmission transmission) {
        ByteBuffer bytes = transmission.peek(Integer.MAX_VALUE);
        int touched = 0;
        for (int at = 0; at < bytes.limit(); at += PAGE) {
            touched += bytes.get(at);
        }
        loaded = touched;
    }

    private void fail(IOException clientIsGone) {
        IoCallback.END_EXCHANGE.onException(exchange, null, clientIsGone);
    }

    /** On the thread that may wait. How it went is dealt with on the I/O thread, as ever. */
    private void sendWaiting(StreamSinkChannel channel) {
        Runnable next;
        try {
            if (Http2Stream.of(exchange) != null) { // others write to the same connection meanwhile
                load();
                next = () -> {
                    if (!sendOrEnd()) {
                        channel.resumeWrites();
                    }
                };
            } else {
                next = send() ? exchange::endExchange : channel::resumeWrites;
            }
        } catch (IOException clientIsGone) {
            next = () -> fail(clientIsGone);
        }
        if (!TURN.compareAndSet(this, Turn.WAITING, Turn.IO)) {
            close(); // it was broken off meanwhile
            return;
        }
        try {
            exchange.getIoThread().execute(next);
        } catch (RejectedExecutionException stopped) {
            next.run(); // no I/O thread is left to be in the way of
        }
    }

    /** Complete, or the connection is closed: the one place where the transmissions end, but for a thread that sends just now. */
    @Override
    public final void exchangeEvent(HttpServerExchange ended, NextListener next) {
        if (TURN.getAndSet(this, Turn.ENDED) != Turn.WAITING) {
            close();
        }
        next.proceed();
    }
}
