package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * More bytes that recipients disagree about, each with a request behind it that must never be one. Either nothing of it gets to the
 * origin, or what does is framed as we read it, and nothing else: the origin here writes down what it gets, to the end of the stream.
 */
class AttackTableTest extends SidecarTest {
    private static final String BEHIND = "GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: t\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

    static List<String> refused() {
        return List.of(
                // lengths
                POST + "Content-Length: 0\r\nContent-Length: " + BEHIND.length() + "\r\n\r\n",
                POST + "Content-Length: " + BEHIND.length() + "\r\nContent-Length:\r\n\r\n",
                POST + "Content-Length: 0 " + BEHIND.length() + "\r\n\r\n",
                POST + "Content-Length: 0\u000b\r\n\r\n",
                POST + "Content-Length:\u000c0\r\n\r\n",
                POST + "Content-Length: \u00a00\r\n\r\n",
                POST + "Content-Length: 0;5\r\n\r\n",
                POST + "Content-Length: 0,\r\n\r\n",
                POST + "Content-Length: -0\r\n\r\n",
                POST + "Content-Length: 0x0\r\n\r\n",
                POST + "Content-Length: 00000000000000000000000000000000005\r\n\r\nabcde",
                POST + "Content-Length\t: 5\r\n\r\nabcde",
                POST + "Content-Length\u000c: 5\r\n\r\nabcde",
                POST + "Content-Length\u00a0: 5\r\n\r\nabcde",
                POST + "Content-Length\u0000: 5\r\n\r\nabcde",
                POST + "Content\u0000-Length: 5\r\n\r\nabcde",
                POST + "\u000bContent-Length: 5\r\n\r\nabcde",
                POST + "X: y\r\n\u000bContent-Length: 5\r\n\r\nabcde",
                POST + "X: y\r\u000bContent-Length: 5\r\n\r\nabcde",
                POST + "Content-Length: 5\r\r\n\r\nabcde",
                POST + "Content-Length: 5\r\n\rX: y\r\n\r\nabcde",
                // codings
                POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: cow\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: \u000cchunked\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: chunked\u000c\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding\u000b: chunked\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: chunked\u0000\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: chunked ; x\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: 'chunked'\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: chunked\r\n , identity\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: trailers, chunked\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: chunKEd, deflate\r\n\r\n0\r\n\r\n",
                POST + "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nabcde",
                POST + "Content-Length:\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.0\r\nHost: t\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/1.0\r\nTransfer-Encoding: identity\r\n\r\n",
                // the request line
                "GET / HTTP/1.1\u0000\r\nHost: t\r\n\r\n",
                "GET / HTTP /1.1\r\nHost: t\r\n\r\n",
                "GET / HTTP/-1.1\r\nHost: t\r\n\r\n",
                "GET / HTTP/1,1\r\nHost: t\r\n\r\n",
                "GET / HTP/1.1\r\nHost: t\r\n\r\n",
                "GET / HTTP/1.1 HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET / HTTP/1.1\u000b\r\nHost: t\r\n\r\n",
                "GET /\u000bHTTP/1.1\r\nHost: t\r\n\r\n",
                "GET /\u000cHTTP/1.1\r\nHost: t\r\n\r\n",
                "GET / \r\nHost: t\r\n\r\n",
                "GET /%0\r\n\r\n",
                "GET ?q HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET ../ HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET \\ HTTP/1.1\r\nHost: t\r\n\r\n",
                "OPTIONS *x HTTP/1.1\r\nHost: t\r\n\r\n",
                "POST * HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n",
                "GET http://t#x HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET http://t:99999/ HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET http://t:a/ HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET http://a:b@t/ HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET http://t\\@u/ HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET http:/t/ HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET http:t HTTP/1.1\r\nHost: t\r\n\r\n",
                "GET javascript://t/ HTTP/1.1\r\nHost: t\r\n\r\n",
                // the host
                "GET / HTTP/1.1\r\nHost: t:80:80\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t#u\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t?u\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\\u\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: <t>\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t%zz\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a:b@t\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: [::1]t\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: http://t\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\u00e4\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : t\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: t\r\nHost:\r\n\r\n",
                "GET / HTTP/1.1\r\nX: y\r\n Host: t\r\n\r\n",
                // what Connection must not name
                POST + "Connection: Content-Length\r\nContent-Length: 5\r\n\r\nabcde",
                "GET / HTTP/1.1\r\nHost: t\r\nConnection: close, host\r\n\r\n",
                // other protocols
                "PRI * HTTP/2.0\r\n\r\n",
                "GET /\r\n\r\n",
                "GET /\n\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("refused")
    void isRefusedBeforeTheOriginSeesAnything(String attack) throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            client.send(attack + BEHIND);
            assertThat(client.response().status()).isBetween(400, 505);
            assertThat(client.read(Long.MAX_VALUE)).as("behind the answer").isEmpty();
        }
        assertThat(origin.requests()).isEmpty();
        await("whoever looked at the start whether it is there has gone").until(() -> origin.openConnections() == 0);
    }

