package dev.lastref.http;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.lastref.cache.CacheConfig;
import dev.lastref.cache.ResponseCache;
import dev.lastref.http.admin.AdminGuard;
import dev.lastref.http.admin.AdminHandler;
import dev.lastref.http.admin.Readiness;
import dev.lastref.http.config.ClientLimits;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.MemoryBudget;
import dev.lastref.http.config.RunningSettings;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.http.early.EarlyHits;
import dev.lastref.http.http2.FrameBuffers;
import dev.lastref.http.http2.Http2Counters;
import dev.lastref.http.http2.Http2Serving;
import dev.lastref.http.listen.ClientConnections;
import dev.lastref.http.listen.ClientPeers;
import dev.lastref.http.listen.ConnectionLimits;
import dev.lastref.http.listen.DescriptorReserve;
import dev.lastref.http.listen.Drain;
import dev.lastref.http.listen.Listeners;
import dev.lastref.http.listen.RunningRequests;
import dev.lastref.http.listen.ServerBuffers;
import dev.lastref.http.listen.ServerTls;
import dev.lastref.http.listen.TcpLimits;
import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.log.RequestLog;
import dev.lastref.http.memory.DirectBuffers;
import dev.lastref.http.memory.HeapAccount;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.message.Networks;
import dev.lastref.http.origin.LargeBuffers;
import dev.lastref.http.origin.OriginClient;
import dev.lastref.http.origin.Origins;
import dev.lastref.http.serve.CacheHandler;
import dev.lastref.http.serve.ForwardedFields;
import dev.lastref.http.serve.PurgeMethodHandler;
import dev.lastref.http.serve.RateGate;
import dev.lastref.http.serve.RequestGate;
import dev.lastref.http.serve.RequestRate;
import dev.lastref.http.serve.ServeContext;
import dev.lastref.http.serve.ServeSettings;
import dev.lastref.http.serve.WaitingThreads;
import dev.lastref.metrics.LastrefMetrics;
import dev.lastref.pool.PoolListener;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.linux.FileLimit;
import dev.lastref.pool.linux.KernelProbe;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.HttpContinueReadHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A running sidecar: pool, cache, origin client, both ports. The one place where the parts are put together. Whoever starts it closes
 * it.
 */
