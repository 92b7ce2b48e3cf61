package dev.lastref.http.origin;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.Asked;
import dev.lastref.cache.CacheConfig;
import dev.lastref.cache.Fetch;
import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.FetchReader;
import dev.lastref.cache.ResponseCache;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.pool.Descriptors;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.testing.TestPools;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** Calls to an origin that sends large heads, and waits before it goes on. */
class HeldHeadsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int LONG_VALUE = 30_000;
    private static final int CALLS = 3;
    /** Room for as many, but for no other. */
    private static final long MOST = CALLS * 36_000L;

    private static final String HEAD = head("max-age=60", 5, "X-Long: " + "x".repeat(LONG_VALUE));
    private static final int WITHIN_THE_HEAD = HEAD.length() - 4;
    private static final int WITHIN_THE_CONTENT = HEAD.length() + 1;

    private final HeapShare heads = HeapShare.apart(MOST);
    private final ScriptedOrigin origin = ScriptedOrigin.start();
    private final TmpfsPool pool = TestPools.open(1 << 20);
    private final ResponseCache cache = new ResponseCache(pool, CacheConfig.defaults());
    private final ByteBufferPool buffers = new DefaultByteBufferPool(true, 16 * 1024);
    private final List<FetchReader> readers = new ArrayList<>();
    private final Gate gate = new Gate();

    private Origins origins;
    private OriginClient client;
    private XnioWorker worker;

    @BeforeEach
    void begin() throws Exception {
        worker = Xnio.getInstance(getClass().getClassLoader())
                .createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
        OriginSettings settings = new OriginSettings(
                List.of(URI.create(origin.url())),
                new OriginTimeouts(LONG, LONG, LONG, LONG),
                new OriginSettings.Health(false, null, Duration.ZERO, LONG, 1, 1, 0, LONG),
                2 * CALLS,
                0,
                LONG,
                null);
        origins = new Origins(settings, null, Descriptors.ALL);
        origins.start();
        client = new OriginClient(
                origins,
                settings,
                buffers,
                new LargeBuffers(buffers, 0),
                System::nanoTime,
                Descriptors.ALL,
                heads,
                new OriginListener() {});
    }

    @AfterEach
    void end() throws Exception {
        readers.forEach(FetchReader::close);
        worker.shutdownNow();
        worker.awaitTermination();
        client.close();
        origins.close();
        origin.close();
        cache.close();
        pool.close();
        buffers.close();
    }

    private Fetch ask(String target) {
        Asked asked = new Asked(CacheKey.of("GET", "http", "origin.test", target), FieldList.EMPTY, null, 0);
        FetchReader reader = cache.join(asked, () -> {});
        readers.add(reader);
        OriginRequest request = OriginRequest.inBackground("GET", target, FieldList.of("Host", "origin.test"));
        worker.getIoThread().execute(() -> client.ask(worker.getIoThread(), request, reader.fetch()));
        return reader.fetch();
    }

    private static void awaitPhase(Fetch fetch, Fetch.Phase phase) {
        await().untilAsserted(() ->
                assertThat(fetch.phase()).as("%s", fetch.failure()).isEqualTo(phase));
    }

    /** @param first bytes that the origin sends before it waits */
    private void holdsUpToTheBound(int first) {
        String whole = HEAD + "hello";
        List<Fetch> held = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            String target = "/" + i;
            origin.on(target, call -> {
                call.send(whole.substring(0, first));
                gate.await();
                call.send(whole.substring(first));
            });
            held.add(ask(target));
            long all = (long) LONG_VALUE * (i + 1);
            await().untilAsserted(() -> assertThat(heads.bytes()).isBetween(all, MOST));
        }
        origin.on("/more", call -> call.send(whole));
        Fetch tooMany = ask("/more");
        awaitPhase(tooMany, Fetch.Phase.FAILED);
        assertThat(tooMany.failure()).isEqualTo(FetchFailure.OVERLOADED);
        assertThat(origins.status().get(0).failed())
                .as("the origin is not blamed")
                .isZero();
        assertThat(heads.bytes()).isBetween((long) LONG_VALUE * CALLS, MOST);
        gate.open();
        held.forEach(fetch -> awaitPhase(fetch, Fetch.Phase.COMPLETE));
        await().until(() -> heads.bytes() == 0);
        awaitPhase(ask("/more"), Fetch.Phase.COMPLETE);
        await().until(() -> heads.bytes() == 0);
    }

    @Test
    void headsThatAreBeingReceivedAreHeldUpToABoundAndBeyondItACallIsRefused() {
        holdsUpToTheBound(WITHIN_THE_HEAD);
    }

    @Test
    void soAreThoseWhoseContentIsOnItsWay() {
        holdsUpToTheBound(WITHIN_THE_CONTENT);
    }

    @Test
    void whatACallHoldsIsGivenBackHoweverItEnds() {
        origin.on("/broken", call -> {
            call.send(HEAD.substring(0, WITHIN_THE_HEAD));
            gate.await();
            call.reset();
        });
        origin.on("/short", call -> {
            call.send(HEAD + "h");
            gate.await();
            call.close();
        });
        Fetch broken = ask("/broken");
        Fetch tooShort = ask("/short");
        await().untilAsserted(() -> assertThat(heads.bytes()).isGreaterThanOrEqualTo(2L * LONG_VALUE));
        gate.open();
        awaitPhase(broken, Fetch.Phase.FAILED);
        awaitPhase(tooShort, Fetch.Phase.FAILED);
        await().until(() -> heads.bytes() == 0);
    }
}
