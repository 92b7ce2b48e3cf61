package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.SidecarProcess;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The end of a sidecar that is a process, as an orchestrator brings it about: by signals, under load. */
class LifeTest {
    private static final byte[] CONTENT = Content.of(21, 20_000);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Programs programs;
    private ScriptedOrigin origin;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void start() {
        programs = new Programs(directory);
        origin = ScriptedOrigin.start().on("/a", ok("max-age=600", CONTENT));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        programs.close();
        origin.close();
    }

    private SidecarProcess sidecar(String... settings) throws IOException {
        return SidecarProcess.start(programs, directory.resolve("sidecar.log"), origin.url(), settings);
    }

    @Test
    void sigtermUnderLoadFailsNoRequest() throws Exception {
        SidecarProcess sidecar = sidecar("shutdown.grace=20s");
        RawClient.get(sidecar.address(), "/a");
        AtomicInteger answered = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            boolean keptAlive = i % 2 == 0;
            clients.add(load(sidecar, keptAlive, answered));
        }
        await().atMost(PATIENCE).until(() -> answered.get() > 2000);
        sidecar.signal("TERM");

        assertThat(sidecar.awaitExit(PATIENCE)).isZero();
        for (CompletableFuture<Void> client : clients) {
            client.get(PATIENCE.toSeconds(), TimeUnit.SECONDS); // throws what failed
        }
        assertThat(sidecar.printed())
                .doesNotContain("Exception")
                .doesNotContain("ERROR")
                .doesNotContain("WARN");
    }

    /** Asks until nobody listens any more, which must be the only thing that ever goes wrong. */
    private static CompletableFuture<Void> load(SidecarProcess sidecar, boolean keptAlive, AtomicInteger answered) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        while (true) {
                            try (RawClient client = RawClient.connect(sidecar.address())) {
                                boolean stays = true;
                                while (stays) {
                                    Response response =
                                            client.request("GET", "/a").response();
                                    assertThat(response.status()).isEqualTo(200);
                                    assertThat(response.body()).isEqualTo(CONTENT);
                                    answered.incrementAndGet();
                                    stays = keptAlive && !"close".equals(response.first("Connection"));
                                }
                            }
                        }
                    } catch (ConnectException refused) {
                        ended.complete(null);
                    } catch (Throwable failed) {
                        ended.completeExceptionally(failed);
                    }
                },
                "load");
        thread.setDaemon(true);
        thread.start();
        return ended;
    }

    @Test
    void sigtermUnderCurlAndWrkFailsNoRequest() throws Exception {
        Requires.command("curl");
        Requires.command("wrk");
        SidecarProcess sidecar = sidecar("shutdown.grace=20s");
        RawClient.get(sidecar.address(), "/a");
        Path wrkSaid = directory.resolve("wrk.out");
        Process wrk = programs.start(
                wrkSaid, List.of("wrk", "-t1", "-c16", "-d5s", "--timeout", "30s", sidecar.url() + "/a"));
        Path curlSaid = directory.resolve("curl.out");
        String loop = "while true; do curl -sS -o /dev/null " + sidecar.url()
                + "/a 2>/dev/null; s=$?; echo $s; [ $s = 0 ] || exit 0; done";
        Process curl = programs.start(curlSaid, List.of("bash", "-c", loop));
        await().atMost(PATIENCE).until(() -> Programs.printed(curlSaid).length() > 40);
        sidecar.signal("TERM");

        assertThat(sidecar.awaitExit(PATIENCE)).isZero();
        assertThat(curl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        // 7: "Failed to connect to host".
        assertThat(Programs.printed(curlSaid).lines().distinct()).containsExactly("0", "7");
        assertThat(wrk.waitFor(60, TimeUnit.SECONDS)).isTrue();
        // A refused connection is a write error to wrk, which tries again and again. A request cut off would be one of
        // reading.
        Matcher errors = Pattern.compile("Socket errors: connect \\d+, read (\\d+), write \\d+, timeout (\\d+)")
                .matcher(Programs.printed(wrkSaid));
        if (errors.find()) {
            assertThat(List.of(errors.group(1), errors.group(2)))
                    .as(Programs.printed(wrkSaid))
                    .containsOnly("0");
        }
        assertThat(Programs.printed(wrkSaid)).contains("requests in").doesNotContain("Non-2xx");
    }

    @Test
    void connectionsThatNobodyHasAcceptedYetAreServedBeforeTheEnd() throws Exception {
        SidecarProcess sidecar = sidecar("shutdown.grace=20s");
        RawClient.get(sidecar.address(), "/a");
        sidecar.signal("STOP");
        List<RawClient> waiting = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            RawClient client = RawClient.connect(sidecar.address());
            opened.add(client);
            waiting.add(client.request("GET", "/a"));
        }
        sidecar.signal("TERM");
        sidecar.signal("CONT");

        for (RawClient client : waiting) {
            Response response = client.response();
            assertThat(response.body()).isEqualTo(CONTENT);
        }
        assertThat(sidecar.awaitExit(PATIENCE)).isZero();
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
        SidecarProcess sidecar = sidecar("shutdown.grace=600s");
        Gate never = new Gate();
        origin.on("/slow", call -> never.await());
        RawClient client = RawClient.connect(sidecar.address());
        opened.add(client);
        client.request("GET", "/slow");
        await().until(() -> origin.count("/slow") == 1);
        sidecar.signal("TERM");
        await().until(() ->
                RawClient.ask(sidecar.admin(), "GET", "/health/ready").status() == 503);
        sidecar.signal("TERM");

        assertThat(sidecar.awaitExit(PATIENCE))
                .as("as a shell reports a SIGTERM")
                .isEqualTo(128 + 15);
        never.open();
    }

    /** Its client knows the end of a content without a length by the connection's. */
    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM"})
    void whatIsCutOffByTheProcesssEndDoesNotLookWhole(String signal) throws Exception {
        SidecarProcess sidecar = sidecar("shutdown.grace=600s");
        Gate never = new Gate();
        origin.on("/slow", call -> {
            call.send(ScriptedOrigin.chunkedHead("max-age=60")).sendChunk(CONTENT);
            never.await();
        });
        RawClient client = RawClient.connect(sidecar.address());
        opened.add(client);
        client.send("GET /slow HTTP/1.0\r\nHost: t\r\n\r\n");
        Response head = client.head();
        assertThat(head.first("Content-Length")).isNull();
        assertThat(client.read(CONTENT.length)).isEqualTo(CONTENT);
        if (signal.equals("TERM")) {
            sidecar.signal("TERM");
            await().until(() ->
                    RawClient.ask(sidecar.admin(), "GET", "/health/ready").status() == 503);
        }
        sidecar.signal(signal);

        assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.RST);
        sidecar.awaitExit(PATIENCE);
        never.open();
    }

    @Test
    void itGoesOnUnreadyForTheDelayThatWasAskedFor() throws Exception {
        SidecarProcess sidecar = sidecar("shutdown.delay=600s");
        sidecar.signal("TERM");
        await().until(() ->
                RawClient.ask(sidecar.admin(), "GET", "/health/ready").status() == 503);
        assertThat(RawClient.ask(sidecar.admin(), "GET", "/health/ready").body())
                .asString()
                .isEqualTo("not ready: draining, it was told to end\n");

        Response served = RawClient.get(sidecar.address(), "/a");
        assertThat(served.status()).isEqualTo(200);
        sidecar.signal("TERM");
        sidecar.awaitExit(PATIENCE);
    }

    @Test
    void nothingButTheAccessLogGoesToStandardOutputWhereThatIsItsTarget() throws Exception {
        Path lines = directory.resolve("lines");
        SidecarProcess sidecar = SidecarProcess.startUnder(
                List.of("sh", "-c", "exec \"$@\" 2>&1 >" + lines, "sh"),
                programs,
                directory.resolve("sidecar.log"),
                origin.url(),
                "access-log=stdout");
        origin.on("/a", ok("max-age=60", Content.of(1, 100)));
        RawClient.get(sidecar.address(), "/a");
        sidecar.signal("TERM");
        assertThat(sidecar.awaitExit(PATIENCE)).isZero();
        assertThat(sidecar.printed()).contains("lastref: http://");
        assertThat(Files.readAllLines(lines))
                .singleElement()
                .satisfies(line -> assertThat(
                                new JsonMapper().readTree(line).get("target").asString())
                        .isEqualTo("/a"));
    }

    /** The file that it reads first is one that comes only when it has been told to end. */
    @Test
    void toldToEndBeforeItHasStartedItEndsWithoutAFault() throws Exception {
        Path slow = directory.resolve("slow.properties");
        programs.run("mkfifo", slow.toString());
        Path output = directory.resolve("sidecar.log");
        Process process = programs.sidecar(output, "--config=" + slow);
        try (OutputStream settings = CompletableFuture.supplyAsync(() -> opened(slow)) // once it reads
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            programs.run("kill", "-TERM", String.valueOf(process.pid()));
            settings.write(("lastref.origin = " + origin.url()
                            + "\nlastref.listen = 127.0.0.1:0\nlastref.admin = 127.0.0.1:0\nlastref.pool.size = 8MiB\n")
                    .getBytes(UTF_8));
        } catch (IOException broken) { // it did not wait for the file
        }
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Programs.printed(output)).isZero();
        assertThat(Programs.printed(output)).doesNotContain("WARN").doesNotContain("\tat ");
    }

    private static OutputStream opened(Path fifo) {
        try {
            return Files.newOutputStream(fifo);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aHangUpWhileItEndsIsHeardAndNoFault() throws Exception {
        SidecarProcess sidecar = SidecarProcess.startUnder(
                // Whoever runs the tests may have had SIGHUP ignored, as nohup does, and children inherit that.
                List.of("env", "--default-signal=HUP"),
                programs,
                directory.resolve("sidecar.log"),
                origin.url(),
                "shutdown.grace=600s");
        Gate never = new Gate();
        origin.on("/slow", call -> never.await());
        RawClient client = RawClient.connect(sidecar.address());
        opened.add(client);
        client.request("GET", "/slow");
        await().until(() -> origin.count("/slow") == 1);
        sidecar.signal("TERM");
        await().atMost(PATIENCE).until(() -> isRefused(sidecar));
        sidecar.signal("HUP");
        await().atMost(PATIENCE).until(() -> sidecar.printed().contains("SIGHUP"));
        assertThat(sidecar.printed())
                .contains("SIGHUP: no setting has changed")
                .doesNotContain("WARN")
                .doesNotContain("\tat ");
        sidecar.signal("TERM");
        sidecar.awaitExit(PATIENCE);
        never.open();
    }

    private static boolean isRefused(SidecarProcess sidecar) throws IOException {
        try (RawClient client = RawClient.connect(sidecar.address())) {
            return false;
        } catch (ConnectException refused) {
            return true;
        }
    }

    @Test
    void itRecoversFromHavingNoDescriptorsLeftAndSaysSoOnce() throws Exception {
        SidecarProcess sidecar = startWithFewDescriptors("pool.size=4MiB");
        RawClient.get(sidecar.address(), "/a");
        List<RawClient> greedy = takeAllDescriptors(sidecar);
        // Who asks whether it lives, or what it lacks, is answered: more of them than one, and again and again.
        for (int round = 0; round < 3; round++) {
            assertThatSeveralAdministratorsAreAnswered(sidecar);
            double attempts = failedAttempts(sidecar);
            assertThat(attempts).isPositive();
            await().atMost(PATIENCE).until(() -> failedAttempts(sidecar) > attempts);
        }
        assertThat(sidecar.printed()).doesNotContain("accepted again");
        for (RawClient client : greedy) {
            client.close();
        }

        await().atMost(Duration.ofSeconds(90)).until(() -> {
            // Waits in the kernel's queue until the next attempt.
            assertThat(RawClient.get(sidecar.address(), "/a").body()).isEqualTo(CONTENT);
            return sidecar.printed().contains("accepted again");
        });
        assertThat(Pattern.compile("no connection can be accepted")
                        .matcher(sidecar.printed())
                        .results()
                        .count())
                .isEqualTo(1);
        assertThat(sidecar.printed())
                .as("it was said at the start")
                .contains("the limit of open files (RLIMIT_NOFILE) is 200, and the settings may need ")
                .doesNotContain("XNIO008001");
    }

    @Test
    void withoutDescriptorsForTheOriginItIsStillSeenToBeAliveAndTheOriginIsNotBlamed() throws Exception {
        origin.on("/unstored", ok("no-store", CONTENT));
        SidecarProcess sidecar = startWithFewDescriptors("pool.size=4MiB");
        List<RawClient> greedy = takeAllDescriptors(sidecar);
        int exhausted = 0;
        for (int round = 0; round < 3; round++) {
            List<RawClient> asking = greedy.subList(0, 30);
            for (RawClient client : asking) {
                client.request("GET", "/unstored");
            }
            assertThat(RawClient.get(sidecar.admin(), "/health/live").status()).isEqualTo(200);
            for (RawClient client : asking) {
                Response got = client.response();
                assertThat(got.status()).isIn(200, 503);
                if (got.status() == 503) {
                    exhausted++;
                    assertThat(got.cacheStatus()).contains("detail=exhausted");
                    assertThat(got.first("Retry-After")).isNotNull();
                    assertThat(new String(got.body(), UTF_8)).contains("no response: exhausted");
                }
            }
        }
        assertThat(exhausted).isPositive();
        assertThat(new String(RawClient.get(sidecar.admin(), "/api/origins").body(), UTF_8))
                .contains("\"failed\":0");
        assertThat(sidecar.printed()).doesNotContain("/proc/net/tcp");
        for (RawClient client : greedy) {
            client.close();
        }
        await().atMost(Duration.ofSeconds(90))
                .until(() -> RawClient.get(sidecar.address(), "/unstored").status() == 200);
    }

    /** Ahead of them in the kernel's queue are some that say nothing; these end when they are told to. */
    @Test
    void whoWaitsForADescriptorIsServedBeforeTheEnd() throws Exception {
        SidecarProcess sidecar = startWithFewDescriptors("pool.size=4MiB", "shutdown.grace=20s");
        RawClient.get(sidecar.address(), "/a");
        List<RawClient> greedy = takeAllDescriptors(sidecar);
        List<RawClient> waiting = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            RawClient client = RawClient.connect(sidecar.address());
            opened.add(client);
            waiting.add(client.request("GET", "/a"));
        }
        assertThat(waiting.get(0).isQuietFor(1000)).isTrue();
        sidecar.signal("TERM");
        CompletableFuture<Void> gone = CompletableFuture.runAsync(
                () -> {
                    try {
                        for (RawClient client : greedy) {
                            client.awaitEnd();
                            client.close();
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> new Thread(task, "greedy").start());
        for (RawClient client : waiting) {
            assertThat(client.response().body()).isEqualTo(CONTENT);
            client.close();
        }
        gone.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(sidecar.awaitExit(PATIENCE)).isZero();
    }

    /** Nobody else makes room for them: those that are connected wait for a response, and what was held back is all that there is. */
    @Test
    void whoWaitsForADescriptorIsServedWithWhatWasHeldBack() throws Exception {
        SidecarProcess sidecar = startWithFewDescriptors("pool.size=4MiB", "shutdown.grace=30s");
        RawClient.get(sidecar.address(), "/a");
        Gate gate = new Gate();
        origin.on("/slow", call -> {
            gate.await();
            ok("max-age=600", CONTENT).play(call);
        });
        RawClient first = RawClient.connect(sidecar.address());
        opened.add(first);
        first.request("GET", "/slow");
        await().until(() -> origin.count("/slow") == 1);
        List<RawClient> greedy = takeAllDescriptors(sidecar);
        for (RawClient client : greedy) {
            client.request("GET", "/a");
        }
        int accepted = 0;
        while (!greedy.get(accepted).isQuietFor(1000)) {
            greedy.get(accepted).response();
            greedy.get(accepted).request("GET", "/slow");
            accepted++;
        }
        for (RawClient client : greedy.subList(accepted, greedy.size())) {
            client.close();
        }
        opened.addAll(greedy.subList(0, accepted));
        List<RawClient> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            RawClient client = RawClient.connect(sidecar.address());
            opened.add(client);
            waiting.add(client.request("GET", "/a"));
        }
        assertThat(waiting.get(0).isQuietFor(1000)).isTrue();
        sidecar.signal("TERM");
        for (RawClient client : waiting) {
            assertThat(client.response().body()).isEqualTo(CONTENT);
            client.close();
        }
        gate.open();
        for (RawClient client : greedy.subList(0, accepted)) {
            assertThat(client.response().body()).isEqualTo(CONTENT);
            client.close();
        }
        assertThat(first.response().body()).isEqualTo(CONTENT);
        first.close();
        assertThat(sidecar.awaitExit(PATIENCE)).isZero();
    }

    /** What is stored must be there afterwards too: it would be dropped for descriptors that the next client takes. */
    @Test
    void thePoolTakesNoneOfTheDescriptorsThatAreGivenBackForTheAdministration() throws Exception {
        byte[] large = Content.of(22, 1 << 20);
        int objects = 40;
        for (int i = 0; i < objects; i++) {
            origin.on("/large/" + i, ok("max-age=600", large));
        }
        SidecarProcess sidecar = startWithFewDescriptors("pool.size=50MiB", "pool.segment-size=1MiB");
        List<RawClient> early = new ArrayList<>();
        int stored = 8;
        for (int i = 0; i < stored; i++) { // on all I/O threads, whose connections to the origin are kept
            RawClient client = RawClient.connect(sidecar.address());
            early.add(client);
            assertThat(client.request("GET", "/large/" + i).response().status()).isEqualTo(200);
        }
        List<RawClient> greedy = takeAllDescriptors(sidecar);
        int unstored = 0;
        for (int i = stored; i < objects; i++) {
            Response got =
                    early.get(i % early.size()).request("GET", "/large/" + i).response();
            assertThat(got.status()).isIn(200, 503);
            if (got.status() == 200) {
                assertThat(got.body()).isEqualTo(large);
                unstored += got.cacheStatus().contains("stored") ? 0 : 1;
            }
            assertThat(RawClient.get(sidecar.admin(), "/health/live").status()).isEqualTo(200);
        }
        assertThat(unstored).isPositive();
        assertThat(descriptorsOf(sidecar))
                .as("of 200, 12 of which are given back")
                .isLessThan(200 - 12 + 5);
        assertThatSeveralAdministratorsAreAnswered(sidecar);
        for (int i = 0; i < stored; i++) {
            assertThat(early.get(i).request("GET", "/large/" + i).response().cacheStatus())
                    .contains("hit");
        }
        for (RawClient client : greedy) {
            client.close();
        }
        await().atMost(Duration.ofSeconds(90))
                .until(() -> RawClient.get(sidecar.address(), "/large/39")
                        .cacheStatus()
                        .contains("hit"));
        for (RawClient client : early) {
            client.close();
        }
    }

    @Test
    void aFullPoolLeavesDescriptorsForClientsHoweverFewThereAre() throws Exception {
        byte[] large = Content.of(23, 800_000);
        int objects = 20; // more than the pool takes; where it wants for a descriptor, an answer takes 250 ms
        for (int i = 0; i < objects; i++) {
            origin.on("/large/" + i, ok("max-age=600", large));
        }
        SidecarProcess sidecar = startWithDescriptors(128, "pool.size=12MiB");
        for (int i = 0; i < objects; i++) {
            try (RawClient client = RawClient.connect(sidecar.address())) {
                assertThat(client.request("GET", "/large/" + i).response().body())
                        .isEqualTo(large);
            }
        }
        assertThat(sidecar.printed()).doesNotContain("no connection can be accepted");
    }

    private SidecarProcess startWithFewDescriptors(String... settings) throws Exception {
        return startWithDescriptors(200, settings);
    }

    private SidecarProcess startWithDescriptors(int limit, String... settings) throws Exception {
        Requires.command("prlimit");
        return SidecarProcess.startUnder(
                List.of("prlimit", "--nofile=" + limit + ":" + limit),
                programs,
                directory.resolve("few.log"),
                origin.url(),
                settings);
    }

    private static void assertThatSeveralAdministratorsAreAnswered(SidecarProcess sidecar) throws IOException {
        List<RawClient> administrators = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            administrators.add(RawClient.connect(sidecar.admin()));
        }
        for (RawClient administrator : administrators) {
            assertThat(administrator.request("GET", "/health/live").response().body())
                    .asString()
                    .isEqualTo("live\n");
            administrator.close();
        }
    }

    /** More clients than there are descriptors for; the first of them are accepted. */
    private static List<RawClient> takeAllDescriptors(SidecarProcess sidecar) throws IOException {
        List<RawClient> greedy = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            greedy.add(RawClient.connect(sidecar.address()));
        }
        await().atMost(PATIENCE).until(() -> sidecar.printed().contains("no connection can be accepted"));
        await().atMost(PATIENCE).until(() -> isQuiet(sidecar, greedy));
        return greedy;
    }

    private static double failedAttempts(SidecarProcess sidecar) throws IOException {
        String metrics = new String(RawClient.get(sidecar.admin(), "/metrics").body(), UTF_8);
        Matcher failed = Pattern.compile(
                        "^lastref_connections_refused_total\\{reason=\"descriptors\",} (\\S+)$", Pattern.MULTILINE)
                .matcher(metrics);
        assertThat(failed.find()).isTrue();
        return Double.parseDouble(failed.group(1));
    }

    /** Whether the last of those that came is really not accepted. */
    private static boolean isQuiet(SidecarProcess sidecar, List<RawClient> clients) throws IOException {
        // But for what is given back then.
        return descriptorsOf(sidecar) >= 180 && clients.get(clients.size() - 1).isQuietFor(1000);
    }

    private static long descriptorsOf(SidecarProcess sidecar) throws IOException {
        try (var links =
                Files.list(Path.of("/proc", String.valueOf(sidecar.process().pid()), "fd"))) {
            return links.count();
        }
    }
}
