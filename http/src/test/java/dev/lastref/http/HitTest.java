package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawClient.Ending;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes out of the store is what went in, on every kind of connection. */
class HitTest extends SidecarTest {
    private static final String STORABLE = "max-age=60";
    private static final int[] SIZES = {0, 1, 200, 4096, 8191, 8192, 8193, 100_000, 3 << 20};

    private void store(String target, byte[] content, String... fields) throws IOException {
        origin.on(target, ok(STORABLE, content, fields));
        assertThat(sidecar.get(target).body()).isEqualTo(content);
    }

    @Test
    void everySizeIsRightOnAKeptConnection() throws Exception {
        start();
        for (int size : SIZES) {
            store("/" + size, Content.of(size, size));
        }
        try (RawClient client = sidecar.connect()) {
            for (int round = 0; round < 3; round++) {
                for (int size : SIZES) {
                    Response hit = client.request("GET", "/" + size).response();
                    assertThat(hit.isHit()).as("%d bytes, %s", size, hit).isTrue();
                    assertThat(hit.first("Content-Length")).isEqualTo(String.valueOf(size));
                    assertThat(hit.body()).as("%d bytes", size).isEqualTo(Content.of(size, size));
                }
            }
            assertThat(client.ending()).isEqualTo(Ending.OPEN);
        }
        assertThat(origin.requests()).hasSize(SIZES.length);
    }

