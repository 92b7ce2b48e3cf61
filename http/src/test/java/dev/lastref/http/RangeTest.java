package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Multipart;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges from the store, and of responses that are still on their way into it. */
class RangeTest extends SidecarTest {
    private static final int LENGTH = 1_000_000;
    private static final byte[] CONTENT = Content.of(81, LENGTH);

    private static byte[] slice(long first, long last) {
        return Arrays.copyOfRange(CONTENT, (int) first, (int) last + 1);
    }

    private void store(String... fields) throws Exception {
        origin.on("/a", ok("max-age=60", CONTENT, fields));
        sidecar.get("/a");
    }

    @ParameterizedTest
    @CsvSource({
        "0-0, 0, 0",
        "0-499, 0, 499",
        "0-, 0, 999999",
        "999999-, 999999, 999999",
        "-1, 999999, 999999",
        "-9999999, 0, 999999",
        "100-2000000, 100, 999999",
        "4095-4096, 4095, 4096",
        "262143-524289, 262143, 524289",
    })
    void rfc9110_14_2_oneRange(String range, long first, long last) throws Exception {
        start("pool.segment-size=256KiB");
        store("Content-Type: text/x", "ETag: \"x\"");
        Response response = sidecar.get("/a", "Range: bytes=" + range);
        assertThat(response.status()).isEqualTo(206);
        assertThat(response.isHit()).isTrue();
        assertThat(response.first("Content-Range")).isEqualTo("bytes " + first + "-" + last + "/" + LENGTH);
        assertThat(response.first("Content-Length")).isEqualTo(String.valueOf(last - first + 1));
        assertThat(response.first("Content-Type")).isEqualTo("text/x");
        assertThat(response.first("ETag")).isEqualTo("\"x\"");
        assertThat(response.body()).isEqualTo(slice(first, last));
    }

