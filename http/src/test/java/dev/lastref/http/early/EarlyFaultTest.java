package dev.lastref.http.early;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.listen.ClientConnections;
import dev.lastref.http.listen.ClientSink;
import dev.lastref.http.listen.ConnectionLimits;
import dev.lastref.http.listen.DescriptorReserve;
import dev.lastref.http.listen.EarlyResponder;
import dev.lastref.http.listen.EarlyResponders;
import dev.lastref.http.listen.Listeners;
import dev.lastref.http.listen.RunningRequests;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.listen.TcpLimits;
import dev.lastref.http.log.ConnectionTally;
import dev.lastref.http.log.Refusals;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.http.message.HeadLimits;
import dev.lastref.http.message.Networks;
import dev.lastref.http.serve.RequestRate;
import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import dev.lastref.pool.linux.FileLimit;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.XnioIoThread;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.StreamSinkConduit;

/** A fault of ours in the middle of an early answer: its client must not wait for the rest, nor be told anything behind it. */
class EarlyFaultTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final byte[] BEGUN = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".getBytes(US_ASCII);
    private static final byte[] WHOLE = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc".getBytes(US_ASCII);
    private static final int MORE_THAN_SOCKETS_TAKE = 16 << 20;

    private final AtomicBoolean withoutMemory = new AtomicBoolean();
    private final DefaultByteBufferPool buffers = new DefaultByteBufferPool(true, 16 * 1024) {
        @Override
        public PooledByteBuffer allocate() {
            if (withoutMemory.get()) {
                throw new OutOfMemoryError("as the test wants it");
            }
            return super.allocate();
        }
    };
    private final LoggedLines log = new LoggedLines("dev.lastref.http.listen.EarlyReader");
    private final AtomicInteger asked = new AtomicInteger();
    private final HttpHandler server = exchange -> asked.incrementAndGet();
    private final ClientConnections connections = new ClientConnections(
            new ConnectionLimits(
                    100,
                    100,
                    LONG,
                    HeadLimits.USUAL,
                    LONG,
                    Networks.of("none"),
                    HeapShare.apart(128 << 20),
                    HeapShare.apart(Long.MAX_VALUE),
                    null),
            new Refusals(null),
            new ConnectionTally());
    private final RunningRequests running = new RunningRequests(connections, server);
    private Listeners listeners;

    @AfterEach
    void close() {
        listeners.close();
        buffers.close();
        log.close();
    }

    private InetSocketAddress listen(EarlyResponders early) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        listeners = Listeners.open(
                any,
                running,
                early,
                connections,
                new TcpLimits(64 * 1024),
                null,
                null,
                Networks.of("none"),
                any,
                server,
                LONG,
                LONG,
                buffers,
                new DescriptorReserve(FileLimit.descriptors()));
        return listeners.clients();
    }

    private abstract static class Responder implements EarlyResponder {
        @Override
        public boolean isSending() {
            return false;
        }

        @Override
        public void closed() {}
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereItBeginsTheConnectionIsReset(boolean error) throws Exception {
        InetSocketAddress address = listen((source, sink) -> new Responder() {
            @Override
            public int answer(ByteBuffer bytes, int from, int to) throws IOException {
                assertThat(sink.write(ByteBuffer.wrap(BEGUN))).isEqualTo(BEGUN.length);
                if (error) {
                    throw new StackOverflowError("as the test wants it");
                }
                throw new IllegalStateException("as the test wants it");
            }
        });
        try (RawClient client = RawClient.connect(address)) {
            client.request("GET", "/a");
            assertThat(client.awaitEnd()).isEqualTo(Ending.RST);
        }
        assertThat(asked).as("what the server was told of").hasValue(0);
    }

    @Test
    void whereItGoesOnTheConnectionIsReset() throws Exception {
        AtomicInteger waits = new AtomicInteger();
        InetSocketAddress address = listen((source, sink) -> {
            ConduitStreamSinkChannel channel = source.connection().getSinkChannel();
            channel.setConduit(new AbstractStreamSinkConduit<StreamSinkConduit>(channel.getConduit()) {
                @Override
                public void resumeWrites() {
                    next.resumeWrites();
                    if (waits.incrementAndGet() > 1) { // the first time it begins to wait, then it goes on
                        throw new IllegalStateException("as the test wants it");
                    }
                }
            });
            return sendingMuch(source, sink);
        });
        try (RawClient client = RawClient.connect(address, 4096)) {
            client.request("GET", "/a");
            assertThat(client.awaitEnd()).isEqualTo(Ending.RST);
        }
        assertThat(waits).hasValue(2);
        assertThat(asked).as("what the server was told of").hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"answer", "isSending"})
    void itEndsItsConnectionAndNoOther(String where) throws Exception {
        AtomicBoolean faulty = new AtomicBoolean();
        AtomicReference<XnioIoThread> thread = new AtomicReference<>();
        InetSocketAddress address = listen((source, sink) -> new Responder() {
            @Override
            public int answer(ByteBuffer bytes, int from, int to) throws IOException {
                thread.set(source.connection().getIoThread());
                fail("answer");
                sink.write(ByteBuffer.wrap(WHOLE));
                return to;
            }

            @Override
            public boolean isSending() {
                fail("isSending");
                return false;
            }

            private void fail(String here) {
                if (here.equals(where) && faulty.getAndSet(false)) {
                    throw new StackOverflowError("as the test wants it");
                }
            }
        });
        try (RawClient client = RawClient.connect(address)) {
            assertThat(client.request("GET", "/a").response().status()).isEqualTo(200);
            // By then it has gone back to waiting: what it still asks behind an answer comes before.
            CompletableFuture.runAsync(() -> faulty.set(true), thread.get()).get(10, TimeUnit.SECONDS);
            client.request("GET", "/a");
            client.awaitEnd();
        }
        assertThat(faulty).isFalse();
        assertThat(log.lines()).hasSize(where.equals("answer") ? 0 : 1); // or its caller has told of it
        for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) { // by each of the I/O threads
            try (RawClient client = RawClient.connect(address)) {
                assertThat(client.request("GET", "/a").response().status()).isEqualTo(200);
            }
        }
        assertThat(asked).as("what the server was told of").hasValue(0);
    }

    /** What is not answered early needs a buffer of the server's. */
    @Test
    void whereTheServerCannotTakeOverTheConnectionEndsAndItIsTold() throws Exception {
        InetSocketAddress address = listen((source, sink) -> new Responder() {
            @Override
            public int answer(ByteBuffer bytes, int from, int to) {
                return from;
            }
        });
        withoutMemory.set(true);
        try (RawClient client = RawClient.connect(address)) {
            client.request("GET", "/a");
            assertThat(client.awaitEnd()).isNotEqualTo(Ending.OPEN);
        }
        assertThat(log.lines()).hasSize(1).allMatch(line -> line.contains("which is closed"));
        assertThat(log.traces()).isEqualTo(1);
        assertThat(asked).as("what the server was told of").hasValue(0);
    }

    private EarlyResponder sendingMuch(StrictSource source, ClientSink sink) {
        EarlyHits hits = new EarlyHits(null, running, new RequestRate(), Networks.of("none"), null, HeadLimits.USUAL);
        EarlySend send = new EarlySend(hits, source, sink, new ByteBuffer[2]);
        return new EarlyResponder() {
            @Override
            public int answer(ByteBuffer bytes, int from, int to) throws IOException {
                send.begin(ByteBuffer.allocate(MORE_THAN_SOCKETS_TAKE), null, "/a", null, true);
                return to;
            }

            @Override
            public boolean isSending() {
                return send.isUnderWay();
            }

            @Override
            public void closed() {
                send.end(false);
            }
        };
    }
}
