package dev.lastref.http.log;

import dev.lastref.http.config.AccessLog;
import dev.lastref.http.config.RunningSettings;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.http.message.ClientAddress;
import dev.lastref.http.message.Networks;
import dev.lastref.http.message.RequestTarget;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Tells of each request when it has ended, to a file and to those who read along. While there is neither, a request costs the read of
 * one field. While there is, its I/O thread makes a {@link LoggedRequest} and puts it into a queue that is bounded in records and in
 * characters; when that is full, because the disk is slower than the requests, the record is lost and counted. Nobody waits for the log.
 *
 * <p>Threads: its own, "lastref-log", makes the lines and writes them.
 */
public final class RequestLog implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RequestLog.class.getName());
    private static final AttachmentKey<Running> RUNNING = AttachmentKey.create(Running.class);
    private static final HttpString TRACEPARENT = new HttpString("traceparent");

    private static final int QUEUE = 16 * 1024;
    /** Of the heap, for what clients have said of themselves in requests that wait in the queue, which may be 64 KiB in each. */
    private static final int SHARE_OF_HEAP = 16;

    private static final long LEAST_CHARS = 1 << 20;
    private static final int BATCH = 1024;
    private static final long LOOK_NANOS = 20_000_000;
    private static final Duration COMPLAIN_EVERY = Duration.ofMinutes(1);
    private static final int MOST_READERS = 16;
    private static final long LONGEST_WAIT_MILLIS = 2000;

    private final MpscAtomicArrayQueue<LoggedRequest> queue = new MpscAtomicArrayQueue<>(QUEUE);
    /** Of those in the queue. */
    private final AtomicLong chars = new AtomicLong();

    private final long mostChars;
    private final LongAdder lost = new LongAdder();
    private final List<LogReader> readers = new CopyOnWriteArrayList<>();
    private final Thread writer = new Thread(this::run, "lastref-log");
    /**
     * Guards the file against being exchanged while a batch is written; for long, where nobody takes what is written. Fair: the writer asks
     * for it again as soon as it has given it back.
     */
    private final ReentrantLock writing = new ReentrantLock(true);

    private final Seldom tellOfFailure = new Seldom(System::nanoTime, COMPLAIN_EVERY);
    private final Seldom tellOfFault = new Seldom(System::nanoTime, COMPLAIN_EVERY);

    private final Networks trusted;
    private final Opener opener;
    private volatile @Nullable LogFile file;
    /** By which the file was opened. */
    private volatile AccessLog wanted;

    private volatile boolean active;
    private volatile boolean closing;

    /** Opens the file that is wanted. */
    interface Opener {
        LogFile open(AccessLog wanted) throws IOException;
    }

    /**
     * @param trusted proxies, whose word counts about who asks
     * @throws IOException if the file cannot be written to
     */
    public RequestLog(AccessLog wanted, Networks trusted) throws IOException {
        this(wanted, trusted, LogFile::open);
    }

    RequestLog(AccessLog wanted, Networks trusted, Opener opener) throws IOException {
        this(wanted, trusted, opener, Math.max(LEAST_CHARS, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
    }

    /**
     * @param mostChars of what clients sent in requests that wait to be written
     */
    RequestLog(AccessLog wanted, Networks trusted, Opener opener, long mostChars) throws IOException {
        this.mostChars = mostChars;
        this.trusted = trusted;
        this.wanted = wanted;
        this.opener = opener;
        file = wanted.isOff() ? null : opener.open(wanted);
        active = file != null;
        writer.setDaemon(true);
        writer.start();
    }

    /**
     * Sees whether one could be made, and changes nothing: no file is made, and none is written to.
     *
     * @throws IOException as the constructor does
     */
    public static void requireUsable(AccessLog wanted) throws IOException {
        LogFile.requireUsable(wanted);
    }

    /** Opens the file anew at each change and reload, as whoever rotates logs expects, be it that the reload is refused. */
    public RunningSettings.Part part() {
        return new RunningSettings.Part() {
            @Override
            public RunningSettings.Step prepare(SidecarConfig next) throws IOException {
                AccessLog to = next.accessLog();
                LogFile opened = to.isOff() ? null : opener.open(to);
                return new RunningSettings.Step() {
                    @Override
                    public void take() {
                        wanted = to;
                        exchange(opened);
                    }

                    @Override
                    public void drop() {
                        close(opened);
                    }
                };
            }

            @Override
            public @Nullable String renew() throws IOException {
                AccessLog to = wanted;
                if (!to.isFile()) {
                    return null;
                }
                exchange(opener.open(to));
                return "the access log is opened anew all the same: " + to.target();
            }
        };
    }

    private void exchange(@Nullable LogFile next) {
        boolean quiet = awaitQuiet();
        LogFile before = file;
        file = next;
        if (quiet) {
            writing.unlock();
            close(before);
        } else if (before != null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "nobody takes what the access log writes: what is on its way there is given up");
            giveUp(before);
        }
        activate();
    }

    /** Whoever was writing to it fails then, and leaves it. */
    private void giveUp(LogFile before) {
        try {
            if (before.giveUp() && awaitQuiet()) {
                lost.add(before.unwritten());
                writing.unlock();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the access log cannot be closed: {0}", e.getMessage());
        }
    }

    /** Waits for a batch that is being written, but not for ever: a pipe may be full that nobody reads. Returns whether it has the lock. */
    private boolean awaitQuiet() {
        try {
            return writing.tryLock(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Records that were lost, since the queue was full, the file could not be written to, or no line could be made of them. */
    public long lost() {
        return lost.sum();
    }

    /** How many read along. */
    public int readers() {
        return readers.size();
    }

    /** Has somebody read along; false if as many do as may. */
    public synchronized boolean add(LogReader reader) {
        if (readers.size() >= MOST_READERS) {
            return false;
        }
        readers.add(reader);
        activate();
        return true;
    }

    public synchronized void remove(LogReader reader) {
        readers.remove(reader);
        activate();
    }

    /** Waits for nobody who writes: it is called on I/O threads. */
    private synchronized void activate() {
        active = file != null || !readers.isEmpty();
        LockSupport.unpark(writer);
    }

    // ---- I/O threads

    /** Whether anybody is told of requests. */
    public boolean isActive() {
        return active;
    }

    /** Tells of every request that goes through here. */
    public HttpHandler around(HttpHandler next) {
        return exchange -> {
            if (active) {
                Running running = new Running(System.currentTimeMillis(), System.nanoTime(), RequestId.of(exchange));
                exchange.putAttachment(RUNNING, running);
                exchange.addExchangeCompleteListener(running);
            }
            next.handleRequest(exchange);
        };
    }

    /** A request has ended that did not go through here. */
    public void tell(LoggedRequest ended) {
        int length = ended.chars();
        if (chars.addAndGet(length) > mostChars || !queue.offer(ended)) {
            chars.addAndGet(-length);
            lost.increment();
        }
    }

    /** How the cache answered, by the name in metrics; before the exchange is complete. */
    public static void answered(HttpServerExchange exchange, String outcome) {
        Running running = exchange.getAttachment(RUNNING);
        if (running != null) {
            running.cache = outcome;
        }
    }

    private final class Running implements ExchangeCompletionListener {
        private final long epochMillis;
        private final long startNanos;
        private final String requestId;
        private @Nullable String cache;

        Running(long epochMillis, long startNanos, String requestId) {
            this.epochMillis = epochMillis;
            this.startNanos = startNanos;
            this.requestId = requestId;
        }

        @Override
        public void exchangeEvent(HttpServerExchange ended, NextListener next) {
            tell(record(ended));
            next.proceed();
        }

        private LoggedRequest record(HttpServerExchange ended) {
            HeaderMap headers = ended.getRequestHeaders();
            InetSocketAddress source = ended.getSourceAddress();
            InetAddress peer = source == null ? null : source.getAddress();
            InetAddress client = peer == null ? null : client(peer, headers);
            String query = ended.getQueryString();
            return new LoggedRequest(
                    epochMillis,
                    client,
                    peer == null || peer.equals(client) ? null : peer,
                    ended.getRequestMethod().toString(),
                    RequestTarget.hostOf(ended),
                    query.isEmpty() ? ended.getRequestURI() : ended.getRequestURI() + "?" + query,
                    ended.getProtocol().toString(),
                    ended.getStatusCode(),
                    ended.getResponseBytesSent(),
                    System.nanoTime() - startNanos,
                    cache,
                    requestId,
                    headers.getFirst(Headers.REFERER),
                    headers.getFirst(Headers.USER_AGENT),
                    headers.getFirst(TRACEPARENT),
                    isAborted(ended),
                    null);
        }
    }

    private InetAddress client(InetAddress peer, HeaderMap headers) {
        return client(peer, forwardedFor(headers));
    }

    /** Who asks, as proxies say, in the form of {@code X-Forwarded-For}; null: they say nothing. */
    public static @Nullable String forwardedFor(HeaderMap headers) {
        String named = inForwardedFor(headers);
        return named == null ? inForwarded(headers) : named;
    }

    /** What all lines of {@code X-Forwarded-For} say together; null: there is none. */
    public static @Nullable String inForwardedFor(HeaderMap headers) {
        return joined(headers.get(Headers.X_FORWARDED_FOR));
    }

    /** The same of {@code Forwarded}, in the form of the other. */
    public static @Nullable String inForwarded(HeaderMap headers) {
        String elements = joined(headers.get(Headers.FORWARDED));
        return elements == null ? null : ClientAddress.inForwarded(elements);
    }

    private static @Nullable String joined(@Nullable HeaderValues lines) {
        return lines == null ? null : String.join(",", lines);
    }

    /**
     * Who asks, as the log names it.
     *
     * @param forwardedFor what the peer says of that; null: nothing
     */
    public InetAddress client(InetAddress peer, @Nullable String forwardedFor) {
        InetAddress named = ClientAddress.of(peer, trusted, forwardedFor);
        return named == null ? peer : named;
    }

    /** Whether less was sent than was announced, or the connection ended before the response did. */
    private static boolean isAborted(HttpServerExchange ended) {
        boolean content = !ended.getRequestMethod().equals(Methods.HEAD)
                && ended.getStatusCode() != StatusCodes.NOT_MODIFIED
                && ended.getStatusCode() >= StatusCodes.OK;
        long length = ended.getResponseContentLength();
        return (content && length >= 0)
                ? ended.getResponseBytesSent() < length
                : !ended.getConnection().isOpen();
    }

    // ---- its own thread

    private void run() {
        while (true) {
            boolean last = closing;
            int written = writeBatch();
            if (written == 0) {
                if (last) {
                    return;
                }
                if (active) {
                    LockSupport.parkNanos(this, LOOK_NANOS);
                } else {
                    LockSupport.park(this);
                }
            }
        }
    }

    private int writeBatch() {
        writing.lock();
        try {
            // For all of the batch, be it exchanged meanwhile: whoever exchanges it counts what is left of it.
            LogFile to = file;
            int written = queue.drain(request -> write(request, to), BATCH);
            if (to != null && written > 0) {
                try {
                    to.flush();
                } catch (IOException e) {
                    tell(e);
                }
            }
            readers.forEach(this::pause);
            return written;
        } finally {
            writing.unlock();
        }
    }

    private void write(LoggedRequest request, @Nullable LogFile to) {
        chars.addAndGet(-request.chars());
        boolean whole = to == null || isWritten(request, to);
        for (LogReader reader : readers) {
            whole &= isTold(reader, request);
        }
        if (!whole) {
            lost.increment();
        }
    }

    private boolean isWritten(LoggedRequest request, LogFile to) {
        try {
            to.write(request);
            return true;
        } catch (IOException e) {
            tell(e);
        } catch (RuntimeException fault) {
            tell(fault);
        }
        return false;
    }

    private boolean isTold(LogReader reader, LoggedRequest request) {
        try {
            reader.request(request);
            return true;
        } catch (RuntimeException fault) {
            tell(fault);
            return false;
        }
    }

    private void pause(LogReader reader) {
        try {
            reader.pause();
        } catch (RuntimeException fault) {
            tell(fault);
        }
    }

    private void tell(IOException e) {
        boolean givenUp = e instanceof ClosedChannelException; // whoever did so has told of it
        if (!givenUp && tellOfFailure.isTime()) {
            LOG.log(System.Logger.Level.WARNING, "the access log cannot be written: {0}", e.getMessage());
        }
    }

    /** Of ours, with one request: the thread goes on, or nobody would be told of any other. */
    private void tell(RuntimeException fault) {
        if (tellOfFault.isTime()) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "a request is missing in the access log, or with who reads along",
                    fault);
        }
    }

    private void close(@Nullable LogFile before) {
        if (before != null) {
            try {
                before.close();
            } catch (IOException e) {
                lost.add(before.unwritten());
                LOG.log(System.Logger.Level.WARNING, "the access log lacks its last lines: {0}", e.getMessage());
            }
        }
    }

    /** Writes what has been put into the queue, and ends. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(writer);
        try {
            writer.join(LONGEST_WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange(null);
    }
}
