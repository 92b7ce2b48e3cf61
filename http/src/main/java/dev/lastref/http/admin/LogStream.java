package dev.lastref.http.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lastref.http.log.LogFilter;
import dev.lastref.http.log.LogFormat;
import dev.lastref.http.log.LogReader;
import dev.lastref.http.log.LoggedRequest;
import io.undertow.server.HttpServerExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;

/**
 * One client that reads along. The log's thread adds lines to a bounded buffer; the connection's I/O thread sends what the client takes.
 * A client that reads more slowly than requests come loses lines, and is told how many. What it says nothing of is not counted anywhere
 * else: only the access log is meant to be complete.
 */
final class LogStream implements LogReader {
    private static final int MOST_WAITING_BYTES = 512 * 1024;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long BEAT_NANOS = 10_000_000_000L;

    private final HttpServerExchange exchange;
    private final LogFilter filter;
    private final int most;
    private final boolean events;
    private final LongSupplier nanoClock;

    /** Guarded by this. */
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    /** Guarded by this. */
    private long lost;
    /** Guarded by this: whether the I/O thread will look. */
    private boolean asked;

    /** The log's thread's. */
    private long lastNanos;
    /** The log's thread's: when the second began in which so many were passed on. */
    private long secondNanos;

    private long passed;

    /** The I/O thread's. */
    private @Nullable StreamSinkChannel channel;
    /** The I/O thread's. */
    private ByteBuffer sending = ByteBuffer.allocate(0);

    /**
     * @param most requests a second that are passed on; of more it is said how many they were
     * @param events whether they are server-sent events, or lines
     * @param nanoClock as {@link System#nanoTime}
     */
    LogStream(HttpServerExchange exchange, LogFilter filter, int most, boolean events, LongSupplier nanoClock) {
        this.exchange = exchange;
        this.filter = filter;
        this.most = most;
        this.events = events;
        this.nanoClock = nanoClock;
        this.lastNanos = nanoClock.getAsLong();
        this.secondNanos = lastNanos;
    }

    /** On the I/O thread, once. */
    void begin() {
        StreamSinkChannel opened = exchange.getResponseChannel();
        opened.getWriteSetter().set(ready -> send());
        channel = opened;
        add(beat());
        send();
    }

    private byte[] beat() {
        return (events ? ":\n\n" : "\n").getBytes(UTF_8);
    }

    private byte[] line(String json) {
        return (events ? "data: " + json + "\n\n" : json + "\n").getBytes(UTF_8);
    }

    // ---- the log's thread

    @Override
    public void request(LoggedRequest request) {
        if (!filter.test(request)) {
            return;
        }
        if (isOneTooMany()) { // before a line is made of it
            synchronized (this) {
                lost++;
            }
            return;
        }
        add(line(LogFormat.json(request)));
    }

    private boolean isOneTooMany() {
        long now = nanoClock.getAsLong();
        if (now - secondNanos >= SECOND_NANOS) {
            secondNanos = now;
            passed = 0;
        }
        return ++passed > most;
    }

    private synchronized void add(byte[] line) {
        if (waiting.size() + line.length > MOST_WAITING_BYTES) {
            lost++;
        } else {
            waiting.writeBytes(line);
        }
    }

    @Override
    public void pause() {
        long now = nanoClock.getAsLong();
        synchronized (this) {
            if (waiting.size() == 0 && now - lastNanos >= BEAT_NANOS) {
                waiting.writeBytes(beat()); // so that a client that has gone is noticed
            }
            boolean lostIsDue = lost > 0 && now - lastNanos >= SECOND_NANOS;
            if ((waiting.size() == 0 && !lostIsDue) || asked) {
                return;
            }
            lastNanos = now;
            asked = true;
        }
        try {
            exchange.getIoThread().execute(this::send);
        } catch (RejectedExecutionException serverEnds) {
            // which closes all its connections
        }
    }

    // ---- the I/O thread

    private void send() {
        StreamSinkChannel to = channel;
        if (to == null || exchange.isComplete()) {
            return;
        }
        try {
            while (fill()) {
                if (to.write(sending) == 0) {
                    to.resumeWrites();
                    return;
                }
            }
            if (to.flush()) {
                to.suspendWrites();
            } else {
                to.resumeWrites();
            }
        } catch (IOException clientIsGone) {
            IoUtils.safeClose(exchange.getConnection());
        }
    }

    /** Whether there is something to send. */
    private synchronized boolean fill() {
        if (sending.hasRemaining()) {
            return true;
        }
        asked = false;
        if (lost > 0 && waiting.size() + 100 < MOST_WAITING_BYTES) {
            waiting.writeBytes(line("{\"lost\":" + lost + "}"));
            lost = 0;
        }
        sending = ByteBuffer.wrap(waiting.toByteArray());
        waiting.reset();
        return sending.hasRemaining();
    }
}
