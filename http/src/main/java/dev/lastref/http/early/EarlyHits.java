package dev.lastref.http.early;

import dev.lastref.http.listen.ClientPeers;
import dev.lastref.http.listen.ClientSink;
import dev.lastref.http.listen.EarlyResponder;
import dev.lastref.http.listen.EarlyResponders;
import dev.lastref.http.listen.RunningRequests;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.message.Networks;
import dev.lastref.http.serve.RequestRate;
import dev.lastref.http.serve.ServeContext;
import org.jspecify.annotations.Nullable;

/**
 * Has plain requests for what is stored answered before the server parses them, and before it knows of a connection that makes no
 * others.
 */
public final class EarlyHits implements EarlyResponders {
    private final ServeContext context;
    private final RunningRequests running;
    private final RequestRate rate;
    private final Networks trusted;
    private final RequestLog log;
    private final ThreadLocal<EarlyRequest> current;

    /**
     * @param running the long way; is told what is on its way early, too
     * @param rate how many requests a peer may make; who makes more is refused by the long way
     * @param trusted proxies, whose connections are many peers'
     * @param log is told what was answered here, if somebody reads it
     * @param heads how large they may be; larger ones are refused by the long way
     */
    public EarlyHits(
            ServeContext context,
            RunningRequests running,
            RequestRate rate,
            Networks trusted,
            RequestLog log,
            HeadLimits heads) {
        this.context = context;
        this.running = running;
        this.rate = rate;
        this.trusted = trusted;
        this.log = log;
        this.current = ThreadLocal.withInitial(() -> new EarlyRequest(heads));
    }

    @Override
    public EarlyResponder on(StrictSource source, ClientSink sink) {
        return new EarlyConnection(this, source, sink, current.get());
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
