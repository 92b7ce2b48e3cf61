package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.block;
import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 with prior knowledge, by clients that keep its rules: curl, h2load, and one that counts frames (RFC 9113). */
class Http2Test extends SidecarTest {
    /** Longer than a segment of the pool. */
    private static final byte[] LARGE = Content.of(5, 2_000_000);

    private static final int INITIAL_WINDOW = 4;
    private static final int OPEN = 16_000_000;

    @TempDir
    private Path directory;

    private RawHttp2 connect(int... settings) throws IOException {
        return RawHttp2.connect(sidecar.address(), settings);
    }

    /** With windows that never close. */
    private RawHttp2 connectOpen() throws IOException {
        return connect(INITIAL_WINDOW, OPEN).open(0, 1_000_000_000);
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + sidecar.address().getPort() + path);
    }

    /** Each frame has a head of nine bytes, and costs a client as much as a large one. */
    @Test
    void contentThatIsPutTogetherFromManyPiecesIsSentInFewFrames() throws Exception {
        origin.on("/pieces", ok("max-age=60", Content.of(1, 100_000)));
        start();
        sidecar.get("/pieces");
        StringBuilder ranges = new StringBuilder("bytes=0-0");
        for (int i = 1; i < 60; i++) {
            ranges.append(",").append(1000 * i).append("-").append(1000 * i);
        }
        try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
            client.send(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                    1,
                    block(
                            ":method",
                            "GET",
                            ":scheme",
                            "http",
                            ":authority",
                            "test",
                            ":path",
                            "/pieces",
                            "range",
                            ranges.toString()));
            List<Frame> answer = client.stream(1);
            assertThat(answer.get(0).status()).isEqualTo(206);
            String content = new String(RawHttp2.content(answer), java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(content.split("Content-Range: ")).hasSize(61);
            assertThat(answer.stream().filter(frame -> frame.type() == RawHttp2.DATA))
                    .as("of 121 pieces, each much smaller than a frame may be")
                    .hasSizeLessThan(10);
        }
    }

    @Test
    void curlAndH2loadAreServedBesideHttp11() throws Exception {
        Requires.command("curl");
        Requires.command("h2load");
        origin.on("/a", ok("max-age=600", Content.of(1, 50_000)));
        start();
        String url = uri("/a").toString();
        try (Programs programs = new Programs(directory)) {
            assertThat(programs.run("curl", "-sS", "--http2-prior-knowledge", "-D", "-", "-o", "/dev/null", url))
                    .startsWith("HTTP/2 200")
                    .contains("cache-status: lastref; fwd=uri-miss; stored")
                    .contains("date: ");
            assertThat(programs.run("h2load", "-n", "4000", "-c", "8", "-m", "16", url))
                    .contains("4000 succeeded, 0 failed, 0 errored, 0 timeout");
        }
        assertThat(sidecar.get("/a").status()).isEqualTo(200);
        assertThat(sidecar.metric("lastref_http2_requests_total")).isEqualTo(4001);
        assertThat(sidecar.metric("lastref_http2_faulty_connections_total")).isZero();
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
        await().until(() -> sidecar.metric("lastref_http2_connections") == 0);
        assertThat(sidecar.metric("lastref_transmit_bytes_total{path=\"sendfile\",}"))
                .as("frames are copied")
                .isZero();
    }

    @Test
    void bothVersionsShareWhatIsStored() throws Exception {
        origin.on("/a", ok("max-age=600", LARGE, "ETag: \"1\""));
        start();
        assertThat(sidecar.get("/a").body()).isEqualTo(LARGE);
        try (RawHttp2 client = connectOpen()) {
            List<Frame> answer = client.get(1, "/a").stream(1);
            assertThat(answer.get(0).status()).isEqualTo(200);
            assertThat(RawHttp2.content(answer)).isEqualTo(LARGE);
            assertThat(answer).allMatch(frame -> frame.payload().length <= 16_384);
        }
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    @Test
    void hitsRangesConditionsAndContentWithoutALengthAreRight() throws Exception {
        origin.on("/a", ok("max-age=600", LARGE, "ETag: \"1\"", "Set-Cookie: a=1", "Set-Cookie: b=2"));
        origin.on("/chunked", call -> {
            call.send(chunkedHead("no-store"));
            for (int at = 0; at < LARGE.length; at += 50_000) {
                call.sendChunk(Arrays.copyOfRange(LARGE, at, at + 50_000));
            }
            call.sendLastChunk();
        });
        start("pool.size=64MiB");
        assertThat(sidecar.get("/a").body()).isEqualTo(LARGE);
        String authority = "test";
        try (RawHttp2 raw = connectOpen()) {
            String[] get = {":method", "GET", ":scheme", "http", ":authority", authority, ":path", "/a"};
            List<Frame> hit = send(raw, 1, get);
            assertThat(RawHttp2.content(hit)).isEqualTo(LARGE);
            List<Frame> range = send(raw, 3, and(get, "range", "bytes=1000000-1000009"));
            assertThat(range.get(0).status()).isEqualTo(206);
            assertThat(RawHttp2.content(range)).isEqualTo(Arrays.copyOfRange(LARGE, 1_000_000, 1_000_010));
            List<Frame> parts = send(raw, 5, and(get, "range", "bytes=0-9,1500000-1999999"));
            assertThat(parts.get(0).status()).isEqualTo(206);
            assertThat(RawHttp2.content(parts).length).isGreaterThan(500_010);
            List<Frame> same = send(raw, 7, and(get, "if-none-match", "\"1\""));
            assertThat(same).hasSize(1);
            assertThat(same.get(0).status()).isEqualTo(304);
            get[1] = "HEAD";
            List<Frame> head = send(raw, 9, get);
            assertThat(head).hasSize(1);
            assertThat(head.get(0).status()).isEqualTo(200);
            assertThat(head.get(0).text()).contains("" + LARGE.length);
            assertThat(RawHttp2.content(raw.get(11, "/chunked").stream(11))).isEqualTo(LARGE);
        }
        assertThat(origin.count("/a")).isEqualTo(1);
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    private static List<Frame> send(RawHttp2 client, int stream, String... fields) throws IOException {
        return client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, stream, block(fields)).stream(
                stream);
    }

    private static String[] and(String[] fields, String... more) {
        String[] all = Arrays.copyOf(fields, fields.length + more.length);
        System.arraycopy(more, 0, all, fields.length, more.length);
        return all;
    }

    @Test
    void manyStreamsOfManySizesComeAtOnceAndAreRight() throws Exception {
        int[] sizes = {0, 1, 100, 16_383, 16_384, 16_385, 65_535, 65_536, 300_000, 1_000_000};
        for (int size : sizes) {
            origin.on("/" + size, ok("max-age=600", Content.of(size, size)));
        }
        start("pool.size=64MiB");
        for (int round = 0; round < 2; round++) { // from the origin, and from the store
            try (RawHttp2 client = connectOpen()) {
                List<List<Frame>> answers = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    client.get(2 * i + 1, "/" + sizes[i % sizes.length]);
                    answers.add(new ArrayList<>());
                }
                for (int left = 100; left > 0; ) {
                    Frame frame = client.read();
                    assertThat(frame).isNotNull();
                    if (frame.stream() > 0) {
                        answers.get(frame.stream() / 2).add(frame);
                        left -= frame.endsStream() ? 1 : 0;
                    }
                }
                for (int i = 0; i < 100; i++) {
                    int size = sizes[i % sizes.length];
                    assertThat(answers.get(i).get(0).status()).isEqualTo(200);
                    assertThat(RawHttp2.content(answers.get(i)))
                            .as("%d bytes", size)
                            .isEqualTo(Content.of(size, size));
                }
            }
        }
        for (int size : sizes) {
            assertThat(origin.count("/" + size)).isEqualTo(1);
        }
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @Test
    void whoWaitsForTheSameResponseIsServedFromOneFetchWhileItComes() throws Exception {
        Gate rest = new Gate();
        origin.on("/a", call -> {
            call.send(head("max-age=600", LARGE.length)).send(LARGE, 0, 10);
            rest.await();
            call.send(LARGE, 10, LARGE.length - 10);
        });
        start("pool.size=64MiB");
        try (RawHttp2 client = connectOpen();
                RawClient old = sidecar.connect()) {
            for (int i = 0; i < 5; i++) {
                client.get(2 * i + 1, "/a");
            }
            assertThat(client.await(RawHttp2.DATA).payload())
                    .as("before the rest is there")
                    .hasSizeLessThanOrEqualTo(10);
            old.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n");
            rest.open();
            assertThat(RawHttp2.content(client.stream(9)).length).isGreaterThanOrEqualTo(LARGE.length - 10);
            assertThat(old.response().body()).isEqualTo(LARGE);
        }
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    @Test
    void contentGoesUpWithAndWithoutALengthBesideWhatComesDown() throws Exception {
        byte[][] got = new byte[2][];
        origin.on("/length", call -> {
            got[0] = call.body();
            ok("no-store", "got it".getBytes()).play(call);
        });
        origin.on("/none", call -> {
            got[1] = call.body();
            ok("no-store", "got it".getBytes()).play(call);
        });
        start();
        byte[] up = Content.of(9, 1_000_000);
        for (String path : new String[] {"/length", "/none"}) {
            try (RawHttp2 client = connectOpen()) {
                String[] post = {":method", "POST", ":scheme", "http", ":authority", "test", ":path", path};
                client.send(
                        RawHttp2.HEADERS,
                        RawHttp2.END_HEADERS,
                        1,
                        block(path.equals("/length") ? and(post, "content-length", "" + up.length) : post));
                assertThat(RawHttp2.content(upload(client, 1, up))).isEqualTo("got it".getBytes());
            }
        }
        assertThat(got[0]).isEqualTo(up);
        assertThat(got[1]).isEqualTo(up);
    }

    /** Sends content as the windows allow, padded now and then, with trailer fields; returns the answer. */
    private static List<Frame> upload(RawHttp2 client, int stream, byte[] content) throws IOException {
        List<Frame> answer = new ArrayList<>();
        int window = 65_535;
        int all = 65_535;
        for (int at = 0; at < content.length; ) {
            int n = Math.min(Math.min(content.length - at, 16_000), Math.min(window, all) - 101);
            if (n > 0) {
                byte[] padded = new byte[n + 101];
                padded[0] = 100;
                System.arraycopy(content, at, padded, 1, n);
                client.send(RawHttp2.DATA, 8, stream, padded);
                at += n;
                window -= padded.length;
                all -= padded.length;
                continue;
            }
            Frame frame = client.read();
            assertThat(frame).isNotNull();
            if (frame.type() == RawHttp2.WINDOW_UPDATE) {
                int by = java.nio.ByteBuffer.wrap(frame.payload()).getInt();
                window += frame.stream() == stream ? by : 0;
                all += frame.stream() == 0 ? by : 0;
            } else if (frame.stream() == stream) {
                answer.add(frame);
            }
        }
        client.send(
                RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, stream, block("x-trailer", "dropped"));
        answer.addAll(client.stream(stream));
        return answer;
    }

    @Test
    void interimResponsesComeBeforeTheirOwnAndContentIsAskedForWhenItIsWanted() throws Exception {
        origin.on("/hints", call -> {
            call.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
            ok("no-store", "x".getBytes()).play(call);
        });
        origin.on("/up", call -> {
            call.send("HTTP/1.1 100 Continue\r\n\r\n");
            call.body();
            ok("no-store", "got it".getBytes()).play(call);
        });
        start();
        try (RawHttp2 client = connectOpen()) {
            List<Frame> hints = client.get(1, "/hints").stream(1);
            assertThat(hints.get(0).status()).isEqualTo(103);
            assertThat(hints.get(0).text()).contains("</a.css>; rel=preload");
            assertThat(hints.get(1).status()).isEqualTo(200);

            client.send(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS,
                    3,
                    block(
                            ":method",
                            "POST",
                            ":scheme",
                            "http",
                            ":authority",
                            "test",
                            ":path",
                            "/up",
                            "expect",
                            "100-continue",
                            "content-length",
                            "5"));
            assertThat(client.await(RawHttp2.HEADERS).status()).isEqualTo(100);
            client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 3, "hello".getBytes());
            assertThat(RawHttp2.content(client.stream(3))).isEqualTo("got it".getBytes());
        }
        assertThat(origin.requests("/up").get(0).all("Expect")).containsExactly("100-continue");
    }

    @Test
    void anAnswerBeforeTheContentHasComeEndsTheStreamInOrder() throws Exception {
        origin.on("/a", ok("max-age=600", Content.of(1, 100)));
        start("limits.body=1KiB");
        try (RawHttp2 client = connectOpen()) {
            client.send(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS,
                    1,
                    block(
                            ":method",
                            "POST",
                            ":scheme",
                            "http",
                            ":authority",
                            "test",
                            ":path",
                            "/a",
                            "content-length",
                            "5000"));
            List<Frame> answer = client.stream(1);
            assertThat(answer.get(0).status()).isEqualTo(413);
            assertThat(client.await(RawHttp2.RST_STREAM).error())
                    .as("NO_ERROR: no more is wanted")
                    .isZero();
            // What was on its way then is not taken amiss.
            client.send(RawHttp2.DATA, 0, 1, new byte[4000]);
            client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, new byte[1000]);
            assertThat(RawHttp2.content(client.get(3, "/a").stream(3))).isEqualTo(Content.of(1, 100));
        }
    }

    @Test
    void windowsThatChangeInTheMiddleAreKept() throws Exception {
        origin.on("/a", ok("max-age=600", Content.of(3, 100_000)));
        start();
        try (RawHttp2 client = connect(INITIAL_WINDOW, 10)) {
            client.get(1, "/a");
            int got = client.await(RawHttp2.DATA).payload().length;
            assertThat(got).isEqualTo(10);
            client.send(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 5}); // five less than were sent
            client.open(1, 5);
            client.open(1, 7);
            assertThat(client.await(RawHttp2.DATA).payload()).hasSize(7);
            client.send(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 1, 0, 0});
            client.open(0, 100_000);
            client.open(1, 100_000);
            assertThat(RawHttp2.content(client.stream(1)))
                    .isEqualTo(Arrays.copyOfRange(Content.of(3, 100_000), 17, 100_000));
        }
    }

    @Test
    void largeHeadsAreContinuedBothWays() throws Exception {
        String value = "v".repeat(40_000);
        origin.on("/a", ok("no-store", "x".getBytes(), "X-Large: " + value));
        start();
        try (RawHttp2 client = connectOpen()) {
            byte[] all =
                    block(":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/a", "x-large", value);
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, Arrays.copyOf(all, 16_000));
            client.send(RawHttp2.CONTINUATION, 0, 1, Arrays.copyOfRange(all, 16_000, 32_000));
            client.send(RawHttp2.CONTINUATION, RawHttp2.END_HEADERS, 1, Arrays.copyOfRange(all, 32_000, all.length));
            List<Frame> answer = client.stream(1);
            assertThat(answer.get(0).status()).isEqualTo(200);
            assertThat(answer.get(0).flags() & RawHttp2.END_HEADERS).isZero();
            assertThat(answer.get(1).type()).isEqualTo(RawHttp2.CONTINUATION);
            assertThat(RawHttp2.content(answer)).isEqualTo("x".getBytes());
            int bytes = answer.stream()
                    .filter(frame -> frame.type() != RawHttp2.DATA)
                    .mapToInt(frame -> frame.payload().length)
                    .sum();
            assertThat(bytes).isBetween(40_000, 41_000);
        }
        assertThat(origin.requests("/a").get(0).all("X-Large")).containsExactly(value);
    }

    @Test
    void thePrefaceMayComeByteByByteAndSoMayARequestThatBeginsLikeIt() throws Exception {
        origin.on("/a", ok("max-age=600", Content.of(1, 100)));
        start();
        for (String target : List.of("/b", "*")) {
            try (RawClient client = sidecar.connect()) {
                for (byte b : ("PRI " + target + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes()) {
                    client.send(new byte[] {b});
                }
                // What the origin says of the one; the other is for OPTIONS only (RFC 9112, section 3.2.4).
                assertThat(client.response().status()).isEqualTo(target.equals("*") ? 400 : 404);
            }
        }
        try (RawClient slow = sidecar.connect()) {
            byte[] all = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes();
            for (byte b : all) {
                slow.send(new byte[] {b});
            }
            slow.send(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
            assertThat(slow.read(9)[3]).as("settings").isEqualTo((byte) RawHttp2.SETTINGS);
        }
    }

    @Test
    void targetsGoToTheOriginAsTheyCame() throws Exception {
        start();
        String[] targets = {"/a?", "/a??b", "/a;p=1/%2F/../b//c?x=%00", "/%41", "/{|}"};
        try (RawHttp2 client = connect()) {
            for (int i = 0; i < targets.length; i++) {
                client.get(2 * i + 1, targets[i]).stream(2 * i + 1);
            }
        }
        assertThat(origin.requests())
                .extracting(request -> request.line().split(" ")[1])
                .containsExactly(targets);
    }

    @Test
    void theOriginGetsAnOrdinaryRequestOfHttp11() throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            send(
                    client,
                    1,
                    ":method",
                    "GET",
                    ":scheme",
                    "https",
                    ":authority",
                    "Example.com:8080",
                    ":path",
                    "/c",
                    "cookie",
                    "a=1",
                    "cookie",
                    "b=2",
                    "te",
                    "trailers",
                    "x-empty",
                    "");
        }
        var request = origin.requests("/c").get(0);
        assertThat(request.line()).isEqualTo("GET /c HTTP/1.1");
        assertThat(request.all("Cookie")).containsExactly("a=1; b=2");
        assertThat(request.all("Host")).containsExactly("example.com:8080");
        assertThat(request.all("X-Forwarded-Proto")).containsExactly("http");
        assertThat(request.all("Via")).containsExactly("2.0 lastref");
        assertThat(request.all("TE")).isEmpty();
        assertThat(request.all("X-Empty")).containsExactly("");
        assertThat(request.head()).doesNotContain(":method").doesNotContain(":path");
    }

    @Test
    void purgingAndTheAccessLogKnowItsRequests() throws Exception {
        Path log = directory.resolve("access.log");
        origin.on("/a", ok("max-age=600", Content.of(1, 100)));
        start("access-log=" + log);
        try (RawHttp2 client = connect()) {
            client.get(1, "/a").stream(1);
            client.get(3, "/a").stream(3);
            assertThat(origin.count("/a")).isEqualTo(1);
            try (RawClient admin = RawClient.connect(sidecar.admin())) {
                String body = "{\"all\":true}";
                admin.send(
                        "POST /api/purge HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
                                + body.length() + "\r\n\r\n" + body);
                assertThat(admin.response().status()).isEqualTo(200);
            }
            client.get(5, "/a").stream(5);
        }
        assertThat(origin.count("/a")).isEqualTo(2);
        await().until(() -> Programs.printed(log).lines().count() == 3);
        assertThat(Programs.printed(log).lines()).allMatch(line -> line.contains("\"protocol\":\"HTTP/2.0\""));
        assertThat(Programs.printed(log)).contains("\"cache\":\"hit\"").contains("\"target\":\"/a\"");
    }

    @Test
    void whereItIsSwitchedOffThePrefaceIsARequestThatIsNone() throws Exception {
        start("listen.http2=false");
        try (RawClient client = sidecar.connect()) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(505);
        }
    }

    @Test
    void aConnectionThatIsSilentForTooLongEndsInOrder() throws Exception {
        origin.on("/a", ok("max-age=600", Content.of(1, 100)));
        start("limits.idle-timeout=300ms");
        try (RawHttp2 client = connect();
                RawClient mute = sidecar.connect()) {
            client.get(1, "/a").stream(1);
            assertThat(client.await(RawHttp2.GOAWAY).error()).isZero();
            assertThat(client.read()).isNull();
            mute.awaitEnd();
        }
    }

    @Test
    void theClientsGoAwayBreaksNothingOff() throws Exception {
        Gate gate = new Gate();
        origin.on("/slow", call -> {
            gate.await();
            ok("no-store", LARGE).play(call);
        });
        start();
        try (RawHttp2 client = connectOpen()) {
            client.get(1, "/slow");
            await().until(() -> origin.count("/slow") == 1);
            client.send(RawHttp2.GOAWAY, 0, 0, new byte[8]);
            assertThat(client.get(3, "/slow").stream(3).get(0).error())
                    .as("REFUSED_STREAM")
                    .isEqualTo(7);
            gate.open();
            assertThat(RawHttp2.content(client.stream(1))).isEqualTo(LARGE);
            while (client.read() != null) {
                // it ends once it is idle
            }
        }
    }
}
