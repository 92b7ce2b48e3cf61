package dev.lastref.http.serve;

import dev.lastref.cache.Outcome;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.Transmission;
import io.undertow.io.IoCallback;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
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
     * Answers, if the stored response is one for this request.
     *
     * @return false if it is not, or left the store meanwhile, and nothing was done
     */
    static boolean answer(ServeContext context, HttpServerExchange exchange, Incoming incoming, StoredResponse stored) {
        if (incoming.policy().hasAuthorization() && !stored.allowsAuthorized()) {
            return false;
        }
        long age = stored.freshness().ageSeconds(context.now());
        return incoming.policy().accepts(age, stored.freshness().lifetimeSeconds())
                && (SelectiveHit.isAskedBy(incoming)
                        ? SelectiveHit.answer(context, exchange, incoming, stored)
                        : respondWhole(context, exchange, incoming, stored));
    }

    /** Answers with all of it; false if it left the store meanwhile. */
    static boolean respondWhole(
            ServeContext context, HttpServerExchange exchange, Incoming incoming, StoredResponse stored) {
        boolean bodiless = incoming.isHead() || !stored.hasContent();
        Transmission transmission = bodiless ? null : stored.transmit();
        if (transmission == null && !bodiless) {
            return false;
        }
        describe(
                context, exchange, stored, stored.head().status(), stored.head().fields());
        HeaderMap headers = exchange.getResponseHeaders();
        if (stored.head().status() == 200 && !headers.contains(Headers.ACCEPT_RANGES)) {
            headers.put(Headers.ACCEPT_RANGES, "bytes");
        }
        exchange.setResponseContentLength(stored.head().length());
        context.completed(exchange, incoming, Outcome.HIT);
        if (transmission == null) {
            exchange.endExchange();
        } else {
            send(context, exchange, transmission);
        }
        return true;
    }

    /** Answers with one range of it; false if it left the store meanwhile. */
    static boolean respondRange(
            ServeContext context,
            HttpServerExchange exchange,
            Incoming incoming,
            StoredResponse stored,
            ByteRange range) {
        Transmission transmission = stored.transmit(range);
        if (transmission == null) {
            return false;
        }
        describe(context, exchange, stored, 206, stored.head().fields());
        exchange.getResponseHeaders().put(Headers.CONTENT_RANGE, range.contentRange(stored.completeLength()));
        exchange.setResponseContentLength(range.length());
        context.completed(exchange, incoming, Outcome.HIT);
        send(context, exchange, transmission);
        return true;
    }

    /** Puts on the exchange what answers from the store have in common. */
    static void describe(
            ServeContext context, HttpServerExchange exchange, StoredResponse stored, int status, FieldList fields) {
        long now = context.now();
        long remaining = stored.freshness().remainingNanos(now) / 1_000_000_000L;
        ResponseFields.set(exchange, status, fields, CacheStatus.hit().ttl(remaining));
        exchange.getResponseHeaders().put(Headers.AGE, stored.freshness().ageSeconds(now));
    }

    private static void send(ServeContext context, HttpServerExchange exchange, Transmission transmission) {
        HitResponder responder = new HitResponder(context, exchange, transmission);
        exchange.addExchangeCompleteListener(responder);
        responder.start();
    }

    private void start() {
        StreamSinkChannel channel = exchange.getResponseChannel();
        sink = new ConnectionSink(channel, context.sendfileMin(), false);
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
