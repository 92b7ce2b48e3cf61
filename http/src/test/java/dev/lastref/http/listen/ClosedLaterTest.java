package dev.lastref.http.listen;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/** With a socket and an I/O thread of its own, on which everything is done. */
class ClosedLaterTest {
    private static final int PATIENCE_SECONDS = 30;

    private final LinkedBlockingQueue<StreamConnection> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final LinkedBlockingQueue<Runnable> elsewhere = new LinkedBlockingQueue<>();
    private XnioWorker worker;
    private RawClient client;
    private StreamConnection accepted;
    private ClosedLater later;

    @BeforeEach
    void connect() throws Exception {
        worker = Xnio.getInstance(getClass().getClassLoader())
                .createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
        AcceptingChannel<StreamConnection> server = worker.createStreamConnectionServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                ChannelListeners.openListenerAdapter(queue::add),
                OptionMap.EMPTY);
        server.resumeAccepts();
        client = RawClient.connect((InetSocketAddress) server.getLocalAddress());
        accepted = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        onItsThread(() -> later = new ClosedLater(accepted, asked::incrementAndGet, elsewhere::add));
    }

    @AfterEach
    void end() throws Exception {
        client.close();
        worker.shutdownNow();
        worker.awaitTermination();
    }

    private interface Act {
        void run() throws IOException;
    }

    private void onItsThread(Act act) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        accepted.getIoThread().execute(() -> {
            try {
                act.run();
                done.complete(null);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void awaitClientsEnd() throws Exception {
        CompletableFuture<Integer> read = new CompletableFuture<>();
        onItsThread(() -> {
            later.getSourceChannel().setReadListener(channel -> {
                try {
                    int n = channel.read(ByteBuffer.allocate(10));
                    if (n != 0) {
                        channel.suspendReads();
                        read.complete(n);
                    }
                } catch (IOException e) {
                    read.completeExceptionally(e);
                }
            });
            later.getSourceChannel().resumeReads();
        });
        assertThat(read.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(-1);
    }

    @Test
    void whatIsClosedIsNotTheSocketYet() throws Exception {
        AtomicInteger told = new AtomicInteger();
        onItsThread(() -> {
            later.setCloseListener(closed -> told.incrementAndGet());
            later.close();
            later.close();
            assertThat(later.isOpen()).isFalse();
            assertThat(accepted.isOpen()).isTrue();
        });
        assertThat(told).hasValue(1);
        assertThat(asked).hasValue(1);
        assertThat(client.isQuietFor(50)).isTrue();

        IoUtils.safeClose(accepted); // as another thread does
        assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
        assertThat(asked).hasValue(1);
        assertThat(told).hasValue(1);
    }

    @Test
    void whatWasWrittenBeforeArrives() throws Exception {
        onItsThread(() -> {
            assertThat(later.getSinkChannel().write(ByteBuffer.wrap(new byte[1000])))
                    .isEqualTo(1000);
            later.close();
        });
        IoUtils.safeClose(accepted);
        assertThat(client.read(2000)).hasSize(1000);
        assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
    }

    @Test
    void oursIsEndedAtOnceWhileTheClientHasNotEndedItsSide() throws Exception {
        onItsThread(() -> {
            later.getSinkChannel().shutdownWrites();
            later.getSinkChannel().flush();
        });
        assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
        assertThat(asked).hasValue(0);
        assertThat(accepted.isOpen()).isTrue();
    }

    @Test
    void whereTheClientHasEndedItsSideToEndOursIsToCloseLater() throws Exception {
        client.endOutput();
        awaitClientsEnd();
        onItsThread(() -> {
            later.getSinkChannel().shutdownWrites();
            later.getSinkChannel().flush();
            assertThat(accepted.isOpen()).isTrue();
            later.close();
            assertThat(accepted.isOpen()).isTrue();
        });
        assertThat(asked).hasValue(1);
        IoUtils.safeClose(accepted);
        assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
    }

    @Test
    void whoeverClosesTheSocketClosesIt() throws Exception {
        AtomicInteger told = new AtomicInteger();
        AtomicInteger toldBefore = new AtomicInteger();
        onItsThread(() -> {
            accepted.setCloseListener(closed -> toldBefore.incrementAndGet());
            later = new ClosedLater(accepted, asked::incrementAndGet, elsewhere::add);
            later.setCloseListener(closed -> told.incrementAndGet());
            accepted.close();
            assertThat(later.isOpen()).isFalse();
        });
        assertThat(told).hasValue(1);
        assertThat(toldBefore).hasPositiveValue();
        assertThat(asked).as("there is nothing left to do").hasValue(0);
    }

    @Test
    void whenAllIsSaidTheClientsEndIsReadElsewhereSoThatItClosesTheSocketThere() throws Exception {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        CompletableFuture<Thread> ended = new CompletableFuture<>();
        onItsThread(() -> {
            later.getSinkChannel().shutdownWrites();
            later.getSinkChannel().flush();
            later.getSourceChannel().setReadListener(channel -> {
                ByteBuffer bytes = ByteBuffer.allocate(3);
                try {
                    int n = channel.read(bytes);
                    read.write(bytes.array(), 0, Math.max(0, n));
                    if (n < 0) {
                        channel.suspendReads();
                        ended.complete(Thread.currentThread());
                    }
                } catch (IOException e) {
                    ended.completeExceptionally(e);
                }
            });
            later.getSourceChannel().resumeReads();
        });
        client.send("good bye").endOutput();
        await().until(() -> !elsewhere.isEmpty());
        onItsThread(() -> assertThat(accepted.isOpen()).isTrue());
        assertThat(read.size()).isZero();

        await().until(() -> {
            Runnable next = elsewhere.poll();
            if (next != null) {
                next.run();
            }
            return ended.isDone();
        });
        assertThat(read.toString(ISO_8859_1)).isEqualTo("good bye");
        assertThat(ended.get()).isSameAs(accepted.getIoThread());
        assertThat(accepted.isOpen()).isFalse();
        assertThat(later.isOpen()).isFalse();
    }

    @Test
    void whatIsSpokenEndsOnItsOwnThreadWhoeverClosesTheSocket() throws Exception {
        CompletableFuture<Thread> told = new CompletableFuture<>();
        CountDownLatch busy = new CountDownLatch(1);
        onItsThread(() -> later.setCloseListener(closed -> told.complete(Thread.currentThread())));
        accepted.getIoThread().execute(() -> awaitLatch(busy)); // in the middle of something
        IoUtils.safeClose(accepted);
        assertThat(told).isNotDone();
        busy.countDown();
        assertThat(told.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isSameAs(accepted.getIoThread());
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
