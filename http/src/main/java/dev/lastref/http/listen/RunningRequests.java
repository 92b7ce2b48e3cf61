package dev.lastref.http.listen;

import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the requests that run, so that a shutdown can wait for them. While it does, each connection is closed after the request that
 * runs on it.
 */
public final class RunningRequests implements HttpHandler, ExchangeCompletionListener {
    private final HttpHandler next;
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean ending;

    public RunningRequests(HttpHandler next) {
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        running.incrementAndGet();
        exchange.addExchangeCompleteListener(this);
        if (ending) {
            exchange.setPersistent(false);
        }
        next.handleRequest(exchange);
    }

    @Override
    public void exchangeEvent(HttpServerExchange exchange, NextListener nextListener) {
        if (running.decrementAndGet() == 0 && ending) {
            synchronized (this) {
                notifyAll();
            }
        }
        nextListener.proceed();
    }

    /**
     * Waits until no request runs.
     *
     * @return whether none does; false: the time is over
     */
    public boolean awaitNone(Duration atMost) throws InterruptedException {
        ending = true;
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (this) {
            while (running.get() > 0) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    return false;
                }
                wait(millis);
            }
        }
        return true;
    }

    /** Requests that run. */
    public int count() {
        return running.get();
    }
}
