package dev.lastref.http.serve;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.CacheListener;
import dev.lastref.cache.Outcome;
import dev.lastref.cache.ResponseCache;
import dev.lastref.http.listen.ClientPeers;
import dev.lastref.http.origin.OriginClient;
import io.undertow.server.HttpServerExchange;
import java.time.InstantSource;

/**
 * What every request needs.
 *
 * @param clock the wall clock, against which dates of requests are read
 * @param sendfileMin bytes from which content is sent with sendfile
 */
public record ServeContext(
        ResponseCache cache,
        OriginClient origin,
        ClientPeers peers,
        int sendfileMin,
        Ticker ticker,
        InstantSource clock,
        CacheListener listener) {
    long now() {
        return ticker.read();
    }

    /** By the wall clock. */
    long epochSeconds() {
        return Math.floorDiv(clock.millis(), 1000L);
    }

    /** Counts the request when its exchange is complete. */
    void completed(HttpServerExchange exchange, Incoming incoming, Outcome outcome) {
        exchange.addExchangeCompleteListener((ended, next) -> {
            answered(incoming, outcome);
            next.proceed();
        });
    }

    void answered(Incoming incoming, Outcome outcome) {
        listener.answered(outcome, System.nanoTime() - incoming.startNanos());
    }
}
