package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.TestSidecar;
import dev.lastref.pool.PoolListener;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent right behind a request that a worker answers is answered by the connection's own thread all the same. */
class PipelinedBehindPurgeTest {
    private static final byte[] CONTENT = Content.of(5, 1000);

    /** Those on which something from the pool was sent. */
    private final Set<String> sending = ConcurrentHashMap.newKeySet();

    private PoolListener noting(PoolListener told) {
        return (PoolListener) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {PoolListener.class}, (proxy, method, arguments) -> {
                    if (method.getName().startsWith("transmission")) {
                        sending.add(Thread.currentThread().getName());
                    }
                    return method.invoke(told, arguments);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Connection: keep-alive, x\r\nX: y\r\n"}) // early, and the long way
    void hitsAreSentByTheConnectionsOwnThread(String fields) throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.start();
                Sidecar sidecar = Sidecar.start(
                        ConfigLoader.read(
                                new ConfigSources(null, Map.of(), TestSidecar.all(origin.url(), "purge.method=true"))),
                        this::noting);
                RawClient client = RawClient.connect(sidecar.address())) {
            origin.on("/a", ok("max-age=600", CONTENT));
            assertThat(client.request("GET", "/a").response().body()).isEqualTo(CONTENT);
            for (int i = 0; i < 50; i++) {
                client.send("PURGE /other HTTP/1.1\r\nHost: test\r\n\r\nGET /a HTTP/1.1\r\nHost: test\r\n" + fields
                        + "\r\n");
                assertThat(client.response("PURGE").status()).isEqualTo(200);
                Response hit = client.response();
                assertThat(hit.body()).isEqualTo(CONTENT);
                assertThat(hit.isHit()).isTrue();
            }
        }
        assertThat(sending).isNotEmpty().allMatch(name -> name.contains("I/O"));
    }
}
