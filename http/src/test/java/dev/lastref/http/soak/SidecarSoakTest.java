package dev.lastref.http.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.soak.Judge.Seen;
import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.TestSidecar;
import dev.lastref.pool.linux.Memfds;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sidecar under all at once that may befall it: an origin that breaks off, lies and changes what it has; clients that ask for all, for parts
 * and whether something has changed, that read slowly and leave; purges, changes by POST, and a pool that is smaller than what is asked for
 * and gets another size all the while. {@link Judge} says what must hold of each response. In the build it runs for some seconds; with
 * {@code -Psoak} for ten minutes, or for {@code -Dlastref.soak.seconds}.
 */
class SidecarSoakTest {
    private static final Duration WORK =
            Duration.ofSeconds(Long.getLong("soak.seconds", 20)).dividedBy(2);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int POOL_MIB = 24;
    private static final int[] LENGTHS = {1, 300, 5_000, 60_000, 200_000, 1_500_000};
    private static final int CLIENTS = 6;

    private final long seed = System.nanoTime();
    private final Judge judge = new Judge();
    private final List<Resource> resources = resources(seed);
    private volatile boolean over;

    private static List<Resource> resources(long seed) {
        List<IntFunction<Resource>> kinds = new ArrayList<>();
        for (int length : LENGTHS) {
            for (Terms terms : Terms.values()) {
                for (boolean varies : new boolean[] {false, true}) {
                    kinds.add(number -> new Resource(number, terms, length, varies));
                }
            }
        }
        Collections.shuffle(kinds, new Random(seed)); // those in front are asked for more often
        List<Resource> all = new ArrayList<>();
        kinds.forEach(kind -> all.add(kind.apply(all.size())));
        return all;
    }

    @Test
    void whateverBefallsItEveryClientGetsWhatItMayGet() throws Exception {
        run(sidecar -> new AskingRaw(sidecar.address()));
    }

    @Test
    void overTlsAndHttp2Too(@TempDir Path directory) throws Exception {
        try (Programs programs = new Programs(directory)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            HttpClient one = HttpClient.newBuilder()
                    .sslContext(certificates.clients())
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            HttpClient two = HttpClient.newBuilder()
                    .sslContext(certificates.clients())
                    .version(HttpClient.Version.HTTP_2)
                    .build();
            List<HttpClient> inTurn = new ArrayList<>(List.of(one, two, two));
            run(
                    sidecar -> {
                        inTurn.add(inTurn.remove(0));
                        return new AskingSecurely(inTurn.get(0), sidecar.address());
                    },
                    "tls.certificate=" + certificates.chain("server"),
                    "tls.key=" + certificates.key("server"));
        }
    }

    /** Who checks for leaks behind each test sees what it has left. */
    @RepeatedTest(5)
    void closedInTheMiddleOfItLeavesNothing() throws Exception {
        System.out.println("SidecarSoakTest: seed " + seed);
        ExecutorService executor = Executors.newFixedThreadPool(CLIENTS + 2);
        try (SoakOrigin origin = new SoakOrigin(resources, seed)) {
            try (TestSidecar sidecar = before(origin)) {
                start(executor, sidecar, each -> new AskingRaw(each.address()));
                await().until(() -> judge.bytes() > 10L << 20);
            }
        } finally {
            end(executor);
        }
    }

    private interface Clients {
        Asking of(TestSidecar sidecar);
    }

    private void run(Clients clients, String... settings) throws Exception {
        System.out.println("SidecarSoakTest: seed " + seed + ", " + WORK);
        ExecutorService executor = Executors.newFixedThreadPool(CLIENTS + 2);
        try (SoakOrigin origin = new SoakOrigin(resources, seed);
                TestSidecar sidecar = before(origin, settings)) {
            List<Future<?>> running = start(executor, sidecar, clients);
            watch(running);
            System.out.println("SidecarSoakTest: " + judge);
            assertGivesAllBack(sidecar);
        } finally {
            end(executor);
        }
    }

