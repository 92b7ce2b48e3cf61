package dev.lastref.http.serve;

import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.FetchReader;
import dev.lastref.cache.Outcome;
import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.http.origin.OriginRequest;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

/**
 * Answers from a fetch: waits for the head, then passes the content on as it comes. The client that made the origin be asked and those
 * that wait for the same answer are served alike.
 *
 * <p>Everything happens on the client's I/O thread; the fetch wakes it from its own.
 */
final class FollowResponder implements ExchangeCompletionListener {
    private final ServeContext context;
    private final HttpServerExchange exchange;
    private final Incoming incoming;
    private final OriginRequest request;
    private final boolean shared;
    private FetchReader reader;
    private @Nullable ConnectionSink sink;
    private boolean over;
    private boolean handedOver;

    private FollowResponder(
            ServeContext context, HttpServerExchange exchange, Incoming incoming, OriginRequest request) {
        this.context = context;
        this.exchange = exchange;
        this.incoming = incoming;
        this.request = request;
        RequestPolicy.Action action = incoming.policy().action();
        CacheKey key = mayStore(action) ? incoming.key() : null;
        this.shared = key != null
                && action == RequestPolicy.Action.LOOKUP
                && !incoming.policy().hasAuthorization();
        this.reader = key != null && shared
                ? context.cache().join(key, incoming.fields(), this::wake)
                : context.cache().alone(key, incoming.fields(), this::wake);
    }

    private boolean mayStore(RequestPolicy.Action action) {
        boolean reusable = action == RequestPolicy.Action.LOOKUP || action == RequestPolicy.Action.REFRESH;
        return reusable && !incoming.isHead();
    }

    /** Starts to answer. On the client's I/O thread, after the exchange was dispatched. */
    static void respond(ServeContext context, HttpServerExchange exchange, Incoming incoming, OriginRequest request) {
        FollowResponder responder = new FollowResponder(context, exchange, incoming, request);
        exchange.addExchangeCompleteListener(responder);
        responder.begin();
    }

    private void begin() {
        if (reader.isLeader()) {
            if (shared && answeredMeanwhile()) {
                return;
            }
            context.origin().ask(exchange.getIoThread(), request, reader.fetch());
        }
        run();
    }

    /** Another fetch may have stored the response since this request looked for it. */
    private boolean answeredMeanwhile() {
        StoredResponse stored = context.cache().storedMeanwhile(incoming.key(), incoming.fields(), reader.fetch());
        handedOver = stored != null && HitResponder.answer(context, exchange, incoming, stored);
        over = handedOver;
        return handedOver;
    }

    private void wake() {
        exchange.getIoThread().execute(this::run);
    }

    private void run() {
        if (over) {
            return;
        }
        if (sink == null && !awaitHead()) {
            return;
        }
        send();
    }

    /** Returns whether the head is sent and content is to follow. */
    private boolean awaitHead() {
        if (reader.park(this::hasHeadOrEnd)) {
            return false;
        }
        if (reader.isDetached()) {
            reader.close();
            reader = context.cache().alone(incoming.key(), incoming.fields(), this::wake);
            begin();
            return false;
        }
        ResponseHead head = reader.head();
        if (head == null) {
            refuse(reader.failure());
            return false;
        }
        return begin(head);
    }

    private boolean hasHeadOrEnd() {
        return reader.head() != null || reader.failure() != null || reader.isDetached();
    }

    private void refuse(@Nullable FetchFailure failure) {
        FetchFailure known = failure == null ? FetchFailure.ABANDONED : failure;
        String token = known.name().toLowerCase(Locale.ROOT).replace('_', '-');
        over = true;
        exchange.setPersistent(exchange.isPersistent() && exchange.isRequestComplete());
        ErrorResponse.send(exchange, known.status(), "the origin failed: " + token, status(token));
    }

    private boolean begin(ResponseHead head) {
        CacheKey invalidated = incoming.invalidatedKey();
        if (invalidated != null && head.status() < 400) {
            context.cache().invalidate(invalidated);
        }
        ResponseFields.set(exchange, head.status(), head.fields(), status(null));
        boolean described = incoming.isHead() || head.status() == 304;
        if (head.hasKnownLength() && !described) {
            exchange.setResponseContentLength(head.length());
        }
        StreamSinkChannel channel = exchange.getResponseChannel();
        sink = new ConnectionSink(channel, context.sendfileMin(), !head.hasKnownLength());
        channel.getWriteSetter().set(ready -> {
            ready.suspendWrites();
            run();
        });
        return true;
    }

    private void send() {
        ConnectionSink to = sink;
        if (to == null) {
            return;
        }
        try {
            switch (reader.step(to)) {
                case WAIT -> {}
                case BLOCKED -> to.channel().resumeWrites();
                case END -> {
                    over = true;
                    exchange.endExchange();
                }
                case BROKEN -> {
                    over = true;
                    Connections.reset(exchange);
                }
            }
        } catch (IOException clientIsGone) {
            over = true;
            Connections.reset(exchange);
        }
    }

    private CacheStatus status(@Nullable String detail) {
        CacheStatus status = CacheStatus.forward(
                switch (incoming.policy().action()) {
                    case LOOKUP, ONLY_IF_CACHED -> CacheStatus.Forward.URI_MISS;
                    case REFRESH, NO_STORE -> CacheStatus.Forward.REQUEST;
                    case PASS ->
                        incoming.method().equals("GET") || incoming.isHead()
                                ? CacheStatus.Forward.BYPASS
                                : CacheStatus.Forward.METHOD;
                });
        if (!reader.isLeader()) {
            status.collapsed();
        }
        if (reader.fetch().isStoring()) {
            status.stored();
        }
        if (detail != null) {
            status.detail(detail);
        } else if (reader.fetch().bypass() != null) {
            status.detail("pool-" + reader.fetch().bypass().label());
        }
        return status;
    }

    private Outcome outcome() {
        if (!reader.isLeader()) {
            return Outcome.COALESCED;
        }
        if (!mayStore(incoming.policy().action()) || reader.fetch().refusal() != null) {
            return Outcome.PASS;
        }
        return reader.fetch().bypass() != null ? Outcome.BYPASS : Outcome.MISS;
    }

    /** Complete, or the connection is closed: the one place where the reader goes. */
    @Override
    public void exchangeEvent(HttpServerExchange ended, NextListener next) {
        over = true;
        Outcome outcome = outcome();
        reader.close();
        if (!handedOver) {
            context.answered(incoming, outcome);
        }
        next.proceed();
    }
}
