package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.SidecarProcess;
import dev.lastref.http.testing.TestSidecar;
import dev.lastref.pool.testing.Requires;
import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that speak TLS to the sidecar: curl, h2load and openssl. */
class TlsTest extends SidecarTest {
    private static final int[] SIZES = {0, 1, 8192, 70_000, 3_000_000};

    @TempDir
    private Path directory;

    private Programs programs;
    private Certificates certificates;
    private String url;

    @BeforeEach
    void certify() throws Exception {
        Requires.command("curl");
        programs = new Programs(directory);
        certificates = new Certificates(programs, directory);
        certificates.issue("server", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
        for (int size : SIZES) {
            origin.on("/" + size, ok("max-age=600", Content.of(size, size)));
        }
    }

    @AfterEach
    void endPrograms() {
        programs.close();
    }

    private void startSecured(String... more) {
        String[] settings = java.util.Arrays.copyOf(more, more.length + 3);
        settings[more.length] = "tls.certificate=" + certificates.chain("server");
        settings[more.length + 1] = "tls.key=" + certificates.key("server");
        settings[more.length + 2] = "pool.size=64MiB";
        start(settings);
        url = "https://127.0.0.1:" + sidecar.address().getPort();
    }

    private String curl(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 4];
        command[0] = "curl";
        command[1] = "-sS";
        command[2] = "--cacert";
        command[3] = certificates.authority().toString();
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        return programs.run(command);
    }

