package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that come to nothing, as the metrics count them: each once, by why. */
class ConnectionMetricsTest extends SidecarTest {
    private static final String REFUSED = "lastref_connections_refused_total";
    private static final String TIMED_OUT = "lastref_connections_timed_out_total";
    private static final String PROXY = "lastref_proxy_headers_refused_total";
    private static final String HANDSHAKES = "lastref_tls_handshakes_failed_total";
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

    @TempDir
    Path directory;

    /** Those that are not 0, as {@code name{reason}}; of descriptors nothing: they are the process's. */
    private Map<String, Double> counted() throws Exception {
        Map<String, Double> all = new TreeMap<>();
        Matcher sample = Pattern.compile(
                        "^(lastref_(?:connections|proxy_headers|tls)_\\w+_total)\\{reason=\"(\\w+)\",} (\\S+)$",
                        Pattern.MULTILINE)
                .matcher(sidecar.admin("/metrics"));
        while (sample.find()) {
            double value = Double.parseDouble(sample.group(3));
            if (value > 0 && !sample.group(2).equals("descriptors")) {
                all.put(sample.group(1) + "{" + sample.group(2) + "}", value);
            }
        }
        return all;
    }

    private void awaitOnly(String name, String reason, double count) {
        await().untilAsserted(() -> assertThat(counted()).isEqualTo(Map.of(name + "{" + reason + "}", count)));
    }

    @Test
    void everySeriesIsThereFromTheStart() throws Exception {
        start();
        Map<String, List<String>> expected = new LinkedHashMap<>();
        expected.put(REFUSED, List.of("total", "per_peer", "memory", "descriptors"));
        expected.put(TIMED_OUT, List.of("idle", "slow_head", "slow_body"));
        expected.put(PROXY, List.of("malformed", "timeout", "closed"));
        expected.put(HANDSHAKES, List.of("protocol", "certificate", "timeout", "closed"));
        String page = sidecar.admin("/metrics");
        expected.forEach((name, reasons) ->
                reasons.forEach(reason -> assertThat(page).contains(name + "{reason=\"" + reason + "\",} ")));
        assertThat(counted()).isEmpty();
    }

    @Test
    void whoComesAndGoesInOrderIsNoTrouble() throws Exception {
        origin.on("/a", ok("max-age=60", new byte[10]));
        start();
        try (RawClient client = sidecar.connect();
                RawClient silent = sidecar.connect()) {
            assertThat(client.send(GET).response().status()).isEqualTo(200);
            await().until(() -> sidecar.metric("lastref_connections") == 2);
        }
        await().until(() -> sidecar.metric("lastref_connections") == 0);
        assertThat(sidecar.metric("lastref_connections_accepted_total")).isEqualTo(2);
        assertThat(counted()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"limits.connections=3, total", "limits.connections-per-peer=3, per_peer"})
    void thoseBeyondALimitAreCounted(String limit, String reason) throws Exception {
        start(limit, "trusted-proxies=none");
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                RawClient client = sidecar.connect();
                clients.add(client);
                client.send(GET).response(); // it is there
            }
            for (int i = 0; i < 2; i++) {
                try (RawClient tooMany = sidecar.connect()) {
                    tooMany.awaitEnd();
                }
            }
            awaitOnly(REFUSED, reason, 2);
            await().until(() -> sidecar.metric("lastref_connections") == 3);
            assertThat(sidecar.metric("lastref_connections_accepted_total")).isEqualTo(5);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    // ---- PROXY headers

    @Test
    void aProxyThatSaysNonsenseIsCounted() throws Exception {
        start("proxy-protocol=127.0.0.0/8");
        try (RawClient client = sidecar.connect()) {
            client.send(GET);
            client.awaitEnd();
        }
        awaitOnly(PROXY, "malformed", 1);
    }

