package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.ScriptedOrigin.Request;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which fields go on, which end here, and which are ours. */
class FieldsTest extends SidecarTest {
    private static final String STORABLE = "max-age=60";
    private static final byte[] CONTENT = Content.of(51, 1000);

    @Test
    void hopByHopFieldsOfARequestEndHere() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, CONTENT));
        sidecar.get(
                "/a",
                "Connection: X-Nominated, X-Absent, Via",
                "X-Nominated: x",
                "Keep-Alive: timeout=5",
                "TE: trailers",
                "Upgrade: websocket",
                "Proxy-Authorization: Basic x",
                "Proxy-Connection: keep-alive",
                "Trailer: X-T",
                "Authorization: Basic y",
                "X-End-To-End: z");
        Request seen = origin.requests("/a").get(0);

        for (String gone : new String[] {
            "X-Nominated",
            "Keep-Alive",
            "TE",
            "Upgrade",
            "Proxy-Authorization",
            "Proxy-Connection",
            "Trailer",
            "Connection"
        }) {
            assertThat(seen.all(gone)).as(gone).isEmpty();
        }
        assertThat(seen.all("X-End-To-End")).containsExactly("z");
        assertThat(seen.all("Authorization")).containsExactly("Basic y");
    }

    /** What others have checked, or what the key depends on, cannot be nominated away: to do so is no valid request. */
    @ParameterizedTest
    @ValueSource(
            strings = {"Authorization", "Cookie", "X-Forwarded-For", "Accept-Language", "Host", "range", "Cache-Control"
            })
    void rfc9110_7_6_1_aFieldForEveryRecipientIsNoConnectionOption(String name) throws Exception {
        start();
        origin.on("/a", ok(STORABLE, CONTENT));
        for (String options : new String[] {name, "close, " + name, name + ", keep-alive"}) {
            try (RawClient client = sidecar.connect()) {
                String field = name.equals("Host") ? "" : name + ": x\r\n";
                client.send("GET /a HTTP/1.1\r\nHost: t\r\nConnection: " + options + "\r\n" + field + "\r\n");
                assertThat(client.response().status()).as(options).isEqualTo(400);
                client.awaitEnd();
            }
        }
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void hopByHopFieldsOfAResponseEndHereOnMissAndHit() throws Exception {
        start();
        origin.on(
                "/a",
                ok(
                        STORABLE,
                        CONTENT,
                        "Connection: X-Nominated, keep-alive",
                        "X-Nominated: x",
                        "Keep-Alive: timeout=5",
                        "Proxy-Authenticate: Basic",
                        "Upgrade: h2c",
                        "X-End-To-End: z"));
        for (int i = 0; i < 2; i++) {
            Response response = sidecar.get("/a");
            assertThat(response.isHit()).isEqualTo(i == 1);
            for (String gone : new String[] {"X-Nominated", "Keep-Alive", "Proxy-Authenticate", "Upgrade"}) {
                assertThat(response.all(gone)).as(gone).isEmpty();
            }
            assertThat(response.all("X-End-To-End")).containsExactly("z");
            assertThat(response.all("Connection")).containsExactly("close"); // ours, since the client asked
        }
    }

    @Test
    void viaAndForwardedFieldsAreAppended() throws Exception {
        start();
        origin.on("/a", ok("no-store", CONTENT, "Via: 1.1 before"));
        Response plain = sidecar.get("/a");
        sidecar.get("/a", "Via: 1.0 first", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https");
        Request first = origin.requests("/a").get(0);
        Request second = origin.requests("/a").get(1);

        assertThat(first.all("Via")).containsExactly("1.1 lastref");
        assertThat(first.all("X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(first.all("X-Forwarded-Proto")).containsExactly("http");
        assertThat(first.all("Host")).containsExactly("test");
        assertThat(String.join(", ", second.all("Via"))).isEqualTo("1.0 first, 1.1 lastref");
        assertThat(second.all("X-Forwarded-For")).containsExactly("192.0.2.1, 127.0.0.1");
        assertThat(second.all("X-Forwarded-Proto")).containsExactly("https");
        assertThat(String.join(", ", plain.all("Via"))).isEqualTo("1.1 before, 1.1 lastref");
    }

    /** Via names the protocol that was received with, also of what is stored, of a 304 and of interim responses. */
    @Test
    void rfc9110_7_6_3_viaSaysWhichProtocolAResponseCameWith() throws Exception {
        start();
        origin.on("/a", call -> {
            call.send(
                    "HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\nETag: \"1\"\r\nVia: 1.1 x\r\nVia: 2 y\r\n\r\nabc");
            call.close();
        });
        origin.on(
                "/b",
                call -> call.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        for (int i = 0; i < 2; i++) {
            Response response = sidecar.get("/a");
            assertThat(response.isHit()).isEqualTo(i == 1);
            assertThat(response.all("Via")).containsExactly("1.1 x, 2 y, 1.0 lastref");
        }
        assertThat(sidecar.get("/a", "If-None-Match: \"1\"").all("Via")).containsExactly("1.1 x, 2 y, 1.0 lastref");
        try (RawClient client = sidecar.connect()) {
            assertThat(client.request("GET", "/b").head().all("Via")).containsExactly("1.1 lastref");
            assertThat(client.response().all("Via")).containsExactly("1.1 lastref");
        }
    }

    /** Answers with the values of a request field. */
    private static Script echoing(String name, String... fields) {
        return call -> ok(STORABLE, String.join("|", call.request().all(name)).getBytes(UTF_8), fields)
                .play(call);
    }

    @Test
    void aResponseThatVariesByWhoAsksIsNotForOtherClients() throws Exception {
        start();
        origin.on("/a", echoing("X-Forwarded-For", "Vary: X-Forwarded-For"));

        assertThat(getFrom("127.0.0.1", "/a").body()).asString(UTF_8).isEqualTo("127.0.0.1");
        assertThat(getFrom("127.0.0.2", "/a").body()).asString(UTF_8).isEqualTo("127.0.0.2");
        assertThat(getFrom("127.0.0.1", "/a").isHit()).isTrue();
    }

    private Response getFrom(String client, String target) throws Exception {
        try (RawClient raw = RawClient.connectFrom(client, sidecar.address())) {
            return raw.request("GET", target).response();
        }
    }

    @Test
    void aResponseForOneSchemeIsNotForTheOther() throws Exception {
        start();
        origin.on("/a", echoing("X-Forwarded-Proto"));

        assertThat(sidecar.get("/a", "X-Forwarded-Proto: https").body())
                .asString(UTF_8)
                .isEqualTo("https");
        assertThat(sidecar.get("/a").body()).asString(UTF_8).isEqualTo("http");
        assertThat(sidecar.get("/a", "X-Forwarded-Proto: https").isHit()).isTrue();
    }

    @Test
    void aFieldThatTheClientTakesOutDoesNotChooseTheVariant() throws Exception {
        start();
        origin.on("/a", echoing("X-Kind", "Vary: X-Kind"));

        assertThat(sidecar.get("/a", "Connection: X-Kind", "X-Kind: b").body()).isEmpty();
        assertThat(sidecar.get("/a", "X-Kind: b").body()).asString(UTF_8).isEqualTo("b");
    }

    @Test
    void cacheStatusSaysWhatHappenedBehindWhatTheOriginSaid() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, CONTENT, "Cache-Status: origin; hit")).on("/b", ok("no-store", CONTENT));

        assertThat(sidecar.get("/a").cacheStatus()).matches("origin; hit, lastref; fwd=uri-miss; stored; ttl=(59|60)");
        assertThat(sidecar.get("/a").cacheStatus()).matches("origin; hit, lastref; hit; ttl=(59|60)");
        assertThat(sidecar.get("/b").cacheStatus()).isEqualTo("lastref; fwd=uri-miss; detail=no-store");
        assertThat(sidecar.get("/a", "Cache-Control: no-cache").cacheStatus())
                .matches("origin; hit, lastref; fwd=request; stored; ttl=(59|60)");
        assertThat(sidecar.get("/c", "Cache-Control: only-if-cached").status()).isEqualTo(504);
        assertThat(origin.count("/c")).isZero();
    }

    @Test
    void asManyViaLinesAsAServerTakesHangNobody() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, CONTENT)).on("/b", ok(STORABLE, CONTENT, lines("Via", 126)));
        Response odd = sidecar.get("/a", lines("Via", 126));
        assertThat(odd.status()).isEqualTo(200);
        assertThat(sidecar.get("/a").isHit()).isTrue();
        assertThat(sidecar.get("/b").status()).isEqualTo(200);
    }

    private static String[] lines(String name, int count) {
        String[] lines = new String[count];
        Arrays.setAll(lines, i -> name + ": 1.1 p" + i);
        return lines;
    }

    @Test
    void aRequestThatComesBackAgainAndAgainIsRefused() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, CONTENT));
        assertThat(sidecar.get("/a", "Via: 1.1 lastref, 1.1 lastref").status()).isEqualTo(200);
        assertThat(sidecar.get(
                                "/b",
                                "Via: 1.1 lastref, 1.1 lastref, 1.1 x, 1.1 lastref",
                                "Via: 1.0 lastref, 1.1 lastref")
                        .status())
                .isEqualTo(508);
        assertThat(origin.count("/b")).isZero();
    }

    @Test
    void ageCountsOnFromTheOriginsAndDateIsKept() throws Exception {
        start();
        String date = "Fri, 20 Nov 2026 10:00:00 GMT";
        origin.on("/a", ok("max-age=9999999", CONTENT, "Age: 100", "Date: " + date));
        Response miss = sidecar.get("/a");
        Response hit = sidecar.get("/a");

        assertThat(miss.first("Age")).isEqualTo("100");
        assertThat(Long.parseLong(hit.first("Age"))).isGreaterThanOrEqualTo(100);
        assertThat(miss.first("Date")).isEqualTo(date);
        assertThat(hit.first("Date")).isEqualTo(date);
        assertThat(hit.first("Content-Length")).isEqualTo("1000");
        assertThat(hit.first("Cache-Control")).isEqualTo("max-age=9999999");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Cache-Control: private",
                "Cache-Control: no-store",
                "Cache-Control: no-cache",
                "Set-Cookie: a=b",
                "Vary: *",
                "X-Nothing: x"
            })
    void whatIsNotForASharedCacheIsNotStored(String field) throws Exception {
        // A cookie is for one client unless the response names a lifetime for itself.
        start("cache.default-ttl=" + (field.startsWith("Set-Cookie") ? "60s" : "0"));
        String lifetime = field.startsWith("Vary") ? "Cache-Control: max-age=60\r\n" : "";
        origin.on(
                "/a", call -> call.send("HTTP/1.1 200 OK\r\n" + lifetime + field + "\r\nContent-Length: 2\r\n\r\nok"));

        for (int i = 1; i <= 3; i++) {
            Response response = sidecar.get("/a");
            assertThat(response.body()).asString().isEqualTo("ok");
            assertThat(response.all(field.substring(0, field.indexOf(':')))).isNotEmpty();
            assertThat(origin.count("/a")).isEqualTo(i);
        }
        sidecar.awaitRequests("pass", 3);
    }

    @Test
    void anAnswerToAuthorizationIsStoredOnlyIfItSaysSo() throws Exception {
        start();
        origin.on("/own", ok(STORABLE, CONTENT)).on("/shared", ok("public, max-age=60", CONTENT));
        for (String target : new String[] {"/own", "/shared"}) {
            sidecar.get(target, "Authorization: Basic x");
        }
        assertThat(sidecar.get("/own").isHit()).isFalse();
        assertThat(sidecar.get("/own", "Authorization: Basic x").isHit()).isFalse();
        assertThat(sidecar.get("/shared").isHit()).isTrue();
        assertThat(sidecar.get("/shared", "Authorization: Basic y").isHit()).isTrue();
    }

    @Test
    void aConditionalRequestForWhatMayBeStoredIsAskedAsAWhole() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, CONTENT, "ETag: \"x\""));
        sidecar.get("/a", "If-None-Match: \"x\"", "If-Modified-Since: Fri, 20 Nov 2026 10:00:00 GMT");

        assertThat(origin.requests("/a").get(0).all("If-None-Match")).isEmpty();
        // The client's 304 was out with the head; the content comes behind it.
        await().until(() -> sidecar.get("/a").isHit());
        assertThat(origin.count("/a")).isOne();
    }

    @Test
    void fieldsThatOccurTwiceStayTwo() throws Exception {
        start();
        origin.on("/a", ok(STORABLE, CONTENT, "Link: </a>", "Link: </b>"));

        assertThat(sidecar.get("/a", "X-Two: a", "X-Two: b").all("Link")).containsExactly("</a>", "</b>");
        assertThat(sidecar.get("/a").all("Link")).containsExactly("</a>", "</b>");
        assertThat(origin.requests("/a").get(0).all("X-Two")).containsExactly("a", "b");
    }

    /** Whoever believed it would take what comes next for content. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Length: 0\r\n", "Content-Length: 71\r\n", "Transfer-Encoding: chunked\r\n"})
    void rfc9110_8_6_whatHasNoContentHasNoLength(String framing) throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 103 Early Hints\r\n" + framing + "Link: </x>\r\n\r\n"
                        + "HTTP/1.1 204 No Content\r\nCache-Control: max-age=60\r\n" + framing + "\r\n"));
        try (RawClient client = sidecar.connect()) {
            Response interim = client.request("GET", "/a").head();
            assertThat(interim.status()).isEqualTo(103);
            assertThat(interim.all("Content-Length")).isEmpty();
            assertThat(interim.all("Transfer-Encoding")).isEmpty();
            for (int i = 0; i < 3; i++) {
                Response response = client.response();
                assertThat(response.status()).isEqualTo(204);
                assertThat(response.isHit()).isEqualTo(i > 0);
                assertThat(response.all("Content-Length")).isEmpty();
                assertThat(response.all("Transfer-Encoding")).isEmpty();
                client.request("GET", "/a");
            }
        }
        Response byTheLongWay = sidecar.get("/a", LONG_WAY);
        assertThat(byTheLongWay.isHit()).isTrue();
        assertThat(byTheLongWay.all("Content-Length")).isEmpty();
    }

    /** Content that was announced may come late, when the next request is on its way. */
    @ParameterizedTest
    @CsvSource({
        "'', true",
        "'Content-Length: 0', true",
        "'Content-Length: 5', false",
        "'Transfer-Encoding: chunked', false"
    })
    void rfc9112_6_3_afterA204ThatAnnouncesContentItsConnectionIsNotUsedAgain(String framing, boolean again)
            throws Exception {
        start();
        String field = framing.isEmpty() ? "" : framing + "\r\n";
        origin.on("/a", call -> call.send("HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n" + field + "\r\n"));
        try (RawClient client = sidecar.connect()) { // one connection, one I/O thread
            for (int i = 0; i < 2; i++) {
                assertThat(client.request("GET", "/a").response().status()).isEqualTo(204);
            }
        }
        List<ScriptedOrigin.Request> requests = origin.requests("/a");
        assertThat(requests.get(0).port() == requests.get(1).port()).isEqualTo(again);
    }
}