    @Test
    void aResponseLargerThanASegmentIsRight() throws Exception {
        start("pool.segment-size=256KiB");
        byte[] content = Content.of(31, 1_000_001);
        store("/a", content);
        store("/b", Content.of(32, 300_000));

        for (int i = 0; i < 3; i++) {
            Response hit = sidecar.get("/a");
            assertThat(hit.isHit()).isTrue();
            assertThat(hit.body()).isEqualTo(content);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1KiB", "8KiB", "1GiB"})
    void theThresholdBetweenCopyAndSendfileChangesNoByte(String sendfileMin) throws Exception {
        start("transmit.sendfile-min=" + sendfileMin);
        for (int size : SIZES) {
            store("/" + size, Content.of(size, size));
            Response hit = sidecar.get("/" + size);
            assertThat(hit.isHit()).isTrue();
            assertThat(hit.body()).as("%d bytes", size).isEqualTo(Content.of(size, size));
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() throws Exception {
        start();
        StringBuilder requests = new StringBuilder();
        for (int size : SIZES) {
            store("/" + size, Content.of(size, size));
            requests.append("GET /").append(size).append(" HTTP/1.1\r\nHost: test\r\n\r\n");
            requests.append("HEAD /").append(size).append(" HTTP/1.1\r\nHost: test\r\n\r\n");
        }
        try (RawClient client = sidecar.connect()) {
            client.send(requests.toString());
            for (int size : SIZES) {
                assertThat(client.response().body()).as("%d bytes", size).isEqualTo(Content.of(size, size));
                assertThat(client.response("HEAD").first("Content-Length")).isEqualTo(String.valueOf(size));
            }
        }
    }

    @Test
    void headIsAnsweredFromAStoredGet() throws Exception {
        start();
        store("/a", Content.of(33, 100_000), "ETag: \"x\"");
        try (RawClient client = sidecar.connect()) {
            Response response = client.request("HEAD", "/a").response("HEAD");
            assertThat(response.isHit()).isTrue();
            assertThat(response.first("Content-Length")).isEqualTo("100000");
            assertThat(response.first("ETag")).isEqualTo("\"x\"");
            assertThat(client.isQuietFor(50)).isTrue();
            assertThat(client.request("GET", "/a").response().body()).isEqualTo(Content.of(33, 100_000));
        }
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void headThatIsNotStoredGoesToTheOriginWithoutContent() throws Exception {
        start();
        origin.on("/length", call -> call.send(head(STORABLE, 100_000)));
        origin.on("/none", call -> call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\n"));
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 3; i++) {
                Response known = client.request("HEAD", "/length").response("HEAD");
                assertThat(known.first("Content-Length")).isEqualTo("100000");
                Response unknown = client.request("HEAD", "/none").response("HEAD");
                assertThat(unknown.status()).isEqualTo(200);
                assertThat(unknown.first("Content-Length"))
                        .as(unknown.toString())
                        .isNull();
                assertThat(client.isQuietFor(20)).isTrue();
            }
        }
        assertThat(origin.requests("/length").get(0).line()).startsWith("HEAD ");
    }

    @Test
    void http10ClientsGetTheirConnectionKeptOnlyIfTheyAsk() throws Exception {
        start();
        store("/a", Content.of(34, 20_000));
        try (RawClient client = sidecar.connect()) {
            Response kept = client.send("GET /a HTTP/1.0\r\nHost: test\r\nConnection: keep-alive\r\n\r\n")
                    .response();
            assertThat(kept.body()).isEqualTo(Content.of(34, 20_000));
            assertThat(kept.first("Connection")).isEqualToIgnoringCase("keep-alive");
            Response last = client.send("GET /a HTTP/1.0\r\nHost: test\r\n\r\n").response();
            assertThat(last.body()).isEqualTo(Content.of(34, 20_000));
            assertThat(client.awaitEnd()).isEqualTo(Ending.FIN);
        }
    }

    @Test
    void http10ClientsGetContentOfUnknownLengthToTheConnectionsEnd() throws Exception {
        start();
        byte[] content = Content.of(35, 200_000);
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n")
                        .sendChunk(content)
                        .sendLastChunk());
        try (RawClient client = sidecar.connect()) {
            Response response = client.send("GET /a HTTP/1.0\r\nHost: test\r\nConnection: keep-alive\r\n\r\n")
                    .response();
            assertThat(response.all("Transfer-Encoding")).isEmpty();
            assertThat(response.body()).isEqualTo(content);
            assertThat(response.whole()).isTrue();
            assertThat(String.valueOf(response.first("Connection")))
                    .as(response.toString())
                    .isNotEqualToIgnoringCase("keep-alive");
        }
    }

    @Test
    void http10RequestsWithoutHostAreServed() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, Content.of(36, 100)));
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send("GET /a HTTP/1.0\r\n\r\n").response().body()).isEqualTo(Content.of(36, 100));
        }
        assertThat(origin.requests("/a").get(0).all("Host"))
                .containsExactly(origin.url().substring(7));
    }

    /** With many connections both I/O threads send from the one segment at a time. */
    @Test
    void hitsThatInterleaveOnOneSegmentGetTheirOwnBytes() throws Exception {
        start("pool.size=64MiB", "pool.segment-size=8MiB");
        byte[] one = Content.of(37, 3 << 20);
        byte[] two = Content.of(38, 3 << 20);
        store("/one", one);
        store("/two", two);
        List<RawClient> clients = new ArrayList<>();
        List<Response> heads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            RawClient client = RawClient.connect(sidecar.address(), 64 * 1024);
            clients.add(client);
            client.request("GET", i % 2 == 0 ? "/one" : "/two");
            heads.add(client.head());
        }
        int step = 64 * 1024;
        for (int at = 0; at < one.length; at += step) {
            for (int i = 0; i < clients.size(); i++) {
                byte[] expected = java.util.Arrays.copyOfRange(i % 2 == 0 ? one : two, at, at + step);
                assertThat(clients.get(i).read(step))
                        .as("client %d at %d", i, at)
                        .isEqualTo(expected);
            }
        }
        for (RawClient client : clients) {
            client.close();
        }
        assertThat(heads).allMatch(Response::isHit);
    }

    @Test
    void aResponseThatIsRemovedWhileItIsServedIsServedToItsEnd() throws Exception {
        start("pool.size=64MiB");
        byte[] old = Content.of(39, 8 << 20);
        byte[] fresh = Content.of(40, 8 << 20);
        store("/a", old);
        try (RawClient slow = RawClient.connect(sidecar.address(), 4096).request("GET", "/a")) {
            Response head = slow.head();
            assertThat(head.isHit()).isTrue();
            try (RawClient poster = sidecar.connect()) {
                origin.on("/a", call -> call.send("HTTP/1.1 204 No Content\r\n\r\n"), ok(STORABLE, fresh));
                assertThat(poster.request("POST", "/a", "Content-Length: 0")
                                .response()
                                .status())
                        .isEqualTo(204);
            }
            assertThat(sidecar.get("/a").body()).isEqualTo(fresh);
            assertThat(slow.content(head, "GET").body()).isEqualTo(old);
        }
        assertThat(sidecar.get("/a").body()).isEqualTo(fresh);
    }

    @Test
    void aClientThatVanishesMidHitLeavesNothingBehind() throws Exception {
        start();
        store("/a", Content.of(41, 8 << 20));
        for (int i = 0; i < 10; i++) {
            try (RawClient client = RawClient.connect(sidecar.address(), 4096)) {
                client.request("GET", "/a").head();
                client.reset();
            }
        }
        await().untilAsserted(() ->
                assertThat(sidecar.metric("lastref_transmissions_in_flight")).isZero());
        assertThat(sidecar.get("/a").body()).isEqualTo(Content.of(41, 8 << 20));
    }

    @Test
    void storedStatusesWithoutContentAreHitsWithoutContent() throws Exception {
        start();
        origin.on("/204", call -> call.send("HTTP/1.1 204 No Content\r\nCache-Control: max-age=60\r\n\r\n"));
        origin.on(
                "/301",
                call -> call.send("HTTP/1.1 301 Moved Permanently\r\nLocation: /x\r\n"
                        + "Cache-Control: max-age=60\r\nContent-Length: 0\r\n\r\n"));
        origin.on(
                "/404",
                call -> call.send(
                        "HTTP/1.1 404 Not Found\r\nCache-Control: max-age=60\r\n" + "Content-Length: 4\r\n\r\nnone"));
        try (RawClient client = sidecar.connect()) {
            for (String status : new String[] {"204", "301", "404"}) {
                for (int i = 0; i < 3; i++) {
                    Response response = client.request("GET", "/" + status).response();
                    assertThat(response.status()).isEqualTo(Integer.parseInt(status));
                    assertThat(response.isHit()).as(response.toString()).isEqualTo(i > 0);
                    assertThat(response.all("Content-Length"))
                            .as(response.toString())
                            .hasSize(status.equals("204") ? 0 : 1); // RFC 9110, section 8.6
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/a;p=1/b", "/a%2Fb", "/a%20b?q=%20%2F&r", "/a//b/../c", "/a?q=1?2", "/a+b", "/%C3%A4", "/a&b=c"
            })
    void theTargetReachesTheOriginAsItWasSent(String target) throws Exception {
        start();
        origin.on(target, ok(STORABLE, Content.of(42, 10)));

        assertThat(sidecar.get(target).status()).as("%s", origin.requests()).isEqualTo(200);
        assertThat(sidecar.get(target).isHit()).isTrue();
    }

    @Test
    void anAbsoluteTargetIsTheSameAsAPathWithHost() throws Exception {
        start();
        origin.on("/a?b", ok(STORABLE, Content.of(43, 10)));
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send("GET http://test/a?b HTTP/1.1\r\nHost: test\r\n\r\n")
                            .response()
                            .body())
                    .isEqualTo(Content.of(43, 10));
        }
        assertThat(sidecar.get("/a?b").isHit()).isTrue();
    }

    /** RFC 9112, section 3.2.2: the Host is ignored, not obeyed and not a reason to refuse. */
    @Test
    void anAbsoluteTargetWinsOverHost() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, new byte[] {1}), ok(STORABLE, new byte[] {2}));
        try (RawClient client = sidecar.connect()) {
            String named = "GET http://named/a HTTP/1.1\r\nHost: another.example:81\r\n\r\n";
            assertThat(client.send(named).response().body()).containsExactly(1);
            client.send("GET /a HTTP/1.1\r\nHost: another.example:81\r\n\r\n");
            assertThat(client.response().body()).containsExactly(2);
            assertThat(client.send("GET /a HTTP/1.1\r\nHost: NAMED\r\n\r\n")
                            .response()
                            .isHit())
                    .isTrue();
        }
        assertThat(origin.requests("/a").get(0).all("Host")).containsExactly("named");
        assertThat(origin.requests("/a").get(1).all("Host")).containsExactly("another.example:81");
    }

    @Test
    void anAbsoluteTargetNamesTheHostForAnHttp10Client() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            client.send("GET http://test/a HTTP/1.0\r\n\r\n").response();
        }
        assertThat(origin.requests("/a").get(0).all("Host")).containsExactly("test");
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }
}
