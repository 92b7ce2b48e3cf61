package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a stale response is served, and when not (RFC 9111, section 4.2.4; RFC 5861). */
class StaleTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(73, 30_000);
    private static final byte[] NEWER = Content.of(74, 20_000);
    /** With this it is stale by ten seconds when it arrives. */
    private static final String OLD = "Age: 40";

    private static final String LIFETIME = "max-age=30";

    private static Script failing(String how) {
        return switch (how) {
            case "breaks" -> call -> call.reset();
            case "closes" -> call -> call.close();
            default -> call -> call.send("HTTP/1.1 " + how + " Failing\r\nContent-Length: 5\r\n\r\nwrong");
        };
    }

    @Test
    void rfc5861_3_aStaleResponseIsServedWhileItIsRenewedInTheBackground() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/a", ok(LIFETIME + ", stale-while-revalidate=60", CONTENT, OLD, "ETag: \"1\""), call -> {
            gate.await();
            ok("max-age=60", NEWER).play(call);
        });
        sidecar.get("/a");
        for (int i = 0; i < 5; i++) {
            Response stale = sidecar.get("/a");
            assertThat(stale.body()).isEqualTo(CONTENT);
            assertThat(stale.cacheStatus()).matches("lastref; hit; ttl=-1\\d; detail=stale-while-revalidate");
            assertThat(Integer.parseInt(stale.first("Age"))).isGreaterThanOrEqualTo(20);
        }
        await().until(() -> origin.count("/a") == 2);
        assertThat(origin.requests("/a").get(1).all("If-None-Match")).containsExactly("\"1\"");
        gate.open();
        await().until(() -> sidecar.get("/a").cacheStatus().startsWith("lastref; hit; ttl=5"));
        assertThat(sidecar.get("/a").body()).isEqualTo(NEWER);
        assertThat(origin.count("/a"))
                .as("one fetch in the background, however many were served")
                .isEqualTo(2);
        assertThat(sidecar.requests("stale")).isGreaterThanOrEqualTo(5);
    }

    @Test
    void theWindowIsConfiguredWhereTheResponseIsSilent() throws Exception {
        start("cache.stale-while-revalidate=60s");
        origin.on("/a", ok(LIFETIME, CONTENT, OLD));
        origin.on("/b", ok(LIFETIME + ", stale-while-revalidate=0", CONTENT, OLD));
        for (String target : new String[] {"/a", "/b"}) {
            sidecar.get(target);
        }
        assertThat(sidecar.get("/a").cacheStatus()).contains("stale-while-revalidate");
        assertThat(sidecar.get("/b").cacheStatus()).contains("fwd=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"500", "502", "503", "504", "breaks", "closes"})
    void rfc5861_4_aStaleResponseStandsInForAnOriginThatFails(String how) throws Exception {
        start();
        origin.on("/a", ok(LIFETIME + ", stale-if-error=60", CONTENT, OLD), failing(how));
        sidecar.get("/a");
        for (int i = 0; i < 3; i++) {
            Response stale = sidecar.get("/a");
            assertThat(stale.status()).isEqualTo(200);
            assertThat(stale.body()).isEqualTo(CONTENT);
            assertThat(stale.cacheStatus()).contains("fwd=stale").contains("detail=stale-if-error");
        }
        assertThat(sidecar.requests("stale")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"404", "410", "403", "501"})
    void rfc5861_4_anAnswerIsNoFailure(String status) throws Exception {
        start("cache.stale-if-error=60s");
        origin.on("/a", ok(LIFETIME, CONTENT, OLD), failing(status));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").status()).isEqualTo(Integer.parseInt(status));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "must-revalidate                | ''",
                "proxy-revalidate               | ''",
                "no-cache                       | ''",
                "s-maxage=10                    | ''",
                "public                         | Cache-Control: no-cache",
                "public, stale-if-error=5       | ''"
            })
    void rfc9111_4_2_4_notAgainstAProhibition(String directive, String request) throws Exception {
        start("cache.stale-if-error=60s", "cache.stale-while-revalidate=60s");
        origin.on("/a", ok(LIFETIME + ", " + directive, CONTENT, OLD, "ETag: \"1\""), failing("503"));
        sidecar.get("/a");
        String[] fields = request.isEmpty() ? new String[] {"Cache-Control: min-fresh=0"} : new String[] {request};
        assertThat(sidecar.get("/a", fields).status()).isEqualTo(503);
    }

    @Test
    void rfc5861_4_theClientMayAskForItToo() throws Exception {
        start();
        origin.on("/a", ok(LIFETIME, CONTENT, OLD, "ETag: \"1\""), failing("503"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").status()).isEqualTo(503);
        assertThat(sidecar.get("/a", "Cache-Control: stale-if-error=60").body()).isEqualTo(CONTENT);
    }

    @Test
    void rfc9111_5_2_1_2_maxStaleServesWithoutAskingTheOrigin() throws Exception {
        start();
        origin.on("/a", ok(LIFETIME, CONTENT, OLD, "ETag: \"1\""), failing("503"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a", "Cache-Control: max-stale=60").body()).isEqualTo(CONTENT);
        assertThat(sidecar.get("/a", "Cache-Control: max-stale, only-if-cached").cacheStatus())
                .contains("detail=max-stale");
        assertThat(sidecar.get("/a", "Cache-Control: only-if-cached").status()).isEqualTo(504);
        assertThat(origin.count("/a")).isOne();
        assertThat(sidecar.get("/a", "Cache-Control: max-stale=5").status()).isEqualTo(503);
    }

    @Test
    void negativeAnswersAreStoredByConfiguration() throws Exception {
        start("cache.negative-ttl=60s");
        origin.on("/a", failing("404"));
        assertThat(sidecar.get("/a").status()).isEqualTo(404);
        Response hit = sidecar.get("/a");
        assertThat(hit.status()).isEqualTo(404);
        assertThat(hit.isHit()).isTrue();
    }
}
