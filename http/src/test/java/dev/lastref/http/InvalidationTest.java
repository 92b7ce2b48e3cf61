package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests with unsafe methods make invalid. */
class InvalidationTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(95, 5000);

    private void store(String target, String... fields) throws IOException {
        origin.on(target, ok("max-age=60", CONTENT, fields));
        sidecar.get(target);
        assertThat(sidecar.get(target).isHit()).isTrue();
    }

    private static ScriptedOrigin.Script answer(String status, String... fields) {
        return call -> call.send("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n"
                + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n") + "\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, 200 OK, false",
        "PUT, 204 No Content, false",
        "DELETE, 202 Accepted, false",
        "M-SEARCH, 200 OK, false",
        "POST, 303 See Other, false",
        "PATCH, 404 Not Found, true",
        "POST, 500 Failed, true",
        "OPTIONS, 200 OK, true",
    })
    void rfc9111_4_4_theTargetBecomesInvalidUnlessItFails(String method, String status, boolean kept) throws Exception {
        start();
        store("/a");
        store("/other");
        origin.on("/a", answer(status), ok("max-age=60", CONTENT));
        RawClient.ask(sidecar.address(), method, "/a");
        assertThat(sidecar.get("/a").isHit()).isEqualTo(kept);
        assertThat(sidecar.get("/other").isHit()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "Location: /other, false",
        "Content-Location: other, false",
        "Location: http://test/other#x, false",
        "Location: http://test:80/other, false",
        "Location: https://test/other, true",
        "Location: http://elsewhere/other, true",
        "Location: http://test:81/other, true",
        "Link: </other>, true",
    })
    void rfc9111_4_4_whatIsNamedOfTheSameOriginBecomesInvalid(String field, boolean kept) throws Exception {
        start();
        store("/other");
        origin.on("/form", answer("201 Created", field));
        RawClient.ask(sidecar.address(), "POST", "/form");
        assertThat(sidecar.get("/other").isHit()).isEqualTo(kept);
    }

    @Test
    void rfc9111_4_4_aSafeMethodNamesNothing() throws Exception {
        start();
        store("/other", "Cache-Groups: \"g\"");
        origin.on("/a", ok("no-store", CONTENT, "Location: /other", "Cache-Group-Invalidation: \"g\""));
        sidecar.get("/a");
        assertThat(sidecar.get("/other").isHit()).isTrue();
    }

    @Test
    void rfc9875_3_groupsOfTheSameOriginBecomeInvalid() throws Exception {
        start();
        store("/one", "Cache-Groups: \"g\", \"h\"");
        store("/two", "Cache-Groups: \"h\"");
        store("/three", "Cache-Tag: g");
        origin.on("/elsewhere", ok("max-age=60", CONTENT, "Cache-Groups: \"g\""));
        try (RawClient client = sidecar.connect()) {
            String other = "GET /elsewhere HTTP/1.1\r\nHost: elsewhere\r\n\r\n";
            client.send(other).response();
            origin.on("/form", answer("200 OK", "Cache-Group-Invalidation: \"g\";x, \"none\""));
            client.request("POST", "/form", "Content-Length: 0").response();
            assertThat(client.send(other).response().isHit()).isTrue();
        }
        assertThat(sidecar.get("/one").isHit()).isFalse();
        assertThat(sidecar.get("/two").isHit()).isTrue();
        assertThat(sidecar.get("/three").isHit()).isTrue();
    }

    /** The origin got the whole request and may have done it, and its answer is nobody's. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rfc9111_4_4_whereNoAnswerComesToAWholeRequestTheTargetIsTakenForChanged(boolean clientLeaves)
            throws Exception {
        start();
        store("/a");
        Gate end = new Gate();
        origin.on(
                "/a",
                call -> {
                    call.body();
                    end.await();
                    call.reset();
                },
                ok("max-age=60", CONTENT));
        try (RawClient client = sidecar.connect()) {
            client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
            await().until(() -> origin.count("/a") == 2);
            if (clientLeaves) {
                client.reset();
                end.open();
            } else {
                end.open();
                assertThat(client.response().status()).isEqualTo(502);
            }
        }
        await().until(() -> !sidecar.get("/a").isHit() || origin.count("/a") > 2);
    }

    /** A request that the origin did not get whole it did not do: else whoever begins one could take from the store what he likes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rfc9111_4_4_aRequestThatItsClientDoesNotFinishMakesNothingInvalid(boolean reset) throws Exception {
        start();
        store("/a");
        Gate over = new Gate();
        origin.on(
                "/a",
                call -> {
                    try {
                        call.body();
                    } catch (EOFException | SocketException never) {
                        // comes
                    } finally {
                        over.open();
                    }
                    call.reset();
                },
                ok("max-age=60", CONTENT));
        try (RawClient client = sidecar.connect()) {
            client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nx");
            await().until(() -> origin.count("/a") == 2);
            if (reset) {
                client.reset();
            } else {
                client.close();
            }
            over.await();
        }
        assertThat(sidecar.get("/a").isHit()).isTrue();
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @Test
    void rfc9111_4_4_aRequestThatTheOriginIsNotThereForMakesNothingInvalid() throws Exception {
        start();
        store("/a");
        origin.close();
        Response failed = RawClient.ask(sidecar.address(), "POST", "/a", "Content-Length: 0");
        assertThat(failed.status()).isEqualTo(503);
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    /** What was done was done, whether or not the one who asked for it is there to be told. */
    @Test
    void rfc9111_4_4_whatTheAnswerNamesBecomesInvalidThoughItsClientHasGone() throws Exception {
        start();
        store("/other");
        store("/third", "Cache-Groups: \"g\"");
        Gate answer = new Gate();
        origin.on("/form", call -> {
            answer.await();
            call.send("HTTP/1.1 201 Created\r\nLocation: /other\r\nCache-Group-Invalidation: \"g\"\r\n"
                    + "Content-Length: 0\r\n\r\n");
        });
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/form", "Content-Length: 0");
            await().until(() -> origin.count("/form") == 1);
            client.reset();
        }
        answer.open();
        await().until(() -> !sidecar.get("/other").isHit());
        await().until(() -> !sidecar.get("/third").isHit());
    }

    /** What a proxy says of the target is part of the key, and not of the URI. */
    @ParameterizedTest
    @CsvSource({
        "X-Forwarded-Port: 443, X: y",
        "X-Forwarded-Port: 443, X-Forwarded-Port: 8443",
        "X: y, X-Forwarded-Port: 443",
        "X-Forwarded-Host: elsewhere, X: y",
        "X-Forwarded-Prefix: /p, X: y",
        "X-Original-URL: /b, X-Forwarded-Server: s",
        "Forwarded: host=elsewhere, X: y",
    })
    void rfc9111_4_4_whateverProxiesSayOfTheTargetItBecomesInvalid(String stored, String unsafe) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT, "Vary: X-Kind"), answer("204 No Content"), ok("max-age=60", CONTENT));
        origin.on("/ab", ok("max-age=60", CONTENT));
        sidecar.get("/a", stored);
        sidecar.get("/ab", stored);
        assertThat(sidecar.get("/a", stored).isHit()).isTrue();
        RawClient.ask(sidecar.address(), "PUT", "/a", unsafe);
        assertThat(sidecar.get("/a", stored).isHit()).isFalse();
        assertThat(sidecar.get("/ab", stored).isHit()).isTrue();
    }

    @ParameterizedTest(name = "somebody asks meanwhile: {0}")
    @ValueSource(booleans = {false, true})
    void rfc9111_4_4_whatIsOnItsWayUnderAnotherKeyOfTheUriIsNotStored(boolean meanwhile) throws Exception {
        start("cache.collapse-timeout=60s");
        Gate gate = new Gate();
        origin.on(
                "/a",
                call -> {
                    gate.await();
                    ok("max-age=60", CONTENT).play(call);
                },
                answer("204 No Content"),
                ok("max-age=60", Content.of(96, 100)));
        String field = "X-Forwarded-Port: 443";
        try (RawClient first = sidecar.connect()) {
            first.request("GET", "/a", field);
            await().until(() -> origin.count("/a") == 1);
            RawClient.ask(sidecar.address(), "PUT", "/a");
            if (meanwhile) { // and does not wait for what was asked for before
                assertThat(sidecar.get("/a", field).body()).hasSize(100);
            }
            gate.open();
            assertThat(first.response().body()).isEqualTo(CONTENT);
        }
        assertThat(sidecar.get("/a", field).body()).hasSize(100);
    }
}
