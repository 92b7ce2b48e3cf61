package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Multipart;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts that the origin sends: stored, combined, and used for what they hold only. */
class PartialTest extends SidecarTest {
    private static final int LENGTH = 600_000;
    private static final byte[] CONTENT = Content.of(61, LENGTH);
    private static final String TAG = "ETag: \"x\"";

    private static byte[] slice(int first, int last) {
        return Arrays.copyOfRange(CONTENT, first, last + 1);
    }

    /** An origin that serves one range, whole where none is asked for. */
    private static Script ranging(String... fields) {
        return call -> {
            String range = String.join("", call.request().all("Range"));
            if (range.isEmpty()) {
                ok("max-age=60", CONTENT, fields).play(call);
                return;
            }
            String[] ends = range.substring("bytes=".length()).split("-", -1);
            int first = ends[0].isEmpty() ? LENGTH - Integer.parseInt(ends[1]) : Integer.parseInt(ends[0]);
            int last = ends[0].isEmpty() || ends[1].isEmpty()
                    ? LENGTH - 1
                    : Math.min(LENGTH - 1, Integer.parseInt(ends[1]));
            call.send("HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\nContent-Range: bytes " + first + "-"
                            + last + "/" + LENGTH + "\r\nContent-Length: " + (last - first + 1) + "\r\n"
                            + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n") + "\r\n")
                    .send(slice(first, last));
        };
    }

    private Response get(String range) throws Exception {
        Response response = sidecar.get("/a", "Range: bytes=" + range);
        assertThat(response.status()).as(response.toString()).isEqualTo(206);
        return response;
    }

    @ParameterizedTest
    @CsvSource({
        "1000-1999, 1000, 1999, true",
        "1500-1600, 1500, 1600, true",
        "1999-1999, 1999, 1999, true",
        "999-1500, 999, 1500, false",
        "1500-2000, 1500, 2000, false",
        "1500-, 1500, 599999, false",
        "-10, 599990, 599999, false",
    })
    void rfc9111_3_3_aPartAnswersForWhatItHolds(String range, int first, int last, boolean hit) throws Exception {
        start();
        origin.on("/a", ranging());
        assertThat(get("1000-1999").body()).isEqualTo(slice(1000, 1999));
        Response response = get(range);
        assertThat(response.isHit()).isEqualTo(hit);
        assertThat(response.first("Content-Range")).isEqualTo("bytes " + first + "-" + last + "/" + LENGTH);
        assertThat(response.body()).isEqualTo(slice(first, last));
        assertThat(origin.requests("/a").get(0).all("Range")).containsExactly("bytes=1000-1999");
    }

    @Test
    void rfc9111_3_3_aPartAnswersSuffixesSeveralRangesAndConditionsToo() throws Exception {
        start();
        origin.on("/a", ranging(TAG, "Content-Type: text/x"));
        get("-1000");
        assertThat(get("-10").isHit()).isTrue();
        assertThat(get("-10").body()).isEqualTo(slice(LENGTH - 10, LENGTH - 1));
        assertThat(get("599000-").isHit()).isTrue();
        Response several = get("599990-, 599500-599501");
        assertThat(several.isHit()).isTrue();
        assertThat(several.all("Content-Range")).isEmpty();
        assertThat(Multipart.of(several).get(1).body()).isEqualTo(slice(599_500, 599_501));
        Response unmodified = sidecar.get("/a", "Range: bytes=-10", "If-None-Match: \"x\"");
        assertThat(unmodified.status()).isEqualTo(304);
        assertThat(unmodified.isHit()).isTrue();
        Response beyond = sidecar.get("/a", "Range: bytes=600000-");
        assertThat(beyond.status()).isEqualTo(416);
        assertThat(beyond.first("Content-Range")).isEqualTo("bytes */" + LENGTH);
    }

    @Test
    void rfc9111_3_3_aPartIsNoAnswerForTheWhole() throws Exception {
        start();
        origin.on("/a", ranging(TAG));
        get("0-99");
        Response whole = sidecar.get("/a");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.isHit()).isFalse();
        assertThat(whole.body()).isEqualTo(CONTENT);
        assertThat(origin.requests("/a").get(1).all("Range")).as("the rest").containsExactly("bytes=100-599999");
        try (RawClient client = sidecar.connect()) {
            assertThat(client.request("HEAD", "/a").response("HEAD").first("Content-Length"))
                    .isEqualTo(String.valueOf(LENGTH));
        }
        assertThat(get("5-9").isHit()).isTrue();
        assertThat(sidecar.get("/a", "Range: bytes=0-9", "If-Range: \"y\"").status())
                .isEqualTo(200);
    }

