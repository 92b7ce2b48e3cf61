package dev.lastref.http.serve;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.CacheListener;
import dev.lastref.cache.Outcome;
import dev.lastref.cache.ResponseCache;
import dev.lastref.cache.semantics.CacheStatus;
import dev.lastref.cache.semantics.EncodingChoice;
import dev.lastref.cache.semantics.PathRules;
import dev.lastref.http.listen.ClientPeers;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.origin.OriginClient;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What every request needs.
 *
 * @param clock the wall clock, against which dates of requests are read
 * @param waiting runs what may wait for a disk; see {@link WaitingThreads}
 * @param sendfileMin bytes from which content is sent with sendfile
 * @param changing what may change while running
 * @param paths what holds for some URLs
 */
public record ServeContext(
        ResponseCache cache,
        OriginClient origin,
        ClientPeers peers,
        Executor waiting,
        int sendfileMin,
        Supplier<ServeSettings> changing,
        PathRules paths,
        Ticker ticker,
        InstantSource clock,
        CacheListener listener) {
    /** What Accept-Encoding is reduced to. */
    public EncodingChoice encodings() {
        return changing.get().encodings();
    }

    /** Whether the origin is sent an element of Forwarded. */
    public boolean saysForwarded() {
        return changing.get().forwarded();
    }

    /** How long a request waits for the head of a response that another one asked for. */
    Duration collapseTimeout() {
        return changing.get().collapseTimeout();
    }

    /** The ticker's. */
    public long now() {
        return ticker.read();
    }

    /** By the wall clock. */
    public long epochSeconds() {
        return Math.floorDiv(clock.millis(), 1000L);
    }

    /** Adds what is told of every request, if it is to be told. */
    void describe(CacheStatus status, Incoming incoming) {
        if (tellsKeys()) {
            status.key(incoming.key().toString());
        }
    }

    /** Whether Cache-Status tells the key. */
    public boolean tellsKeys() {
        return changing.get().tellsKeys();
    }

    /** Counts the request when its exchange is complete. */
    void completed(HttpServerExchange exchange, Incoming incoming, Outcome outcome) {
        exchange.addExchangeCompleteListener((ended, next) -> {
            answered(exchange, incoming, outcome);
            next.proceed();
        });
    }

    void answered(HttpServerExchange exchange, Incoming incoming, Outcome outcome) {
        RequestLog.answered(exchange, outcome.label());
        listener.answered(outcome, System.nanoTime() - incoming.startNanos());
    }
}
