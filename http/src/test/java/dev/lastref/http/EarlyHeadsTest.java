package dev.lastref.http;

import static dev.lastref.http.EarlyHitTest.comparable;
import static dev.lastref.http.EarlyHitTest.isEarly;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an answer begins with is kept by an I/O thread, for the next one. It is never another's. */
class EarlyHeadsTest extends SidecarTest {
    /** More than an I/O thread keeps the heads of. */
    private static final int MANY = 1200;

    private void store(RawClient client, String target, int version, String... more) throws IOException {
        String[] fields = new String[more.length + 2];
        fields[0] = "etag: \"" + version + "\"";
        fields[1] = "x-own: " + "v".repeat(version % 50) + version;
        System.arraycopy(more, 0, fields, 2, more.length);
        origin.on(target, ok("max-age=600", Content.of(version, 20), fields));
        assertThat(client.request("GET", target).response().status()).isEqualTo(200);
    }

    private static void assertIsOf(int version, Response response) {
        assertThat(isEarly(response)).isTrue();
        assertThat(response.all("etag")).containsExactly("\"" + version + "\"");
        if (response.status() == 304) {
            assertThat(response.all("x-own")).isEmpty();
        } else {
            assertThat(response.all("x-own")).containsExactly("v".repeat(version % 50) + version);
        }
    }

    /** @param alike whether their fields tell nothing apart, but what is asked for does */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyAreToldApart(boolean alike) throws Exception {
        start();
        long seed = System.nanoTime();
        System.out.println("EarlyHeadsTest seed " + seed);
        Random random = new Random(seed);
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < MANY; i++) {
                store(client, "/" + i, alike ? 1 : i);
            }
            int last = 0;
            for (int i = 0; i < 8 * MANY; i++) {
                int which = random.nextInt(3) > 0 ? last : random.nextInt(MANY); // one is kept when it comes again
                last = which;
                int version = alike ? 1 : which;
                switch (random.nextInt(3)) {
                    case 0 -> {
                        Response whole = client.request("GET", "/" + which).response();
                        assertThat(whole.status()).isEqualTo(200);
                        assertIsOf(version, whole);
                        assertThat(whole.all("Accept-Ranges")).containsExactly("bytes");
                        assertThat(whole.body()).isEqualTo(Content.of(version, 20));
                    }
                    case 1 -> {
                        Response part = client.request("GET", "/" + which, "Range: bytes=3-4")
                                .response();
                        assertThat(part.status()).isEqualTo(206);
                        assertIsOf(version, part);
                        assertThat(part.all("Content-Range")).containsExactly("bytes 3-4/20");
                    }
                    default -> {
                        Response none = client.request("GET", "/" + which, "If-None-Match: \"" + version + "\"")
                                .response();
                        assertThat(none.status()).isEqualTo(304);
                        assertIsOf(version, none);
                    }
                }
            }
        }
    }

    @Test
    void whatIsStoredAnewHasItsOwn() throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            for (int version = 0; version < 5; version++) {
                store(client, "/a", version);
                for (int i = 0; i < 3; i++) {
                    assertIsOf(version, client.request("GET", "/a").response());
                }
                assertThat(client.request("PURGE", "/a").response().status()).isEqualTo(200);
            }
        }
    }

    private static String ofLength(String field) {
        return field.startsWith("LONG ")
                ? "x: " + "y".repeat(Integer.parseInt(field.substring("LONG ".length())))
                : field;
    }

    /** Short of what is kept, and beyond it; other caches said something, or nothing at all. */
    @Test
    void whatIsFoundToBeStillRightHasWhatThatSaid() throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", 1);
            for (int version = 2; version < 6; version++) {
                String said = "version " + version;
                origin.on(
                        "/a",
                        call -> call.send(
                                "HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=600\r\nETag: \"1\"\r\nX-Own: "
                                        + said + "\r\n\r\n"));
                client.request("GET", "/a", "Cache-Control: no-cache").response();
                for (int i = 0; i < 3; i++) {
                    Response hit = client.request("GET", "/a").response();
                    assertThat(isEarly(hit)).isTrue();
                    assertThat(hit.all("x-own")).containsExactly(said);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x: y",
                "cache-status: inner; hit",
                "cache-status: , a,, b; hit,",
                "accept-ranges: none",
                "LONG 3000",
                "LONG 17000"
            })
    void eachTimeItIsWhatTheLongWaySays(String field) throws Exception {
        start("cache.status-key=true");
        try (RawClient client = sidecar.connect()) {
            store(client, "/a", 1, ofLength(field), "x-request-id: the-origins");
            for (int i = 0; i < 4; i++) {
                for (String[] asked : new String[][] {{"A: b"}, {"Range: bytes=1-5"}, {"If-None-Match: \"1\""}}) {
                    Response early = client.request("GET", "/a", asked).response();
                    Response late =
                            client.request("GET", "/a", asked[0], LONG_WAY).response();
                    boolean fits =
                            !field.equals("LONG 17000") || early.status() == 304; // else nothing is written early
                    assertThat(isEarly(early)).isEqualTo(fits);
                    assertThat(comparable(early)).isEqualTo(comparable(late));
                }
            }
        }
    }
}
