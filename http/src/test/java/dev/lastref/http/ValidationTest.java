package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Request;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is stored and not fresh is asked about, and what the origin says of it is heeded (RFC 9111, section 4.3). */
class ValidationTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(71, 50_000);
    private static final byte[] NEWER = Content.of(72, 40_000);
    /** Stale when it arrives. */
    private static final String STALE = "max-age=30";

    private static final String[] OLD = {"Age: 40", "ETag: \"1\"", "X-Kept: stored", "X-Replaced: stored"};

    private static Script notModified(String... fields) {
        return call -> call.send("HTTP/1.1 304 Not Modified\r\n" + String.join("\r\n", fields) + "\r\n\r\n");
    }

    private Request lastRequest() {
        List<Request> all = origin.requests("/a");
        return all.get(all.size() - 1);
    }

    @Test
    void rfc9111_4_3_3_aNotModifiedFreshensWhatIsStoredAndTheStoreAnswers() throws Exception {
        start();
        origin.on(
                "/a",
                ok(STALE, CONTENT, OLD),
                notModified("ETag: \"1\"", "Cache-Control: max-age=60", "X-Replaced: new", "X-Replaced: newer"));
        sidecar.get("/a");

        Response validated = sidecar.get("/a");
        assertThat(validated.status()).isEqualTo(200);
        assertThat(validated.body()).isEqualTo(CONTENT);
        assertThat(validated.cacheStatus()).matches("lastref; fwd=stale; fwd-status=304; stored; ttl=(59|60)");
        assertThat(lastRequest().all("If-None-Match")).containsExactly("\"1\"");
        assertThat(validated.first("X-Kept")).isEqualTo("stored");
        assertThat(validated.all("X-Replaced")).containsExactly("new", "newer");
        assertThat(validated.first("Cache-Control")).isEqualTo("max-age=60");
        assertThat(validated.first("Age")).as("of the response before").isEqualTo("0");

        Response hit = sidecar.get("/a");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).isEqualTo(CONTENT);
        assertThat(hit.all("X-Replaced")).containsExactly("new", "newer");
        assertThat(origin.count("/a")).isEqualTo(2);
        for (String outcome : List.of("miss", "revalidated", "hit")) {
            sidecar.awaitRequests(outcome, 1);
        }
        for (String outcome : List.of("pass", "coalesced", "stale", "bypass")) {
            assertThat(sidecar.requests(outcome)).as(outcome).isZero();
        }
    }

    @Test
    void rfc9111_3_2_theContentsOwnFieldsStayWhateverTheNotModifiedSays() throws Exception {
        start();
        origin.on(
                "/a",
                ok(STALE, CONTENT, "Age: 40", "ETag: \"1\"", "Content-Encoding: x-stored"),
                notModified(
                        "ETag: \"1\"",
                        "Cache-Control: max-age=60",
                        "Content-Length: 3",
                        "Content-Encoding: gzip",
                        "Content-Range: bytes 0-2/3"));
        sidecar.get("/a");
        for (int i = 0; i < 2; i++) {
            Response response = sidecar.get("/a");
            assertThat(response.body()).isEqualTo(CONTENT);
            assertThat(response.first("Content-Length")).isEqualTo("50000");
            assertThat(response.first("Content-Encoding")).isEqualTo("x-stored");
            assertThat(response.first("Content-Range")).isNull();
        }
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @Test
    void rfc9111_4_3_1_aDateOfModificationValidatesToo() throws Exception {
        start();
        String modified = "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT";
        origin.on("/a", ok(STALE, CONTENT, "Age: 40", modified), notModified("Cache-Control: max-age=60"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").body()).isEqualTo(CONTENT);
        assertThat(lastRequest().all("If-Modified-Since")).containsExactly("Wed, 01 Jan 2020 00:00:00 GMT");
        assertThat(lastRequest().all("If-None-Match")).isEmpty();
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    @Test
    void rfc9111_4_3_3_aFullResponseReplacesWhatIsStored() throws Exception {
        start();
        origin.on("/a", ok(STALE, CONTENT, OLD), ok("max-age=60", NEWER, "ETag: \"2\""));
        sidecar.get("/a");
        Response replacing = sidecar.get("/a");
        assertThat(replacing.body()).isEqualTo(NEWER);
        assertThat(replacing.cacheStatus()).matches("lastref; fwd=stale; stored; ttl=(59|60)");
        Response hit = sidecar.get("/a");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).isEqualTo(NEWER);
        assertThat(hit.first("X-Kept")).isNull();
    }

    @Test
    void rfc9111_4_3_4_aNotModifiedOfAnotherRepresentationUpdatesNothing() throws Exception {
        start();
        origin.on(
                "/a",
                ok(STALE, CONTENT, OLD),
                notModified("ETag: \"2\"", "Cache-Control: max-age=60"),
                ok("max-age=60", NEWER, "ETag: \"2\""));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").body()).isEqualTo(NEWER);
        assertThat(lastRequest().all("If-None-Match"))
                .as("asked again, for all of it")
                .isEmpty();
        assertThat(origin.count("/a")).isEqualTo(3);
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    @Test
    void rfc9111_4_3_4_aNotModifiedThatForbidsStoringIsFollowedByAskingForAllOfIt() throws Exception {
        start();
        origin.on(
                "/a",
                ok(STALE, CONTENT, OLD),
                notModified("ETag: \"1\"", "Cache-Control: no-store"),
                ok("no-store", NEWER));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").body()).isEqualTo(NEWER);
        assertThat(sidecar.get("/a").body()).isEqualTo(NEWER);
        assertThat(lastRequest().all("If-None-Match")).isEmpty();
    }

    @Test
    void rfc9111_5_2_2_4_noCacheIsStoredAndAskedAboutEveryTime() throws Exception {
        start();
        origin.on("/a", ok("no-cache, max-age=60", CONTENT, "ETag: W/\"1\""), notModified("ETag: W/\"1\""));
        sidecar.get("/a");
        for (int i = 2; i < 5; i++) {
            assertThat(sidecar.get("/a").body()).isEqualTo(CONTENT);
            assertThat(origin.count("/a")).isEqualTo(i);
            assertThat(lastRequest().all("If-None-Match")).containsExactly("W/\"1\"");
        }
    }

    @Test
    void rfc9111_5_2_1_4_aClientsNoCacheIsAnsweredByValidation() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT, "ETag: \"1\""), notModified("ETag: \"1\""));
        sidecar.get("/a");
        Response reload = sidecar.get("/a", "Cache-Control: no-cache");
        assertThat(reload.body()).isEqualTo(CONTENT);
        assertThat(reload.cacheStatus()).startsWith("lastref; fwd=request; fwd-status=304");
        assertThat(lastRequest().all("If-None-Match")).containsExactly("\"1\"");
    }

    @Test
    void rfc9111_4_3_2_theClientsConditionIsJudgedAfterOurs() throws Exception {
        start();
        origin.on("/a", ok(STALE, CONTENT, OLD), notModified("ETag: \"1\"", "Cache-Control: max-age=60"));
        sidecar.get("/a");
        Response response = sidecar.get("/a", "If-None-Match: \"1\"");
        assertThat(response.status()).isEqualTo(304);
        assertThat(response.first("ETag")).isEqualTo("\"1\"");
    }

    // ---- HEAD

    @Test
    void rfc9111_4_3_5_aHeadUpdatesWhatItDescribes() throws Exception {
        start();
        // Kept although it cannot be validated: it may be served stale.
        origin.on("/a", ok(STALE + ", stale-if-error=60", CONTENT, "Age: 40", "X-Replaced: stored"), head(50_000));
        sidecar.get("/a");
        assertThat(RawClient.ask(sidecar.address(), "HEAD", "/a").status()).isEqualTo(200);
        Response hit = sidecar.get("/a");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).isEqualTo(CONTENT);
        assertThat(hit.first("X-Replaced")).isEqualTo("new");
        assertThat(lastRequest().line()).startsWith("HEAD");
    }

    @Test
    void rfc9111_4_3_5_aHeadThatDescribesAnotherRepresentationEndsTheStoredOne() throws Exception {
        start();
        origin.on(
                "/a",
                ok(STALE + ", stale-if-error=60", CONTENT, "Age: 40"),
                head(49_999),
                call -> call.send("HTTP/1.1 503 Gone Fishing\r\nContent-Length: 0\r\n\r\n"));
        sidecar.get("/a");
        RawClient.ask(sidecar.address(), "HEAD", "/a");
        assertThat(sidecar.get("/a").status()).as("nothing is left to stand in").isEqualTo(503);
    }

    /** Its answer is slow: when it comes, a response has been stored that was asked for later. */
    @ParameterizedTest
    @CsvSource({"'Thu, 29 Feb 2024 12:00:00 GMT', true", "'Thu, 29 Feb 2024 12:00:02 GMT', false"})
    void rfc9111_4_3_5_aHeadThatIsOlderDoesNotEndWhatIsStored(String date, boolean stays) throws Exception {
        start();
        Gate gate = new Gate();
        origin.on(
                "/a",
                call -> {
                    gate.await();
                    call.send("HTTP/1.1 200 OK\r\nDate: " + date + "\r\nContent-Length: 49999\r\n\r\n");
                },
                ok("max-age=9999999999", CONTENT, "Date: Thu, 29 Feb 2024 12:00:01 GMT"));
        try (RawClient client = sidecar.connect().request("HEAD", "/a")) {
            await().until(() -> origin.count("/a") == 1);
            sidecar.get("/a");
            gate.open();
            assertThat(client.response("HEAD").first("Content-Length")).isEqualTo("49999");
        }
        assertThat(sidecar.get("/a").isHit()).isEqualTo(stays);
    }

    private static Script head(int length) {
        return call -> call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nX-Replaced: new\r\nContent-Length: "
                + length + "\r\n\r\n");
    }

    // ---- fields that are for one client

    @ParameterizedTest
    @ValueSource(strings = {"private", "no-cache"})
    void rfc9111_5_2_2_7_fieldsForOneClientReachHimAndNotTheStore(String directive) throws Exception {
        start();
        origin.on(
                "/a",
                ok("max-age=60, " + directive + "=\"X-One, Set-Cookie\"", CONTENT, "X-One: 1", "Set-Cookie: a=b"));
        assertThat(sidecar.get("/a").first("X-One")).isEqualTo("1");
        Response hit = sidecar.get("/a");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.first("X-One")).isNull();
        assertThat(hit.first("Set-Cookie")).isNull();
    }
}