    @Test
    void rfc9111_3_4_partsThatTouchAreCombinedToTheWhole() throws Exception {
        start("pool.segment-size=256KiB");
        origin.on("/a", ranging(TAG));
        get("200000-399999");
        get("400000-599999");
        await().until(() -> get("200000-599999").isHit());
        assertThat(get("200000-599999").body()).isEqualTo(slice(200_000, LENGTH - 1));
        get("0-250000");
        await().until(() -> sidecar.get("/a").isHit());
        Response whole = sidecar.get("/a");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.all("Content-Range")).isEmpty();
        assertThat(whole.body()).isEqualTo(CONTENT);
    }

    /** Whoever has all of a part, and asks for it again at once, finds it, also where it had to be added to what was stored. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, 30_000})
    void rfc9111_3_4_aPartIsFoundAtOnceByWhoHasAllOfIt(int length) throws Exception {
        start("pool.segment-size=256KiB");
        origin.on("/a", ranging(TAG));
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 16; i++) {
                String range = "Range: bytes=" + i * length + "-" + ((i + 1) * length - 1);
                Response first = client.request("GET", "/a", range).response();
                assertThat(first.cacheStatus()).contains("fwd=").contains("; stored; ttl=");
                Response again = client.request("GET", "/a", range).response();
                assertThat(again.isHit()).as("%d: %s", i, again).isTrue();
                assertThat(again.body()).isEqualTo(first.body()).isEqualTo(slice(i * length, (i + 1) * length - 1));
                Response all = client.request("GET", "/a", "Range: bytes=0-" + ((i + 1) * length - 1))
                        .response();
                assertThat(all.isHit()).as("%d: %s", i, all).isTrue();
            }
        }
        assertThat(origin.count("/a")).isEqualTo(16);
    }

    /** Of what is stored already, or too little to be worth copying the rest, nothing is stored. */
    @ParameterizedTest
    @CsvSource({
        "bytes=0-99, bytes=50-59, false",
        "bytes=0-99999, bytes=100000-100099, false",
        "bytes=0-99, bytes=100-199, true"
    })
    void rfc9211_2_5_aPartThatIsNotAddedIsNotSaidToBeStored(String first, String second, boolean stored)
            throws Exception {
        start();
        origin.on("/a", ranging(TAG));
        sidecar.get("/a", "Range: " + first);
        Response part = sidecar.get("/a", "Range: " + second, "Cache-Control: no-cache");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.cacheStatus()).as(part.toString()).contains("fwd=");
        assertThat(part.cacheStatus().contains("; stored")).as(part.toString()).isEqualTo(stored);
        assertThat(get(second.substring(6)).isHit()).isEqualTo(!second.contains("100000"));
    }

    /** Whatever is combined in whichever order: no byte is wrong. */
    @Test
    void rfc9111_3_4_randomPartsHaveTheirBytes() throws Exception {
        start("pool.segment-size=256KiB");
        origin.on("/a", ranging(TAG));
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 200; i++) {
                int first = random.nextInt(LENGTH);
                int last = Math.min(LENGTH - 1, first + random.nextInt(1, 200_000));
                Response response = client.request("GET", "/a", "Range: bytes=" + first + "-" + last)
                        .response();
                assertThat(response.body())
                        .as("seed %d, %d-%d, %s", seed, first, last, response)
                        .isEqualTo(slice(first, last));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ETag: W/\"x\""})
    void rfc9110_15_3_7_3_withoutAStrongValidatorNothingIsCombined(String field) throws Exception {
        start();
        origin.on("/a", field.isEmpty() ? ranging() : ranging(field));
        get("0-299");
        get("300-599");
        assertThat(get("300-599").isHit()).as("the newer one is held").isTrue();
        assertThat(get("0-599").isHit()).isFalse();
    }

    @Test
    void rfc9110_15_3_7_3_partsOfAnotherRepresentationAreNotCombined() throws Exception {
        start();
        origin.on("/a", ranging(TAG), ranging("ETag: \"y\""));
        get("0-299");
        get("300-599");
        assertThat(get("0-599").isHit()).isFalse();
    }

    /** No length that says something else, no unit that we do not know, nothing of several ranges. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Range: bytes 0-9/100\r\nContent-Length: 5",
                "Content-Range: bytes 0-4/*\r\nContent-Length: 5",
                "Content-Range: bytes 0-4/4\r\nContent-Length: 5",
                "Content-Range: items 0-4/100\r\nContent-Length: 5",
                "Content-Type: multipart/byteranges; boundary=b\r\nContent-Length: 5",
            })
    void rfc9110_14_4_aPartThatIsNotUnderstoodPassesAndIsNotStored(String fields) throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send(
                        "HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\n" + fields + "\r\n\r\nabcde"));
        for (int i = 0; i < 2; i++) {
            Response response = sidecar.get("/a", "Range: bytes=0-4");
            assertThat(response.status()).isEqualTo(206);
            assertThat(response.isHit()).isFalse();
            assertThat(response.body()).asString().isEqualTo("abcde");
        }
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @Test
    void aPartOfUnknownLengthIsStored() throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\n"
                                + "Content-Range: bytes 10-14/100\r\nTransfer-Encoding: chunked\r\n\r\n")
                        .sendChunk("abcde".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .sendLastChunk());
        get("10-14");
        Response hit = get("11-13");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).asString().isEqualTo("bcd");
    }

    @ParameterizedTest
    @ValueSource(strings = {TAG, "ETag: W/\"x\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", "X: y"})
    void rfc9111_3_4_aPartDoesNotTakeThePlaceOfTheWhole(String field) throws Exception {
        start();
        origin.on("/a", ranging(field));
        sidecar.get("/a");
        assertThat(sidecar.get("/a", "Range: bytes=0-99", "Cache-Control: no-cache")
                        .status())
                .isEqualTo(206);
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    // ---- only the rest is asked for

    private List<String> ranges() {
        return origin.requests("/a").stream()
                .map(request -> String.join(",", request.all("Range")))
                .toList();
    }

    @Test
    void rfc9111_3_4_thePartThatIsMissingOfTheWholeIsAskedForAlone() throws Exception {
        start("pool.segment-size=256KiB");
        origin.on("/a", ranging(TAG, "X-New: 1"));
        get("0-299999");
        Response whole = sidecar.get("/a");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(CONTENT);
        assertThat(whole.all("Content-Range")).isEmpty();
        assertThat(whole.first("Content-Length")).isEqualTo(String.valueOf(LENGTH));
        assertThat(whole.cacheStatus()).startsWith("lastref; fwd=partial; fwd-status=206; stored; ttl=");
        assertThat(ranges()).containsExactly("bytes=0-299999", "bytes=300000-599999");
        assertThat(origin.requests("/a").get(1).all("If-Range")).containsExactly("\"x\"");
        await().until(() -> sidecar.get("/a", "Cache-Control: only-if-cached").isHit());
        assertThat(sidecar.get("/a").body()).isEqualTo(CONTENT);
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "1500-2999, 1500, 2999, bytes=2000-2999",
        "1000-, 1000, 599999, bytes=2000-599999",
        "1999-2000, 1999, 2000, bytes=2000-2000",
        // what begins before the part is asked for as it is
        "999-2999, 999, 2999, bytes=999-2999",
        "3000-3999, 3000, 3999, bytes=3000-3999",
        "0-, 0, 599999, ''",
    })
    void rfc9111_3_4_thePartThatIsMissingOfARangeIsAskedForAlone(String range, int first, int last, String asked)
            throws Exception {
        start();
        origin.on("/a", ranging(TAG));
        get("1000-1999");
        Response response = get(range);
        assertThat(response.body()).isEqualTo(slice(first, last));
        assertThat(response.first("Content-Range")).isEqualTo("bytes " + first + "-" + last + "/" + LENGTH);
        assertThat(response.cacheStatus()).startsWith("lastref; fwd=partial; ");
        assertThat(ranges().get(1)).isEqualTo(asked);
    }

    /** The origin has another representation by now, or says nothing of which it is. */
    @ParameterizedTest
    @ValueSource(strings = {"whole", "ETag: \"y\"", "ETag: W/\"x\"", "X: y", "416", "304"})
    void rfc9110_15_3_7_3_theRestOfSomethingElseIsNotJoined(String answer) throws Exception {
        start();
        byte[] other = Content.of(62, LENGTH);
        Script newer = ok("max-age=60", other, "ETag: \"y\"");
        Script rest = switch (answer) {
            case "whole" -> newer;
            case "416" ->
                call -> call.send("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */9\r\n"
                        + "Content-Length: 0\r\n\r\n");
            case "304" -> call -> call.send("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
            default -> ranging(answer);
        };
        origin.on("/a", ranging(TAG), rest, newer);
        get("0-999");
        Response response = sidecar.get("/a");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(other);
        assertThat(origin.count("/a")).isEqualTo(answer.equals("whole") ? 2 : 3);
        if (!answer.equals("whole")) {
            assertThat(ranges().get(2)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ETag: W/\"x\""})
    void rfc9110_15_3_7_3_withoutAStrongValidatorTheWholeIsAskedFor(String field) throws Exception {
        start();
        origin.on("/a", field.isEmpty() ? ranging() : ranging(field));
        get("0-999");
        assertThat(sidecar.get("/a").body()).isEqualTo(CONTENT);
        assertThat(ranges()).containsExactly("bytes=0-999", "");
    }

    @Test
    void rfc9110_13_1_2_theClientsConditionIsJudgedByTheCompletedOne() throws Exception {
        start();
        origin.on("/a", ranging(TAG));
        get("0-999");
        assertThat(sidecar.get("/a", "If-None-Match: \"x\"").status()).isEqualTo(304);
        Response other = sidecar.get("/a", "Range: bytes=500-1999", "If-Range: \"y\"");
        assertThat(other.status()).isEqualTo(200);
        assertThat(other.body()).isEqualTo(CONTENT);
    }

    /** A year of two digits is one of these fifty years, by the wall clock (RFC 9110, section 5.6.7). */
    @Test
    void rfc9110_13_1_5_aDateOfTheOldFormNamesAStoredPartToo() throws Exception {
        start();
        origin.on("/a", ranging("Last-Modified: Wed, 01 Nov 2023 12:00:00 GMT"));
        get("0-99");
        Response hit = sidecar.get("/a", "Range: bytes=0-9", "If-Range: Wednesday, 01-Nov-23 12:00:00 GMT");
        assertThat(hit.isHit()).as(hit.toString()).isTrue();
        assertThat(hit.body()).isEqualTo(slice(0, 9));
    }

    /**
     * A date in If-Range that is not strong by the stored head (RFC 9110, section 8.8.2.2), and is by the rest's, which has a later
     * Date; or a head that takes no ranges, whose rest says nothing of that. The client gets what was decided before the origin was asked.
     */
    @ParameterizedTest
    @CsvSource({
        "bytes=50-149, true",
        "bytes=200-299, true",
        "bytes=500000-599999, true",
        "bytes=50-149, false",
        "bytes=500000-599999, false",
    })
    void rfc9110_13_1_5_aRangeIsDecidedOnceForWhatIsCompleted(String range, boolean byDate) throws Exception {
        start();
        long modified = Instant.now().getEpochSecond();
        String date = HttpDates.format(modified);
        origin.on(
                "/a",
                ranging(TAG, "Last-Modified: " + date, "Date: " + date, byDate ? "X: y" : "Accept-Ranges: none"),
                ranging(
                        TAG,
                        "Last-Modified: " + date,
                        "Date: " + HttpDates.format(modified + 5),
                        "Accept-Ranges: bytes"));
        get("0-99");
        Response response = sidecar.get("/a", "Range: " + range, byDate ? "If-Range: " + date : "X: y");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.all("Content-Range")).isEmpty();
        assertThat(response.body()).isEqualTo(CONTENT);
        assertThat(ranges()).containsExactly("bytes=0-99", "bytes=100-599999");
    }

    /** An origin that breaks off is never hidden behind what was there. */
    @Test
    void aRestThatBreaksOffIsNotAWhole() throws Exception {
        start();
        origin.on("/a", ranging(TAG), call -> {
            call.send("HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\nETag: \"x\"\r\n"
                            + "Content-Range: bytes 1000-599999/600000\r\nContent-Length: 599000\r\n\r\n")
                    .send(slice(1000, 9999));
            call.reset();
        });
        get("0-999");
        assertThat(sidecar.get("/a").whole()).isFalse();
    }

    // ---- one request for many

    private List<RawClient> ask(int count, String... fields) throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(sidecar.connect().request("GET", "/a", fields));
        }
        return clients;
    }

    private static Script gated(Gate gate, Script script) {
        return call -> {
            gate.await();
            script.play(call);
        };
    }

    @Test
    void rfc9111_4_requestsForTheSameRangeShareOneToTheOrigin() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/a", gated(gate, ranging(TAG)));
        List<RawClient> same = ask(5, "Range: bytes=100-50099");
        await().until(() -> origin.count("/a") == 1);
        List<RawClient> other = ask(1, "Range: bytes=200-299");
        List<RawClient> conditional = ask(1, "Range: bytes=100-50099", "If-Range: \"z\"");
        List<RawClient> nothing = ask(1, "Range: bytes=100-50099", "If-Range: null");
        await().until(() -> origin.count("/a") == 4);
        gate.open();
        for (RawClient client : same) {
            Response response = client.response();
            assertThat(response.status()).isEqualTo(206);
            assertThat(response.first("Content-Range")).isEqualTo("bytes 100-50099/" + LENGTH);
            assertThat(response.body()).isEqualTo(slice(100, 50_099));
            client.close();
        }
        assertThat(other.get(0).response().body()).isEqualTo(slice(200, 299));
        assertThat(conditional.get(0).response().body()).isEqualTo(slice(100, 50_099));
        assertThat(origin.count("/a"))
                .as("whoever came, waited or found it stored")
                .isEqualTo(4);
        assertThat(nothing.get(0).response().status()).isEqualTo(206);
        nothing.get(0).close();
        other.get(0).close();
        conditional.get(0).close();
    }

    @Test
    void rfc9111_4_whoCompletesTheSamePartSharesTheRest() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/a", ranging(TAG), gated(gate, ranging(TAG)));
        get("0-99999");
        List<RawClient> clients = ask(4);
        await().until(() -> origin.count("/a") == 2);
        gate.open();
        for (RawClient client : clients) {
            Response response = client.response();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo(CONTENT);
            client.close();
        }
        assertThat(ranges()).startsWith("bytes=0-99999", "bytes=100000-599999");
    }

    private static final String[] AS_HTTP2 = {
        ":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/a", "range", "bytes=0-199999"
    };

    /** Two clients that want 0-199999, of which 0-99999 is stored: the first one asks for the rest, and what comes is left to the gate. */
    private RawHttp2 twoThatComplete(Gate gate, Script rest) throws Exception {
        origin.on("/a", ranging(TAG), gated(gate, rest), ranging(TAG));
        origin.on("/behind", ok("no-store", CONTENT));
        get("0-99999");
        RawHttp2 client = RawHttp2.connect(sidecar.address(), 4, 4_000_000).open(0, 10_000_000);
        int whole = RawHttp2.END_HEADERS | RawHttp2.END_STREAM;
        client.send(RawHttp2.HEADERS, whole, 1, RawHttp2.block(AS_HTTP2));
        client.send(RawHttp2.HEADERS, whole, 3, RawHttp2.block(AS_HTTP2));
        client.get(5, "/behind");
        client.stream(5); // those before it wait by now
        return client;
    }

    private static void assertBothGet(RawHttp2 client, String status) throws Exception {
        Map<Integer, List<RawHttp2.Frame>> answers = client.streams(1, 3);
        for (int stream : new int[] {1, 3}) {
            List<RawHttp2.Frame> answer = answers.get(stream);
            assertThat(answer.get(0).status()).isEqualTo(206);
            assertThat(RawHttp2.content(answer)).isEqualTo(slice(0, 199_999));
            assertThat(answer.get(0).text())
                    .contains("lastref; fwd=partial" + (stream == 1 ? "" : "; collapsed") + status);
        }
    }

    /** By the time the rest comes, what it is the rest of has been combined with another part, and left the store. */
    @Test
    void rfc9211_2_2_whoMadeTheOriginBeAskedIsNoHitThoughTheStoreAnswers() throws Exception {
        start();
        Gate gate = new Gate();
        try (RawHttp2 client = twoThatComplete(gate, ranging(TAG))) {
            get("100000-299999");
            await().until(() -> get("50000-250000").isHit());
            gate.open();
            assertBothGet(client, "; detail=superseded");
        }
        assertThat(ranges()).containsExactly("bytes=0-99999", "bytes=100000-199999", "bytes=100000-299999");
    }

    /** The origin need not be asked for what was there when the request came. */
    @Test
    void rfc9111_3_4_whatIsCompletedIsHeldUntilTheRestComes() throws Exception {
        start();
        Gate gate = new Gate();
        try (RawHttp2 client = twoThatComplete(gate, ranging(TAG))) {
            try (RawClient purging = RawClient.connect(sidecar.admin())) {
                String purge = "{\"all\":true}";
                assertThat(purging.send(
                                        "POST /api/purge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                                + "Content-Length: " + purge.length() + "\r\n\r\n" + purge)
                                .response()
                                .status())
                        .isEqualTo(200);
            }
            gate.open();
            assertBothGet(client, "");
        }
        assertThat(ranges()).containsExactly("bytes=0-99999", "bytes=100000-199999");
    }

    /** The origin says that there is no such range, while another client's part has completed what is stored. */
    @Test
    void rfc9211_2_2_whoMadeTheOriginBeAskedInVainIsNoHitEither() throws Exception {
        start();
        Gate gate = new Gate();
        Script none = call -> call.send("HTTP/1.1 416 No\r\nContent-Range: bytes */7\r\nContent-Length: 0\r\n\r\n");
        try (RawHttp2 client = twoThatComplete(gate, none)) {
            get("100000-299999");
            await().until(() -> get("50000-250000").isHit());
            gate.open();
            List<RawHttp2.Frame> answer = client.streams(1, 3).get(1);
            assertThat(RawHttp2.content(answer)).isEqualTo(slice(0, 199_999));
            assertThat(answer.get(0).text()).containsPattern("lastref; fwd=partial; fwd-status=416; ttl=");
        }
    }

    @Test
    void whoWaitsForAPartWaitsForABoundedTime() throws Exception {
        start("cache.collapse-timeout=200ms");
        Gate gate = new Gate();
        origin.on("/a", gated(gate, ranging(TAG)), ranging(TAG));
        List<RawClient> slow = ask(1, "Range: bytes=0-99");
        await().until(() -> origin.count("/a") == 1);
        assertThat(get("0-99").cacheStatus()).doesNotContain("collapsed");
        gate.open();
        assertThat(slow.get(0).response().body()).isEqualTo(slice(0, 99));
        slow.get(0).close();
    }

    /** A part that is not for all is asked for by each. */
    @Test
    void rfc9111_5_2_2_7_aPartThatIsPrivateIsNotShared() throws Exception {
        start();
        Gate gate = new Gate();
        Script secret = call -> call.send("HTTP/1.1 206 Partial Content\r\nCache-Control: private\r\n"
                + "Content-Range: bytes 0-2/10\r\nContent-Length: 3\r\n\r\nabc");
        origin.on("/a", gated(gate, secret), secret);
        List<RawClient> clients = ask(4, "Range: bytes=0-2");
        await().until(() -> origin.count("/a") == 1);
        gate.open();
        for (RawClient client : clients) {
            assertThat(client.response().cacheStatus()).doesNotContain("collapsed");
            client.close();
        }
        assertThat(origin.count("/a")).isEqualTo(4);
    }

    /** A request from after an invalidation does not join one from before it. */
    @Test
    void rfc9111_4_4_aPartFromBeforeAnInvalidationIsJoinedByNobody() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on(
                "/a",
                gated(gate, ranging(TAG)),
                call -> call.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
                ranging("ETag: \"y\""));
        List<RawClient> before = ask(1, "Range: bytes=0-99");
        await().until(() -> origin.count("/a") == 1);
        assertThat(RawClient.ask(sidecar.address(), "DELETE", "/a").status()).isEqualTo(200);
        assertThat(get("0-99").first("ETag")).isEqualTo("\"y\"");
        gate.open();
        assertThat(before.get(0).response().first("ETag")).isEqualTo("\"x\"");
        before.get(0).close();
        assertThat(get("0-99").first("ETag")).as("stored").isEqualTo("\"y\"");
    }
}
