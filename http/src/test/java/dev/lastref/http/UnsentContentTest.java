package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.ScriptedOrigin.Call;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An origin that answers before it has all of a request's content takes what comes next on the connection for the rest of it (RFC 9112,
 * section 9.5). So nobody else's request may come there: it would be content of the first one's, or the first one's content a request.
 */
class UnsentContentTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(83, 5_000_000);
    private static final String LENGTH = "Content-Length: 5000000";
    private static final String CHUNKED = "Transfer-Encoding: chunked";
    private static final String REFUSED = "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\n";
    /** As many as find every I/O thread, of which each keeps connections of its own. */
    private static final int OTHERS = 8;

    private enum Client {
        ENDS,
        IS_RESET,
        GOES_ON
    }

    /** What came behind the head on the connection of the request that was answered early. */
    private final CompletableFuture<String> rest = new CompletableFuture<>();

    /** As an origin that waits for content: whatever comes is that, to the connection's end. */
    private Script answering(String answer) {
        return call -> {
            call.send(answer);
            rest.complete(toTheEnd(call));
            call.close();
        };
    }

    private static String toTheEnd(Call call) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int b = call.in().read(); b >= 0; b = call.in().read()) {
                all.write(b);
            }
        } catch (SocketException reset) {
            // is an end as well
        }
        return all.toString(ISO_8859_1);
    }

    private void othersAreServedElsewhere() throws Exception {
        for (int i = 0; i < OTHERS; i++) {
            assertThat(sidecar.get("/after").status())
                    .as("request %d of others", i)
                    .isEqualTo(200);
        }
        assertThat(rest.get(20, TimeUnit.SECONDS)).as("the rest of the content").doesNotContain("HTTP/1.1");
    }

    @ParameterizedTest
    @CsvSource({LENGTH, CHUNKED})
    void rfc9110_10_1_1_whereContentWasNotAskedForTheConnectionIsNobodyElses(String framing) throws Exception {
        start("origin.first-byte-timeout=3s");
        origin.on("/up", answering(REFUSED + "no")).on("/after", ok("no-store", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/up", "Expect: 100-continue", framing);
            assertThat(client.response("POST").status()).isEqualTo(403);
            othersAreServedElsewhere();
        }
        assertThat(rest.get()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        LENGTH + ", ENDS",
        LENGTH + ", IS_RESET",
        LENGTH + ", GOES_ON",
        CHUNKED + ", ENDS",
        CHUNKED + ", IS_RESET",
        CHUNKED + ", GOES_ON"
    })
    void rfc9112_9_5_whereContentWasOnItsWayTheConnectionIsNobodyElses(String framing, Client then) throws Exception {
        start("origin.first-byte-timeout=3s");
        origin.on("/up", answering(REFUSED + "no")).on("/after", ok("no-store", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/up", framing).send(framing.equals(CHUNKED) ? "4c4b40\r\n" : "");
            client.send(Arrays.copyOf(CONTENT, 1000));
            assertThat(client.response("POST").status()).isEqualTo(403);
            switch (then) {
                case ENDS -> client.close();
                case IS_RESET -> client.reset();
                case GOES_ON -> client.send(Arrays.copyOfRange(CONTENT, 1000, 100_000));
            }
            othersAreServedElsewhere();
        }
    }

    @Test
    void rfc9112_9_5_norWhereTheAnswerEndsBeforeTheContentDoes() throws Exception {
        start("origin.first-byte-timeout=3s");
        Gate moreHasCome = new Gate();
        origin.on("/up", call -> {
            call.send(REFUSED + "n");
            moreHasCome.await();
            answering("o").play(call);
        });
        origin.on("/after", ok("no-store", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/up", LENGTH).send(Arrays.copyOf(CONTENT, 1000));
            assertThat(client.head().status()).isEqualTo(403);
            client.send(Arrays.copyOfRange(CONTENT, 1000, 50_000));
            moreHasCome.open();
            assertThat(client.read(2)).asString().isEqualTo("no");
            othersAreServedElsewhere();
        }
    }

    @Test
    void whereAllOfItWasSentAfterAllTheConnectionIsUsedAgain() throws Exception {
        start();
        origin.on("/up", call -> {
            call.send(REFUSED + "n");
            call.body();
            call.send("o");
        });
        origin.on("/after", ok("no-store", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/up", "Content-Length: 3");
            assertThat(client.head().status()).isEqualTo(403);
            client.send("abc");
            assertThat(client.read(2)).asString().isEqualTo("no");
            assertThat(client.request("GET", "/after").response().status()).isEqualTo(200);
        }
        assertThat(origin.requests().stream().map(request -> request.port()).distinct())
                .hasSize(1);
    }
}
