package dev.lastref.http.admin;

import dev.lastref.http.listen.Connections;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.message.FramingFault;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

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
        Connections.abandonContent(exchange);
        exchange.setStatusCode(status);
        AdminHandler.send(exchange, AdminHandler.TEXT, text);
    }

    /** One request's. On its I/O thread. */
    private final class Reading implements ChannelListener<StreamSourceChannel> {
        private final HttpServerExchange exchange;
        private final StreamSourceChannel channel;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private final XnioExecutor.Key timer;
        private boolean over;

        Reading(HttpServerExchange exchange) {
            this.exchange = exchange;
            channel = exchange.getRequestChannel();
            timer = exchange.getIoThread().executeAfter(this::late, atMost.toMillis(), TimeUnit.MILLISECONDS);
        }

        void begin() {
            channel.getReadSetter().set(this);
            handleEvent(channel);
        }

        @Override
        public void handleEvent(StreamSourceChannel readable) {
            if (over) {
                return;
            }
            try {
                if (isReadToEnd()) {
                    complete();
                } else if (content.size() > LARGEST) {
                    stop();
                    tooLarge(exchange);
                } else if (fault() != null) {
                    stop();
                    refuse(exchange, 400, "400: " + fault() + "\n");
                } else {
                    channel.resumeReads();
                }
            } catch (IOException brokenOff) {
                stop();
                refuse(exchange, 400, "400: the content is broken off\n");
            }
        }

        /** Reads what is there; false: there is more to come, or more than there may be. */
        private boolean isReadToEnd() throws IOException {
            try (PooledByteBuffer pooled =
                    exchange.getConnection().getByteBufferPool().allocate()) {
                ByteBuffer buffer = pooled.getBuffer();
                int n = channel.read(buffer);
                while (n > 0 && content.size() <= LARGEST) {
                    byte[] bytes = new byte[n];
                    buffer.flip().get(bytes);
                    content.writeBytes(bytes);
                    n = channel.read(buffer.clear());
                }
                return n < 0 && content.size() <= LARGEST;
            }
        }

        /** What is wrong with its framing: then nothing comes any more that could be read. */
        private @Nullable String fault() {
            StrictSource source = StrictSource.of(exchange);
            FramingFault fault = source == null ? null : source.scanner().faultInContent();
            return fault == null ? null : fault.reason();
        }

        private void complete() {
            stop();
            byte[] all = content.toByteArray();
            HttpHandler handler = there -> { // not a Runnable: whoever runs it answers 500 where it fails
                AdminHandler.nextOnItsThread(there);
                try {
                    next.handle(there, all);
                } catch (IOException clientIsGone) {
                    there.endExchange();
                }
            };
            exchange.dispatch(handler);
        }

        private void late() {
            if (!over) {
                stop();
                refuse(exchange, 408, "408: the content has not come within " + atMost.toMillis() / 1000.0 + " s\n");
            }
        }

        private void stop() {
            over = true;
            timer.remove();
            channel.suspendReads();
        }
    }
}