    @Test
    void aProxyThatGoesBeforeItHasSaidAllIsCounted() throws Exception {
        start("proxy-protocol=127.0.0.0/8");
        try (RawClient client = sidecar.connect()) {
            client.send("PROXY TCP4 192.");
        }
        awaitOnly(PROXY, "closed", 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PROXY TCP4 192."})
    void aProxyThatDoesNotSayAllIsCounted(String begin) throws Exception {
        start("proxy-protocol=127.0.0.0/8", "limits.head-timeout=100ms");
        try (RawClient client = sidecar.connect()) {
            client.send(begin);
            client.awaitEnd();
        }
        awaitOnly(PROXY, "timeout", 1);
    }

    // ---- TLS

    private Certificates startSecured(String... more) throws Exception {
        try (Programs programs = new Programs(directory)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            String[] settings = Arrays.copyOf(more, more.length + 2);
            settings[more.length] = "tls.certificate=" + certificates.chain("server");
            settings[more.length + 1] = "tls.key=" + certificates.key("server");
            start(settings);
            return certificates;
        }
    }

    private SSLSocket secured(SSLContext context) throws Exception {
        return (SSLSocket) context.getSocketFactory()
                .createSocket("127.0.0.1", sidecar.address().getPort());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aHandshakeThatSucceedsIsNoTrouble(String protocol) throws Exception {
        Certificates certificates = startSecured();
        origin.on("/a", ok("max-age=60", new byte[10]));
        try (SSLSocket socket = secured(certificates.clients());
                SSLSocket saysNothing = secured(certificates.clients())) {
            socket.setEnabledProtocols(new String[] {protocol});
            saysNothing.setEnabledProtocols(new String[] {protocol});
            saysNothing.startHandshake();
            socket.getOutputStream().write(GET.getBytes(US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
        await().until(() -> sidecar.metric("lastref_connections") == 0);
        assertThat(sidecar.metric("lastref_connections_accepted_total")).isEqualTo(2);
        assertThat(counted()).isEmpty();
    }

    @Test
    void whoSpeaksSomethingElseOnAPortOfTlsIsCounted() throws Exception {
        startSecured();
        try (RawClient client = sidecar.connect()) {
            client.send(GET);
            client.awaitEnd();
        }
        awaitOnly(HANDSHAKES, "protocol", 1);
    }

    @Test
    void whoSpeaksNoCipherSuiteThatIsSpokenHereIsCounted() throws Exception {
        Certificates certificates = startSecured();
        try (SSLSocket socket = secured(certificates.clients())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
        awaitOnly(HANDSHAKES, "protocol", 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoDoesNotTrustTheCertificateIsCounted(String protocol) throws Exception {
        startSecured();
        try (SSLSocket socket = secured(SSLContext.getDefault())) {
            socket.setEnabledProtocols(new String[] {protocol});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
        awaitOnly(HANDSHAKES, "certificate", 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoGoesBeforeTheHandshakeIsOverIsCounted(boolean byReset) throws Exception {
        startSecured();
        RawClient client = sidecar.connect();
        if (byReset) {
            client.reset();
        } else {
            client.close();
        }
        awaitOnly(HANDSHAKES, "closed", 1);
    }

    @Test
    void whoDoesNotShakeHandsInTimeIsCounted() throws Exception {
        startSecured("limits.head-timeout=100ms");
        try (RawClient client = sidecar.connect()) {
            client.awaitEnd();
        }
        awaitOnly(HANDSHAKES, "timeout", 1);
    }

    @Test
    void aHandshakeThatAStopHasEndedHasNotFailed() throws Exception {
        Gate gate = new Gate();
        origin.on("/slow", call -> {
            gate.await();
            ok("no-store", new byte[10]).play(call);
        });
        Certificates certificates = startSecured("shutdown.grace=60s");
        try (SSLSocket busy = secured(certificates.clients());
                RawClient silent = sidecar.connect()) {
            busy.getOutputStream().write(GET.replace("/a", "/slow").getBytes(US_ASCII));
            await().until(() -> origin.count("/slow") == 1);
            CompletableFuture<Void> closed =
                    CompletableFuture.runAsync(sidecar::close, task -> new Thread(task, "stop").start());
            silent.awaitEnd();
            await().until(() -> sidecar.metric("lastref_connections") == 1);
            assertThat(counted()).isEmpty();
            gate.open();
            assertThat(busy.getInputStream().read()).isEqualTo('H');
            busy.close();
            closed.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void whoSaysNothingByTlsIsSilentAndItsHandshakeHasNotFailed() throws Exception {
        Certificates certificates = startSecured("limits.head-timeout=5s");
        try (SSLSocket socket = secured(certificates.clients())) {
            socket.startHandshake();
            assertThat(socket.getInputStream().read()).isNegative();
        }
        awaitOnly(TIMED_OUT, "idle", 1);
    }

    // ---- timeouts

    @ParameterizedTest
    @CsvSource({"'', true", "'', false", "GET, true", "GET, false"})
    void whoIsSilentForTooLongIsCounted(String first, boolean http2) throws Exception {
        start("limits.idle-timeout=1s", "listen.http2=" + http2);
        try (RawClient client = sidecar.connect()) {
            if (!first.isEmpty()) {
                client.send(GET).response();
            }
            client.awaitEnd();
        }
        awaitOnly(TIMED_OUT, "idle", 1);
    }

    @Test
    void whoIsSilentByHttp2IsCounted() throws Exception {
        start("limits.idle-timeout=1s");
        try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
            awaitOnly(TIMED_OUT, "idle", 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"G, true", "G, false", "'GET /a HTTP/1.1\r\nHost:', true", "'GET /a HTTP/1.1\r\nHost:', false"})
    void whoDoesNotEndAHeadIsCounted(String begin, boolean http2) throws Exception {
        start("limits.head-timeout=100ms", "listen.http2=" + http2);
        try (RawClient client = sidecar.connect()) {
            client.send(begin);
            client.awaitEnd();
        }
        awaitOnly(TIMED_OUT, "slow_head", 1);
    }

    @Test
    void whoBeginsWithHalfAPrefaceIsCounted() throws Exception {
        start("limits.head-timeout=100ms");
        try (RawClient client = sidecar.connect()) {
            client.send("PRI * HTTP/2.0\r\n");
            client.awaitEnd();
        }
        awaitOnly(TIMED_OUT, "slow_head", 1);
    }

    @Test
    void whoDoesNotEndAHeadByHttp2IsCounted() throws Exception {
        start("limits.head-timeout=300ms");
        try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
            client.send(RawHttp2.HEADERS, 0, 1, new byte[] {(byte) 0x82}); // more is to come
            awaitOnly(TIMED_OUT, "slow_head", 1);
        }
    }

    @Test
    void contentThatComesTooSlowlyIsCounted() throws Exception {
        origin.on("/up", call -> call.body());
        start("limits.body-timeout=300ms");
        try (RawClient client = sidecar.connect()) {
            client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx");
            assertThat(client.response("POST").status()).isEqualTo(408);
            client.awaitEnd();
        }
        awaitOnly(TIMED_OUT, "slow_body", 1);
    }
}