    @ParameterizedTest
    @CsvSource({"--http1.1, HTTP/1.1, 1.1", "--http2, HTTP/2, 2.0"})
    void curlGetsEverythingRightFromTheOriginAndFromTheStore(String option, String version, String via)
            throws Exception {
        startSecured();
        for (int round = 0; round < 3; round++) {
            for (int size : SIZES) {
                Path got = directory.resolve("got");
                String head = curl(option, "-D", "-", "-o", got.toString(), url + "/" + size);
                assertThat(head)
                        .startsWith(version + " 200")
                        .containsIgnoringCase(round == 0 ? "fwd=uri-miss; stored" : "lastref; hit");
                assertThat(Files.readAllBytes(got)).as("%d bytes", size).isEqualTo(Content.of(size, size));
            }
        }
        assertThat(curl(option, "-I", url + "/8192")).containsIgnoringCase("content-length: 8192");
        assertThat(curl(option, "-r", "10-19", url + "/8192")).hasSize(10);
        assertThat(origin.requests("/1").get(0).all("X-Forwarded-Proto")).containsExactly("https");
        assertThat(origin.requests("/1").get(0).all("Via")).containsExactly(via + " lastref");
        // Nothing went by sendfile, which would have skipped the encryption.
        assertThat(sidecar.metric("lastref_transmit_bytes_total{path=\"sendfile\",}"))
                .isZero();
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--h1", "--npn-list=h2"})
    void loadFailsNoRequest(String protocol) throws Exception {
        Requires.command("h2load");
        startSecured();
        String said = programs.run(
                "h2load", protocol, "-n", "4000", "-c", "16", "-m", "8", url + "/70000", url + "/8192", url + "/1");
        assertThat(said).contains("4000 succeeded, 0 failed, 0 errored, 0 timeout");
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @Test
    void theJdksClientSpeaksHttp2AndGetsEverythingRight() throws Exception {
        startSecured();
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (FileInputStream in = new FileInputStream(certificates.authority().toFile())) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(context)
                .build();
        byte[] up = Content.of(78, 1_000_000);
        origin.on("/up", call -> ok("no-store", call.body()).play(call));
        for (int round = 0; round < 3; round++) {
            List<CompletableFuture<Void>> answers = new ArrayList<>();
            for (int size : SIZES) {
                HttpRequest asked =
                        HttpRequest.newBuilder(URI.create(url + "/" + size)).build();
                answers.add(client.sendAsync(asked, HttpResponse.BodyHandlers.ofByteArray())
                        .thenAccept(answer -> {
                            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
                            assertThat(answer.body()).as("%d bytes", size).isEqualTo(Content.of(size, size));
                        }));
            }
            for (CompletableFuture<Void> answer : answers) {
                answer.get(30, TimeUnit.SECONDS);
            }
            HttpRequest sent = HttpRequest.newBuilder(URI.create(url + "/up"))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(up))
                    .build();
            assertThat(client.send(sent, HttpResponse.BodyHandlers.ofByteArray())
                            .body())
                    .isEqualTo(up);
        }
        for (int size : SIZES) {
            assertThat(origin.count("/" + size)).isEqualTo(1);
        }
        assertThat(sidecar.metric("lastref_http2_faulty_connections_total")).isZero();
        assertThat(sidecar.metric("lastref_http2_connections")).isEqualTo(1);
    }

    @Test
    void whereItIsSwitchedOffNobodyIsOfferedHttp2() throws Exception {
        startSecured("listen.http2=false");
        assertThat(curl("--http2", "-D", "-", "-o", "/dev/null", url + "/1")).startsWith("HTTP/1.1 200");
    }

    @Test
    void contentGoesUpAndComesDown() throws Exception {
        startSecured();
        byte[] up = Content.of(77, 1_000_000);
        Path file = Files.write(directory.resolve("up"), up);
        byte[][] received = new byte[1][];
        origin.on("/up", call -> {
            received[0] = call.body();
            ok("no-store", "got it".getBytes(ISO_8859_1)).play(call);
        });
        for (String option : new String[] {"--http1.1", "--http2"}) {
            assertThat(curl(option, "--data-binary", "@" + file, url + "/up")).isEqualTo("got it");
            assertThat(received[0]).isEqualTo(up);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-tls1_3, , true",
        "-tls1_2, , true",
        "-tls1_1, , false",
        "-tls1_2, AES128-SHA, false", // no forward secrecy
        "-tls1_2, ECDHE-ECDSA-AES128-SHA256, false" // no authenticated encryption
    })
    void onlyWhatIsSafeTodayIsSpoken(String version, String cipher, boolean spoken) throws Exception {
        startSecured();
        String command =
                "openssl s_client -connect 127.0.0.1:" + sidecar.address().getPort() + " " + version
                        + (cipher == null ? "" : " -cipher " + cipher + ":@SECLEVEL=0") + " -CAfile "
                        + certificates.authority() + " -verify_return_error -brief </dev/null; echo status $?";
        String said = programs.run("bash", "-c", command);
        assertThat(said).contains(spoken ? "Verification: OK" : "status 1");
    }

    @ParameterizedTest
    @CsvSource({
        "RSA PKCS 8, 'genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048', 'pkey'",
        "RSA PKCS 1, 'genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048', 'rsa -traditional'",
        "EC PKCS 8, 'genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384', 'pkey'",
        "EC SEC 1, 'genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384', 'ec'",
        "Ed25519, 'genpkey -algorithm ED25519', 'pkey'"
    })
    void keysOfEveryUsualKindAreRead(String kind, String generate, String convert) throws Exception {
        String[] words = generate.split(" ");
        certificates.issue("server", "IP:127.0.0.1", java.util.Arrays.copyOfRange(words, 1, words.length));
        Path key = certificates.key("server");
        Path converted = directory.resolve("converted.key");
        programs.run("bash", "-c", "openssl " + convert + " -in " + key + " -out " + converted);
        Files.move(converted, key, StandardCopyOption.REPLACE_EXISTING);
        startSecured();

        // curl's own library may not offer Ed25519 for signatures by default.
        assertThat(programs.run(
                        "bash",
                        "-c",
                        "openssl s_client -connect 127.0.0.1:"
                                + sidecar.address().getPort() + " -CAfile " + certificates.authority()
                                + " -verify_return_error -brief </dev/null"))
                .as(kind)
                .contains("Verification: OK");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedAtTheStart() throws Exception {
        certificates.issue("another", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
        Map<String, String> settings = TestSidecar.all(
                origin.url(),
                "tls.certificate=" + certificates.chain("server"),
                "tls.key=" + certificates.key("another"));
        assertThatThrownBy(
                        () -> Sidecar.start(ConfigLoader.read(new ConfigSources(null, Map.of(), settings, Map.of()))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lastref.tls.key = ")
                .hasMessageContaining("another.key")
                .hasMessageContaining("is not that of the first certificate");
    }

    @Test
    void aRenewedCertificateIsServedWithoutARestartAndOneThatIsNoneIsNot() throws Exception {
        startSecured();
        assertThat(subject()).contains("CN = server");
        Path chain = certificates.chain("server");
        Path key = certificates.key("server");
        try (LoggedLines log = new LoggedLines("dev.lastref.http.listen.ServerTls")) {
            Files.writeString(chain, "no certificate");
            certificates.issue("renewed", "IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
            assertThat(subject()).contains("CN = server");
            Files.move(certificates.key("renewed"), key, StandardCopyOption.REPLACE_EXISTING);
            Files.move(certificates.chain("renewed"), chain, StandardCopyOption.REPLACE_EXISTING);

            await().atMost(Duration.ofSeconds(60)).until(() -> subject().contains("CN = renewed"));
            String told = "new connections get what is now in " + chain + " with the key " + key;
            await().until(() -> log.lines().contains(told));
        }
        assertThat(curl(url + "/1")).hasSize(1);
    }

    private String subject() throws Exception {
        return programs.run(
                "bash",
                "-c",
                "openssl s_client -connect 127.0.0.1:" + sidecar.address().getPort()
                        + " </dev/null 2>/dev/null | openssl x509 -noout -subject -nameopt oneline");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
                "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"
            })
    void whatIsRefusedWithoutTlsIsRefusedOverIt(String attack) throws Exception {
        startSecured();
        try (SSLSocket socket = socket()) {
            socket.getOutputStream().write(attack.getBytes(ISO_8859_1));
            String said = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(said).startsWith("HTTP/1.1 400 ").contains("Connection: close");
        }
        assertThat(origin.requests()).isEmpty();
    }

    private SSLSocket socket() throws Exception {
        return socket(sidecar.address());
    }

    private SSLSocket socket(InetSocketAddress address) throws Exception {
        SSLSocket socket = (SSLSocket)
                certificates.clients().getSocketFactory().createSocket(address.getAddress(), address.getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    /**
     * RFC 9325, section 3.5. In a JVM of its own, since JSSE looks at its properties once; with an origin by https, by which it may be in
     * use before there is a listener.
     */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aClientCannotHaveTheHandshakeDoneAgainUnlessTheOperatorHasSaidSo(boolean refused) throws Exception {
        List<String> environment = refused
                ? List.of()
                : List.of("env", "JDK_JAVA_OPTIONS=-Djdk.tls.rejectClientInitiatedRenegotiation=false");
        SidecarProcess process = SidecarProcess.startUnder(
                environment,
                programs,
                directory.resolve("log"),
                "https://127.0.0.1:1",
                "tls.certificate=" + certificates.chain("server"),
                "tls.key=" + certificates.key("server"));
        try (SSLSocket socket = socket(process.address())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            byte[] trace = "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1);
            socket.getOutputStream().write(trace);
            assertThat(socket.getInputStream().readNBytes(12)).asString().isEqualTo("HTTP/1.1 405");
            CountDownLatch again = new CountDownLatch(1);
            socket.addHandshakeCompletedListener(completed -> again.countDown());
            socket.startHandshake(); // says that it wants one; the answer is read with what comes
            if (refused) {
                assertThatThrownBy(() -> socket.getInputStream().readAllBytes()).isInstanceOf(SSLException.class);
                assertThat(again.getCount()).isEqualTo(1);
            } else {
                socket.getOutputStream().write(trace);
                byte[] rest = socket.getInputStream().readNBytes(12);
                assertThat(rest).startsWith(' ');
                socket.setSoTimeout(
                        50); // the handshake ends while one reads, and its listener hears of it on another thread
                await().atMost(Duration.ofSeconds(30)).until(() -> {
                    try {
                        assertThat(socket.getInputStream().read(new byte[8192])).isPositive();
                    } catch (SocketTimeoutException nothingMore) {
                        // all that was to be read is read
                    }
                    return again.getCount() == 0;
                });
            }
        }
    }

    @Test
    void aClientThatSpeaksNoTlsGetsNoAnswerAndHoldsNothing() throws Exception {
        startSecured();
        try (var client = sidecar.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            client.awaitEnd();
        }
        assertThat(origin.requests()).isEmpty();
        assertThat(curl(url + "/1")).hasSize(1);
    }

    @Test
    void aClientThatGoesAwayInTheMiddleLeavesNothingBehind() throws Exception {
        startSecured();
        curl("-o", "/dev/null", url + "/3000000");
        for (int i = 0; i < 3; i++) {
            try (SSLSocket socket = socket()) {
                socket.getOutputStream().write("GET /3000000 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1));
                assertThat(socket.getInputStream().readNBytes(1000)).hasSize(1000);
            }
        }
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    private String subject(String name) throws Exception {
        return programs.run(
                        "bash",
                        "-c",
                        "openssl s_client -connect 127.0.0.1:"
                                + sidecar.address().getPort()
                                + (name.isEmpty() ? " -noservername" : " -servername " + name)
                                + " </dev/null 2>/dev/null | openssl x509 -noout -subject -nameopt oneline")
                .strip();
    }

    @Test
    void ofSeveralCertificatesEachNameGetsItsOwnAndEverybodyElseTheFirst() throws Exception {
        certificates.issue(
                "one", "DNS:one.example,IP:127.0.0.1", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
        certificates.issue(
                "two", "DNS:two.example,DNS:*.two.example", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
        certificates.issue("three", "DNS:three.example", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
        start(
                "tls.certificate=" + certificates.chain("one") + ", " + certificates.chain("two") + ","
                        + certificates.chain("three"),
                "tls.key=" + certificates.key("one") + "," + certificates.key("two") + "," + certificates.key("three"));
        assertThat(subject("one.example")).isEqualTo("subject=CN = one");
        assertThat(subject("two.example")).isEqualTo("subject=CN = two");
        assertThat(subject("www.two.example")).isEqualTo("subject=CN = two");
        assertThat(subject("three.example")).isEqualTo("subject=CN = three");
        assertThat(subject("four.example")).isEqualTo("subject=CN = one");
        assertThat(subject("")).isEqualTo("subject=CN = one");
        String url = "https://two.example:" + sidecar.address().getPort();
        assertThat(curl("--resolve", "two.example:" + sidecar.address().getPort() + ":127.0.0.1", url + "/1"))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "a.pem, 'a.key,b.key', lastref.tls.certificate",
        "'a.pem,b.pem', a.key, lastref.tls.key",
        "'a.pem,', 'a.key,', lastref.tls.certificate"
    })
    void certificatesWithoutAKeyEachAreRefused(String certificate, String key, String named) {
        assertThatThrownBy(() -> start("tls.certificate=" + certificate, "tls.key=" + key))
                .hasMessageContaining(named + " = ")
                .hasMessageContaining("PEM file");
    }
}
