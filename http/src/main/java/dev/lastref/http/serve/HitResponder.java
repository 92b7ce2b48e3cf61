package dev.lastref.http.serve;

import dev.lastref.cache.Outcome;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.pool.Transmission;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the store, wholly on the I/O thread that read the request: no dispatch, no lock, and above the threshold no copy. It
 * keeps a transmission of its own, so the stored response may be removed meanwhile. What is in swap another thread brings into memory before, see
 * {@link StoredSend}.
 */
final class HitResponder extends StoredSend {
    private final Transmission transmission;

    private HitResponder(StoredReply reply, Transmission transmission) {
        super(reply.exchange(), reply.incoming().key().target(), reply.context().waiting());
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
        beginOrClose(transmission, () -> {
            reply.begin(stored.status(), stored.fields());
            if (stored.status() != StatusCodes.NO_CONTENT) { // RFC 9110, section 8.6
                reply.exchange().setResponseContentLength(stored.length());
            }
        });
        if (transmission == null) {
            reply.exchange().endExchange();
        } else {
            send(reply, transmission);
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
        HttpServerExchange exchange = reply.exchange();
        beginOrClose(transmission, () -> {
            reply.begin(206, stored.fields());
            exchange.getResponseHeaders().put(Headers.CONTENT_RANGE, range.contentRange(stored.completeLength()));
            exchange.setResponseContentLength(range.length());
        });
        send(reply, transmission);
        return true;
    }

    /** Until it is being sent, the exchange does not know of it. */
    private static void beginOrClose(@Nullable Transmission transmission, Runnable begin) {
        try {
            begin.run();
        } catch (RuntimeException fault) {
            if (transmission != null) {
                transmission.close();
            }
            throw fault;
        }
    }

    private static void send(StoredReply reply, Transmission transmission) {
        new HitResponder(reply, transmission).start(reply.context());
    }

    @Override
    boolean sendTo(ConnectionSink to) throws IOException {
        return to.send(transmission);
    }

    @Override
    void close() {
        transmission.close();
    }
}