    /** Of a 200 it means nothing, and a part has one of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1", "HTTP/1.0"})
    void rfc9110_14_4_aContentRangeOfTheWholeIsNotThatOfItsPart(String protocol) throws Exception {
        start();
        store("Content-Range: bytes 7-8/9");
        try (RawClient client = sidecar.connect()) {
            Response part = client.send("GET /a " + protocol + "\r\nHost: test\r\nRange: bytes=0-9\r\n\r\n")
                    .response();
            assertThat(part.status()).isEqualTo(206);
            assertThat(part.isHit()).isTrue();
            assertThat(part.all("Content-Range")).containsExactly("bytes 0-9/" + LENGTH);
            assertThat(part.body()).isEqualTo(slice(0, 9));
        }
    }

    @Test
    void rfc9110_14_1_2_randomRangesOnOneConnectionHaveTheirBytes() throws Exception {
        start("pool.segment-size=256KiB");
        store();
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 300; i++) {
                long first = random.nextLong(LENGTH);
                long last = first + random.nextLong(Math.min(LENGTH - first, 1L << random.nextInt(1, 20)));
                Response response = client.request("GET", "/a", "Range: bytes=" + first + "-" + last)
                        .response();
                assertThat(response.status()).isEqualTo(206);
                assertThat(response.body())
                        .as("seed %d, %d-%d", seed, first, last)
                        .isEqualTo(slice(first, last));
            }
        }
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    @Test
    void rfc9110_14_6_severalRangesAreParts() throws Exception {
        start("pool.segment-size=256KiB");
        store("Content-Type: text/x");
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 50; i++) {
                int count = random.nextInt(2, 9);
                List<long[]> ranges = new ArrayList<>();
                StringBuilder asked = new StringBuilder("Range: bytes=");
                for (int j = 0; j < count; j++) {
                    long first = random.nextLong(LENGTH);
                    long last = Math.min(LENGTH - 1, first + random.nextLong(LENGTH / count));
                    ranges.add(new long[] {first, last});
                    asked.append(j == 0 ? "" : ", ").append(first).append('-').append(last);
                }
                Response response =
                        client.request("GET", "/a", asked.toString()).response();
                assertThat(response.status()).as("seed %d", seed).isEqualTo(206);
                assertThat(response.isHit()).isTrue();
                assertThat(response.all("Content-Range")).isEmpty();
                List<Multipart> parts = Multipart.of(response);
                assertThat(parts).hasSize(count);
                for (int j = 0; j < count; j++) {
                    long[] range = ranges.get(j);
                    assertThat(parts.get(j).head())
                            .isEqualTo("Content-Type: text/x\r\nContent-Range: bytes " + range[0] + "-" + range[1] + "/"
                                    + LENGTH);
                    assertThat(parts.get(j).body())
                            .as("seed %d, part %d", seed, j)
                            .isEqualTo(slice(range[0], range[1]));
                }
            }
        }
    }

    @Test
    void rfc9110_15_3_7_2_oneOfSeveralThatIsThereIsNoMultipart() throws Exception {
        start();
        store();
        Response response = sidecar.get("/a", "Range: bytes=2000000-, 5-9");
        assertThat(response.first("Content-Range")).isEqualTo("bytes 5-9/" + LENGTH);
        assertThat(response.body()).isEqualTo(slice(5, 9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=1000000-", "bytes=-0", "bytes=1000000-1000001, 2000000-"})
    void rfc9110_15_5_17_whatIsNotThereIs416(String range) throws Exception {
        start();
        store();
        try (RawClient client = sidecar.connect()) {
            Response response = client.request("GET", "/a", "Range: " + range).response();
            assertThat(response.status()).isEqualTo(416);
            assertThat(response.first("Content-Range")).isEqualTo("bytes */" + LENGTH);
            assertThat(client.request("GET", "/a").response().body()).isEqualTo(CONTENT);
        }
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Range: bytes=5-4",
                "Range: bytes=x",
                "Range: seconds=1-2",
                "Range: bytes=0-999999,0-0",
                "Range: bytes=0-1\r\nRange: bytes=0-1",
            })
    void rfc9110_14_2_whatIsInvalidOrUnreasonableIsIgnored(String range) throws Exception {
        start();
        store();
        Response response = sidecar.get("/a", range);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.isHit()).isTrue();
        assertThat(response.body()).isEqualTo(CONTENT);
        assertThat(response.first("Accept-Ranges")).isEqualTo("bytes");
    }

    @Test
    void rfc9110_14_2_aRangeMeansNothingToHead() throws Exception {
        start();
        store();
        try (RawClient client = sidecar.connect()) {
            Response response = client.request("HEAD", "/a", "Range: bytes=0-1").response("HEAD");
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.first("Content-Length")).isEqualTo(String.valueOf(LENGTH));
            assertThat(response.all("Content-Range")).isEmpty();
        }
    }

    /** Each client gets its range as soon as it is there, off one response that is still coming. */
    @Test
    void rangesFollowAResponseThatIsBeingFilled() throws Exception {
        start("pool.segment-size=256KiB");
        Gate rest = new Gate();
        int half = LENGTH / 2;
        origin.on("/a", call -> {
            call.send(head("max-age=60", LENGTH)).send(CONTENT, 0, half);
            rest.await();
            call.send(CONTENT, half, LENGTH - half);
        });
        try (RawClient whole = sidecar.connect();
                RawClient early = sidecar.connect();
                RawClient across = sidecar.connect();
                RawClient late = sidecar.connect()) {
            whole.request("GET", "/a", "Range: bytes=0-");
            Response first = whole.head();
            assertThat(first.status()).isEqualTo(206);
            assertThat(first.first("Content-Range")).isEqualTo("bytes 0-999999/" + LENGTH);
            Response prefix =
                    early.request("GET", "/a", "Range: bytes=1000-99999").response();
            assertThat(prefix.status()).isEqualTo(206);
            assertThat(prefix.cacheStatus()).contains("collapsed");
            assertThat(prefix.body()).isEqualTo(slice(1000, 99_999));
            assertThat(early.request("GET", "/a", "Range: bytes=-0").response().status())
                    .as("of the same response")
                    .isEqualTo(416);
            across.request("GET", "/a", "Range: bytes=400000-600000");
            late.request("GET", "/a", "Range: bytes=-10");
            assertThat(across.head().status()).isEqualTo(206);
            assertThat(across.read(half - 400_000)).isEqualTo(slice(400_000, half - 1));
            rest.open();
            assertThat(across.read(600_001 - half)).isEqualTo(slice(half, 600_000));
            assertThat(late.response().body()).isEqualTo(slice(LENGTH - 10, LENGTH - 1));
            assertThat(whole.content(first, "GET").body()).isEqualTo(CONTENT);
            for (RawClient client : List.of(whole, early, across, late)) {
                assertThat(client.request("GET", "/a", "Range: bytes=7-7")
                                .response()
                                .body())
                        .as("the connection is in order")
                        .isEqualTo(slice(7, 7));
            }
        }
        assertThat(origin.count("/a")).isEqualTo(1);
        assertThat(origin.requests("/a").get(0).all("Range"))
                .as("all of it was asked for")
                .isEmpty();
    }

    /** What the pool does not take is passed on window by window, and a range is cut out of the windows. */
    @ParameterizedTest
    @ValueSource(strings = {"cache.max-object=1KiB", "cache.max-object=64MiB"})
    void anOriginThatIgnoresTheRangeHasItCutOut(String setting) throws Exception {
        start(setting);
        origin.on("/a", ok("max-age=60", CONTENT));
        Response response = sidecar.get("/a", "Range: bytes=123456-654321");
        assertThat(response.status()).isEqualTo(206);
        assertThat(response.first("Content-Range")).isEqualTo("bytes 123456-654321/" + LENGTH);
        assertThat(response.body()).isEqualTo(slice(123_456, 654_321));
        assertThat(origin.requests("/a").get(0).all("Range")).containsExactly("bytes=123456-654321");
    }

    @Test
    void aRangeOfAResponseThatOutgrowsThePoolIsWhole() throws Exception {
        start("pool.size=1MiB", "cache.max-object=64MiB");
        byte[] large = Content.of(82, 3 << 20);
        Gate rest = new Gate();
        origin.on("/a", call -> {
            call.send(head("max-age=60", large.length)).send(large, 0, 1000);
            rest.await();
            call.send(large, 1000, large.length - 1000);
        });
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a", "Range: bytes=500-2999999");
            rest.open();
            Response response = client.response();
            assertThat(response.status()).isEqualTo(206);
            assertThat(response.body()).isEqualTo(Arrays.copyOfRange(large, 500, 3_000_000));
        }
    }

    @Test
    void contentOfUnknownLengthIsGivenWhole() throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n")
                        .sendChunk(CONTENT)
                        .sendLastChunk());
        Response first = sidecar.get("/a", "Range: bytes=0-");
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.body()).isEqualTo(CONTENT);
        Response second = sidecar.get("/a", "Range: bytes=1-2");
        assertThat(second.isHit()).isTrue();
        assertThat(second.body()).isEqualTo(slice(1, 2));
    }

    /** Before the first byte of the range nothing is sent, so what goes wrong there can still be said, whoever the response is for. */
    @ParameterizedTest
    @ValueSource(strings = {"X: y", "Authorization: Basic x"})
    void rfc9110_15_6_3_contentThatBreaksBeforeTheRangeIsABadGateway(String field) throws Exception {
        start();
        // Much more than is read at once: something has come and was no part of the range before it breaks.
        origin.on(
                "/a",
                call -> call.send(head("max-age=60", 2_000_000))
                        .send(Content.of(5, 1_000_000))
                        .close());
        Response broken = sidecar.get("/a", "Range: bytes=1900000-1900001", field);
        assertThat(broken.status()).isEqualTo(502);
        assertThat(broken.cacheStatus()).startsWith("lastref; fwd=");
    }

    /** A condition goes before the range, whoever evaluates them: 304, and not 416. */
    @ParameterizedTest
    @ValueSource(
            strings = {"If-None-Match: \"a\"", "If-None-Match: *", "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT"})
    void rfc9110_13_2_2_aRangeBeyondTheEndIsNot416WhereAConditionSays304(String condition) throws Exception {
        start();
        origin.on("/a", call -> {
            if (call.request().all("Range").isEmpty()) {
                call.send(head("max-age=60", 10, "ETag: \"a\"", "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT"))
                        .send("0123456789");
            } else {
                call.send("HTTP/1.1 416 No\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n");
            }
        });
        assertThat(sidecar.get("/a", "Range: bytes=20-", condition).status()).isEqualTo(304);
        assertThat(sidecar.get("/a", "Range: bytes=20-", condition).status()).isEqualTo(304);
        assertThat(sidecar.get("/a", "Range: bytes=20-").status()).isEqualTo(416);
        assertThat(sidecar.get("/a", "Range: bytes=2-3", "If-None-Match: \"b\"").body())
                .isEqualTo("23".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(origin.count("/a")).isEqualTo(1);
    }
}
