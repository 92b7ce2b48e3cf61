package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What rules by path change. */
class PathRulesTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(97, 3000);

    private static Script silent(String... fields) {
        return call -> call.send("HTTP/1.1 200 OK\r\nContent-Length: " + CONTENT.length + "\r\n"
                        + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n") + "\r\n")
                .send(CONTENT);
    }

    private boolean isStored(String target, String... fields) throws IOException {
        sidecar.get(target, fields);
        return sidecar.get(target, fields).isHit();
    }

    private long purge(String body) throws IOException {
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            Response response = client.send("POST /api/purge HTTP/1.1\r\nHost: admin\r\nContent-Length: "
                            + body.length() + "\r\n\r\n" + body)
                    .response();
            return new JsonMapper().readTree(response.body()).get("purged").asLong();
        }
    }

    /** What the rule says, what the origin says, and whether the second request is a hit. */
    @ParameterizedTest
    @CsvSource({
        "ttl=60s, X: y, true",
        "ttl=60s, Cache-Control: max-age=0, true",
        "ttl=60s, Cache-Control: s-maxage=0, true",
        "ttl=60s, CDN-Cache-Control: max-age=0, true",
        "ttl=60s, 'Expires: 0', true",
        "ttl=60s, Cache-Control: no-store, false",
        "ttl=60s, Cache-Control: private, false",
        "ttl=60s, Cache-Control: no-cache, false",
        "ttl=60s, Vary: *, false",
        "ttl=60s, Set-Cookie: a=b, false",
        "ttl=0s, Cache-Control: max-age=60, false",
        "default-ttl=60s, X: y, true",
        "default-ttl=60s, Cache-Control: max-age=0, false",
        "tags=x, X: y, false",
    })
    void aLifetimeIsSet(String setting, String field, boolean stored) throws Exception {
        start("rules.r.path=/a/*", "rules.r." + setting);
        origin.on("/a/b", silent(field));
        origin.on("/b", silent(field));
        assertThat(isStored("/a/b")).isEqualTo(stored);
        assertThat(isStored("/b")).as("no rule").isEqualTo(field.contains("max-age=60"));
    }

    @Test
    void errorsAreNotGivenALifetimeBySuccess() throws Exception {
        start("rules.r.path=*", "rules.r.ttl=60s", "rules.s.path=/n", "rules.s.negative-ttl=60s");
        origin.on("/e", call -> call.send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"));
        origin.on("/n", call -> call.send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
        assertThat(isStored("/e")).isFalse();
        assertThat(isStored("/n")).isTrue();
    }

    @Test
    void passedRequestsNeverMeetTheStore() throws Exception {
        start("rules.r.path=/p/*", "rules.r.pass=true");
        origin.on("/p/a", ok("max-age=60", CONTENT, "ETag: \"1\""));
        assertThat(isStored("/p/a")).isFalse();
        Response passed = sidecar.get("/p/a", "If-None-Match: \"1\"");
        assertThat(passed.cacheStatus()).isEqualTo("lastref; fwd=bypass");
        assertThat(origin.requests("/p/a").get(2).all("If-None-Match")).containsExactly("\"1\"");
        assertThat(sidecar.get("/p/a", "Cache-Control: only-if-cached").status())
                .isEqualTo(504);
        origin.on("/%70/a", ok("max-age=60", CONTENT));
        assertThat(isStored("/%70/a")).as("the same path, written otherwise").isFalse();
    }

    @Test
    void staleWindowsAreSetButNotAgainstAProhibition() throws Exception {
        start("rules.r.path=*", "rules.r.stale-if-error=60s");
        for (String target : new String[] {"/may", "/must"}) {
            String more = target.equals("/must") ? ", must-revalidate" : ", stale-if-error=0";
            origin.on(
                    target,
                    ok("max-age=1" + more, CONTENT, "Age: 5", "ETag: \"1\""),
                    call -> call.send("HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"));
            sidecar.get(target);
        }
        assertThat(sidecar.get("/may").status()).isEqualTo(200);
        assertThat(sidecar.get("/must").status()).isEqualTo(503);
    }

    @Test
    void parametersThatDoNotCountReachNeitherKeyNorOrigin() throws Exception {
        start("rules.r.path=/a", "rules.r.query.without=utm_*", "rules.r.query.sort=true");
        origin.on("/a?a=1&b=2", ok("max-age=60", CONTENT));
        origin.on("/b?utm_x=1", ok("max-age=60", CONTENT));
        sidecar.get("/a?utm_source=x&b=2&a=1");
        assertThat(sidecar.get("/a?a=1&utm_medium=y&b=2").isHit()).isTrue();
        assertThat(sidecar.get("/b?utm_x=1").status()).isEqualTo(200);
        assertThat(origin.requests())
                .extracting(request -> request.line().split(" ")[1])
                .containsExactly("/a?a=1&b=2", "/b?utm_x=1");
        // An unsafe request goes on as it is, and makes invalid what is stored for its URL.
        origin.on("/a?utm_x=1&b=2&a=1", call -> call.send("HTTP/1.1 204 Done\r\n\r\n"));
        RawClient.ask(sidecar.address(), "POST", "/a?utm_x=1&b=2&a=1");
        assertThat(origin.count("/a?utm_x=1&b=2&a=1")).isEqualTo(1);
        assertThat(sidecar.get("/a?a=1&b=2").isHit()).isFalse();
        assertThat(purge("{\"url\":\"/a?b=2&utm_z=1&a=1\"}")).isEqualTo(1);
    }

    @Test
    void fieldsOfTheRequestKeepResponsesApart() throws Exception {
        start("rules.r.path=/a", "rules.r.key.fields=X-Tenant");
        origin.on(
                "/a",
                call -> ok(
                                "max-age=60",
                                String.join(",", call.request().all("X-Tenant")).getBytes())
                        .play(call));
        for (String tenant : new String[] {"one", "two"}) {
            sidecar.get("/a", "X-Tenant: " + tenant);
            Response hit = sidecar.get("/a", "X-Tenant: " + tenant);
            assertThat(hit.isHit()).isTrue();
            assertThat(new String(hit.body())).isEqualTo(tenant);
        }
        assertThat(sidecar.get("/a").body()).isEmpty();
        // Not sent on, so not to be stored as if it had been.
        assertThat(sidecar.get("/a", "X-Tenant: three", "Connection: X-Tenant").body())
                .isEmpty();
        assertThat(new String(sidecar.get("/a", "X-Tenant: three").body())).isEqualTo("three");
        RawClient.ask(sidecar.address(), "DELETE", "/a");
        assertThat(sidecar.get("/a", "X-Tenant: one").isHit()).isFalse();
    }

    @Test
    void tagsAreAddedToPurgeBy() throws Exception {
        start("rules.r.path=/a/*", "rules.r.tags=section,all");
        origin.on("/a/b", ok("max-age=60", CONTENT, "Cache-Tag: own"));
        origin.on("/b", ok("max-age=60", CONTENT, "Cache-Tag: all"));
        assertThat(isStored("/a/b")).isTrue();
        assertThat(isStored("/b")).isTrue();
        assertThat(sidecar.get("/a/b").all("Cache-Tag")).containsExactly("own");
        assertThat(purge("{\"tag\":\"section\"}")).isEqualTo(1);
        assertThat(isStored("/a/b")).isTrue();
        assertThat(purge("{\"tag\":\"own\"}")).isEqualTo(1);
        assertThat(isStored("/a/b")).isTrue();
        assertThat(purge("{\"tag\":\"all\"}")).isEqualTo(2);
        assertThat(sidecar.admin("/api/entries")).doesNotContain("section");
    }
}
