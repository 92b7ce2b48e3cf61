package dev.lastref.samples.origin;

import com.sun.net.httpserver.HttpServer;
import dev.lastref.samples.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A running demo origin: pictures, reports, tables and blobs, computed for every request, each with its own lifetime.
 *
 * <p>The caller owns it and closes it; closing cuts off what is still being sent. Runs alone too:
 * {@code java -cp … dev.lastref.samples.origin.DemoOrigin --listen 127.0.0.1:8081}.
 */
public final class DemoOrigin implements AutoCloseable {

    private static final String DEFAULT_LISTEN = "127.0.0.1:8081";

    /** More than there are cores: a thread that sends to a slow reader computes nothing. */
    private static final int THREADS = 16;

    private static final int BACKLOG = 1024;

    private final HttpServer server;
    private final ExecutorService threads;
    private final RequestCounts counts;

    private DemoOrigin(HttpServer server, ExecutorService threads, RequestCounts counts) {
        this.server = server;
        this.threads = threads;
        this.counts = counts;
    }

    /**
     * Listens on an address, whose port may be 0.
     *
     * @throws IOException if the address cannot be bound
     */
    public static DemoOrigin start(InetSocketAddress address) throws IOException {
        // The JDK's server sends head and body separately, and Nagle's algorithm would hold the body back for a delayed
        // ACK: 40 ms on
        // every kept-alive connection. It reads the property once, so an embedder that has set it keeps its choice.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
        RequestCounts counts = new RequestCounts();
        HttpServer server;
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new IOException("The demo origin cannot listen on " + address + ": " + e.getMessage(), e);
        }
        AtomicInteger number = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "demo-origin-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", new Front(resources(Clock.systemUTC(), counts), counts));
        server.start();
        return new DemoOrigin(server, threads, counts);
    }

    private static Map<String, Resource> resources(Clock clock, RequestCounts counts) {
        return Map.of(
                "", new Page(),
                "tiles", new Tiles(),
                "report.json", new Report(clock),
                "export.csv", new Export(),
                "catalog", new Catalog(),
                "blob", new Blobs(),
                "clock", leaf(Answer.TEXT, Answer.NO_STORE, () -> Body.of(clock.instant() + "\n")),
                "private", leaf(Answer.TEXT, "private", () -> Body.of("For you alone, at " + clock.instant() + ".\n")),
                "stats", leaf(Answer.JSON, Answer.NO_STORE, () -> Body.of(counts.toJson())));
    }

    private static Resource leaf(String contentType, String cacheControl, Supplier<Body> body) {
        return request -> {
            request.requireSegments(1);
            return new Answer(contentType, cacheControl, null, body);
        };
    }

    /** Where it listens, with the real port. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** How many requests have reached it, those for errors included. */
    public long requests() {
        return counts.total();
    }

    /** How many requests for this raw path, whatever their query, have reached it. */
    public long requests(String rawPath) {
        return counts.of(rawPath);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    public static void main(String[] args) throws IOException {
        String listen = DEFAULT_LISTEN;
        if (args.length == 2 && args[0].equals("--listen")) {
            listen = args[1];
        } else if (args.length != 0) {
            System.err.println(
                    "Usage: DemoOrigin [--listen HOST:PORT]   (default " + DEFAULT_LISTEN + ", port 0 for any)");
            System.exit(2);
        }
        try {
            DemoOrigin origin = start(HostPort.parse(listen));
            System.out.println("The demo origin answers at " + HostPort.toUri(origin.address()) + "/ until Ctrl-C.");
        } catch (IllegalArgumentException | IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
