package dev.lastref.http;

import static dev.lastref.http.testing.RawHttp2.block;
import static dev.lastref.http.testing.RawHttp2.number;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.RawHttp2.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients of HTTP/2 that break the rules, or use them to hurt (RFC 9113, sections 8.1.1, 8.2, 8.3 and 10.5). */
class Http2AttackTest extends SidecarTest {
    private static final int WHOLE = RawHttp2.END_HEADERS | RawHttp2.END_STREAM;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int MANY = 20_000;

    /** Keeps an origin from answering. */
    private final Gate never = new Gate();

    private RawHttp2 connect(int... settings) throws IOException {
        return RawHttp2.connect(sidecar.address(), settings);
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

    private static String[] without(String name) {
        List<String> left = new ArrayList<>();
        String[] fields = request();
        for (int i = 0; i < fields.length; i += 2) {
            if (!fields[i].equals(name)) {
                left.add(fields[i]);
                left.add(fields[i + 1]);
            }
        }
        return left.toArray(String[]::new);
    }

    static List<Arguments> malformed() {
        List<Arguments> attacks = new ArrayList<>();
        for (String value : new String[] {"a\r\nEvil: 1", "a\nb", "a\rb", "a\0b", " a", "a\t", "a\u007f"}) {
            attacks.add(Arguments.of("8.2.1: the value [" + value + "]", request("x-a", value)));
        }
        for (String name :
                new String[] {"X-Upper", "a b", "a:b", "a\r\nb", "", "a\0", ":unknown", ":status", ":protocol"}) {
            attacks.add(Arguments.of("8.2.1 and 8.3: the name [" + name + "]", request(name, "v")));
        }
        for (String name :
                new String[] {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"}) {
            attacks.add(Arguments.of("8.2.2: " + name, request(name, "chunked")));
        }
        attacks.add(Arguments.of("8.2.2: te", request("te", "gzip")));
        for (String path :
                new String[] {"", "x", "*", "http://a/", "/a b", "/a\r\nHost: b", "/a#b", "/%zz", "/a\t", "/\0"}) {
            attacks.add(Arguments.of("8.3.1: the path [" + path + "]", with(":path", path)));
        }
        for (String authority : new String[] {"", "a@b", "a b", "a/b", "a\r\nX: y", "a:99999"}) {
            attacks.add(Arguments.of("8.3.1: the authority [" + authority + "]", with(":authority", authority)));
        }
        for (String scheme : new String[] {"", "ftp", "http\r\n", "https://evil/?"}) {
            attacks.add(Arguments.of("8.3.1: the scheme [" + scheme + "]", with(":scheme", scheme)));
        }
        for (String method : new String[] {"", "GET /evil HTTP/1.1\r\n", "CONNECT", "TRACE", "G\0", "G".repeat(33)}) {
            attacks.add(Arguments.of("8.3.1: the method [" + method + "]", with(":method", method)));
        }
        attacks.add(Arguments.of("8.3.1: another Host", request("host", "evil")));
        attacks.add(Arguments.of("8.3.1: two Hosts", request("host", "test", "host", "test")));
        for (String name : new String[] {":method", ":scheme", ":path"}) {
            attacks.add(Arguments.of("8.3.1: no " + name, without(name)));
        }
        attacks.add(Arguments.of("no authority", without(":authority")));
        for (String name : new String[] {":method", ":scheme", ":path", ":authority"}) {
            String[] twice = new String[10];
            System.arraycopy(request(), 0, twice, 0, 8);
            twice[8] = name;
            twice[9] = with("", "")[List.of(request()).indexOf(name) + 1];
            attacks.add(Arguments.of("8.3.1: twice " + name, twice));
        }
        attacks.add(Arguments.of(
                "8.3: a pseudo-header too late",
                new String[] {":method", "GET", ":scheme", "http", "x", "y", ":authority", "test", ":path", "/x"}));
        for (String length : new String[] {"+0", "-1", "0x0", "0,0", "", "1", "99999999999999999999"}) {
            attacks.add(Arguments.of("RFC 9110, 8.6: the length [" + length + "]", request("content-length", length)));
        }
        attacks.add(Arguments.of("two lengths", request("content-length", "0", "content-length", "0")));
        attacks.add(Arguments.of("a target of 17 KB", with(":path", "/" + "x".repeat(17_000))));
        attacks.add(Arguments.of("RFC 9110, 10.1.1: another expectation", request("expect", "miracles")));
        attacks.add(Arguments.of("a value of 66 KB", request("x", "y".repeat(66_000))));
        String[] many = new String[400];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = "x-" + i;
            many[i + 1] = "y";
        }
        attacks.add(Arguments.of("200 fields", request(many)));
        return attacks;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void aRequestThatIsMalformedOrTooLargeNeverReachesTheOrigin(String what, String[] fields) throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            byte[] all = block(fields);
            int part = Math.min(all.length, 16_384);
            client.send(
                    RawHttp2.HEADERS,
                    RawHttp2.END_STREAM | (part == all.length ? RawHttp2.END_HEADERS : 0),
                    1,
                    java.util.Arrays.copyOf(all, part));
            for (int at = part; at < all.length; at += part) {
                part = Math.min(all.length - at, 16_384);
                client.send(
                        RawHttp2.CONTINUATION,
                        at + part == all.length ? RawHttp2.END_HEADERS : 0,
                        1,
                        java.util.Arrays.copyOfRange(all, at, at + part));
            }
            List<Frame> answer = client.stream(1);
            // A stream error, a connection error, or a client error: RFC 9113, section 8.1.1, allows each.
            boolean reset = !answer.isEmpty() && answer.get(0).type() == RawHttp2.RST_STREAM;
            boolean refused = !answer.isEmpty()
                    && answer.get(0).status() >= 400
                    && answer.get(0).status() <= 501;
            assertThat(reset || refused || answer.isEmpty())
                    .as(what + ": " + answer)
                    .isTrue();
        }
        assertThat(origin.requests()).as(what).isEmpty();
        staysAlive();
    }

