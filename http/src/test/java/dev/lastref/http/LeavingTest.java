package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go, one or very many at a time, and those to whom all is said. */
class LeavingTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(3, 1000);

    private List<RawClient> askedOnce(int count) throws IOException {
        List<RawClient> clients = new ArrayList<>();
        while (clients.size() < count) {
            RawClient client = served();
            // Where there was no room whoever came before is just leaving.
            clients.add(client != null ? client : await().until(this::served, Objects::nonNull));
        }
        return clients;
    }

    /** Null: there are as many as may be. */
    private @Nullable RawClient served() throws IOException {
        RawClient client = sidecar.connect();
        try {
            if (client.request("GET", "/").response().status() == 200) {
                return client;
            }
        } catch (SocketException refused) {
            // as without a response
        }
        client.close();
        return null;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 1000})
    void asManyAsTheLimitAllowsMayLeaveAtOnceAndAsManyCome(int count) throws Exception {
        start("limits.connections=" + count, "limits.connections-per-peer=" + count);
        origin.on("/", ok("max-age=600", CONTENT));
        for (int again = 0; again < 3; again++) {
            List<RawClient> clients = askedOnce(count);
            assertThat(served()).as("one more than the limit").isNull();
            for (int i = 0; i < count; i++) {
                if (i % 2 == 0) {
                    clients.get(i).close();
                } else {
                    clients.get(i).reset();
                }
            }
        }
    }

    @Test
    void whoSpeaksOnAfterTheEndStillGetsTheWholeResponse() throws Exception {
        byte[] large = Content.of(5, 300_000);
        origin.on("/large", ok("max-age=600", large));
        start();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            RawClient client = sidecar.connect();
            clients.add(client.send(
                    "GET /large HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\nGET /more HTTP/1.1\r\n"));
        }
        for (RawClient client : clients) {
            client.send("Host: test\r\n\r\n");
            assertThat(client.response().body()).isEqualTo(large);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
            client.close();
        }
        assertThat(origin.count("/more")).isZero();
    }

    @Test
    void whoSpeaksOnForeverAfterTheEndIsNotHeardOut() throws Exception {
        origin.on("/", ok("max-age=600", CONTENT));
        start();
        try (RawClient client = sidecar.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            assertThat(client.response().body()).isEqualTo(CONTENT);
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
            byte[] more = new byte[64 * 1024];
            int sent = 0;
            try {
                for (; sent < 10_000; sent++) {
                    client.send(more);
                }
            } catch (IOException cut) {
                // as it should be
            }
            assertThat(sent).isLessThan(10_000);
        }
    }
}
