package dev.lastref.http.early;

import dev.lastref.http.listen.ClientPeers;
import dev.lastref.http.listen.ClientSink;
import dev.lastref.http.listen.RunningRequests;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.message.Networks;
import dev.lastref.http.serve.RequestRate;
import dev.lastref.http.serve.ServeContext;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import org.jspecify.annotations.Nullable;

/**
 * Has plain requests for what is stored answered before the server parses them. The first request of each connection goes the long way,
 * by which the connection becomes known; this handler stands in front of that way, and every exchange passes it.
 */
public final class EarlyHits implements HttpHandler {
    private final ServeContext context;
    private final RunningRequests running;
    private final RequestRate rate;
    private final Networks trusted;
    private final RequestLog log;
    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    /**
     * @param running the long way; is told what is on its way early, too
     * @param rate how many requests a peer may make; who makes more is refused by the long way
     * @param trusted proxies, whose connections are many peers'
     * @param log is told what was answered here, if somebody reads it
     */
    public EarlyHits(
            ServeContext context, RunningRequests running, RequestRate rate, Networks trusted, RequestLog log) {
        this.context = context;
        this.running = running;
        this.rate = rate;
        this.trusted = trusted;
        this.log = log;
    }

    /** What an I/O thread needs for one request at a time. */
    static final class Scratch {
        final PlainHead request = new PlainHead();
        final HeadWriter response = new HeadWriter();
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        StrictSource source = StrictSource.of(exchange);
        ClientSink sink = ClientSink.of(exchange);
        // Over TLS another scheme is part of the key, and nothing goes by sendfile.
        if (source != null && sink != null && exchange.getConnection().getSslSession() == null) {
            know(source, sink, exchange);
        }
        running.handleRequest(exchange);
    }

    private void know(StrictSource source, ClientSink sink, HttpServerExchange exchange) {
        if (source.early() == null) {
            EarlyConnection added = new EarlyConnection(this, source, sink, exchange, scratch.get());
            exchange.getConnection().addCloseListener(closed -> added.closed());
            source.askFirst(added);
        }
    }

    ServeContext context() {
        return context;
    }

    ClientPeers peers() {
        return context.peers();
    }

    RunningRequests running() {
        return running;
    }

    RequestRate rate() {
        return rate;
    }

    /**
     * Whom a request counts for.
     *
     * @param forwardedFor what it says itself; null: nothing
     */
    long rateKeyOf(StrictSource source, @Nullable String forwardedFor) {
        return rate.keyOf(source.address(), trusted, forwardedFor);
    }

    /** Whether what requests of a connection say of themselves counts. */
    boolean trusts(StrictSource source) {
        return trusted.contains(source.address());
    }

    RequestLog log() {
        return log;
    }

    /** Whether requests need not go through more than what is done here. */
    boolean areAllowed() {
        return !running.isEnding();
    }
}
