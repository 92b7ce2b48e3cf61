package dev.lastref.http.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.http.memory.HeapShare;
import dev.lastref.pool.Descriptors;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.ChannelPipe;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/** A request on a connection that takes a part of its head at first, as no kernel can be made to at will. */
class RequestSendingTest implements RequestSending.Owner {
    private static final int PART = 20;
    private static final Duration LONG = Duration.ofSeconds(60);

    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CountedBuffers buffers = new CountedBuffers();
    private int room = PART;
    private boolean breaks;
    private int sent;
    private int refused;

    private Origins origins;
    private XnioWorker worker;
    private ChannelPipe<StreamConnection, StreamConnection> pipe;
    private ChannelPipe<StreamSourceChannel, StreamSinkChannel> content;
    private RequestSending sending;

    @BeforeEach
    void begin() throws Exception {
        worker = Xnio.getInstance(getClass().getClassLoader())
                .createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
        pipe = worker.createFullDuplexPipeConnection();
        content = worker.createHalfDuplexPipe();
        assertThat(content.getRightSide().write(ByteBuffer.wrap("abc".getBytes(ISO_8859_1))))
                .isEqualTo(3);
        content.getRightSide().close();
        StreamConnection connection = pipe.getLeftSide();
        connection
                .getSinkChannel()
                .setConduit(new Narrow(connection.getSinkChannel().getConduit()));
        OriginSettings settings = new OriginSettings(
                List.of(URI.create("http://origin.test")),
                new OriginTimeouts(LONG, LONG, LONG, LONG),
                new OriginSettings.Health(false, null, Duration.ZERO, LONG, 1, 1, 0, LONG),
                1,
                0,
                LONG,
                null);
        origins = new Origins(settings, null, Descriptors.ALL);
        OriginClient client = new OriginClient(
                origins,
                settings,
                buffers,
                new LargeBuffers(buffers, 0),
                System::nanoTime,
                Descriptors.ALL,
                HeapShare.apart(1 << 20),
                new OriginListener() {});
        OriginRequest request = new OriginRequest(
                "POST",
                "/up",
                FieldList.of("Host", "origin.test"),
                new OriginRequest.Content(content.getLeftSide(), 3, 3, false, () -> null),
                null,
                null);
        sending = new RequestSending(
                client, connection.getIoThread(), request, new OriginConnection(connection, null, null), this);
        onItsThread(sending::begin);
    }

    @AfterEach
    void end() throws Exception {
        onItsThread(sending::stop);
        origins.close();
        IoUtils.safeClose(pipe.getLeftSide(), pipe.getRightSide(), content.getLeftSide(), content.getRightSide());
        worker.shutdownNow();
        worker.awaitTermination();
    }

    private void onItsThread(Runnable step) throws Exception {
        CompletableFuture.runAsync(step, pipe.getLeftSide().getIoThread()).get(10, TimeUnit.SECONDS);
    }

    private void goOn() throws Exception {
        onItsThread(() -> {
            room = Integer.MAX_VALUE;
            sending.writable();
        });
    }

    @Test
    void whatHasBegunIsSentToItsEnd() throws Exception {
        assertThat(taken.size()).isEqualTo(PART);
        assertThat(sending.isAllSent()).isFalse();
        goOn();
        assertThat(taken.toString(ISO_8859_1))
                .startsWith("POST /up HTTP/1.1\r\n")
                .endsWith("\r\n\r\nabc");
        assertThat(sending.isAllSent()).isTrue();
        assertThat(sent).isEqualTo(1);
        assertThat(buffers.lent).isZero();
    }

    @Test
    void contentIsNotBegunWhereTheOriginAnswersWhileTheHeadIsOnItsWay() throws Exception {
        onItsThread(sending::answered);
        goOn();
        assertThat(taken.toString(ISO_8859_1))
                .startsWith("POST /up HTTP/1.1\r\n")
                .endsWith("\r\n\r\n");
        assertThat(sending.isAllSent()).isFalse();
        assertThat(sent).isZero();
    }

    @Test
    void aHeadOfWhichAPartIsUnsentGivesItsBufferBack() throws Exception {
        assertThat(buffers.lent).isEqualTo(1);
        onItsThread(sending::stop);
        assertThat(buffers.lent).isZero();
        onItsThread(sending::stop);
        goOn();
        assertThat(taken.size()).as("nothing is sent any more").isEqualTo(PART);
        assertThat(buffers.lent).isZero();
    }

    @Test
    void soDoesOneThatTheOriginTakesNoMoreOf() throws Exception {
        breaks = true;
        goOn();
        assertThat(refused).isEqualTo(1);
        assertThat(sending.isAllSent()).isFalse();
        assertThat(buffers.lent).isZero();
    }

    // ---- whose request it is

    @Override
    public void sent() {
        sent++;
    }

    @Override
    public void clientBroke(FetchFailure why, String detail) {
        throw new AssertionError(why + ": " + detail);
    }

    @Override
    public void originTakesNoMore(IOException why) {
        refused++;
    }

    @Override
    public void guarded(Runnable step) {
        step.run();
    }

    /** Takes as many bytes as there is room for. */
    private final class Narrow extends AbstractStreamSinkConduit<StreamSinkConduit> {
        Narrow(StreamSinkConduit next) {
            super(next);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            if (breaks) {
                throw new IOException("broken by the test");
            }
            int n = Math.min(room, from.remaining());
            room -= n;
            for (int i = 0; i < n; i++) {
                taken.write(from.get());
            }
            return n;
        }

        @Override
        public void resumeWrites() {
            // The test says when there is room.
        }
    }

    /** How many are lent. On the I/O thread, or while it does nothing. */
    private static final class CountedBuffers implements ByteBufferPool {
        private volatile int lent;

        @Override
        public PooledByteBuffer allocate() {
            lent++;
            return new PooledByteBuffer() {
                private final ByteBuffer buffer = ByteBuffer.allocate(getBufferSize());
                private boolean open = true;

                @Override
                public ByteBuffer getBuffer() {
                    return buffer;
                }

                @Override
                public void close() {
                    assertThat(open).as("is given back once").isTrue();
                    open = false;
                    lent--;
                }

                @Override
                public boolean isOpen() {
                    return open;
                }
            };
        }

        @Override
        public ByteBufferPool getArrayBackedPool() {
            return this;
        }

        @Override
        public void close() {}

        @Override
        public int getBufferSize() {
            return 16 * 1024;
        }

        @Override
        public boolean isDirect() {
            return false;
        }
    }
}
