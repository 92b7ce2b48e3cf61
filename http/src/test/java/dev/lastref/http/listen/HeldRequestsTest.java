package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.http2.Http2Serving;
import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.memory.HeapAccount;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.message.Networks;
import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import dev.lastref.http.testing.Response;
import dev.lastref.pool.linux.FileLimit;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients that together would have more held for them than there is memory for: the first are, the next are refused, and small requests go on. */
class HeldRequestsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    /** The least that there is, whatever the heap is. */
    private static final long MOST = 2 << 20;
    /** A byte of a head counts twice, and a quarter is left to others. */
    private static final int HEAD = 60 * 1024;

    private static final int HEADS = (int) (MOST * 3 / 4 / 2 / HEAD);
    private static final String SMALL = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    private final AtomicInteger buffersInUse = new AtomicInteger();
    private final DefaultByteBufferPool buffers = new DefaultByteBufferPool(true, 16 * 1024) {
        @Override
        public PooledByteBuffer allocate() {
            PooledByteBuffer made = super.allocate();
            buffersInUse.incrementAndGet();
            return new PooledByteBuffer() {
                @Override
                public ByteBuffer getBuffer() {
                    return made.getBuffer();
                }

                @Override
                public void close() {
                    if (made.isOpen()) {
                        buffersInUse.decrementAndGet();
                    }
                    made.close();
                }

                @Override
                public boolean isOpen() {
                    return made.isOpen();
                }
            };
        }
    };
    private final HeapShare ofConnections = HeapShare.apart(Long.MAX_VALUE);
    private final HeapShare memory = new HeapAccount(16 << 20).requests();
    private final Refusals refusals = new Refusals(null);
    private final ClientConnections connections = new ClientConnections(
            new ConnectionLimits(
                    1000, 1000, LONG, HeadLimits.USUAL, LONG, Networks.of("none"), memory, ofConnections, null),
            refusals,
            new ConnectionTally());
    private Consumer<HttpServerExchange> whileAnswering = exchange -> {};
    private final RunningRequests running = new RunningRequests(connections, exchange -> {
        whileAnswering.accept(exchange);
        exchange.getResponseSender().send("answered");
    });
    private final List<RawClient> clients = new ArrayList<>();
    private Listeners listeners;

    @AfterEach
    void close() throws IOException {
        closeClients();
        listeners.close();
        buffers.close();
    }

    private void closeClients() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    private void listen(EarlyResponders early, @Nullable Http2Serving http2) throws IOException {
        listen(early, http2, null);
    }

    private void listen(EarlyResponders early, @Nullable Http2Serving http2, @Nullable ServerTls tls)
            throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        listeners = Listeners.open(
                any,
                running,
                early,
                connections,
                new TcpLimits(64 * 1024),
                http2,
                tls,
                Networks.of("none"),
                any,
                HttpServerExchange::endExchange,
                LONG,
                LONG,
                buffers,
                new DescriptorReserve(FileLimit.descriptors()));
    }

    private RawClient connect() throws IOException {
        RawClient client = RawClient.connect(listeners.clients());
        clients.add(client);
        return client;
    }

    private RawClient connect(SSLContext tls) throws IOException {
        RawClient client = RawClient.connect(listeners.clients(), 0, tls);
        clients.add(client);
        return client;
    }

    private RawClient begun() throws IOException {
        return connect().send("GET / HTTP/1.1\r\nHost: test\r\nX-Long: " + "x".repeat(HEAD));
    }

    private double refused() {
        return refusals.byReason().get("memory");
    }

    /** Leaves all to the server, or says that an answer to a request is on its way that its client does not take. */
    private static EarlyResponder responder(boolean sending) {
        return new EarlyResponder() {
            private boolean begun;

            @Override
            public int answer(ByteBuffer bytes, int from, int to) {
                begun = sending;
                return sending ? from + SMALL.length() : from;
            }

            @Override
            public boolean isSending() {
                return begun;
            }

            @Override
            public void closed() {}
        };
    }

    @Test
    void headsThatAreNotEndedAreHeldUpToABoundAndSmallOnesAnsweredMeanwhile() throws Exception {
        listen((source, sink) -> responder(false), null);
        for (int i = 0; i < HEADS; i++) {
            begun();
            long all = 2L * HEAD * (i + 1);
            await().untilAsserted(() -> assertThat(memory.bytes()).isGreaterThanOrEqualTo(all));
        }
        assertThat(refused()).isZero();
        RawClient tooMany = begun();
        Response answer = tooMany.response();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.first("Retry-After")).isEqualTo("1");
        assertThat(answer.first("Cache-Status")).isEqualTo("lastref; detail=refused");
        assertThat(tooMany.awaitEnd()).isEqualTo(Ending.FIN);
        await().until(() -> refused() == 1); // it is counted behind the answer
        assertThat(memory.bytes()).isLessThanOrEqualTo(MOST);
        assertThat(connect().send(SMALL).response().status()).isEqualTo(200);
        assertThat(clients.get(0).send("\r\n\r\n").response().status())
                .as("one that is held is answered when it has come")
                .isEqualTo(200);
        closeClients();
        await().until(() -> memory.bytes() == 0);
    }

    @Test
    void whereAllIsHeldWhoComesIsToldToComeAgainAndIsAnsweredOnceThereIsRoom() throws Exception {
        listen((source, sink) -> responder(false), null);
        HeapShare.Part others = memory.part();
        others.add(MOST);
        Response answer = connect().send(SMALL).response();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).asString().contains("memory");
        others.close();
        RawClient client = connect();
        for (int i = 0; i < 2; i++) { // on one connection
            assertThat(client.send(SMALL).response().status()).isEqualTo(200);
            await().until(() -> memory.bytes() == 0);
        }
    }

    /** TLS keeps a part of a record in a buffer until the rest of it comes. */
    @Test
    void whoSpeaksTlsIsRefusedForAPartOfARecordAndToldNothingBeforeThat(@TempDir Path directory) throws Exception {
        try (Programs programs = new Programs(directory)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            PemFiles files = new PemFiles(certificates.chain("server"), certificates.key("server"));
            try (ServerTls tls = new ServerTls(List.of(files), buffers, Runnable::run)) {
                listen((source, sink) -> responder(false), null, tls);
                HeapShare.Part others = memory.part();
                whileAnswering = exchange -> {
                    Objects.requireNonNull(StrictSource.of(exchange)).scanner().takeFacts();
                    others.add(MOST);
                };
                RawClient client = connect(certificates.clients()).send(SMALL);
                assertThat(client.response().status()).isEqualTo(200);
                assertThat(client.isQuietFor(300)).as("is told nothing").isTrue();
                client.sendBeneathTls(new byte[] {23, 3, 3, 16, 0, 'x'}); // a record's begin, RFC 8446, section 5.2
                assertThat(client.response().status()).isEqualTo(503);
                assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
                await().until(() -> refused() == 1);
                client.close();

                others.give(MOST);
                RawClient other = connect(certificates.clients()).send(SMALL);
                assertThat(other.response().status()).isEqualTo(200);
                assertThat(other.isQuietFor(100)).isTrue();
                other.send(SMALL);
                Response answer = other.response();
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.body()).asString().contains("memory");
                others.close();
                RawClient last = connect(certificates.clients());
                for (int i = 0; i < 3; i++) {
                    assertThat(last.send(SMALL).response().status()).isEqualTo(200);
                }
            }
        }
    }

    @Test
    void whatWaitsBehindAnAnswerThatIsNotTakenIsHeldUpToABoundAndBeyondItTheConnectionIsReset() throws Exception {
        listen((source, sink) -> responder(true), null);
        int behind = 10_000;
        int most = (int) (MOST * 3 / 4 / behind);
        for (int i = 0; i < most; i++) {
            connect().send(SMALL + "x".repeat(behind));
            long all = (long) behind * (i + 1);
            await().untilAsserted(() -> assertThat(memory.bytes()).isGreaterThanOrEqualTo(all));
        }
        assertThat(connect().send(SMALL + "x".repeat(behind)).awaitEnd()).isEqualTo(Ending.RST);
        assertThat(refused()).isEqualTo(1);
        connections.closeAll();
        await().until(() -> memory.bytes() == 0);
    }

    @Test
    void whoHasSaidAPartOfThePrefaceHoldsNoBuffer() throws Exception {
        Http2Serving none =
                new Http2Serving(null, null, null, null, null, null, null, null, null, null); // nobody gets that far
        listen((source, sink) -> responder(false), none);
        RawClient client = connect().send("PRI * HT");
        assertThat(client.isQuietFor(100)).isTrue();
        await().until(() -> buffersInUse.get() == 0);
        assertThat(connections.count()).isEqualTo(1);
        // What it said is not lost: with its end it is the preface of one who asks for something else.
        assertThat(client.send("TP/1.1\r\nHost: test\r\n\r\n").response().status())
                .isEqualTo(400);
    }
}