public final class Sidecar implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Sidecar.class.getName());
    private static final int BUFFER = 16 * 1024;
    /**
     * The rest is for frames of HTTP/2 and records of TLS, a quarter each, for content on its way into the pool, a sixteenth, and for
     * what the JDK copies through.
     */
    private static final int EIGHTHS_OF_DIRECT = 3;

    private static final int SHARE_OF_LARGE = 16;

    /** In which heads and contents of requests to the administration port must come, unless clients have less time. */
    private static final Duration ADMIN_PATIENCE = Duration.ofSeconds(10);
    /** As nginx's send_timeout. */
    private static final Duration ADMIN_READERS = Duration.ofSeconds(60);

    private final Listeners listeners;
    private final Drain drain;
    private final AtomicReference<Readiness> life;
    private final RunningSettings settings;
    /** What to close, in this order. */
    private final Deque<AutoCloseable> parts;

    /** Finds out what this system grants to a pool. */
    @FunctionalInterface
    public interface Probe {
        /**
         * @throws IOException if no pool can work here
         */
        KernelProbe.Report run(SidecarConfig config) throws IOException;
    }

    private Sidecar(
            Listeners listeners,
            Drain drain,
            AtomicReference<Readiness> life,
            RunningSettings settings,
            Deque<AutoCloseable> parts) {
        this.listeners = listeners;
        this.drain = drain;
        this.life = life;
        this.settings = settings;
        this.parts = parts;
    }

    /**
     * Starts one; it serves when this returns.
     *
     * @throws IOException if an address is taken, or the kernel refuses what the pool needs
     */
    public static Sidecar start(Configuration config) throws IOException {
        return start(config, UnaryOperator.identity());
    }

    /**
     * Starts one that does without what this system is found not to grant.
     *
     * @param probe asked when all that settings need is there
     */
    public static Sidecar startProbed(Configuration config, Probe probe) throws IOException {
        return start(config, UnaryOperator.identity(), probe, Ticker.systemTicker(), InstantSource.system());
    }

    /**
     * Starts one whose pool tells somebody else too.
     *
     * @param listening makes the pool's listener from the one that counts metrics
     */
    public static Sidecar start(Configuration config, UnaryOperator<PoolListener> listening) throws IOException {
        return start(config, listening, Ticker.systemTicker(), InstantSource.system());
    }

    /**
     * Starts one in whose store time goes as somebody else says. Connections, and what is waited for on them, keep the system's.
     *
     * @param ticker by which responses grow old
     * @param clock the wall clock, against which dates are held
     */
    public static Sidecar start(
            Configuration config, UnaryOperator<PoolListener> listening, Ticker ticker, InstantSource clock)
            throws IOException {
        return start(config, listening, /* probe= */ null, ticker, clock);
    }

    private static Sidecar start(
            Configuration config,
            UnaryOperator<PoolListener> listening,
            @Nullable Probe probe,
            Ticker ticker,
            InstantSource clock)
            throws IOException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return assemble(config, listening, probe, ticker, clock, parts);
        } catch (IOException | RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    private static Sidecar assemble(
            Configuration started,
            UnaryOperator<PoolListener> listening,
            @Nullable Probe probe,
            Ticker ticker,
            InstantSource clock,
            Deque<AutoCloseable> parts)
            throws IOException {
        ServerTls.rejectRenegotiation(); // before an origin is asked by TLS
        SidecarConfig config = started.config();
        Prerequisites given = Prerequisites.open(started);
        parts.push(given);
        MemoryBudget memory = given.memory();
        HeapAccount heap = given.heap();
        boolean punching = probe != null && probe.run(config).punchingIsSafe();
        LastrefMetrics metrics = new LastrefMetrics();
        String version = Sidecar.class.getPackage().getImplementationVersion();
        metrics.gauges(
                "lastref_build_info",
                "Always 1: the version that runs is the label's value.",
                "version",
                () -> Map.of(version == null ? "unpackaged" : version, 1.0));
        DescriptorReserve reserve = new DescriptorReserve(FileLimit.descriptors());
        TmpfsPool pool = TmpfsPool.open(config.pool(FileLimit.ofThisProcess())
                .withPunching(punching)
                .withDescriptors(reserve)
                .withListener(listening.apply(metrics.poolListener())));
        parts.push(pool);
        pool.pinTimeout(config.pinTimeout());
        metrics.observe(pool);

        ResponseCache cache = new ResponseCache(
                pool,
                new CacheConfig(
                        config.maxObject(),
                        () -> heap.ofIndex(given.indexHeap()),
                        config.rules(),
                        config.paths(),
                        ticker,
                        clock,
                        metrics.cacheListener()));
        parts.push(cache);
        heap.whenGrown(cache::fitHeap);

        Origins origins = new Origins(config.origins(), given.originTls(), reserve);
        parts.push(origins);
        origins.start();

        HeapShare requestMemory = given.requestMemory();
        long directBytes = memory.direct() / 8 * EIGHTHS_OF_DIRECT;
        ServerBuffers buffers = new ServerBuffers(
                new DirectBuffers(BUFFER, directBytes, DirectBuffers.MOST_WARM, given.directMemory()),
                directBytes,
                requestMemory,
                /* watched= */ true);
        parts.push(buffers);
        metrics.gauge(
                "lastref_direct_buffers",
                "Buffers of 16 KiB outside the heap that requests and responses on their way have.",
                buffers::directInUse);
        long largeBytes = memory.direct() / SHARE_OF_LARGE;
        LargeBuffers largeBuffers = new LargeBuffers(
                new DirectBuffers(LargeBuffers.SIZE, largeBytes, /* mostWarm= */ 0, given.directMemory()),
                Math.toIntExact(Math.min(Integer.MAX_VALUE, largeBytes / LargeBuffers.SIZE)));
        parts.push(largeBuffers);
        metrics.gauge(
                "lastref_large_buffers",
                "Buffers of 256 KiB outside the heap that responses on their way into the pool have.",
                largeBuffers::lent);
        ConnectionTally tally = new ConnectionTally();
        OriginClient client = new OriginClient(
                origins,
                config.origins(),
                buffers.unwatched(),
                largeBuffers,
                ticker,
                reserve,
                heap.originHeads(),
                OriginMetrics.show(origins, tally, metrics));
        parts.push(client);

        RunningSettings settings = new RunningSettings(started, metrics::configChanged);
        settings.add(ChangingParts.pool(pool, cache));
        settings.add(ChangingParts.memory(memory, pool, config));
        settings.add(ChangingParts.store(cache));
        settings.add(ChangingParts.logging(started));
        RequestLog log = given.log();
        settings.add(log.part());
        metrics.counter(
                "lastref_access_log_lost",
                "Requests that the access log lacks, since it could not be written in time, or at all.",
                log::lost);
        metrics.gauge("lastref_log_readers", "Clients that read the log along (GET /api/log).", log::readers);
        metrics.gauge(
                "lastref_cache_entries", "What the index holds: responses, and words about variants.", cache::size);
        metrics.gauge(
                "lastref_cache_heap_bytes",
                "What the index takes of the heap, about: heads, keys, tags.",
                cache::heapBytes);
        metrics.gauge(
                "lastref_cache_heap_limit_bytes",
                "What it may take of the heap now; where it would take more, what is used least goes.",
                () -> heap.ofIndex(given.indexHeap()));
        AtomicReference<ServeSettings> served = new AtomicReference<>(ChangingParts.serveSettings(config));
        settings.add(ChangingParts.serving(served));
        AtomicReference<Readiness> life = new AtomicReference<>(Readiness.STARTING);
        Supplier<Readiness> ready = () -> {
            Readiness now = life.get();
            return now == Readiness.READY ? readiness(config.readiness(), origins) : now;
        };
        metrics.gauges(
                "lastref_not_ready",
                "1 for what /health/ready waits for: 0 for all while it says ready.",
                "waits_for",
                () -> ready.get().waitedFor());
        WaitingThreads waiting = new WaitingThreads();
        parts.push(waiting);
        ServeContext context = new ServeContext(
                cache,
                client,
                new ClientPeers(pool.ledger()),
                waiting,
                config.sendfileMin(),
                served::get,
                config.paths(),
                ticker,
                clock,
                metrics.cacheListener());
        HttpHandler serving = new CacheHandler(context);
        Networks purgers = config.purgers();
        ClientLimits limits = config.limits();
        Refusals refusals = new Refusals(log);
        HeapShare connectionHeap = heap.connections();
        ClientConnections connections = new ClientConnections(
                new ConnectionLimits(
                        limits.connections(),
                        limits.connectionsPerPeer(),
                        limits.idle(),
                        limits.head(),
                        limits.headTimeout(),
                        config.trustedProxies(),
                        requestMemory,
                        connectionHeap,
                        null),
                refusals,
                tally);
        ClientMetrics.showConnections(connections, tally, metrics);
        RequestRate rate = new RequestRate();
        rate.limit(limits.requestsPerSecondPerPeer());
        settings.add(ChangingParts.rate(rate));
        ClientMetrics.showRequests(refusals, rate, requestMemory, metrics);
        RunningRequests running = new RunningRequests(
                connections,
                log.around(new RateGate(
                        rate,
                        config.trustedProxies(),
                        new HttpContinueReadHandler(new RequestGate(
                                new ForwardedFields(config.trustedProxies()),
                                limits.content(),
                                refusals,
                                purgers == null
                                        ? serving
                                        : new PurgeMethodHandler(cache, purgers, config.trustedProxies(), serving))))));
        heap.count(running::heapBytes);
        heap.count(origins::heapBytes);
        metrics.gauge(
                "lastref_connections_heap_bytes",
                "What connections of clients take of the heap, about, with the requests that run on them.",
                () -> connectionHeap.bytes() + running.heapBytes());
        Http2Serving http2 = null;
        Http2Counters http2Counters = new Http2Counters();
        HeapShare held = heap.http2();
        ClientMetrics.showHttp2(http2Counters, held, metrics);
        if (config.http2()) {
            ByteBufferPool frames = new DirectBuffers(
                    Http2Serving.FRAME_BUFFER, memory.direct(), DirectBuffers.MOST_WARM, given.directMemory());
            parts.push(frames);
            http2 = new Http2Serving(
                    running,
                    buffers,
                    new FrameBuffers(frames, memory.direct(), held),
                    () -> settings.current().config().pinTimeout().toNanos(),
                    limits.head(),
                    limits.headTimeout(),
                    held,
                    http2Counters,
                    refusals,
                    tally);
        }
        HttpHandler guarded = AdminGuard.before(
                new AdminHandler(
                        pool,
                        cache,
                        metrics.text(),
                        settings,
                        log,
                        origins::status,
                        ready,
                        least(ADMIN_PATIENCE, limits.contentTimeout())),
                given.token());
        Listeners listeners = Listeners.open(
                config.listen(),
                running,
                new EarlyHits(context, running, rate, config.trustedProxies(), log, limits.head()),
                connections,
                new TcpLimits(config.unsentLimit()),
                http2,
                given.tls(),
                config.proxyProtocol(),
                config.admin(),
                guarded,
                least(ADMIN_PATIENCE, limits.headTimeout()),
                least(ADMIN_READERS, config.pinTimeout()),
                buffers,
                reserve);
        parts.push(listeners);
        settings.add(ChangingParts.sockets(listeners));
        life.set(Readiness.READY);
        Drain drain = new Drain(listeners, running, connections);
        return new Sidecar(listeners, drain, life, settings, parts);
    }

    private static Readiness readiness(SidecarConfig.Readiness wanted, Origins origins) {
        if (wanted != SidecarConfig.Readiness.NEVER && !origins.hasAnswered()) {
            return Readiness.ORIGIN_UNANSWERED;
        }
        return wanted == SidecarConfig.Readiness.ALWAYS && !origins.isAnyAvailable()
                ? Readiness.ORIGIN_DOWN
                : Readiness.READY;
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** Where clients connect. */
    public InetSocketAddress address() {
        return listeners.clients();
    }

    /** Where administration listens. */
    public InetSocketAddress adminAddress() {
        return listeners.admin();
    }

    /** What may change while it runs, and what holds now. */
    public RunningSettings settings() {
        return settings;
    }

    /**
     * Says that it is not ready, goes on for the delay, takes no new connections, lets running requests finish within the grace period,
     * then closes everything.
     */
    @Override
    public void close() {
        if (life.getAndSet(Readiness.DRAINING) != Readiness.READY) {
            return;
        }
        SidecarConfig last = settings.current().config();
        try {
            TimeUnit.NANOSECONDS.sleep(last.shutdownDelay().toNanos());
            drain.run(last.shutdownGrace());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeAll(parts);
        }
    }

    static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) { // the others must be closed all the same
                LOG.log(System.Logger.Level.WARNING, "closing " + part, e);
            }
        }
    }
}