    /** Others are served. */
    private void staysAlive() throws IOException {
        int before = origin.count("/fine");
        try (RawHttp2 another = connect()) {
            assertThat(another.get(1, "/fine").stream(1).get(0).status()).isEqualTo(404);
        }
        assertThat(sidecar.get("/fine").status()).isEqualTo(404);
        assertThat(origin.count("/fine")).isGreaterThan(before);
    }

    /** Sends until the connection has ended, and says by which error. */
    private int endOf(RawHttp2 client, byte[] again, int times) throws IOException {
        try {
            for (int i = 0; i < times; i++) {
                client.sendRaw(again);
            }
        } catch (SocketException cut) {
            // it has ended already; why is still to be read, perhaps
        }
        Frame end = client.await(RawHttp2.GOAWAY);
        return end == null ? -1 : end.error();
    }

    static List<Arguments> floods() {
        byte[] resets = join(
                RawHttp2.frame(RawHttp2.HEADERS, WHOLE, 1, block(request())),
                RawHttp2.frame(RawHttp2.RST_STREAM, 0, 1, number(8)));
        return List.of(
                Arguments.of("PING", RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8])),
                Arguments.of("SETTINGS", RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0])),
                Arguments.of("SETTINGS, acknowledged", RawHttp2.frame(RawHttp2.SETTINGS, 1, 0, new byte[0])),
                Arguments.of("PRIORITY", RawHttp2.frame(RawHttp2.PRIORITY, 0, 3, new byte[5])),
                Arguments.of("WINDOW_UPDATE", RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 0, number(1))),
                Arguments.of("an unknown type", RawHttp2.frame(0x77, 0, 0, new byte[0])),
                Arguments.of("resets of streams that have ended", resets));
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void aFloodOfFramesThatAskForNothingEndsTheConnection(String what, byte[] frame) throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            assertThat(endOf(client, frame, MANY)).as(what).isIn(ENHANCE_YOUR_CALM, 5, -1);
        }
        assertThat(sidecar.metric("lastref_http2_faulty_connections_total")).isEqualTo(1);
        staysAlive();
    }

    @Test
    void emptyFramesOfContentEndTheConnection() throws Exception {
        origin.on("/post", call -> call.body());
        start();
        try (RawHttp2 client = connect()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, block(with(":method", "POST")));
            byte[] empty = RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[0]);
            assertThat(endOf(client, empty, MANY)).isIn(ENHANCE_YOUR_CALM, -1);
        }
        staysAlive();
    }

    @Test
    void streamsThatAreResetAgainAndAgainEndTheConnectionAndWhatTheyAskedForIsNotWaitedFor() throws Exception {
        origin.on("/never", call -> never.await());
        start();
        int begun = 0;
        try (RawHttp2 client = connect()) {
            boolean cut = false;
            try {
                for (; begun < 5000; begun++) {
                    client.get(2 * begun + 1, "/never");
                    client.send(RawHttp2.RST_STREAM, 0, 2 * begun + 1, number(8));
                }
            } catch (SocketException closed) {
                cut = true;
            }
            Frame end = client.await(RawHttp2.GOAWAY);
            assertThat(cut || (end != null && end.error() == ENHANCE_YOUR_CALM)).isTrue();
        }
        assertThat(sidecar.metric("lastref_http2_requests_total")).isLessThan(1000);
        await().until(() -> origin.openConnections() <= 1);
        never.open();
        staysAlive();
    }

    @Test
    void streamsThatTheServerIsMadeToResetAgainAndAgainEndTheConnection() throws Exception {
        origin.on("/never", call -> never.await());
        start();
        try (RawHttp2 client = connect()) {
            boolean cut = false;
            try {
                for (int i = 0; i < 5000; i++) { // CVE-2025-8671
                    client.get(2 * i + 1, "/never");
                    client.send(RawHttp2.WINDOW_UPDATE, 0, 2 * i + 1, number(0));
                }
            } catch (SocketException closed) {
                cut = true;
            }
            Frame end = client.await(RawHttp2.GOAWAY);
            assertThat(cut || (end != null && end.error() == ENHANCE_YOUR_CALM)).isTrue();
        }
        await().until(() -> origin.openConnections() <= 1);
        never.open();
        staysAlive();
    }

    @Test
    void moreStreamsThanMayRunAreRefusedAndTheOthersServed() throws Exception {
        var gate = new Gate();
        origin.on("/slow", call -> {
            gate.await();
            ok("no-store", Content.of(1, 10)).play(call);
        });
        start();
        try (RawHttp2 client = connect()) {
            for (int i = 0; i < 130; i++) {
                client.get(2 * i + 1, "/slow");
            }
            List<Frame> refused = client.stream(257);
            assertThat(refused.get(0).type()).isEqualTo(RawHttp2.RST_STREAM);
            assertThat(refused.get(0).error())
                    .as("REFUSED_STREAM: it may be tried again")
                    .isEqualTo(7);
            gate.open();
            for (int left = 128; left > 0; ) {
                Frame frame = client.read();
                assertThat(frame).isNotNull();
                left -= frame.endsStream() ? 1 : 0;
            }
        }
    }

    @Test
    void aHeadWithoutEndEndsTheConnection() throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, block(request()));
            byte[] part = RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, block("x-" + "y".repeat(100), "z".repeat(1000)));
            assertThat(endOf(client, part, MANY)).isIn(ENHANCE_YOUR_CALM, -1);
        }
        try (RawHttp2 client = connect()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, block(request()));
            byte[] nothing = RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, new byte[0]);
            assertThat(endOf(client, nothing, MANY)).isIn(ENHANCE_YOUR_CALM, -1);
        }
        assertThat(origin.requests()).isEmpty();
        staysAlive();
    }

    @Test
    void nobodySeesARequestBeforeItsHeadHasEnded() throws Exception {
        origin.on("/x", ok("no-store", Content.of(1, 10)));
        start();
        try (RawHttp2 client = connect()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, block(request()));
            client.send(RawHttp2.CONTINUATION, 0, 1, block("x-first", "1"));
            try (RawHttp2 another = connect()) { // on whichever thread: what came before has been read by then, mostly
                another.get(1, "/fine").stream(1);
            }
            assertThat(origin.count("/x")).isZero();
            client.send(RawHttp2.CONTINUATION, RawHttp2.END_HEADERS, 1, block("x-last", "2"));
            assertThat(RawHttp2.content(client.stream(1))).isEqualTo(Content.of(1, 10));
        }
        assertThat(origin.requests("/x").get(0).all("x-first")).containsExactly("1");
        assertThat(origin.requests("/x").get(0).all("x-last")).containsExactly("2");
    }

    @Test
    void aBlockThatExpandsWithoutBoundIsRefusedAndKeepsNothing() throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            ByteArrayOutputStream bomb = new ByteArrayOutputStream();
            bomb.writeBytes(block(request()));
            bomb.write(0x40); // literal, into the table
            bomb.write(1);
            bomb.write('x');
            bomb.writeBytes(new byte[] {127, (byte) 0xa1, 30}); // 4000 = 127 + 33 + 30 * 128
            bomb.writeBytes("v".repeat(4000).getBytes(ISO_8859_1));
            for (int i = 0; i < 12_000; i++) {
                bomb.write(0x80 | 62); // the entry again: 4 KB each
            }
            client.send(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                    1,
                    java.util.Arrays.copyOf(bomb.toByteArray(), 16_384));
            assertThat(client.stream(1).get(0).status()).isEqualTo(431);
            // The table is still what both think it is.
            ByteArrayOutputStream next = new ByteArrayOutputStream();
            next.writeBytes(block(":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/fine"));
            next.write(0x80 | 62);
            client.send(RawHttp2.HEADERS, WHOLE, 3, next.toByteArray());
            assertThat(client.stream(3).get(0).status()).isEqualTo(404);
        }
        assertThat(origin.requests("/fine").get(0).all("x")).containsExactly("v".repeat(4000));
    }

    @Test
    void headsThatAreSmallOnTheWireAndLargeInMemoryAreBoundedTogether() throws Exception {
        origin.on("/kept", ok("max-age=600", Content.of(1, 10)));
        start();
        sidecar.get("/kept");
        byte[] request = block(":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/kept");
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        first.writeBytes(request);
        first.write(0x60); // the cookie of the static table, with a value to be remembered
        first.writeBytes(new byte[] {127, (byte) 0xa1, 30}); // 4000 = 127 + 33 + 30 * 128
        first.writeBytes("v".repeat(4000).getBytes(ISO_8859_1));
        ByteArrayOutputStream next = new ByteArrayOutputStream();
        next.writeBytes(request);
        for (int i = 0; i < 15; i++) {
            next.write(0x80 | 62); // again: 60 KB of a cookie
        }
        try (RawHttp2 client = connect(4, 0)) { // no window: none of them ends
            client.send(RawHttp2.HEADERS, WHOLE, 1, first.toByteArray());
            for (int i = 1; i < 128; i++) {
                client.send(RawHttp2.HEADERS, WHOLE, 2 * i + 1, next.toByteArray());
            }
            Frame refused = client.await(RawHttp2.RST_STREAM);
            assertThat(refused).isNotNull();
            assertThat(refused.error()).as("REFUSED_STREAM").isEqualTo(7);
            assertThat(refused.stream()).isBetween(5, 2 * 80);
            assertThat(sidecar.metric("lastref_http2_held_bytes")).isBetween(100_000.0, 4.0 * (1 << 20));
            // Those that run are answered, and make room.
            client.open(0, 1_000_000).open(1, 10);
            assertThat(client.stream(1)).anyMatch(Frame::endsStream);
            staysAlive();
        }
        await().until(() -> sidecar.metric("lastref_http2_held_bytes") == 0);
    }

    @Test
    void refusalsThatOneUserBehindAProxyAsksForDoNotEndTheConnectionOfAll() throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            byte[] all = block(with(":path", "/" + "x".repeat(17_000)));
            for (int i = 0; i < 150; i++) {
                int id = 2 * i + 1;
                client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, id, java.util.Arrays.copyOf(all, 16_384));
                client.send(
                        RawHttp2.CONTINUATION,
                        RawHttp2.END_HEADERS,
                        id,
                        java.util.Arrays.copyOfRange(all, 16_384, all.length));
                client.open(0, 1000);
                assertThat(client.stream(id).get(0).status()).isEqualTo(414);
            }
        }
    }

    @Test
    void contentOnItsWayOfManyUploadsThatWereAnsweredEarlyIsDropped() throws Exception {
        origin.on("/fine", ok("no-store", Content.of(1, 10)));
        start();
        try (RawHttp2 client = connect()) {
            byte[] put = block(with(":path", "/%zz"));
            for (int i = 0; i < 400; i++) { // answered with 400 before its content comes
                client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 2 * i + 1, put);
                client.open(0, 1000);
                assertThat(client.await(RawHttp2.RST_STREAM).error()).isZero();
            }
            for (int i = 0; i < 200; i++) {
                client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 2 * i + 1, new byte[10]);
            }
            assertThat(client.get(801, "/fine").stream(801)).anyMatch(Frame::endsStream);
        }
    }

    @Test
    void aPriorityOfAStreamThatIsNotTheClientsIsIgnored() throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            client.send(RawHttp2.PRIORITY, 0, 2, new byte[5]);
            assertThat(client.get(1, "/x").stream(1).get(0).status()).isEqualTo(404);
        }
    }

    static List<Arguments> connectionErrors() {
        byte[] head = block(request());
        return List.of(
                Arguments.of("5.1: content before a request", 1, RawHttp2.frame(RawHttp2.DATA, 1, 1, new byte[1])),
                Arguments.of("5.1.1: an even stream", 1, RawHttp2.frame(RawHttp2.HEADERS, WHOLE, 2, head)),
                Arguments.of("5.1: a reset before a request", 1, RawHttp2.frame(RawHttp2.RST_STREAM, 0, 9, number(8))),
                Arguments.of(
                        "5.1: a window before a request", 1, RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 9, number(8))),
                Arguments.of(
                        "6.2: padding longer than the frame",
                        1,
                        RawHttp2.frame(RawHttp2.HEADERS, WHOLE | 8, 1, new byte[] {9, 0})),
                Arguments.of(
                        "4.2: a frame that is too large", 6, RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[16_385])),
                Arguments.of("4.3: what is no block", 9, RawHttp2.frame(RawHttp2.HEADERS, WHOLE, 1, new byte[] {
                    (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f
                })),
                Arguments.of(
                        "4.3: an index that is not there",
                        9,
                        RawHttp2.frame(RawHttp2.HEADERS, WHOLE, 1, new byte[] {(byte) 0xfe})),
                Arguments.of(
                        "5.1.1: a stream that is lower than the last",
                        1,
                        join(
                                RawHttp2.frame(RawHttp2.HEADERS, WHOLE, 5, head),
                                RawHttp2.frame(RawHttp2.HEADERS, WHOLE, 3, head))),
                Arguments.of("6.10: a continuation of nothing", 1, RawHttp2.frame(RawHttp2.CONTINUATION, 4, 1, head)),
                Arguments.of(
                        "6.10: something within a head",
                        1,
                        join(
                                RawHttp2.frame(RawHttp2.HEADERS, 1, 1, head),
                                RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]))),
                Arguments.of(
                        "6.4: a reset of the wrong length",
                        6,
                        join(
                                RawHttp2.frame(RawHttp2.HEADERS, 4, 1, head),
                                RawHttp2.frame(RawHttp2.RST_STREAM, 0, 1, new byte[5]))),
                Arguments.of(
                        "6.5: settings of the wrong length", 6, RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[5])),
                Arguments.of("6.5: settings of a stream", 1, RawHttp2.frame(RawHttp2.SETTINGS, 0, 1, new byte[6])),
                Arguments.of(
                        "6.5.2: a window that is too large",
                        3,
                        RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, -1, -1, -1, -1})),
                Arguments.of(
                        "6.5.2: a frame size that is too small",
                        1,
                        RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 5, 0, 0, 0, 1})),
                Arguments.of("6.6: a push", 1, RawHttp2.frame(RawHttp2.PUSH_PROMISE, 4, 1, join(number(2), head))),
                Arguments.of("6.7: a ping of the wrong length", 6, RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[7])),
                Arguments.of(
                        "6.9: a window that opens by nothing",
                        1,
                        RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 0, number(0))),
                Arguments.of(
                        "6.9.1: a window that becomes too large",
                        3,
                        RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("connectionErrors")
    void whatLeavesInDoubtWhatTheConnectionSaysEndsIt(String what, int error, byte[] bytes) throws Exception {
        start();
        try (RawHttp2 client = connect()) {
            client.sendRaw(bytes);
            Frame end = client.await(RawHttp2.GOAWAY);
            assertThat(end).as(what).isNotNull();
            assertThat(end.error()).as(what).isEqualTo(error);
            while (client.read() != null) {
                // to its end
            }
        }
        staysAlive();
    }

    @Test
    void contentBeyondTheWindowEndsTheConnection() throws Exception {
        var gate = new Gate();
        origin.on("/x", call -> gate.await());
        start();
        try (RawHttp2 client = connect()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, block(with(":method", "POST")));
            byte[] content = RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[16_384]);
            boolean cut = false;
            try {
                for (int i = 0; i < 4000; i++) {
                    client.sendRaw(content);
                }
            } catch (SocketException closed) {
                cut = true;
            }
            List<Frame> answer = client.stream(1);
            assertThat(cut || !answer.isEmpty()).isTrue();
        } finally {
            gate.open();
        }
        staysAlive();
    }

    @Test
    void whatIsNoFrameBehindThePrefaceIsNoRequest() throws Exception {
        start();
        try (var client = sidecar.connect()) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
            client.awaitEnd();
        }
        assertThat(origin.requests()).isEmpty();
        staysAlive();
    }
}
