package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a POST brings, and who else may have it (RFC 9110, section 9.3.3). */
class PostTest extends SidecarTest {
    private static final byte[] NEW = Content.of(91, 20_000);
    private static final byte[] OLD = Content.of(92, 20_000);
    private static final String ABOUT_IT = "Content-Location: /a";

    private static Script reading(Script script) {
        return call -> {
            call.body();
            script.play(call);
        };
    }

    private Response post(String... fields) throws IOException {
        try (RawClient client = sidecar.connect()) {
            return client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n"
                            + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n") + "\r\nabc")
                    .response();
        }
    }

    @Test
    void rfc9110_9_3_3_itsResponseAnswersALaterGetAndHead() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", OLD), reading(ok("max-age=60", NEW, ABOUT_IT, "ETag: \"n\"")));
        sidecar.get("/a");
        Response posted = post();
        assertThat(posted.body()).isEqualTo(NEW);
        assertThat(posted.cacheStatus()).startsWith("lastref; fwd=method; stored; ttl=");
        Response hit = sidecar.get("/a");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).isEqualTo(NEW);
        assertThat(sidecar.get("/a", "If-None-Match: \"n\"").status()).isEqualTo(304);
        Response head = RawClient.ask(sidecar.address(), "HEAD", "/a");
        assertThat(head.isHit()).isTrue();
        assertThat(head.first("Content-Length")).isEqualTo(String.valueOf(NEW.length));
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    /** "A POST request cannot be satisfied by a cached POST response." */
    @Test
    void rfc9110_9_3_3_aPostIsAlwaysTheOrigins() throws Exception {
        start();
        origin.on("/a", reading(ok("max-age=60", NEW, ABOUT_IT)));
        post();
        assertThat(post().isHit()).isFalse();
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "max-age=60, X: y",
        "max-age=60, Content-Location: /b",
        "max-age=60, Content-Location: http://elsewhere/a",
        "public, Content-Location: /a",
        "no-store, Content-Location: /a",
        "'private, max-age=60', Content-Location: /a",
    })
    void rfc9110_9_3_3_nothingElseOfAPostIsStored(String control, String field) throws Exception {
        start("cache.default-ttl=60s");
        origin.on(
                "/a",
                reading(ok(control, NEW, field, "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT")),
                ok("no-store", OLD));
        assertThat(post().body()).isEqualTo(NEW);
        assertThat(sidecar.get("/a").body()).isEqualTo(OLD);
    }

    @Test
    void rfc9111_3_5_whoIsAuthorizedDoesNotPostForAll() throws Exception {
        start();
        origin.on("/a", reading(ok("max-age=60", NEW, ABOUT_IT)), ok("no-store", OLD));
        post("Authorization: Basic x");
        assertThat(sidecar.get("/a").body()).isEqualTo(OLD);
    }

    @Test
    void rfc9111_4_1_itsVaryIsHeeded() throws Exception {
        start();
        origin.on("/a", reading(ok("max-age=60", NEW, ABOUT_IT, "Vary: X-Kind")), ok("no-store", OLD));
        post("X-Kind: 1");
        assertThat(sidecar.get("/a", "X-Kind: 1").isHit()).isTrue();
        assertThat(sidecar.get("/a").body()).isEqualTo(OLD);
    }

    /** What changes while the response is on its way makes it invalid, be it a second POST or a purge. */
    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE", "PURGE"})
    void rfc9111_4_4_whatIsMadeInvalidMeanwhileIsNotStored(String method) throws Exception {
        start("purge.method=true");
        Gate gate = new Gate();
        origin.on(
                "/a",
                reading(call -> {
                    gate.await();
                    ok("max-age=60", OLD, ABOUT_IT).play(call);
                }),
                reading(ok("no-store", NEW)));
        try (RawClient first = sidecar.connect();
                RawClient second = sidecar.connect()) {
            first.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx");
            await().until(() -> origin.count("/a") == 1);
            assertThat(second.request(method, "/a").response().status()).isEqualTo(200);
            gate.open();
            assertThat(first.response().body()).isEqualTo(OLD);
        }
        assertThat(sidecar.get("/a").body()).isEqualTo(NEW);
    }

    /** Of a parameter that does not count nobody may choose what all others get. */
    @ParameterizedTest
    @CsvSource({
        "query.without, utm_*, ?utm_source=x, ''",
        "query.without, utm_*, ?a=1&utm_q=x, ?a=1",
        "query.without, utm_*, ?utm_source=x, ?utm_source=x",
        "query.only, none, ?q=x, ''",
        "query.sort, true, ?b=1&a=2, ?a=2&b=1",
    })
    void rfc9110_9_3_3_whereARuleChangesTheQueryNothingIsStored(String rule, String value, String query, String located)
            throws Exception {
        start("rules.q.path=/q/*", "rules.q." + rule + "=" + value);
        origin.on("/q/x" + query, reading(ok("max-age=60", OLD, "Content-Location: /q/x" + located)));
        if (!located.equals(query)) {
            origin.on("/q/x" + located, ok("no-store", NEW));
        }
        if (!located.startsWith("?a")) {
            origin.on("/q/x", ok("no-store", NEW));
        }
        assertThat(RawClient.ask(sidecar.address(), "POST", "/q/x" + query).body())
                .isEqualTo(OLD);
        assertThat(sidecar.get("/q/x" + located).body()).isEqualTo(NEW);
    }

    @Test
    void rfc9110_9_3_3_underARuleThatChangesNothingItIsStored() throws Exception {
        start("rules.q.path=/q/*", "rules.q.query.without=utm_*");
        origin.on("/q/x?a=1", reading(ok("max-age=60", NEW, "Content-Location: /q/x?a=1")));
        RawClient.ask(sidecar.address(), "POST", "/q/x?a=1");
        assertThat(sidecar.get("/q/x?a=1").isHit()).isTrue();
    }

    /** It may have been carried out as another method, and the key does not say so. */
    @ParameterizedTest
    @ValueSource(strings = {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x-http-method-override"})
    void rfc9110_9_3_3_whatWasAskedForUnderAnotherMethodsNameIsNotStored(String field) throws Exception {
        start();
        origin.on("/a", reading(ok("max-age=60", NEW, ABOUT_IT)), ok("no-store", OLD));
        assertThat(post(field + ": DELETE").cacheStatus()).doesNotContain("stored");
        assertThat(sidecar.get("/a").body()).isEqualTo(OLD);
    }
}
