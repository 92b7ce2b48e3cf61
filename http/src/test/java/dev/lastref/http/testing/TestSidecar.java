package dev.lastref.http.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.Sidecar;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Configuration;
import dev.lastref.pool.testing.TestPools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/** A sidecar on free ports of the loopback interface, its pool watched for leaks. */
public final class TestSidecar implements AutoCloseable {
    private final Sidecar sidecar;
    private SSLContext tls;

    private TestSidecar(Sidecar sidecar) {
        this.sidecar = sidecar;
    }

    /** Its clients speak TLS from now on. */
    public TestSidecar askedBy(SSLContext clients) {
        tls = clients;
        return this;
    }

    /**
     * @param settings as {@code pool.size=8MiB}, without the prefix
     */
    public static TestSidecar before(String originUrl, String... settings) {
        try {
            return new TestSidecar(Sidecar.start(read(originUrl, settings), TestPools::watching));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One in whose store time goes as the test says. */
    public static TestSidecar before(ScriptedOrigin origin, ScriptedTime time, String... settings) {
        try {
            return new TestSidecar(Sidecar.start(read(origin.url(), settings), TestPools::watching, time, time));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Configuration read(String originUrl, String... settings) {
        return ConfigLoader.read(new ConfigSources(null, Map.of(), all(originUrl, settings)));
    }

    public static TestSidecar before(ScriptedOrigin origin, String... settings) {
        return before(origin.url(), settings);
    }

    /** What is set where a test says nothing else. */
    public static Map<String, String> all(String originUrl, String... settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("lastref.listen", "127.0.0.1:0");
        all.put("lastref.admin", "127.0.0.1:0");
        all.put("lastref.origin", originUrl);
        all.put("lastref.pool.size", "32MiB");
        all.put("lastref.shutdown.grace", "0");
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            all.put("lastref." + setting.substring(0, equals), setting.substring(equals + 1));
        }
        return all;
    }

    public InetSocketAddress address() {
        return sidecar.address();
    }

    public InetSocketAddress admin() {
        return sidecar.adminAddress();
    }

    public RawClient connect() throws IOException {
        return connect(0);
    }

    /**
     * @param receiveBuffer SO_RCVBUF, so that a client that does not read stops the server soon; 0: the system's
     */
    public RawClient connect(int receiveBuffer) throws IOException {
        return tls == null
                ? RawClient.connect(address(), receiveBuffer)
                : RawClient.connect(address(), receiveBuffer, tls);
    }

    /** One GET on a connection of its own, to the connection's end. */
    public Response get(String target, String... fields) throws IOException {
        try (RawClient client = connect()) {
            return client.askAndEnd("GET", target, fields);
        }
    }

    public String admin(String path) throws IOException {
        return new String(RawClient.get(admin(), path).body(), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** One sample of /metrics, named with its labels as there. */
    public double metric(String sample) {
        return metric(admin(), sample);
    }

    /** The same of a sidecar with this administration port. */
    static double metric(InetSocketAddress admin, String sample) {
        try {
            String page = new String(RawClient.get(admin, "/metrics").body(), java.nio.charset.StandardCharsets.UTF_8);
            Matcher found = Pattern.compile("^" + Pattern.quote(sample) + " (\\S+)$", Pattern.MULTILINE)
                    .matcher(page);
            if (!found.find()) {
                throw new AssertionError("no " + sample + " in\n" + page);
            }
            return Double.parseDouble(found.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public double requests(String outcome) {
        return metric("lastref_requests_total{outcome=\"" + outcome + "\",}");
    }

    /** Awaits that so many requests have had this outcome: they are counted when all is sent, which a client may have got before. */
    public void awaitRequests(String outcome, int count) {
        await().untilAsserted(() ->
                assertThat(requests(outcome)).as("requests: %s", outcome).isEqualTo(count));
    }

    /** Bytes of the pool in a state. */
    public long poolBytes(String state) {
        return (long) metric("lastref_pool_bytes{state=\"" + state + "\",}");
    }

    public Sidecar sidecar() {
        return sidecar;
    }

    @Override
    public void close() {
        sidecar.close();
    }
}