    private static TestSidecar before(SoakOrigin origin, String... settings) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("pool.size=" + POOL_MIB + "MiB");
        return TestSidecar.before(origin.url(), all.toArray(String[]::new));
    }

    private List<Future<?>> start(ExecutorService executor, TestSidecar sidecar, Clients clients) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Asking client = clients.of(sidecar);
            Random random = new Random(seed + 1 + i);
            running.add(executor.submit(() -> {
                ask(client, random);
                return null;
            }));
        }
        Asking changing = clients.of(sidecar);
        running.add(executor.submit(() -> {
            change(changing, new Random(seed - 1));
            return null;
        }));
        running.add(executor.submit(() -> {
            administer(sidecar, new Random(seed - 2));
            return null;
        }));
        return running;
    }

    private void end(ExecutorService executor) throws InterruptedException {
        over = true;
        executor.shutdown();
        assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Each of them fails the test as soon as it fails. */
    private void watch(List<Future<?>> running) throws Exception {
        long began = System.nanoTime();
        while (!running.stream().allMatch(Future::isDone)) {
            long worked = System.nanoTime() - began;
            over |= worked > WORK.toNanos() && hasSeenAll();
            assertThat(worked)
                    .as("seed %d", seed)
                    .isLessThan(WORK.plus(PATIENCE).toNanos());
            assertThat(Memfds.allocatedBytes())
                    .as("bytes in memory, seed %d", seed)
                    .isLessThanOrEqualTo((long) POOL_MIB << 20);
            for (Future<?> each : running) {
                if (each.isDone()) {
                    each.get();
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** A busy machine takes longer. */
    private boolean hasSeenAll() {
        return judge.bytes() > (long) POOL_MIB << 20
                && Stream.of(Seen.FETCHED, Seen.HIT, Seen.STALE, Seen.NOT_MODIFIED, Seen.PART, Seen.ERROR)
                        .allMatch(each -> judge.count(each) > 0);
    }

    private static void assertGivesAllBack(TestSidecar sidecar) throws IOException {
        purge(sidecar, "{\"all\":true}");
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(sidecar.poolBytes("live")).isZero();
            assertThat(sidecar.poolBytes("dead")).isZero();
        });
    }

    private void ask(Asking client, Random random) throws Exception {
        Map<String, String> known = new HashMap<>();
        try (client) {
            while (!over) {
                Question question = Question.next(random, resources, known);
                int floor = question.resource().floor();
                long began = System.nanoTime();
                Response got = client.ask(question);
                String tag = judge.judge(question, began, floor, got);
                if (tag != null) {
                    question.learn(known, tag);
                }
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** At the origin, of which nobody hears, and through the sidecar. */
    private void change(Asking client, Random random) throws Exception {
        try (client) {
            while (!over) {
                Resource changed = Resource.next(random, resources);
                if (random.nextBoolean()) {
                    changed.change();
                } else {
                    Response got = client.change(changed);
                    if (got.status() == 200) {
                        changed.atLeast(Integer.parseInt(got.first(SoakOrigin.VERSION)));
                    }
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(30)));
            }
        }
    }

    private void administer(TestSidecar sidecar, Random random) throws Exception {
        while (!over) {
            Resource named = Resource.next(random, resources);
            Map<Resource, Integer> before = new HashMap<>();
            resources.forEach(each -> before.put(each, each.version()));
            switch (random.nextInt(8)) {
                case 0 -> {
                    purge(sidecar, "{\"tag\":\"" + named.surrogateKey() + "\"}");
                    before.keySet().removeIf(each -> !each.surrogateKey().equals(named.surrogateKey()));
                }
                case 1 -> {
                    int size = POOL_MIB / 3 + random.nextInt(POOL_MIB * 2 / 3 + 1);
                    send(sidecar, "PUT /api/config", "{\"lastref.pool.size\":\"" + size + "MiB\"}");
                    before.clear();
                }
                case 2 -> {
                    if (random.nextInt(10) == 0) {
                        purge(sidecar, "{\"all\":true}");
                    } else {
                        before.clear();
                    }
                }
                default -> {
                    purge(sidecar, "{\"url\":\"" + named.target() + "\"}");
                    before.keySet().removeIf(each -> each != named);
                }
            }
            before.forEach(Resource::atLeast);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100)));
        }
    }

    private static void purge(TestSidecar sidecar, String what) throws IOException {
        send(sidecar, "POST /api/purge", what);
    }

    private static void send(TestSidecar sidecar, String line, String content) throws IOException {
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            Response got = client.send(line + " HTTP/1.1\r\nHost: admin\r\nContent-Length: " + content.length()
                            + "\r\n\r\n" + content)
                    .response();
            assertThat(got.status())
                    .as("%s: %s", content, new String(got.body(), UTF_8))
                    .isEqualTo(200);
        }
    }
}
