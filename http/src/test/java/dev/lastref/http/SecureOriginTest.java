package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.TestSidecar;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** nginx as an origin that speaks TLS. */
class SecureOriginTest {
    private static final byte[] LARGE = Content.of(31, 5_000_000);

    @TempDir
    private Path directory;

    private Programs programs;
    private Certificates certificates;
    private int port;
    private TestSidecar sidecar;

    @BeforeEach
    void start() throws Exception {
        Requires.command("nginx");
        programs = new Programs(directory);
        certificates = new Certificates(programs, directory);
        certificates.issue("origin", "IP:127.0.0.1", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048");
        Files.write(Files.createDirectory(directory.resolve("files")).resolve("large"), LARGE);
    }

    @AfterEach
    void stop() {
        if (sidecar != null) {
            sidecar.close();
        }
        programs.close();
    }

    private void startNginx(String protocols) throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = directory.resolve("nginx.conf");
        Files.writeString(config, """
                daemon off; master_process off; pid %1$s/nginx.pid; error_log %1$s/error.log;
                events { worker_connections 512; }
                http {
                  access_log %1$s/access.log; client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
                  server {
                    listen 127.0.0.1:%2$d ssl;
                    ssl_certificate %3$s; ssl_certificate_key %4$s; ssl_protocols %5$s;
                    location / { root %1$s/files; add_header Cache-Control max-age=60; }
                    location /echo { return 200 "$ssl_protocol $request_method $connection_requests"; }
                  }
                }
                """.formatted(
                        directory, port, certificates.chain("origin"), certificates.key("origin"), protocols));
        programs.start(
                directory.resolve("nginx.log"),
                List.of("nginx", "-c", config.toString(), "-e", directory.resolve("early.log") + ""));
        await().ignoreExceptions().until(() -> {
            new Socket("127.0.0.1", port).close();
            return true;
        });
    }

    private void startSidecar(String host, String... settings) {
        sidecar = TestSidecar.before("https://" + host + ":" + port, settings);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void anOriginThatIsBelievedIsAskedOverTls(String version) throws Exception {
        startNginx(version);
        startSidecar("127.0.0.1", "origin.ca=" + certificates.authority(), "pool.size=64MiB");
        assertThat(new String(sidecar.get("/echo").body())).isEqualTo(version + " GET 1");
        assertThat(new String(sidecar.get("/echo").body())).startsWith(version + " GET");
        assertThat(new String(RawClient.ask(sidecar.address(), "POST", "/echo").body()))
                .startsWith(version + " POST");

        Response miss = sidecar.get("/large");
        assertThat(miss.body()).isEqualTo(LARGE);
        Response hit = sidecar.get("/large");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).isEqualTo(LARGE);
        await().until(() ->
                RawClient.ask(sidecar.admin(), "GET", "/health/ready").status() == 200);
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, true", "TLSv1.2, false", "TLSv1.3, true", "TLSv1.3, false"})
    void rfc9112_9_8_contentThatEndsWithTheConnectionIsWholeOnlyIfTlsWasClosed(String version, boolean closed)
            throws Exception {
        byte[] content = Content.of(7, 100_000);
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = listener.getLocalPort();
            Thread origin = new Thread(() -> answerUntilClose(listener, version, content, closed), "origin");
            origin.start();
            startSidecar("127.0.0.1", "origin.ca=" + certificates.authority());
            try (RawClient client = sidecar.connect()) {
                client.request("GET", "/until-close");
                if (closed) {
                    assertThat(client.response("GET").body()).isEqualTo(content);
                } else {
                    assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.RST);
                }
            }
            assertThat(sidecar.metric("lastref_cache_entries")).isEqualTo(closed ? 1 : 0);
            sidecar.close();
            listener.close();
            origin.join();
        }
    }

    /** Connections come one after the other; on some, those of health checks, nothing is asked. */
    private void answerUntilClose(ServerSocket listener, String version, byte[] content, boolean closed) {
        while (!listener.isClosed()) {
            try (Socket plain = listener.accept();
                    SSLSocket secured = (SSLSocket)
                            serverContext().getSocketFactory().createSocket(plain, null, /* autoClose= */ false)) {
                secured.setEnabledProtocols(new String[] {version});
                if (secured.getInputStream().read(new byte[10_000]) > 0) {
                    String head = "HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\n";
                    secured.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                    secured.getOutputStream().write(content);
                    if (!closed) {
                        plain.close(); // as somebody on the way could
                    }
                }
            } catch (IOException | GeneralSecurityException ended) {
                // by the other side, or by ourselves: what the client got says whether it was right
            }
        }
    }

    private SSLContext serverContext() throws IOException, GeneralSecurityException {
        Path file = directory.resolve("origin.p12");
        try {
            programs.run(("openssl pkcs12 -export -passout pass:secret -in " + certificates.chain("origin") + " -inkey "
                            + certificates.key("origin") + " -out " + file)
                    .split(" ", -1));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, "secret".toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "secret".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void connectionsAreKept() throws Exception {
        startNginx("TLSv1.3");
        startSidecar("127.0.0.1", "origin.ca=" + certificates.authority());
        try (RawClient client = sidecar.connect()) { // one connection, one I/O thread
            for (int i = 1; i <= 5; i++) {
                assertThat(new String(client.request("GET", "/echo").response().body()))
                        .isEqualTo("TLSv1.3 GET " + i);
            }
        }
    }

    private void assertMistrusted(String why) throws IOException {
        List<String> lines;
        try (LoggedLines log = new LoggedLines("dev.lastref.http.origin.FailureLog")) {
            for (String method : List.of("GET", "POST")) {
                Response refused = RawClient.ask(sidecar.address(), method, "/echo");
                assertThat(refused.status()).isEqualTo(502);
                assertThat(refused.cacheStatus()).contains("detail=untrusted");
            }
            lines = log.lines();
        }
        assertThat(lines).hasSize(1).first().asString().contains("UNTRUSTED", why, "lastref.origin.ca");
        JsonNode origins = new JsonMapper().readTree(sidecar.admin("/api/origins"));
        assertThat(origins.toString()).contains(why, "lastref.origin.ca");
    }

    @Test
    void anOriginWhoseCertificateNamesAnotherHostIsNotBelieved() throws Exception {
        startNginx("TLSv1.3");
        startSidecar("localhost", "origin.ca=" + certificates.authority());
        assertMistrusted("the certificate does not name localhost");
        assertThat(Files.readString(directory.resolve("access.log"))).isEmpty();
    }

    @Test
    void anOriginWhoseAuthorityIsNotTrustedIsNotBelieved() throws Exception {
        startNginx("TLSv1.2 TLSv1.3");
        startSidecar("127.0.0.1"); // the JVM's authorities
        assertMistrusted("the certificate of 127.0.0.1 is not trusted");
        assertThat(Files.readString(directory.resolve("access.log"))).isEmpty();
    }

    @Test
    void aServerThatSpeaksNoTlsIsABadGateway() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            port = mute.getLocalPort();
            startSidecar("127.0.0.1", "origin.connect-timeout=300ms");
            assertThat(sidecar.get("/").status()).isEqualTo(504);
        }
    }
}
