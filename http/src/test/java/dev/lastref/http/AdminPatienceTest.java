package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of the administration port that hang within a request, or read no answer: they hold up nobody, and not for ever. */
class AdminPatienceTest extends SidecarTest {
    /** More than there are threads for administration. */
    private static final int MANY = 6;

    private static final int MORE_THAN_SOCKETS_TAKE = 16 << 20;

    private final List<RawClient> hanging = new ArrayList<>();

    @AfterEach
    void leave() throws Exception {
        for (RawClient client : hanging) {
            client.close();
        }
    }

    private void hang(String begun) throws Exception {
        for (int i = 0; i < MANY; i++) {
            hanging.add(RawClient.connect(sidecar.admin()).send(begun));
        }
    }

    private void assertAnswersAll() throws Exception {
        for (String path : List.of("/health/live", "/health/ready", "/metrics", "/api/pool", "/api/config")) {
            assertThat(RawClient.get(sidecar.admin(), path).status()).as(path).isIn(200, 503);
        }
        assertThat(put("{\"lastref.pool.size\":\"16MiB\"}").status()).isEqualTo(200);
    }

    private Response put(String content) throws Exception {
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            return client.send("PUT /api/config HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: "
                            + content.length() + "\r\n\r\n" + content)
                    .response("PUT");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PUT /api/config HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{",
                "POST /api/purge HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
                "POST /api/reload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\n",
                "PUT /api/config HTTP/1.1\r\nHost:"
            })
    void manyWhoHangWithinARequestHoldUpNobody(String begun) throws Exception {
        start();
        hang(begun);
        assertAnswersAll();
    }

    /** Each asks for more than sockets take. */
    @Test
    void manyWhoReadNoAnswerHoldUpNobody() throws Exception {
        start();
        for (int i = 0; i < MANY; i++) {
            RawClient client = RawClient.connect(sidecar.admin(), 4096);
            hanging.add(client);
            client.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(2000));
        }
        int asked = 0;
        // Who comes takes turns with them, so they have been answered as often, or take no more.
        for (int bytes = 0; bytes < MORE_THAN_SOCKETS_TAKE; asked++) {
            Response answer = RawClient.get(sidecar.admin(), "/metrics");
            assertThat(answer.status()).as("after %d", asked).isEqualTo(200);
            bytes += answer.body().length;
        }
        assertAnswersAll();
    }

    @Test
    void whoReadsNoAnswerIsLeft() throws Exception {
        start("pool.pin-timeout=1s");
        try (RawClient client = RawClient.connect(sidecar.admin(), 4096)) {
            client.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(2000));
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                try {
                    client.send("G");
                    return false;
                } catch (IOException reset) {
                    return true;
                }
            });
        }
        assertAnswersAll();
    }

    @ParameterizedTest
    @CsvSource({"body-timeout, 'PUT /api/config HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{'", "head-timeout, G"
    })
    void whoHangsWithinARequestIsToldThatItTookTooLong(String limit, String begun) throws Exception {
        start("limits." + limit + "=300ms");
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            client.send(begun);
            assertThat(client.response("PUT").status()).isEqualTo(408);
            client.awaitEnd();
        }
    }

    /** However steadily it comes: the time is for all of it. */
    @Test
    void contentThatDripsInIsGivenUp() throws Exception {
        start("limits.body-timeout=500ms");
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            client.send("PUT /api/config HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
            while (client.isQuietFor(20)) {
                client.send(" ");
            }
            assertThat(client.response("PUT").status()).isEqualTo(408);
        }
    }

    @Test
    void contentInPiecesIsPutTogether() throws Exception {
        start();
        String content = "{\"lastref.pool.size\":\"16MiB\"}";
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            client.send("PUT /api/config HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: "
                    + content.length() + "\r\n\r\n");
            assertThat(client.head().status()).isEqualTo(100);
            for (int i = 0; i < content.length(); i++) {
                client.send(content.substring(i, i + 1));
            }
            assertThat(client.response("PUT").status()).isEqualTo(200);
        }
        await().until(() -> sidecar.metric("lastref_pool_capacity_bytes") == 16 << 20);
    }

    @Test
    void moreContentThanThereMayBeIsRefused() throws Exception {
        start();
        int most = 64 * 1024;
        String blanks = " ".repeat(most - 2);
        assertThat(put(blanks + "{}").status())
                .as("as much as may be, and no settings")
                .isEqualTo(400);
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            client.send("PUT /api/config HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000000\r\n\r\n");
            assertThat(client.response("PUT").status()).isEqualTo(413);
        }
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            client.send("PUT /api/config HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(most + 1) + "\r\n" + " ".repeat(most + 1));
            assertThat(client.response("PUT").status()).isEqualTo(413);
        }
    }
}
