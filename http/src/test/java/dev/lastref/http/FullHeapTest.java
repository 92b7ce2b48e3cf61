package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import dev.lastref.http.testing.SidecarProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A small heap, which an index and connections that wait would each fill: neither bound alone keeps the process. */
@Timeout(120)
class FullHeapTest {
    /** The collector and the room for new objects that the launcher gives. */
    private static final String HEAP =
            "_JAVA_OPTIONS=-Xmx40m -Xms32m -Xmn16m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError";
    /** Of heads, each with so much of its own: more than the index may have of that heap. */
    private static final int URLS = 800;

    private static final String OF_ITS_OWN = "of its own ".repeat(800);
    private static final int AT_A_TIME = 50;
    private static final String REFUSED = "lastref_connections_refused_total{reason=\"memory\",}";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private Programs programs;
    private final ScriptedOrigin origin = ScriptedOrigin.start();
    private final Gate gate = new Gate();
    private final List<RawClient> clients = new ArrayList<>();
    private SSLContext tls;
    private SidecarProcess sidecar;
    private double whole;

    @BeforeEach
    void open() {
        programs = new Programs(directory);
    }

    @AfterEach
    void close() throws IOException {
        gate.open();
        for (RawClient client : clients) {
            client.close();
        }
        programs.close();
        origin.close();
    }

    private void start(String... settings) throws IOException {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of("origin.connections=8", "origin.queue=100000", "origin.queue-timeout=60s"));
        sidecar = SidecarProcess.startUnder(
                List.of("env", HEAP), programs, directory.resolve("log"), origin.url(), all.toArray(String[]::new));
        whole = metric("lastref_cache_heap_limit_bytes");
    }

    private double metric(String sample) {
        return sidecar.metric(sample);
    }

    private RawClient connect() throws IOException {
        return tls == null ? RawClient.connect(sidecar.address()) : RawClient.connect(sidecar.address(), 0, tls);
    }

    /** Has the index take all that it may, or about. */
    private void fill(String prefix) throws IOException {
        for (int i = 0; i < URLS; i++) {
            origin.on(prefix + i, ok("max-age=600", new byte[10], "Policy: " + i + OF_ITS_OWN));
        }
        try (RawClient client = connect()) {
            for (int i = 0; i < URLS; i++) {
                assertThat(client.request("GET", prefix + i).response().status())
                        .isEqualTo(200);
            }
        }
    }

    /** As many as are let in, and a few more. */
    private void waitAtTheOrigin() throws IOException {
        Script whenOpen = call -> {
            gate.await();
            ok("no-store", new byte[2]).play(call);
        };
        for (int i = 0; i % AT_A_TIME != 0 || metric(REFUSED) == 0; i++) {
            origin.on("/wait/" + i, whenOpen);
            try {
                RawClient client = connect();
                clients.add(client);
                client.request("GET", "/wait/" + i);
            } catch (IOException itIsRefused) {
                // as metrics say
            }
        }
    }

    private static void assertHit(RawClient client) throws IOException {
        assertThat(client.request("GET", "/asked-for").response().isHit()).isTrue();
    }

    private void theIndexGivesWayAndComesBack(int least) throws Exception {
        origin.on("/asked-for", ok("max-age=600", new byte[100]));
        fill("/a");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(metric("lastref_cache_heap_bytes")).isBetween(whole * 0.8, whole * 1.01));
        try (RawClient other = connect()) {
            other.request("GET", "/asked-for").response();
            assertHit(other);
            double evicted = metric("lastref_cache_heap_evicted_entries_total");

            waitAtTheOrigin();

            await().atMost(PATIENCE).untilAsserted(() -> {
                double limit = metric("lastref_cache_heap_limit_bytes");
                assertThat(limit).isBetween(1.0, whole / 2);
                assertThat(metric("lastref_cache_heap_bytes")).isLessThanOrEqualTo(limit);
            });
            assertHit(other);
            assertThat(metric("lastref_cache_heap_evicted_entries_total")).isGreaterThan(evicted);
            assertThat(metric("lastref_connections")).isGreaterThan(least);
            double held = metric("lastref_connections_heap_bytes");
            assertThat(sidecar.printed())
                    .contains("closed a new connection from 127.0.0.1: ", "-Xmx", "lastref.limits.connections");

            gate.open();
            for (RawClient client : clients) {
                client.close();
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(metric("lastref_connections_heap_bytes")).isLessThan(held / 100));
            assertThat(metric("lastref_cache_heap_limit_bytes")).isEqualTo(whole);
            assertHit(other);
        }
        fill("/b");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(metric("lastref_cache_heap_bytes")).isGreaterThan(whole * 0.8));
        assertThat(sidecar.process().isAlive()).isTrue();
    }

    @Test
    void connectionsThatWaitForTheOriginTakeTheIndexsPlaceAndTheRestIsRefused() throws Exception {
        start();
        theIndexGivesWayAndComesBack(1000);
    }

    @Test
    void ofConnectionsByTlsThereAreFewer() throws Exception {
        Certificates certificates = new Certificates(programs, directory);
        certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
        start("tls.certificate=" + certificates.chain("server"), "tls.key=" + certificates.key("server"));
        tls = certificates.clients();
        theIndexGivesWayAndComesBack(500);
    }
}
