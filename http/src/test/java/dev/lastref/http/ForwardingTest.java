package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9110, section 7, asks of an intermediary, paragraph by paragraph. */
class ForwardingTest extends SidecarTest {
    private static final String STORABLE = "max-age=60";
    private static final byte[] CONTENT = Content.of(81, 1000);

    /** Answers with the values of a request field. */
    private static Script echoing(String name) {
        return call -> ok(STORABLE, String.join("|", call.request().all(name)).getBytes(ISO_8859_1))
                .play(call);
    }

    // ---- interim responses

    @ParameterizedTest
    @ValueSource(ints = {102, 103, 199})
    void rfc9110_15_2_interimResponsesArePassedOnAndNotStored(int status) throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 " + status
                                + " Hm\r\nLink: </s.css>; rel=preload\r\nConnection: X-Hop\r\nX-Hop: y\r\n\r\n"
                                + "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 " + status + " Hm\r\n\r\n"
                                + head(STORABLE, CONTENT.length))
                        .send(CONTENT));
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a");
            Response first = client.response();
            assertThat(first.status()).isEqualTo(status);
            assertThat(first.all("Link")).containsExactly("</s.css>; rel=preload");
            assertThat(first.all("X-Hop")).isEmpty();
            assertThat(client.response().status()).isEqualTo(status);
            Response last = client.response();
            assertThat(last.status()).isEqualTo(200);
            assertThat(last.body()).isEqualTo(CONTENT);
            assertThat(last.all("Link")).isEmpty();

            Response hit = client.request("GET", "/a").response();
            assertThat(hit.isHit()).isTrue();
            assertThat(hit.all("Link")).isEmpty();
        }
    }

    @Test
    void rfc9110_15_2_anHttp10ClientGetsNoInterimResponse() throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + head(STORABLE, CONTENT.length))
                        .send(CONTENT));
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send("GET /a HTTP/1.0\r\n\r\n").response().status())
                    .isEqualTo(200);
        }
    }

    @Test
    void rfc9110_15_2_whoWaitsWithAnotherGetsTheFinalResponseOnly() throws Exception {
        start();
        Gate joined = new Gate();
        origin.on("/a", call -> {
            call.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
            joined.await();
            call.send(head(STORABLE, CONTENT.length)).send(CONTENT);
        });
        try (RawClient leader = sidecar.connect();
                RawClient follower = sidecar.connect()) {
            assertThat(leader.request("GET", "/a").response().status()).isEqualTo(103);
            follower.request("GET", "/a");
            joined.open();
            assertThat(leader.response().body()).isEqualTo(CONTENT);
            assertThat(follower.response().body()).isEqualTo(CONTENT);
        }
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    // ---- expectations

    @Test
    void rfc9110_10_1_1_continueIsTheOriginsToSay() throws Exception {
        start();
        Gate asked = new Gate();
        origin.on("/a", call -> {
            asked.await();
            call.send("HTTP/1.1 100 Continue\r\n\r\n");
            byte[] got = call.body();
            call.send(head("no-store", got.length)).send(got);
        });
        try (RawClient client = sidecar.connect()) {
            client.request("PUT", "/a", "Expect: 100-continue", "Content-Length: 5");
            await().until(() -> origin.count("/a") == 1);
            assertThat(client.isQuietFor(50)).isTrue();
            asked.open();
            assertThat(client.head().status()).isEqualTo(100);
            assertThat(client.send("hello").response().body()).asString().isEqualTo("hello");
        }
        assertThat(origin.requests("/a").get(0).all("Expect")).containsExactly("100-continue");
    }

    @Test
    void rfc9110_10_1_1_aFinalStatusInsteadOfContinueReachesTheClientThatHasSentNothing() throws Exception {
        start();
        origin.on("/a", call -> {
            call.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno");
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            Response response = client.request("PUT", "/a", "Expect: 100-continue", "Content-Length: 5000000")
                    .response();
            assertThat(response.status()).isEqualTo(417);
            assertThat(response.body()).asString().isEqualTo("no");
            client.awaitEnd();
        }
    }

    @Test
    void rfc9110_10_1_1_anHttp10ClientsExpectationIsIgnored() throws Exception {
        start();
        origin.on("/a", call -> call.send(head("no-store", call.body().length)).send(call.body()));
        try (RawClient client = sidecar.connect()) {
            client.send("PUT /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
            assertThat(client.response().body()).asString().isEqualTo("ab");
        }
        assertThat(origin.requests("/a").get(0).all("Expect")).isEmpty();
    }

    // ---- answers before the content

    @ParameterizedTest(name = "chunked: {0}")
    @ValueSource(booleans = {true, false})
    void rfc9112_9_5_anOriginThatAnswersEarlyAndClosesIsHeard(boolean chunked) throws Exception {
        start();
        origin.on("/a", call -> {
            call.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
            call.close(); // what is on its way meets a reset
        });
        byte[] much = Content.of(82, 3_000_000);
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/a", chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + much.length);
            Thread sender = new Thread(() -> {
                try {
                    client.send(chunked ? Integer.toHexString(much.length) + "\r\n" : "")
                            .send(much);
                } catch (java.io.IOException stopped) {
                    // the sidecar has answered and closed
                }
            });
            sender.start();
            Response response = client.response();
            assertThat(response.status()).as(response.toString()).isEqualTo(413);
            assertThat(response.body()).asString().isEqualTo("big");
            client.socket().close();
            sender.join(10_000);
        }
    }

    // ---- who is to blame

    @Test
    void aClientThatBreaksOffItsUploadIsNoFailureOfTheOrigin() throws Exception {
        start();
        origin.on("/a", call -> call.body());
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/a", "Content-Length: 100").send("abc");
            await().until(() -> origin.count("/a") == 1);
            client.reset();
        }
        await().until(() -> origin.openConnections() == 0);
        assertThat(sidecar.metric("lastref_origin_requests_total{status=\"error\",}"))
                .isZero();
    }

    @Test
    void aResponseThatBreaksAfterItsHeadIsCountedOnce() throws Exception {
        start();
        origin.on("/a", call -> {
            call.send(head("no-store", 100_000)).send(Content.of(83, 50_000));
            call.close();
        });
        assertThat(sidecar.get("/a").whole()).isFalse();
        assertThat(sidecar.metric("lastref_origin_requests_total{status=\"2xx\",}"))
                .isEqualTo(1);
        assertThat(sidecar.metric("lastref_origin_requests_total{status=\"error\",}"))
                .isZero();
    }

    // ---- the target is what was sent, and the key has it

    @Test
    void rfc3986_6_targetsThatDifferAreNotMerged() throws Exception {
        start();
        List<String> targets = List.of(
                "/a",
                "/a?",
                "/a??",
                "/a???",
                "/a??b",
                "/a?b?",
                "/a?b",
                "/a?b&",
                "/a?b=",
                "/A",
                "/a/",
                "//a",
                "/a//",
                "/a/.",
                "/a/../a",
                "/./a",
                "/%61",
                "/a%2Fb",
                "/a%2fb",
                "/a/b",
                "/a;x",
                "/a;x=1",
                "/a;x=1,2",
                "/a;",
                "/a?b+c",
                "/a?b%20c",
                "/a?x=1&y=2",
                "/a?y=2&x=1",
                "/a\u00e4",
                "/a%C3%A4",
                "/a%c3%a4",
                "/a|b",
                "/a%7Cb",
                "/a\\b",
                "/a?{}",
                "/a?%7B%7D",
                "/a\"b",
                "/a?http://x/y",
                "/a:b@c",
                "/~a",
                "/%7Ea",
                "/a?b?c",
                "/%00",
                "/a%25");
        for (int i = 0; i < targets.size(); i++) {
            origin.on(targets.get(i), ok(STORABLE, new byte[] {(byte) i}));
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < targets.size(); i++) {
                Response response = sidecar.get(targets.get(i));
                assertThat(response.status()).as(targets.get(i)).isEqualTo(200);
                assertThat(response.body()).as(targets.get(i)).containsExactly(i);
                assertThat(response.isHit()).as(targets.get(i)).isEqualTo(round == 1);
            }
        }
        assertThat(origin.requests()).hasSize(targets.size());
    }

    @Test
    void rfc9110_4_2_3_hostsThatAreTheSameAreOneKey() throws Exception {
        start();
        origin.on("/a", echoing("Host"));
        for (String host : List.of("example.test", "EXAMPLE.test:80", "example.test:", "Example.Test")) {
            for (String head : List.of(
                    "GET /a HTTP/1.1\r\nHost: " + host,
                    "GET /a HTTP/1.1\r\nHost:" + host + " \t",
                    "GET /a HTTP/1.1\r\n" + LONG_WAY + "\r\nHost: " + host,
                    "GET http://" + host + "/a HTTP/1.1\r\nHost: " + host,
                    "GET http://" + host + "/a HTTP/1.1\r\nHost: other:",
                    "GET /a HTTP/1.0\r\nHost: " + host)) {
                try (RawClient client = sidecar.connect()) {
                    Response response = client.send(head + "\r\n\r\n").response();
                    assertThat(response.status()).as(head + " " + response).isEqualTo(200);
                    assertThat(response.body()).asString().isEqualTo("example.test");
                }
            }
            String[] http2 = {":method", "GET", ":scheme", "http", ":path", "/a", ":authority", host};
            try (RawHttp2 client = RawHttp2.connect(sidecar.address())) {
                int whole = RawHttp2.END_HEADERS | RawHttp2.END_STREAM;
                client.send(RawHttp2.HEADERS, whole, 1, RawHttp2.block(http2));
                assertThat(client.stream(1).get(0).status()).as(host).isEqualTo(200);
                String[] both = Arrays.copyOf(http2, http2.length + 2);
                both[http2.length] = "host";
                both[http2.length + 1] = "example.test";
                client.send(RawHttp2.HEADERS, whole, 3, RawHttp2.block(both));
                assertThat(client.stream(3).get(0).status()).as(host).isEqualTo(200);
            }
        }
        assertThat(origin.count("/a")).isEqualTo(1);
        for (String other : List.of("example.test:81", "example.test.", "www.example.test", "[::1]")) {
            try (RawClient client = sidecar.connect()) {
                client.send("GET /a HTTP/1.1\r\nHost: " + other + "\r\n\r\n");
                assertThat(client.response().body()).asString().isEqualTo(other);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {":", "[::1", "a::", "a:b:", "a:8:", "a: b", "[::1]x:", "[::1]::", "a@b:"})
    void rfc9110_4_2_3_anEmptyPortMakesNoHostOfWhatIsNone(String host) throws Exception {
        start();
        origin.on("/a", ok(STORABLE, new byte[1]));
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(400);
        }
        assertThat(origin.count("/a")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://:/a", "http://a::/a", "http://a:8:/a", "http://a:b:/a", "http://[::1/a", "http://a@b:/a"
            })
    void rfc9110_4_2_3_anEmptyPortMakesNoUriOfWhatIsNone(String target) throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(400);
        }
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void rfc3986_3_2_3_theQueryOfATargetIsNoPort() throws Exception {
        start();
        origin.on("/?u=http://x:/y", echoing("Host"));
        try (RawClient client = sidecar.connect()) {
            client.send("GET http://example.test:?u=http://x:/y HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response().body()).asString().isEqualTo("example.test");
            client.send("GET /?u=http://x:/y HTTP/1.1\r\nHost: example.test\r\n\r\n");
            assertThat(client.response().isHit()).isTrue();
        }
    }

    @Test
    void rfc3986_3_2_3_anAddressMayHaveAnEmptyPortToo() throws Exception {
        start();
        origin.on("/a", echoing("Host"));
        for (String host : List.of("[::1]:", "[::1]", "[::1]:80")) {
            try (RawClient client = sidecar.connect()) {
                for (char c : ("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n").toCharArray()) {
                    client.send(String.valueOf(c));
                }
                assertThat(client.response().body()).asString().isEqualTo("[::1]");
            }
        }
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    /** Else who asks first would choose what all others get where the origin repeats it. */
    @ParameterizedTest
    @ValueSource(strings = {"EXAMPLE.test:80", "Example.Test"})
    void rfc9110_4_2_3_theOriginSeesTheHostThatTheKeyHas(String host) throws Exception {
        start("forwarded=true");
        origin.on(
                "/a",
                call -> ok(
                                STORABLE,
                                (call.request().all("Host") + " "
                                                + call.request().all("Forwarded") + " "
                                                + call.request().all("X-Forwarded-Host"))
                                        .getBytes(ISO_8859_1))
                        .play(call));
        String expected = "[example.test] [for=127.0.0.1;host=example.test;proto=http] [example.test]";
        for (String way : List.of("/a", "http://" + host + "/a")) {
            try (RawClient client = sidecar.connect()) {
                client.send("GET " + way + " HTTP/1.1\r\nHost: " + host + "\r\nX-Forwarded-Host: " + host
                        + "\r\nCache-Control: no-cache\r\n\r\n");
                assertThat(client.response().body()).as(way).asString().isEqualTo(expected);
            }
        }
        try (RawClient client = sidecar.connect()) {
            Response hit =
                    client.send("GET /a HTTP/1.1\r\nHost: example.test\r\n\r\n").response();
            assertThat(hit.isHit()).isTrue();
            assertThat(hit.body()).asString().isEqualTo(expected);
        }
    }

    @Test
    void theSchemeIsTheConnectionsWhateverTheTargetSays() throws Exception {
        start("trusted-proxies=none");
        origin.on("/a", echoing("X-Forwarded-Proto"));
        try (RawClient client = sidecar.connect()) {
            Response first = client.send("GET https://test/a HTTP/1.1\r\nHost: test\r\n\r\n")
                    .response();
            assertThat(first.body()).asString().isEqualTo("http");
            Response second = client.request("GET", "/a").response();
            assertThat(second.isHit())
                    .as("one key, also where it is answered early")
                    .isTrue();
            assertThat(second.body()).asString().isEqualTo("http");
        }
    }

    @Test
    void noAbsoluteTargetFillsTheKeyOfWhatATrustedProxyGotByHttps() throws Exception {
        start();
        origin.on("/a", echoing("X-Forwarded-Proto"));
        try (RawClient client = sidecar.connect()) {
            client.send("GET https://test/a HTTP/1.1\r\nHost: test\r\n\r\n").response();
        }
        Response secure = sidecar.get("/a", "X-Forwarded-Proto: https");
        assertThat(secure.isHit()).isFalse();
        assertThat(secure.body()).asString().isEqualTo("https");
    }

    // ---- no unkeyed field may influence what is stored

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host",
                "X-Forwarded-Port",
                "X-Forwarded-Prefix",
                "X-Forwarded-Scheme",
                "X-Forwarded-Server",
                "X-Forwarded-Base",
                "X-Forwarded-PathBase",
                "X-Envoy-Original-Path",
                "X-Matched-Path",
                "X-Host",
                "X-Original-URL",
                "X-Rewrite-URL",
                "X-Original-Host",
                "Forwarded",
                "X-HTTP-Method-Override",
                "X-HTTP-Method",
                "X-Method-Override"
            })
    void whatATrustedProxySaysOfTheTargetIsKeyed(String name) throws Exception {
        start();
        origin.on("/a", echoing(name));
        sidecar.get("/a", name + ": poison");

        assertThat(sidecar.get("/a").body()).asString().isEmpty();
        assertThat(sidecar.get("/a", name + ": other").body()).asString().doesNotContain("poison");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host",
                "X-Forwarded-Port",
                "X-Forwarded-Prefix",
                "X-Original-URL",
                "X-Rewrite-URL",
                "X-Real-IP",
                "True-Client-IP",
                "X-Forwarded-Base",
                "x-forwarded-pathbase",
                "X_Forwarded_Base",
                "X-Envoy-Original-Path",
                "X-Matched-Path",
                "Proxy",
                "Forwarded"
            })
    void whatAnybodyElseSaysOfItIsDropped(String name) throws Exception {
        start("trusted-proxies=10.0.0.0/8");
        origin.on("/a", echoing(name));
        assertThat(sidecar.get("/a", name + ": poison").body()).asString().isEmpty();
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    /** CVE-2016-5385: CGI makes HTTP_PROXY of it. */
    @Test
    void proxyIsForNobodyToSend() throws Exception {
        start();
        origin.on("/a", echoing("Proxy"));
        assertThat(sidecar.get("/a", "Proxy: http://192.0.2.1").body())
                .asString()
                .isEmpty();
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    @Test
    void ofForwardedOnlyWhatItSaysOfTheTargetIsKeyed() throws Exception {
        start();
        origin.on("/a", echoing("Forwarded"));
        sidecar.get("/a");
        for (String usual : List.of(
                "for=192.0.2.1",
                "for=192.0.2.2;by=10.0.0.1, for=\"[2001:db8::1]:80\"",
                "for=192.0.2.3;host=test;proto=http")) {
            assertThat(sidecar.get("/a", "Forwarded: " + usual).isHit())
                    .as(usual)
                    .isTrue();
        }
        List<String> unlike = List.of(
                "for=192.0.2.1;host=evil",
                "for=192.0.2.1;Host=\"evil,;\"",
                "for=192.0.2.1;host=TEST",
                "for=192.0.2.1;proto=https",
                "for=192.0.2.1, host=evil",
                "host=test, host=evil",
                "host=evil, host=test",
                "for=192.0.2.1;path=/x",
                "evil",
                "for=\"192.0.2.1;host=evil");
        for (String one : unlike) {
            assertThat(sidecar.get("/a", "Forwarded: " + one).isHit()).as(one).isFalse();
        }
        assertThat(sidecar.get("/a", "Forwarded: FOR=192.0.2.9;host=evil").isHit())
                .as("from another client")
                .isTrue();
    }

    @Test
    void noValueReadsAsTheEndOfOneFieldAndTheBeginningOfTheNext() throws Exception {
        start();
        origin.on("/a", echoing("X-Forwarded-Prefix"));
        sidecar.get("/a", "X-Forwarded-Prefix: /p x-forwarded-path: /q");
        assertThat(sidecar.get("/a", "X-Forwarded-Prefix: /p", "X-Forwarded-Path: /q")
                        .body())
                .asString()
                .isEqualTo("/p");
    }

    @Test
    void linesOfOneFieldAreKeyedAsOne() throws Exception {
        start();
        origin.on("/a", echoing("X-Forwarded-Host"));
        sidecar.get("/a", "X-Forwarded-Host: evil");
        assertThat(sidecar.get("/a", "X-Forwarded-Host: test", "X-Forwarded-Host: evil")
                        .isHit())
                .isFalse();
    }

    @Test
    void whatAnybodyElseSaysOfHimselfIsReplaced() throws Exception {
        start("trusted-proxies=none");
        origin.on("/a", ok("no-store", CONTENT));
        sidecar.get("/a", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https");

        assertThat(origin.requests("/a").get(0).all("X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(origin.requests("/a").get(0).all("X-Forwarded-Proto")).containsExactly("http");
    }

    @Test
    void aTrustedProxysUsualFieldsDoNotSplitTheCache() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, CONTENT));
        sidecar.get("/a");
        assertThat(sidecar.get("/a", "X-Forwarded-Host: TEST", "X-Forwarded-Port: 80", "X-Forwarded-For: 192.0.2.9")
                        .isHit())
                .isTrue();
    }

    @Test
    void aMethodOverrideGoesOnWhereNothingIsStored() throws Exception {
        start();
        origin.on("/a", echoing("X-HTTP-Method-Override"));
        assertThat(RawClient.ask(sidecar.address(), "POST", "/a", "X-HTTP-Method-Override: PUT")
                        .body())
                .asString()
                .isEqualTo("PUT");
    }

    // ---- Max-Forwards, TRACE, OPTIONS

    @ParameterizedTest
    @CsvSource({"1,0", "10,9", "99999999999999999999,2147483646"})
    void rfc9110_7_6_2_maxForwardsIsCountedDown(String before, String after) throws Exception {
        start();
        origin.on("/a", echoing("Max-Forwards"));
        assertThat(RawClient.ask(sidecar.address(), "OPTIONS", "/a", "Max-Forwards: " + before)
                        .body())
                .asString()
                .isEqualTo(after);
    }

    @Test
    void rfc9110_7_6_2_atZeroTheSidecarIsTheLastRecipient() throws Exception {
        start();
        Response response = RawClient.ask(sidecar.address(), "OPTIONS", "/a", "Max-Forwards: 0");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.first("Allow")).contains("GET");
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void rfc9110_7_6_2_otherMethodsIgnoreIt() throws Exception {
        start();
        origin.on("/a", echoing("Max-Forwards"));
        assertThat(sidecar.get("/a", "Max-Forwards: 0").body()).asString().isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS * HTTP/1.1\r\nHost: t", "OPTIONS http://t HTTP/1.1\r\nHost: t"})
    void rfc9112_3_2_4_optionsAboutTheServerGoOnAsAnAsterisk(String request) throws Exception {
        start();
        origin.on("*", ok("no-store", CONTENT));
        try (RawClient client = sidecar.connect()) {
            assertThat(client.send(request + "\r\n\r\n").response().status()).isEqualTo(200);
        }
        assertThat(origin.requests().get(0).line()).isEqualTo("OPTIONS * HTTP/1.1");
        assertThat(origin.requests().get(0).all("Host")).containsExactly("t");
    }

    @Test
    void rfc9110_9_3_8_traceIsRefusedAndShowsNothing() throws Exception {
        start();
        Response response = RawClient.ask(sidecar.address(), "TRACE", "/a", "Cookie: secret", "Max-Forwards: 0");

        assertThat(response.status()).isEqualTo(405);
        assertThat(response.first("Allow")).isNotNull();
        assertThat(new String(response.body(), ISO_8859_1)).doesNotContain("secret");
        assertThat(origin.requests()).isEmpty();
    }

    // ---- Forwarded

    @Test
    void rfc7239_4_ourElementIsBehindThoseOfTrustedProxies() throws Exception {
        start("forwarded=true");
        origin.on("/a", ok("no-store", new byte[0]));
        sidecar.get("/a");
        sidecar.get("/a", "Forwarded: for=192.0.2.1;proto=https, for=\"[2001:db8::1]:80\"", "Forwarded: for=_x");
        sidecar.get("/a", "Forwarded: for=\"192.0.2.1");
        try (RawClient client = sidecar.connect()) {
            client.send("GET /a HTTP/1.1\r\nHost: example.test:8080\r\n\r\n").response();
        }
        assertThat(origin.requests("/a"))
                .extracting(request -> request.all("Forwarded"))
                .containsExactly(
                        List.of("for=127.0.0.1;host=test;proto=http"),
                        List.of("for=192.0.2.1;proto=https, for=\"[2001:db8::1]:80\", for=_x, "
                                + "for=127.0.0.1;host=test;proto=http"),
                        List.of("for=127.0.0.1;host=test;proto=http"),
                        List.of("for=127.0.0.1;host=\"example.test:8080\";proto=http"));
    }

    @Test
    void rfc7239_8_1_whatOthersSayIsNotInIt() throws Exception {
        start("forwarded=true", "trusted-proxies=none");
        origin.on("/a", ok("no-store", new byte[0]));
        sidecar.get("/a", "Forwarded: for=192.0.2.1", "X-Forwarded-Proto: https");
        assertThat(origin.requests("/a").get(0).all("Forwarded")).containsExactly("for=127.0.0.1;host=test;proto=http");
    }

    /** It says who asks, which is no part of the key: clients share a response as before. */
    @Test
    void rfc7239_4_ourElementIsNotKeyed() throws Exception {
        start("forwarded=true");
        origin.on("/a", ok(STORABLE, new byte[] {1}));
        sidecar.get("/a");
        try (RawClient other = RawClient.connectFrom("127.0.0.2", sidecar.address())) {
            assertThat(other.request("GET", "/a").response().isHit()).isTrue();
        }
        assertThat(sidecar.get("/a", "Forwarded: for=192.0.2.1;host=evil").isHit())
                .as("a trusted proxy's word on the host is")
                .isFalse();
    }
}
