package dev.lastref.http.serve;

import dev.lastref.cache.Outcome;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.pool.Transmission;
import io.undertow.io.IoCallback;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.channels.StreamSinkChannel;

/**
 * Answers from the store, wholly on the I/O thread that read the request: no dispatch, no lock, and above the threshold no copy. It
 * keeps a transmission of its own, so the stored response may be removed meanwhile.
 */
final class HitResponder implements ChannelListener<StreamSinkChannel>, ExchangeCompletionListener {
    private final ServeContext context;
    private final HttpServerExchange exchange;
    private final Transmission transmission;
    private @Nullable ConnectionSink sink;

    private HitResponder(ServeContext context, HttpServerExchange exchange, Transmission transmission) {
        this.context = context;
        this.exchange = exchange;
        this.transmission = transmission;
    }

    /**
     * Answers. That the stored response may answer this request has been decided before; what of it the request's conditions and
     * ranges ask for is decided here.
     *
     * @param outcome what the answer counts as
     * @param status what Cache-Status says of it
     * @return false if its content left the store meanwhile, or only the origin may judge the conditions, and nothing was done
     */
    static boolean answer(
            ServeContext context,
            HttpServerExchange exchange,
            Incoming incoming,
            StoredResponse stored,
            Outcome outcome,
            CacheStatus status) {
        StoredReply reply = new StoredReply(context, exchange, incoming, stored, outcome, status);
        // A part answers nobody who asks for the whole.
        boolean selective = stored.part() != null || SelectiveHit.isAskedBy(incoming);
        return selective ? SelectiveHit.answer(reply) : respondWhole(reply);
    }

    /** Answers with all of it; false if it left the store meanwhile. */
    static boolean respondWhole(StoredReply reply) {
        StoredResponse stored = reply.stored();
        boolean bodiless = reply.incoming().isHead() || !stored.hasContent();
        Transmission transmission = bodiless ? null : stored.transmit();
        if (transmission == null && !bodiless) {
            return false;
        }
        reply.begin(stored.head().status(), stored.head().fields());
        reply.exchange().setResponseContentLength(stored.head().length());
        if (transmission == null) {
            reply.exchange().endExchange();
        } else {
            send(reply.context(), reply.exchange(), transmission);
        }
        return true;
    }

    /** Answers with one range of it; false if it left the store meanwhile. */
    static boolean respondRange(StoredReply reply, ByteRange range) {
        StoredResponse stored = reply.stored();
        Transmission transmission = stored.transmit(range);
        if (transmission == null) {
            return false;
        }
        reply.begin(206, stored.head().fields());
        HttpServerExchange exchange = reply.exchange();
        exchange.getResponseHeaders().put(Headers.CONTENT_RANGE, range.contentRange(stored.completeLength()));
        exchange.setResponseContentLength(range.length());
        send(reply.context(), exchange, transmission);
        return true;
    }

    private static void send(ServeContext context, HttpServerExchange exchange, Transmission transmission) {
        HitResponder responder = new HitResponder(context, exchange, transmission);
        exchange.addExchangeCompleteListener(responder);
        responder.start();
    }

    private void start() {
        StreamSinkChannel channel = exchange.getResponseChannel();
        sink = ConnectionSink.of(
                exchange, channel, context.sendfileMin(), false, context.peers().of(exchange));
        if (!send()) {
            channel.getWriteSetter().set(this);
            channel.resumeWrites();
        }
    }

    /** The connection takes bytes again. */
    @Override
    public void handleEvent(StreamSinkChannel channel) {
        if (send()) {
            channel.suspendWrites();
        }
    }

    /** Sends what the connection takes; returns whether there is nothing more to do. */
    private boolean send() {
        ConnectionSink to = sink;
        try {
            if (to != null && !to.send(transmission)) {
                return false;
            }
            exchange.endExchange();
        } catch (IOException clientIsGone) {
            IoCallback.END_EXCHANGE.onException(exchange, null, clientIsGone);
        }
        return true;
    }

    /** Complete, or the connection is closed: the one place where the transmission ends. */
    @Override
    public void exchangeEvent(HttpServerExchange ended, NextListener next) {
        transmission.close();
        next.proceed();
    }
}
