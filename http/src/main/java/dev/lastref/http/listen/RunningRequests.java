package dev.lastref.http.listen;

import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.AttachmentKey;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests that run, so that a shutdown can wait for them. While it does, each connection is closed after the request that
 * runs on it.
 */
public final class RunningRequests implements HttpHandler, ExchangeCompletionListener {
    private static final System.Logger LOG = System.getLogger(RunningRequests.class.getName());
    private static final AttachmentKey<Running> RUNNING = AttachmentKey.create(Running.class);
    private static final long LONGEST_BREAK_MILLIS = 1000;

    /** What runs on a connection; its I/O thread's alone. */
    private static final class Running {
        private @Nullable HttpServerExchange exchange;
    }

    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private final HttpHandler next;
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean ending;

    public RunningRequests(HttpHandler next) {
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        running.incrementAndGet();
        watch(exchange.getConnection()).exchange = exchange;
        exchange.addExchangeCompleteListener(this);
        if (ending) {
            exchange.setPersistent(false);
        }
        next.handleRequest(exchange);
    }

    private Running watch(ServerConnection connection) {
        Running known = connection.getAttachment(RUNNING);
        if (known != null) {
            return known;
        }
        Running added = new Running();
        connection.putAttachment(RUNNING, added);
        connections.add(connection);
        connection.addCloseListener(connections::remove);
        return added;
    }

    @Override
    public void exchangeEvent(HttpServerExchange exchange, NextListener nextListener) {
        watch(exchange.getConnection()).exchange = null;
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

    /**
     * Breaks what still runs, visibly: who has got a part must not take it for the whole. What is complete and only on its way to the
     * client goes on.
     */
    public void breakOff() throws InterruptedException {
        List<ServerConnection> all = List.copyOf(connections);
        CountDownLatch asked = new CountDownLatch(all.size());
        for (ServerConnection connection : all) {
            // What runs on a connection is only known on its own thread.
            connection.getIoThread().execute(() -> {
                HttpServerExchange cut = watch(connection).exchange;
                if (cut != null) {
                    Connections.reset(cut);
                }
                asked.countDown();
            });
        }
        if (!asked.await(LONGEST_BREAK_MILLIS, TimeUnit.MILLISECONDS)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} connections could not be asked what runs on them",
                    asked.getCount());
        }
    }

    /** Requests that run. */
    public int count() {
        return running.get();
    }
}
