package dev.lastref.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.lastref.bench.load.Counting;
import dev.lastref.bench.load.H2load;
import dev.lastref.bench.load.LoadResult;
import dev.lastref.bench.load.NginxConfiguration;
import dev.lastref.bench.load.Programs;
import dev.lastref.bench.load.Server;
import dev.lastref.bench.load.TlsIdentity;
import dev.lastref.bench.load.Wrk;
import dev.lastref.pool.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Others' servers and clients over TLS, for a moment each. Lastref is no peer here: its jar is made after its tests. */
class ContestTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void needsOthers() {
        Stream.of("nginx", "haproxy", "wrk", "h2load").forEach(Requires::command);
    }

    @Test
    void peersAreMeasuredOverTlsAndByHttp2() throws Exception {
        List<Case> cases = Case.all(List.of(Scenario.TLS, Scenario.HTTP2), List.of(1024L, 1L << 20), List.of(4));
        List<Peer> peers = List.of(Peer.NGINX, Peer.VARNISH, Peer.HAPROXY);
        List<String> told = new ArrayList<>();
        List<Measurement> all = new ArrayList<>();
        try (Contest contest = Contest.start(peers, cases, 64 << 20, folder, told::add)) {
            for (Case asked : cases) {
                all.addAll(contest.measure(asked, 1, 2, 0));
            }
        }
        assertThat(told).containsExactly("varnish is left out over TLS: as Debian has it, it speaks none");
        assertThat(all)
                .extracting(one -> one.measured().scenario() + " " + one.peer())
                .containsExactly(
                        "TLS NGINX",
                        "TLS HAPROXY",
                        "TLS NGINX",
                        "TLS HAPROXY",
                        "HTTP2 NGINX",
                        "HTTP2 HAPROXY",
                        "HTTP2 NGINX",
                        "HTTP2 HAPROXY");
        assertThat(all).allSatisfy(one -> {
            assertThat(one.load().requests()).isGreaterThan(10);
            assertThat(one.load().errors()).isZero();
            assertThat(one.originRequests()).isZero();
            assertThat(one.load().bytes())
                    .isGreaterThanOrEqualTo(one.measured().bytes() * one.load().requests());
            assertThat(one.load().p50())
                    .isPositive()
                    .isLessThanOrEqualTo(one.load().p999());
            assertThat(one.cpuSeconds()).isPositive();
        });
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void clientsOfferOneSuiteOnly() throws Exception {
        Programs programs = Programs.find(List.of("nginx", "wrk", "h2load"));
        TlsIdentity identity = TlsIdentity.make(folder);
        try (Server other = fixed(programs, identity, "TLS_AES_128_GCM_SHA256")) {
            assertThat(overTls(programs, identity, other).requests()).isZero();
            assertThat(overTls(programs, identity, other).errors()).isPositive();
            LoadResult byHttp2 = new H2load(programs, folder).run(other.secureUrl("/"), 4, 1, false, Counting.NOT);
            assertThat(byHttp2.requests()).isZero();
            assertThat(byHttp2.errors()).isEqualTo(4);
        }
        try (Server same = fixed(programs, identity, TlsIdentity.CIPHER)) {
            assertThat(overTls(programs, identity, same).requests()).isPositive();
            assertThat(new H2load(programs, folder)
                            .run(same.secureUrl("/"), 4, 1, false, Counting.NOT)
                            .requests())
                    .isPositive();
        }
    }

    @Test
    void connectionsThatBreakAreErrorsByHttp2Too() throws Exception {
        Programs programs = Programs.find(List.of("nginx", "h2load"));
        LoadResult result;
        ExecutorService client = Executors.newSingleThreadExecutor();
        try (Server server = fixed(programs, TlsIdentity.make(folder), TlsIdentity.CIPHER)) {
            Future<LoadResult> running = client.submit(
                    () -> new H2load(programs, folder).run(server.secureUrl("/"), 4, 3, false, Counting.NOT));
            Path said = folder.resolve("h2load.log");
            await().until(() -> Files.exists(said) && Files.readString(said).contains("Application protocol: h2"));
            server.close();
            result = running.get(30, TimeUnit.SECONDS);
        } finally {
            client.shutdownNow();
            assertThat(client.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(result.errors()).isEqualTo(4);
    }

    @Test
    void whatADifferentServerAgreesOnLeavesItOut() throws Exception {
        Programs programs = Programs.find(List.of("nginx"));
        TlsIdentity identity = TlsIdentity.make(folder);
        Probe probe = new Probe(Optional.of(identity));
        Case byHttp2 = new Case(Scenario.HTTP2, 3, 4);
        Case byHttp1 = new Case(Scenario.TLS, 3, 4);
        try (Server server = fixed(programs, identity, TlsIdentity.CIPHER)) {
            assertThat(Probe.wrong(byHttp1, probe.get(server, byHttp1, ""))).isEmpty();
            assertThat(Probe.wrong(byHttp2, probe.get(server, byHttp2, ""))).isEmpty();
            assertThat(Probe.wrong(byHttp2, probe.get(server, byHttp1, "")))
                    .contains("it answers by HTTP_1_1 instead of HTTP_2");
            Case larger = new Case(Scenario.TLS, 4, 4);
            assertThat(Probe.wrong(larger, probe.get(server, larger, "")))
                    .contains("it answers 200 with 3 bytes instead of 200 with 4");
        }
        try (Server other = fixed(programs, identity, "TLS_AES_128_GCM_SHA256")) {
            assertThatIOException().isThrownBy(() -> probe.get(other, byHttp1, ""));
        }
    }

    private LoadResult overTls(Programs programs, TlsIdentity identity, Server server) throws Exception {
        return new Wrk(programs, folder).run(server.secureUrl("/"), 4, 1, List.of("hits"), identity.offer());
    }

    /** An nginx that answers "yes", and takes but one suite. */
    private Server fixed(Programs programs, TlsIdentity identity, String suite) throws Exception {
        int port = Server.freePort();
        Path configuration = Files.writeString(
                folder.resolve("fixed.conf"),
                NginxConfiguration.begin(folder, "fixed")
                        + """
                    server {
                        listen 127.0.0.1:%d ssl http2;
                        ssl_certificate %s;
                        ssl_certificate_key %s;
                        ssl_protocols TLSv1.3;
                        ssl_conf_command Ciphersuites %s;
                        location / { return 200 "yes"; }
                    }
                }
                """.formatted(port, identity.certificate(), identity.key(), suite));
        return Server.start(
                "fixed",
                List.of(programs.path("nginx"), "-p", folder.toString(), "-c", configuration.toString()),
                port,
                folder);
    }
}
