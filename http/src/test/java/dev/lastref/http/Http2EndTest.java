package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.block;
import static dev.lastref.http.testing.RawHttp2.number;
import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How streams and connections of HTTP/2 end: broken off by either side, stalled, or since the sidecar is stopped. */
class Http2EndTest extends SidecarTest {
    private static final byte[] LARGE = Content.of(5, 2_000_000);
    private static final int INITIAL_WINDOW = 4;
    private static final int OPEN = 16_000_000;
    private static final Executor OWN_THREAD = task -> new Thread(task, "test").start();

    private RawHttp2 connect(int... settings) throws IOException {
        return RawHttp2.connect(sidecar.address(), settings);
    }

    private RawHttp2 connectOpen() throws IOException {
        return connect(INITIAL_WINDOW, OPEN).open(0, 1_000_000_000);
    }

    private void awaitNothingSent() {
        await().atMost(Duration.ofSeconds(20)).until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/length", "/chunked"})
    void contentThatTheOriginCutsShortEndsInAResetAndNeverLooksWhole(String path) throws Exception {
        origin.on("/length", call -> {
            call.send(head("max-age=600", LARGE.length)).send(LARGE, 0, 1_000_000);
            call.close();
        });
        origin.on("/chunked", call -> {
            call.send(chunkedHead("max-age=600")).sendChunk(java.util.Arrays.copyOf(LARGE, 1_000_000));
            call.close();
        });
        origin.on("/fine", ok("no-store", Content.of(1, 10)));
        start("pool.size=64MiB");
        try (RawHttp2 client = connectOpen()) {
            List<Frame> answer = client.get(1, path).stream(1);
            assertThat(answer.get(0).status()).isEqualTo(200);
            assertThat(answer).noneMatch(Frame::endsStream);
            assertThat(answer.get(answer.size() - 1).type()).isEqualTo(RawHttp2.RST_STREAM);
            assertThat(answer.get(answer.size() - 1).error())
                    .as("INTERNAL_ERROR")
                    .isEqualTo(2);
            // Only the stream ends so.
            assertThat(RawHttp2.content(client.get(3, "/fine").stream(3))).isEqualTo(Content.of(1, 10));
        }
        awaitNothingSent();
    }

    @Test
    void contentThatTheClientCutsShortNeverLooksWholeToTheOrigin() throws Exception {
        List<byte[]> whole = new ArrayList<>();
        for (String path : new String[] {"/reset", "/closed", "/short", "/long"}) {
            origin.on(path, call -> whole.add(call.body()));
        }
        start();
        for (String path : new String[] {"/reset", "/closed", "/short", "/long"}) {
            for (boolean length : new boolean[] {true, false}) {
                if (!length && !path.equals("/reset") && !path.equals("/closed")) {
                    continue;
                }
                int before = origin.count(path);
                try (RawHttp2 client = connectOpen()) {
                    String[] fields = {":method", "POST", ":scheme", "http", ":authority", "test", ":path", path};
                    String[] known = java.util.Arrays.copyOf(fields, 10);
                    known[8] = "content-length";
                    known[9] = "10";
                    client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, block(length ? known : fields));
                    await().until(() -> origin.count(path) == before + 1);
                    switch (path) {
                        case "/reset" -> {
                            client.send(RawHttp2.DATA, 0, 1, new byte[5]);
                            client.send(RawHttp2.RST_STREAM, 0, 1, number(8));
                        }
                        case "/closed" -> client.send(RawHttp2.DATA, 0, 1, new byte[5]);
                        case "/short" -> client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, new byte[5]);
                        default -> client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, new byte[15]);
                    }
                    if (path.equals("/short") || path.equals("/long")) {
                        assertThat(client.stream(1).get(0).error())
                                .as("PROTOCOL_ERROR")
                                .isEqualTo(1);
                    }
                    if (!path.equals("/closed")) {
                        await().until(() -> origin.openConnections() == 0);
                    }
                }
                await().until(() -> origin.openConnections() == 0);
            }
        }
        assertThat(whole).isEmpty();
    }

    @Test
    void whatAClientBreaksOffIsLetGoOf() throws Exception {
        origin.on("/large", ok("max-age=600", LARGE));
        start("pool.size=64MiB");
        sidecar.get("/large");
        try (RawHttp2 client = connect(INITIAL_WINDOW, 0)) {
            for (int i = 0; i < 20; i++) {
                client.get(2 * i + 1, "/large");
            }
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 20);
            client.send(RawHttp2.RST_STREAM, 0, 1, number(8));
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 19);
            // One goes on, at the pace of its window.
            client.open(0, 4_000_000).open(3, LARGE.length);
            assertThat(RawHttp2.content(client.stream(3))).isEqualTo(LARGE);
        }
        awaitNothingSent();
        await().until(() -> sidecar.metric("lastref_http2_connections") == 0);
    }

    @Test
    void aStreamForWhichNoWindowIsOpenedIsGivenUpAfterThePinTimeoutAndItsConnectionGoesOn() throws Exception {
        origin.on("/large", ok("max-age=600", LARGE));
        origin.on("/small", ok("max-age=600", Content.of(1, 10)));
        start("pool.size=64MiB", "pool.pin-timeout=1s");
        sidecar.get("/large");
        try (RawHttp2 client = connect(INITIAL_WINDOW, 1000)) {
            client.get(1, "/large");
            client.get(3, "/large");
            List<Frame> answer = client.stream(1);
            assertThat(RawHttp2.content(answer)).hasSize(1000);
            assertThat(answer.get(answer.size() - 1).error()).as("CANCEL").isEqualTo(8);
            assertThat(client.stream(3)).last().matches(frame -> frame.type() == RawHttp2.RST_STREAM);
            awaitNothingSent();
            assertThat(sidecar.metric("lastref_http2_stalled_streams_total")).isEqualTo(2);
            assertThat(RawHttp2.content(client.get(5, "/small").stream(5))).isEqualTo(Content.of(1, 10));
        }
    }

    @Test
    void streamsShareAWindowOfTheConnectionThatIsTooSmallForAll() throws Exception {
        origin.on("/large", ok("max-age=600", LARGE));
        origin.on("/small", ok("max-age=600", Content.of(1, 100_000)));
        start("pool.size=64MiB");
        sidecar.get("/large");
        sidecar.get("/small");
        try (RawHttp2 client = connect(INITIAL_WINDOW, OPEN)) {
            client.get(1, "/large").get(3, "/large").get(5, "/small");
            int unopened = 0;
            int ofOthers = 0;
            Frame frame;
            do {
                frame = client.read();
                assertThat(frame).isNotNull();
                assertThat(frame.type()).isNotEqualTo(RawHttp2.RST_STREAM);
                if (frame.type() == RawHttp2.DATA) {
                    ofOthers += frame.stream() == 5 ? 0 : frame.payload().length;
                    unopened += frame.payload().length;
                }
                if (unopened >= 16_384) {
                    client.open(0, unopened);
                    unopened = 0;
                }
            } while (frame.stream() != 5 || !frame.endsStream());
            assertThat(ofOthers).as("the others are not served first").isLessThan(LARGE.length);
        }
    }

    @Test
    void aClientWhoseSocketTakesNothingIsCutOffAfterThePinTimeout() throws Exception {
        origin.on("/large", ok("max-age=600", Content.of(6, 8_000_000)));
        start("pool.size=64MiB", "pool.pin-timeout=1s");
        sidecar.get("/large");
        try (RawHttp2 client = connectOpen()) {
            for (int i = 0; i < 4; i++) {
                client.get(2 * i + 1, "/large");
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> sidecar.metric("lastref_http2_stalled_streams_total") > 0);
            await().atMost(Duration.ofSeconds(30)).until(() -> sidecar.metric("lastref_http2_connections") == 0);
            awaitNothingSent();
            while (client.read() != null) {
                // what the kernel had passed on
            }
            assertThat(client.wasReset())
                    .as("nothing is left with the kernel for a client that takes nothing")
                    .isTrue();
        }
    }

    @Test
    void whoOnlyAsksForAnswersAndReadsNoneIsHeardNoMore() throws Exception {
        start("pool.pin-timeout=1s");
        try (RawHttp2 client = connectOpen()) {
            int sent = 0;
            try {
                for (; sent < 1_000_000; sent++) {
                    client.get(2 * sent + 1, "/missing");
                }
            } catch (IOException cut) {
                // as it should be
            }
            assertThat(sent).isLessThan(1_000_000);
        }
        await().until(() -> sidecar.metric("lastref_http2_connections") == 0);
    }

    @Test
    void anOrderlyEndTellsTheClientAndServesWhatRuns() throws Exception {
        Gate gate = new Gate();
        origin.on("/slow", call -> {
            gate.await();
            ok("no-store", LARGE).play(call);
        });
        origin.on("/late", ok("no-store", Content.of(1, 10)));
        start("shutdown.grace=30s");
        try (RawHttp2 client = connectOpen();
                RawHttp2 idle = connectOpen()) {
            client.get(1, "/slow");
            idle.get(1, "/x").stream(1);
            await().until(() -> origin.count("/slow") == 1);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(sidecar::close, OWN_THREAD);
            Frame notice = client.await(RawHttp2.GOAWAY);
            assertThat(notice.error()).isZero();
            assertThat(notice.lastStream()).as("what is on its way is served").isEqualTo(Integer.MAX_VALUE);
            assertThat(RawHttp2.content(client.get(3, "/late").stream(3))).isEqualTo(Content.of(1, 10));
            Frame last = client.await(RawHttp2.GOAWAY);
            assertThat(last.lastStream()).isEqualTo(3);
            assertThat(client.get(5, "/late").stream(5).get(0).error())
                    .as("REFUSED_STREAM")
                    .isEqualTo(7);
            while (idle.read() != null) {
                // to its end
            }
            gate.open();
            assertThat(RawHttp2.content(client.stream(1))).isEqualTo(LARGE);
            assertThat(client.read()).isNull();
            closed.get(30, TimeUnit.SECONDS);
        }
    }

    /** Two sidecars at once, since each is waited for. */
    @Test
    void whatWasSaidAndNotReadYetIsNotLostWithinTheGracePeriod() throws Exception {
        List<CompletableFuture<Void>> both = new ArrayList<>();
        for (int length : new int[] {275_000, 290_000}) {
            byte[] content = Content.of(1, length);
            String path = "/" + length;
            origin.on(path, ok("max-age=600", content));
            both.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            assertIsNotLostWithinTheGracePeriod(path, content);
                        } catch (Exception e) {
                            throw new AssertionError(path, e);
                        }
                    },
                    OWN_THREAD));
        }
        for (CompletableFuture<Void> each : both) {
            each.get(120, TimeUnit.SECONDS);
        }
    }

    private void assertIsNotLostWithinTheGracePeriod(String path, byte[] content) throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        try (TestSidecar ending = TestSidecar.before(origin, "shutdown.grace=60s");
                RawHttp2 client = connectTo(ending, path, socket)) {
            client.open(0, OPEN).get(1, path);
            Frame first = client.await(RawHttp2.HEADERS);
            assertThat(first.status()).isEqualTo(200);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(ending::close, OWN_THREAD);
            assertThatThrownBy(() -> closed.get(8, TimeUnit.SECONDS))
                    .as("it does not end before its client has read")
                    .isInstanceOf(TimeoutException.class);
            client.open(0, 1); // as clients do while they read
            List<Frame> answer = client.stream(1);
            assertThat(RawHttp2.content(answer)).isEqualTo(content);
            assertThat(answer).last().matches(Frame::endsStream);
            while (client.read() != null) {
                // to its end
            }
            assertThat(client.wasReset()).isFalse();
            closed.get(50, TimeUnit.SECONDS);
        }
    }

    /** Once it is stored. */
    private static RawHttp2 connectTo(TestSidecar sidecar, String path, Socket socket) throws IOException {
        sidecar.get(path);
        socket.connect(sidecar.address());
        return RawHttp2.over(socket, INITIAL_WINDOW, OPEN);
    }

    @Test
    void whatRunsBeyondTheGracePeriodIsCutOffVisibly() throws Exception {
        origin.on("/large", ok("max-age=600", LARGE));
        start("pool.size=64MiB", "shutdown.grace=200ms");
        sidecar.get("/large");
        try (RawHttp2 client = connect(INITIAL_WINDOW, 1000)) {
            client.get(1, "/large");
            client.await(RawHttp2.DATA);
            sidecar.close();
            assertThat(client.stream(1)).noneMatch(Frame::endsStream);
        }
    }

    private interface Connecting {
        RawHttp2 connect() throws IOException;
    }

    @Test
    void noRequestIsLostWhenItIsStoppedUnderLoad() throws Exception {
        assertNoRequestIsLost(this::connectOpen);
    }

    @Test
    void norIsOneByTls(@TempDir Path directory) throws Exception {
        try (Programs programs = new Programs(directory)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            SSLContext trusting = certificates.clients();
            assertNoRequestIsLost(
                    () -> connectOpen(trusting),
                    "tls.certificate=" + certificates.chain("server"),
                    "tls.key=" + certificates.key("server"));
        }
    }

    private RawHttp2 connectOpen(SSLContext trusting) throws IOException {
        Socket tcp =
                new Socket(sidecar.address().getAddress(), sidecar.address().getPort());
        tcp.setTcpNoDelay(true); // else what follows the handshake waits for its acknowledgement, which is delayed
        SSLSocket tls = (SSLSocket)
                trusting.getSocketFactory().createSocket(tcp, "127.0.0.1", tcp.getPort(), /* autoClose= */ true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        tls.setSSLParameters(parameters);
        return RawHttp2.over(tls, INITIAL_WINDOW, OPEN).open(0, 1_000_000_000);
    }

    private void assertNoRequestIsLost(Connecting connecting, String... settings) throws Exception {
        origin.on("/hit", ok("max-age=600", Content.of(1, 20_000)));
        origin.on("/miss", ok("no-store", Content.of(2, 20_000)));
        String[] all = Arrays.copyOf(settings, settings.length + 2);
        all[settings.length] = "pool.size=64MiB";
        all[settings.length + 1] = "shutdown.grace=30s";
        start(all);
        AtomicInteger answered = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(CompletableFuture.runAsync(() -> askUntilTheEnd(connecting, answered), OWN_THREAD));
        }
        await().until(() -> answered.get() > 500);
        sidecar.close();
        for (CompletableFuture<Void> client : clients) {
            client.get(30, TimeUnit.SECONDS);
        }
    }

    /** As clients do: eight at a time, on new connections once told to, and no more once refused. */
    private static void askUntilTheEnd(Connecting connecting, AtomicInteger answered) {
        try {
            while (true) {
                try (RawHttp2 client = connecting.connect()) {
                    askUntilGoAway(client, answered);
                } catch (ConnectException stopped) {
                    return;
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void askUntilGoAway(RawHttp2 client, AtomicInteger answered) throws IOException {
        Set<Integer> running = new HashSet<>();
        int next = 1;
        int last = Integer.MAX_VALUE;
        boolean goes = false;
        while (true) {
            while (!goes && running.size() < 8) {
                try {
                    client.get(next, next % 4 == 1 ? "/hit" : "/miss");
                } catch (IOException cut) {
                    throw new AssertionError("cut off without a word, with " + running, cut);
                }
                running.add(next);
                next += 2;
            }
            Frame frame = client.read();
            if (frame == null) {
                assertThat(goes).as("told before the end").isTrue();
                int served = last;
                assertThat(running)
                        .as("streams that may not be tried again, and have no answer")
                        .noneMatch(id -> id <= served);
                return;
            }
            if (frame.type() == RawHttp2.GOAWAY) {
                goes = true;
                last = frame.lastStream();
            } else if (frame.type() == RawHttp2.RST_STREAM) {
                assertThat(frame.error())
                        .as("REFUSED_STREAM: it may be tried again")
                        .isEqualTo(7);
                running.remove(frame.stream());
            } else if (frame.endsStream()) {
                running.remove(frame.stream());
                answered.incrementAndGet();
            }
        }
    }
}
