package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.block;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/2 with prior knowledge: well-known clients, and some that break the rules (RFC 9113). */
class Http2Test extends SidecarTest {
    private static final byte[] LARGE = Content.of(5, 2_000_000);
    private static final int INITIAL_WINDOW = 4;

    @TempDir
    private Path directory;

    private RawHttp2 connect(int... settings) throws IOException {
        return RawHttp2.connect(sidecar.address(), settings);
    }

    @Test
    void curlAndH2loadAreServedBesideHttp11() throws Exception {
        Requires.command("curl");
        Requires.command("h2load");
        origin.on("/a", ok("max-age=600", Content.of(1, 50_000)));
        start();
        String url = "http://127.0.0.1:" + sidecar.address().getPort() + "/a";
        try (Programs programs = new Programs(directory)) {
            assertThat(programs.run("curl", "-sS", "--http2-prior-knowledge", "-D", "-", "-o", "/dev/null", url))
                    .startsWith("HTTP/2 200");
            assertThat(programs.run("h2load", "-n", "4000", "-c", "8", "-m", "16", url))
                    .contains("4000 succeeded, 0 failed, 0 errored, 0 timeout");
        }
        try (var client = sidecar.connect()) {
            String host = "127.0.0.1:" + sidecar.address().getPort();
            assertThat(client.send("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                            .response()
                            .isHit())
                    .isTrue();
        }
        assertThat(origin.count("/a")).isEqualTo(1);
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @Test
    void thePrefaceMayComeByteByByteAndSoMayARequestThatBeginsLikeIt() throws Exception {
        origin.on("/a", ok("max-age=600", Content.of(1, 100)));
        start();
        try (var client = sidecar.connect()) {
            for (byte b : "PRI * HTTP/1.1\r\nHost: a\r\n\r\n".getBytes()) {
                client.send(new byte[] {b});
            }
            assertThat(client.response().status()).isEqualTo(404); // what the origin says of the method
        }
        try (RawHttp2 client = connect()) {
            assertThat(RawHttp2.content(client.get(1, "/a").stream(1))).isEqualTo(Content.of(1, 100));
        }
    }

    @Test
    void targetsGoToTheOriginAsTheyCame() throws Exception {
        start();
        String[] targets = {"/a?", "/a??b", "/a;p=1/%2F/../b//c?x=%00", "/%41"};
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
    void crumbsOfCookiesAreOneFieldToTheOrigin() throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            client.send(
                    RawHttp2.HEADERS,
                    5,
                    1,
                    block(
                            ":method",
                            "GET",
                            ":scheme",
                            "http",
                            ":authority",
                            "test",
                            ":path",
                            "/c",
                            "cookie",
                            "a=1",
                            "cookie",
                            "b=2"));
            client.stream(1);
        }
        assertThat(origin.requests("/c").get(0).all("Cookie")).containsExactly("a=1; b=2");
    }

    private static String[] request(String... more) {
        List<String> fields =
                new ArrayList<>(List.of(":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/x"));
        Collections.addAll(fields, more);
        return fields.toArray(String[]::new);
    }

    private static String[] with(String name, String value) {
        String[] fields = request();
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i].equals(name)) {
                fields[i + 1] = value;
            }
        }
        return fields;
    }

    static List<Arguments> attacks() {
        List<Arguments> attacks = new ArrayList<>();
        for (String value : new String[] {"a\r\nEvil: 1", "a\nb", "a\rb", "a\0b", " a", "a\t"}) {
            attacks.add(Arguments.of("RFC 9113, 8.2.1: a value", request("x-a", value)));
        }
        for (String name : new String[] {"X-Upper", "a b", "a:b", "a\r\nb", "", "a\0", ":unknown"}) {
            attacks.add(Arguments.of("RFC 9113, 8.2.1 and 8.3: the name [" + name + "]", request(name, "v")));
        }
        for (String name :
                new String[] {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"}) {
            attacks.add(Arguments.of("RFC 9113, 8.2.2: " + name, request(name, "chunked")));
        }
        attacks.add(Arguments.of("RFC 9113, 8.2.2: te", request("te", "gzip")));
        for (String path :
                new String[] {"", "x", "*", "http://a/", "/a b", "/a\r\nHost: b", "/a#b", "/%zz", "/a\t", "/\0"}) {
            attacks.add(Arguments.of("RFC 9113, 8.3.1: the path [" + path + "]", with(":path", path)));
        }
        for (String authority : new String[] {"", "a@b", "a b", "a/b", "a\r\nX: y", "a:99999"}) {
            attacks.add(
                    Arguments.of("RFC 9113, 8.3.1: the authority [" + authority + "]", with(":authority", authority)));
        }
        for (String scheme : new String[] {"", "ftp", "http\r\n", "https://evil/?"}) {
            attacks.add(Arguments.of("RFC 9113, 8.3.1: the scheme [" + scheme + "]", with(":scheme", scheme)));
        }
        for (String method : new String[] {"", "GET /evil HTTP/1.1\r\n", "CONNECT", "G\0"}) {
            attacks.add(Arguments.of("RFC 9113, 8.3.1: the method [" + method + "]", with(":method", method)));
        }
        attacks.add(Arguments.of("RFC 9113, 8.3.1: another Host", request("host", "evil")));
        attacks.add(Arguments.of("two authorities", request(":authority", "evil")));
        attacks.add(Arguments.of(
                "RFC 9113, 8.3: a pseudo-header too late",
                new String[] {":method", "GET", ":scheme", "http", "x", "y", ":authority", "test", ":path", "/x"}));
        attacks.add(Arguments.of("no authority", new String[] {":method", "GET", ":scheme", "http", ":path", "/x"}));
        attacks.add(Arguments.of("no path", new String[] {":method", "GET", ":scheme", "http", ":authority", "test"}));
        for (String length : new String[] {"+0", "-1", "0x0", "0,0", "", "99999999999999999999"}) {
            attacks.add(Arguments.of("RFC 9110, 8.6: the length [" + length + "]", request("content-length", length)));
        }
        attacks.add(Arguments.of("two lengths", request("content-length", "0", "content-length", "0")));
        return attacks;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void aMalformedRequestNeverReachesTheOrigin(String what, String[] fields) throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, block(fields));
            List<Frame> answer = client.stream(1);
            // A stream error, a connection error, or a client error: RFC 9113, section 8.1.1, allows each.
            assertThat(answer.stream().filter(frame -> frame.type() == RawHttp2.DATA && frame.payload().length > 0))
                    .as(what)
                    .allMatch(frame -> new String(frame.payload()).startsWith("4"));
        }
        assertThat(origin.requests()).as(what).isEmpty();
        try (RawHttp2 another = connect()) {
            assertThat(another.get(1, "/fine").stream(1)).isNotEmpty();
        }
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void contentThatIsNotAsLongAsItSaysIsNeverWholeToTheOrigin() throws Exception {
        byte[][] whole = new byte[2][];
        origin.on("/short", call -> whole[0] = call.body());
        origin.on("/long", call -> whole[1] = call.body());
        start();
        for (String path : new String[] {"/short", "/long"}) {
            try (RawHttp2 client = connect()) {
                String[] fields = {
                    ":method", "POST", ":scheme", "http", ":authority", "test", ":path", path, "content-length", "10"
                };
                client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, block(fields));
                client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, new byte[path.equals("/short") ? 5 : 15]);
                List<Frame> answer = client.stream(1);
                assertThat(answer)
                        .noneMatch(frame ->
                                frame.type() == RawHttp2.HEADERS && new String(frame.payload()).contains("200"));
            }
        }
        await().until(() -> origin.openConnections() == 0);
        assertThat(whole[0]).isNull();
        assertThat(whole[1]).isNull();
    }

    @Test
    void streamsThatAreResetAgainAndAgainEndTheConnection() throws Exception {
        Gate gate = new Gate();
        origin.on("/never", call -> gate.await());
        start();
        try (RawHttp2 client = connect()) {
            boolean cut = false;
            try {
                for (int i = 0; i < 2000; i++) {
                    client.get(2 * i + 1, "/never");
                    client.send(RawHttp2.RST_STREAM, 0, 2 * i + 1, RawHttp2.number(8));
                }
            } catch (SocketException closed) {
                cut = true;
            }
            assertThat(cut || client.await(RawHttp2.GOAWAY) != null || client.read() == null)
                    .isTrue();
        }
        // What they asked for is not waited for any longer: all that the origin may be asked at a time is free again.
        await().until(() -> sidecar.get("/other").status() == 404);
        gate.open();
    }

    @Test
    void continuationWithoutEndEndsTheConnection() throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, block(request()));
            byte[] part = block("x-" + "y".repeat(100), "z".repeat(1000));
            boolean cut = false;
            try {
                for (int i = 0; i < 20_000; i++) {
                    client.send(RawHttp2.CONTINUATION, 0, 1, part);
                }
            } catch (SocketException closed) {
                cut = true;
            }
            assertThat(cut || client.await(RawHttp2.GOAWAY) != null || client.read() == null)
                    .isTrue();
        }
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void aStreamWithoutAWindowHoldsNoMoreThanItsReferenceAndGivesItUpWithItsReset() throws Exception {
        origin.on("/large", ok("max-age=600", LARGE));
        start("pool.size=64MiB");
        sidecar.get("/large");
        try (RawHttp2 client = connect(INITIAL_WINDOW, 0)) {
            for (int i = 0; i < 20; i++) {
                client.get(2 * i + 1, "/large");
            }
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 20);
            client.send(RawHttp2.RST_STREAM, 0, 1, RawHttp2.number(8));
            await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 19);
            // One goes on, at the pace of its window.
            client.send(RawHttp2.WINDOW_UPDATE, 0, 0, RawHttp2.number(4_000_000));
            client.send(RawHttp2.WINDOW_UPDATE, 0, 3, RawHttp2.number(LARGE.length));
            assertThat(RawHttp2.content(client.stream(3))).isEqualTo(LARGE);
        }
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @Test
    void anOrderlyEndTellsTheClientAndServesWhatRuns() throws Exception {
        Gate gate = new Gate();
        origin.on("/slow", call -> {
            gate.await();
            ok("no-store", LARGE).play(call);
        });
        start("shutdown.grace=30s");
        try (RawHttp2 client = connect();
                RawHttp2 idle = connect()) {
            client.get(1, "/slow");
            client.send(RawHttp2.WINDOW_UPDATE, 0, 0, RawHttp2.number(4_000_000));
            client.send(RawHttp2.WINDOW_UPDATE, 0, 1, RawHttp2.number(4_000_000));
            idle.get(1, "/x").stream(1);
            await().until(() -> origin.count("/slow") == 1);
            CompletableFuture<Void> closed =
                    CompletableFuture.runAsync(sidecar::close, task -> new Thread(task, "closer").start());
            assertThat(client.await(RawHttp2.GOAWAY)).isNotNull();
            assertThat(idle.await(RawHttp2.GOAWAY)).isNotNull();
            while (idle.read() != null) {
                // to its end
            }
            gate.open();
            assertThat(RawHttp2.content(client.stream(1))).isEqualTo(LARGE);
            closed.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void whereItIsSwitchedOffThePrefaceIsARequestThatIsNone() throws Exception {
        start("http2=false");
        try (var client = sidecar.connect()) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(505);
        }
    }
}
