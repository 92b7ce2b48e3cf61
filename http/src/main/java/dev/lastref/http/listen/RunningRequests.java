package dev.lastref.http.listen;

import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests that run, so that a shutdown can wait for them. While it does, each connection is closed after the request that
 * runs on it.
 */
public final class RunningRequests implements HttpHandler, ExchangeCompletionListener {
    private final ClientConnections connections;
    private final HttpHandler next;
    private final AtomicInteger running = new AtomicInteger();

    public RunningRequests(ClientConnections connections, HttpHandler next) {
        this.connections = connections;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        running.incrementAndGet();
        ClientConnection connection = ClientConnection.of(exchange);
        if (connection != null) {
            connection.requestBegins();
            InetSocketAddress client = connection.behindProxy();
            if (client != null) {
                exchange.setSourceAddress(client);
            }
        }
        exchange.addExchangeCompleteListener(this);
        if (connections.isEnding()) {
            exchange.setPersistent(false);
        }
        next.handleRequest(exchange);
    }

    @Override
    public void exchangeEvent(HttpServerExchange exchange, NextListener nextListener) {
        ClientConnection connection = ClientConnection.of(exchange);
        if (connection != null) {
            connection.requestEnds();
        }
        ended(connection, exchange.isPersistent());
        nextListener.proceed();
    }

    /** A response that no exchange stands for is on its way. On the connection's I/O thread. */
    public void began(StrictSource source) {
        running.incrementAndGet();
        source.client().requestBegins();
    }

    /** It has gone out, or never will. */
    public void ended(StrictSource source) {
        source.client().requestEnds();
        ended(source.client(), true);
    }

    private void ended(@Nullable ClientConnection connection, boolean stays) {
        boolean last = running.decrementAndGet() == 0;
        if (connections.isEnding()) {
            if (connection != null && stays) {
                connections.idleWhileEnding(connection);
            }
            if (last) {
                synchronized (this) {
                    notifyAll();
                }
            }
        }
    }

    /** Whether connections are closed after the request that runs on them. */
    public boolean isEnding() {
        return connections.isEnding();
    }

    /**
     * Waits until no request runs, once connections are ending.
     *
     * @return whether none does; false: the time is over
     */
    boolean awaitNone(Duration atMost) throws InterruptedException {
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

    /** What they take of the heap, about, beside what is counted of their connections and their heads. */
    public long heapBytes() {
        return (long) ConnectionBytes.REQUEST * running.get();
    }

    /** Requests that run. */
    public int count() {
        return running.get();
    }
}
