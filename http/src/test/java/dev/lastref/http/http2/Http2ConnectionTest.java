package dev.lastref.http.http2;

import static dev.lastref.http.testing.RawHttp2.block;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.ChannelListeners;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;
import org.xnio.channels.StreamSinkChannel;

/** A connection alone, with somebody behind it who answers when the test says so. */
class Http2ConnectionTest {
    private static final byte[] CONTENT = "content".getBytes(ISO_8859_1);
    private static final int MIB = 1 << 20;

    private final DefaultByteBufferPool buffers = new DefaultByteBufferPool(true, Http2Serving.FRAME_BUFFER);
    private final Http2Counters counters = new Http2Counters();
    /** Those that are not complete. */
    private final Queue<HttpServerExchange> exchanges = new ConcurrentLinkedQueue<>();

    private final Queue<Http2Connection> connections = new ConcurrentLinkedQueue<>();
    private HeapShare held = HeapShare.apart(64 * MIB);
    private long directBytes = 64 * MIB;
    private FrameBuffers frames;
    private XnioWorker worker;
    private AcceptingChannel<StreamConnection> server;

    @BeforeEach
    void listen() throws IOException {
        worker = Xnio.getInstance(getClass().getClassLoader())
                .createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
        server = worker.createStreamConnectionServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                ChannelListeners.openListenerAdapter(this::open),
                OptionMap.EMPTY);
        server.resumeAccepts();
    }

    @AfterEach
    void end() throws InterruptedException {
        worker.shutdownNow();
        worker.awaitTermination();
        buffers.close();
    }

    private void open(StreamConnection channel) {
        Http2Serving serving = new Http2Serving(
                this::keep,
                buffers,
                frames(),
                () -> TimeUnit.SECONDS.toNanos(60),
                HeadLimits.USUAL,
                Duration.ofSeconds(60),
                held,
                counters,
                new Refusals(null),
                new ConnectionTally());
        PooledByteBuffer nothing = buffers.allocate();
        nothing.getBuffer().flip();
        Http2Connection made = Http2Connection.open(channel, InetAddress.getLoopbackAddress(), nothing, serving);
        connections.add(made);
        made.start();
    }

    /** The same for all. */
    private FrameBuffers frames() {
        if (frames == null) {
            frames = new FrameBuffers(buffers, directBytes, held);
        }
        return frames;
    }

    /** {@code /content} gets all of it at once, others nothing; no exchange is complete. */
    private void keep(HttpServerExchange exchange) {
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
            exchanges.add(exchange);
            if (exchange.getRequestPath().equals("/content")) {
                send(exchange);
            }
        });
    }

    private static void send(HttpServerExchange exchange) {
        exchange.setResponseContentLength(CONTENT.length);
        StreamSinkChannel channel = exchange.getResponseChannel();
        try {
            assertThat(channel.write(ByteBuffer.wrap(CONTENT))).isEqualTo(CONTENT.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RawHttp2 connect() throws IOException {
        return RawHttp2.connect((InetSocketAddress) server.getLocalAddress());
    }

    private void completeAll() {
        connections.element().execute(() -> exchanges.forEach(HttpServerExchange::endExchange));
    }

    private double refused(StreamRefusal why) {
        return counters.refusedStreams().get(why.label());
    }

    @Test
    void whatHasEndedOnBothSidesDoesNotCountAgainstWhatTheClientMayHaveOpen() throws Exception {
        // Who answers a stream may find out late that it has: its client, which has all, begins others meanwhile.
        try (RawHttp2 client = connect()) {
            for (int id = 1; id < 6 * Http2Connection.MOST_STREAMS; id += 2) {
                List<Frame> answer = client.get(id, "/content").stream(id);
                assertThat(answer).as("stream %s", id).allMatch(frame -> frame.type() != RawHttp2.RST_STREAM);
                assertThat(RawHttp2.content(answer)).isEqualTo(CONTENT);
            }
            assertThat(exchanges).hasSize(3 * Http2Connection.MOST_STREAMS);
            assertThat(held.bytes()).isPositive();

            completeAll();
            await().until(() -> held.bytes() == 0);
            assertThat(counters.refusedStreams().values()).containsOnly(0.0);
        }
    }

    @Test
    void whatHasEndedOnOneSideOnlyCounts() throws Exception {
        try (RawHttp2 client = connect()) {
            byte[] head = block(":method", "POST", ":scheme", "http", ":authority", "test", ":path", "/content");
            int refused = 2 * Http2Connection.MOST_STREAMS + 1;
            for (int id = 1; id <= refused; id += 2) { // the response has ended, the request has not
                client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, id, head);
            }
            Frame reset = client.await(RawHttp2.RST_STREAM);
            assertThat(reset.stream()).isEqualTo(refused);
            assertThat(reset.error()).as("REFUSED_STREAM").isEqualTo(7);
            assertThat(refused(StreamRefusal.CONCURRENT)).isEqualTo(1);
        }
    }

    @Test
    void aStreamForWhichThereIsNoMemoryIsCountedAsSuch() throws Exception {
        held = HeapShare.apart(4 * 8 * Http2Stream.HELD); // a quarter for one connection
        try (RawHttp2 client = connect()) {
            for (int id = 1; id < 2 * 8; id += 2) {
                client.get(id, "/nothing");
            }
            Frame reset = client.await(RawHttp2.RST_STREAM);
            assertThat(reset.error()).as("REFUSED_STREAM").isEqualTo(7);
            await().until(() -> exchanges.size() + refused(StreamRefusal.MEMORY) == 8);
            assertThat(refused(StreamRefusal.MEMORY)).isPositive();
            assertThat(refused(StreamRefusal.CONCURRENT)).isZero();
        }
    }

    @Test
    void aStreamOnAConnectionThatEndsIsCountedAsSuch() throws Exception {
        try (RawHttp2 client = connect()) {
            client.get(1, "/nothing");
            await().until(() -> exchanges.size() == 1);
            connections.element().execute(connections.element()::finish);
            assertThat(client.await(RawHttp2.GOAWAY).lastStream()).isEqualTo(1);
            client.get(3, "/nothing");
            assertThat(client.await(RawHttp2.RST_STREAM).error())
                    .as("REFUSED_STREAM")
                    .isEqualTo(7);
            assertThat(refused(StreamRefusal.ENDING)).isEqualTo(1);
            completeAll();
            assertThat(client.stream(1)).anyMatch(Frame::endsStream);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyThatAreToldOfTheirEndTogetherNeedNoBufferEach(boolean silent) throws Exception {
        directBytes = 0; // eight
        held = HeapShare.apart(0);
        List<RawHttp2> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                clients.add(connect());
                assertThat(clients.get(i).await(RawHttp2.SETTINGS)).isNotNull();
                int opened = i + 1;
                await().until(() -> connections.size() == opened);
            }
            connections
                    .element()
                    .execute(() -> connections.forEach(each -> {
                        if (silent) {
                            each.finishSilent();
                        } else {
                            each.announceEnd();
                        }
                    }));
            for (RawHttp2 client : clients) {
                Frame end = client.await(RawHttp2.GOAWAY);
                assertThat(end).isNotNull();
                assertThat(end.error()).as("NO_ERROR").isZero();
            }
        } finally {
            for (RawHttp2 client : clients) {
                client.close();
            }
        }
    }
}
