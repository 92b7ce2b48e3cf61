package dev.lastref.http.admin;

import io.undertow.io.Receiver;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.xnio.XnioExecutor;

/**
 * Reads a request's content before it is handled, within a size and a time, while no thread waits for it: there are two for all of
 * administration, and they must not be a client's to hold. What is handled runs on one of them.
 */
final class WithContent implements HttpHandler {
    private static final int LARGEST = 64 * 1024;

    /** Handles a request whose content is there. */
    interface Next {
        /** On a worker's thread, and may block. */
        void handle(HttpServerExchange exchange, byte[] content) throws IOException;
    }

    private final Duration atMost;
    private final Next next;

    private WithContent(Duration atMost, Next next) {
        this.atMost = atMost;
        this.next = next;
    }

    /**
     * @param atMost in which all of the content must come
     */
    static HttpHandler before(Next next, Duration atMost) {
        return new HttpContinueReadHandler(new WithContent(atMost, next));
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        if (exchange.getRequestContentLength() > LARGEST) {
            tooLarge(exchange);
            return;
        }
        new Reading(exchange).begin();
    }

    private static void tooLarge(HttpServerExchange exchange) {
        refuse(exchange, 413, "413: more content than " + LARGEST + " bytes\n");
    }

    /** What is left of the content is not read, so the connection ends. */
    private static void refuse(HttpServerExchange exchange, int status, String text) {
        exchange.setPersistent(false);
        exchange.setStatusCode(status);
        AdminHandler.send(exchange, AdminHandler.TEXT, text);
    }

    /** One request's. On its I/O thread. */
    private final class Reading implements Receiver.FullBytesCallback, Receiver.ErrorCallback {
        private final HttpServerExchange exchange;
        private final XnioExecutor.Key timer;
        private boolean over;

        Reading(HttpServerExchange exchange) {
            this.exchange = exchange;
            timer = exchange.getIoThread().executeAfter(this::late, atMost.toMillis(), TimeUnit.MILLISECONDS);
        }

        void begin() {
            Receiver receiver = exchange.getRequestReceiver();
            receiver.setMaxBufferSize(LARGEST);
            receiver.receiveFullBytes(this, this);
        }

        @Override
        public void handle(HttpServerExchange same, byte[] content) {
            if (isNews()) {
                HttpHandler handler = there -> { // not a Runnable: whoever runs it answers 500 where it fails
                    AdminHandler.nextOnItsThread(there);
                    try {
                        next.handle(there, content);
                    } catch (IOException clientIsGone) {
                        there.endExchange();
                    }
                };
                exchange.dispatch(handler);
            }
        }

        @Override
        public void error(HttpServerExchange same, IOException fault) {
            if (!isNews()) {
                return;
            }
            if (fault instanceof Receiver.RequestToLargeException) {
                tooLarge(exchange);
            } else {
                refuse(exchange, 400, "400: the content is broken off, or not framed as it says\n");
            }
        }

        private void late() {
            if (isNews()) {
                refuse(exchange, 408, "408: the content has not come within " + atMost.toMillis() / 1000.0 + " s\n");
            }
        }

        private boolean isNews() {
            boolean news = !over;
            over = true;
            timer.remove();
            return news;
        }
    }
}