    static List<String> brokenContent() {
        return List.of(
                CHUNKED + "00000000000000005\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "ffffffffffffffff\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "100000000\u0000\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "5\u000b\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "5\u000c\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "5 ;\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + ";x\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "5;\u007f\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "5;x\r\u000babcde\r\n0\r\n\r\n",
                CHUNKED + "5;x\n\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "5\r\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "\r\n5\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\r\n0\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n\r\n0\r\n\r\n",
                CHUNKED + "4\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "6\r\nabcde\r\n0\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n-0\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n+0\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n0x0\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n00000000000000000\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n0\r\nX\u000b: y\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n0\r\nX: y\r z\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n0\r\nX: y\r\n z\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n0\r\nX: \u0000\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n0\r\nX\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n0\r\n: y\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("brokenContent")
    void contentThatBreaksIsNeverWholeForTheOrigin(String attack) throws Exception {
        start();
        List<String> whole = new CopyOnWriteArrayList<>();
        origin.on("/", call -> {
            whole.add(new String(call.body(), ISO_8859_1));
            call.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        try (RawClient client = sidecar.connect()) {
            client.send(attack + BEHIND);
            Response response = client.response();
            assertThat(response.status()).as(response.toString()).isEqualTo(400);
            assertThat(client.read(Long.MAX_VALUE)).as("behind the answer").isEmpty();
        }
        assertThat(whole).isEmpty();
        assertThat(origin.count("/smuggled")).isZero();
    }

    /** What is right, though odd: the origin reads the same content as we do, and then the request behind it. */
    static List<String> odd() {
        return List.of(
                POST + "Content-Length:\t5\t\r\n\r\nabcde",
                POST + "Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
                POST + "Content_Length: 0\r\nTransfer_Encoding: identity\r\nContent-Length: 5\r\n\r\nabcde",
                POST + "X-Content-Length: 0\r\nX-Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nabcde",
                CHUNKED + "1\r\na\r\n4\r\nbcde\r\n0\r\n\r\n",
                CHUNKED + "5\r\nabcde\r\n0\r\nContent-Length: 0\r\nTransfer-Encoding: identity\r\nHost: u\r\n\r\n",
                CHUNKED + "5;a=\"0\\r\\n\"\r\nabcde\r\n000;b\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("odd")
    void whatIsRightIsFramedForTheOriginAsWeReadIt(String request) throws Exception {
        start();
        List<String> bodies = new CopyOnWriteArrayList<>();
        origin.on("/", call -> {
            bodies.add(new String(call.body(), ISO_8859_1));
            call.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        origin.on("/smuggled", ok("no-store", new byte[0]));
        try (RawClient client = sidecar.connect()) {
            client.send(request + BEHIND);
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(client.response().status()).isEqualTo(200);
        }
        assertThat(bodies).containsExactly("abcde");
        assertThat(origin.requests())
                .extracting(one -> one.line())
                .containsExactly("POST / HTTP/1.1", "GET /smuggled HTTP/1.1");
        String head = origin.requests().get(0).head();
        assertThat(head).doesNotContainIgnoringCase("_Length").doesNotContainIgnoringCase("_Encoding");
        assertThat(origin.requests().get(0).all("Host")).containsExactly("t");
    }

    /** Whoever makes variables of fields, as CGI does, cannot tell them from those with dashes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "X_Forwarded_Host",
                "X-Forwarded_Host",
                "x_forwarded_for",
                "X_Original_URL",
                "X_HTTP_Method_Override",
                "Accept_Language",
                "Content_Type",
                "If_None_Match",
                "Cache_Control"
            })
    void aFieldWithUnderscoresIsNotTakenForTheOneWithDashes(String name) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", new byte[] {1}));
        sidecar.get("/a", name + ": poison", "X_Own: kept");
        assertThat(origin.requests("/a").get(0).head()).doesNotContain("poison");
        assertThat(origin.requests("/a").get(0).all("X_Own")).containsExactly("kept");
    }

    static List<String> splitResponses() {
        String ok = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n";
        return List.of(
                ok + "Content-Length\u000b: 5\r\n\r\nhello",
                ok + "Content-Length\u000c: 5\r\n\r\nhello",
                ok + "Content-Length\u0000: 5\r\n\r\nhello",
                ok + "Content-Length\u00a0: 5\r\n\r\nhello",
                ok + "Content-Length:\u000b5\r\n\r\nhello",
                ok + "Content-Length: 5\u000c\r\n\r\nhello",
                ok + "Content-Length: \u00a05\r\n\r\nhello",
                ok + "Content-Length: 5;\r\n\r\nhello",
                ok + "Content-Length: 5,\r\n\r\nhello",
                ok + "Content-Length: 5,5\r\n\r\nhello",
                ok + "Content-Length: 5\r\nContent-Length:\r\n\r\nhello",
                ok + "Content-Length: 5\r\nContent-Length: 05\r\n\r\nhello",
                ok + "Content-Length: 9999999999999999999\r\n\r\nhello",
                ok + "Content-Length: 5\r\r\n\r\nhello",
                ok + "X: y\r\u000bContent-Length: 5\r\n\r\nhello",
                ok + "X: y\nContent-Length: 5\n\nhello",
                ok + "X\r\nContent-Length: 5\r\n\r\nhello",
                ok + ": y\r\nContent-Length: 5\r\n\r\nhello",
                ok + "Location: /\r\n\tX: y\r\nContent-Length: 5\r\n\r\nhello",
                ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: chunked;q=1\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding:\u000bchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: \"chunked\"\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding:\r\n\r\nhello",
                ok + "Transfer-Encoding: identity\r\n\r\nhello",
                "ICY 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 099 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1  200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1\t200\tOK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 O\u0000K\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\rContent-Length: 5\r\n\r\nhello",
                "\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "hello",
                ok + "Transfer-Encoding: chunked\r\n\r\n00000000000000005\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: chunked\r\n\r\n5;x\ry\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
                ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n",
                ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\rz\r\n\r\n");
    }

    /** The client gets one error, or a break: never a part as a whole, nor what is behind it as an answer of its own. */
    @ParameterizedTest
    @MethodSource("splitResponses")
    void aClientNeverSeesASplitResponse(String bytes) throws Exception {
        start();
        origin.on("/a", call -> {
            call.send(bytes + "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nevil");
            call.in().read();
        });
        origin.on("/b", ok("max-age=60", "good".getBytes(ISO_8859_1)));
        try (RawClient client = sidecar.connect()) {
            Response response = client.request("GET", "/a").response();
            assertThat(response.status()).as(response.toString()).isEqualTo(502);
            assertThat(client.request("GET", "/b").response().body()).asString().isEqualTo("good");
        }
        assertThat(sidecar.get("/a", "Cache-Control: only-if-cached").status()).isEqualTo(504);
        assertThat(sidecar.get("/b").body()).asString().isEqualTo("good");
    }

    static List<String> behindRightResponses() {
        return List.of(
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 204 No Content\r\nContent-Length: 71\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 71\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 71\r\n\r\n",
                "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nContent-Length: 71\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }

    /** A response that is right ends where it ends, and what is behind it answers nobody. */
    @ParameterizedTest
    @MethodSource("behindRightResponses")
    void whatIsBehindARightResponseAnswersNobody(String bytes) throws Exception {
        start();
        origin.on("/a", call -> {
            call.send(bytes + "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nevil");
            call.in().read();
        });
        origin.on("/b", ok("max-age=60", "good".getBytes(ISO_8859_1)));
        try (RawClient client = sidecar.connect()) {
            Response response =
                    client.request("GET", "/a", "Cache-Control: no-store").response();
            while (response.status() == 103) {
                response = client.response();
            }
            assertThat(response.status()).isIn(200, 204, 304);
            assertThat(response.body()).isEmpty();
            assertThat(client.request("GET", "/b").response().body()).asString().isEqualTo("good");
        }
    }

    /** The same on a connection on which one answer after the other is early. */
    @ParameterizedTest
    @MethodSource("refused")
    void isRefusedBehindHitsToo(String attack) throws IOException {
        start();
        origin.on("/hit", ok("max-age=60", "good".getBytes(ISO_8859_1)));
        sidecar.get("/hit");
        try (RawClient client = sidecar.connect()) {
            String hit = "GET /hit HTTP/1.1\r\nHost: test\r\n\r\n";
            client.send(hit);
            assertThat(client.response().body()).asString().isEqualTo("good");
            client.send(hit + hit + attack + BEHIND);
            for (int i = 0; i < 2; i++) {
                Response response = client.response();
                assertThat(response.isHit()).isTrue();
                assertThat(response.body()).asString().isEqualTo("good");
            }
            assertThat(client.response().status()).isBetween(400, 505);
            assertThat(client.read(Long.MAX_VALUE)).as("behind the answer").isEmpty();
        }
        assertThat(origin.requests()).hasSize(1);
    }
}
