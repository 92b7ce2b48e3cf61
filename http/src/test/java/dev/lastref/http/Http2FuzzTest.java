package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.block;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames in any order, with anything in them: nothing that a client sends leaves anything behind, or harms others. */
class Http2FuzzTest extends SidecarTest {
    private static final int CONNECTIONS = 300;

    @Test
    void whateverComesOthersAreServedAndNothingIsLeft() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        origin.on("/a", ok("max-age=600", Content.of(1, 200_000)));
        origin.on("/post", call -> ok("no-store", call.body()).play(call));
        start("pool.size=64MiB");
        for (int i = 0; i < CONNECTIONS; i++) {
            try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
                client.sendRaw(frames(random));
            } catch (IOException cut) {
                // as it deserves
            }
            if (i % 50 == 0) {
                assertThat(sidecar.get("/a").body()).as("seed %d", seed).isEqualTo(Content.of(1, 200_000));
            }
        }
        await(Long.toString(seed))
                .atMost(Duration.ofSeconds(30))
                .until(() -> sidecar.metric("lastref_http2_connections") == 0
                        && sidecar.metric("lastref_transmissions_in_flight") == 0);
        try (RawHttp2 client = RawHttp2.connect(sidecar.address(), 4, 1_000_000).open(0, 1_000_000)) {
            assertThat(RawHttp2.content(client.get(1, "/a").stream(1))).isEqualTo(Content.of(1, 200_000));
        }
    }

    private static byte[] frames(Random random) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int next = 1;
        for (int i = random.nextInt(40); i >= 0; i--) {
            int stream = random.nextInt(4) == 0 ? random.nextInt(50) : Math.max(1, next - 2 * random.nextInt(4));
            byte[] bytes;
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    String method = random.nextBoolean() ? "GET" : "POST";
                    bytes = RawHttp2.frame(
                            RawHttp2.HEADERS,
                            RawHttp2.END_HEADERS | random.nextInt(2),
                            next,
                            block(
                                    ":method",
                                    method,
                                    ":scheme",
                                    "http",
                                    ":authority",
                                    "test",
                                    ":path",
                                    method.equals("GET") ? "/a" : "/post"));
                    next += 2;
                }
                case 3 -> bytes = RawHttp2.frame(RawHttp2.DATA, random.nextInt(2), stream, random(random, 2000));
                case 4 ->
                    bytes = RawHttp2.frame(
                            RawHttp2.WINDOW_UPDATE,
                            0,
                            random.nextBoolean() ? 0 : stream,
                            RawHttp2.number(random.nextInt(100_000)));
                case 5 -> bytes = RawHttp2.frame(RawHttp2.RST_STREAM, 0, stream, RawHttp2.number(8));
                case 6 ->
                    bytes = RawHttp2.frame(
                            random.nextInt(12),
                            random.nextInt(256),
                            random.nextBoolean() ? 0 : stream,
                            random(random, 40));
                default -> {
                    bytes = RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]);
                    if (random.nextInt(4) == 0) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                    }
                }
            }
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    private static byte[] random(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most)];
        random.nextBytes(bytes);
        return bytes;
    }
}
