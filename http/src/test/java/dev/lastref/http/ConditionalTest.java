package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions of clients, answered from the store and while it fills. */
class ConditionalTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(71, 20_000);
    private static final String MODIFIED = "Fri, 20 Nov 2026 10:00:00 GMT";
    private static final String EARLIER = "Fri, 20 Nov 2026 09:59:59 GMT";
    private static final String LATER = "Fri, 20 Nov 2026 10:00:01 GMT";
    private static final String[] VALIDATORS = {
        "ETag: \"x\"", "Last-Modified: " + MODIFIED, "Content-Type: text/plain", "Vary: Accept", "X-Other: 1"
    };

    private static String[] fields(String text) {
        return text.isEmpty()
                ? new String[0]
                : text.replace("@at", MODIFIED)
                        .replace("@before", EARLIER)
                        .replace("@after", LATER)
                        .split("\\|");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'If-None-Match: \"x\"', 304",
                "'If-None-Match: W/\"x\"', 304",
                "'If-None-Match: \"a\", \"x\"', 304",
                "'If-None-Match: \"a\"|If-None-Match: \"x\"', 304",
                "'If-None-Match: *', 304",
                "'If-None-Match: \"a\"', 200",
                "'If-Modified-Since: @at', 304",
                "'If-Modified-Since: @after', 304",
                "'If-Modified-Since: Friday, 20-Nov-26 10:00:00 GMT', 304",
                "'If-Modified-Since: Fri Nov 20 10:00:00 2026', 304",
                "'If-Modified-Since: @before', 200",
                "'If-Modified-Since: nonsense', 200",
                "'If-None-Match: \"x\"|If-Modified-Since: @before', 304",
                "'If-None-Match: \"a\"|If-Modified-Since: @after', 200",
                "'If-Match: \"x\"', 200",
                "'If-Match: \"x\"|If-None-Match: \"x\"', 304",
                "'If-Match: *', 200",
                "'If-Unmodified-Since: @at', 200",
                "'If-Unmodified-Since: @after|If-None-Match: \"x\"', 304",
                "'If-Match: \"x\"|If-Unmodified-Since: @before', 200",
            })
    void rfc9110_13_2_2_aFreshStoredResponseAnswers(String conditions, int status) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT, VALIDATORS));
        sidecar.get("/a");
        try (RawClient client = sidecar.connect()) {
            for (String method : List.of("GET", "HEAD", "GET")) {
                Response response =
                        client.request(method, "/a", fields(conditions)).response(method);
                assertThat(response.status()).as(response.toString()).isEqualTo(status);
                assertThat(response.isHit()).as(response.toString()).isTrue();
                if (status == 200 && method.equals("GET")) {
                    assertThat(response.body()).isEqualTo(CONTENT);
                }
            }
        }
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    @Test
    void rfc9110_15_4_5_a304SaysWhatItMust() throws Exception {
        start();
        origin.on(
                "/a",
                ok(
                        "max-age=99999999",
                        CONTENT,
                        "ETag: \"x\"",
                        "Last-Modified: " + MODIFIED,
                        "Date: " + LATER,
                        "Expires: " + LATER,
                        "Content-Location: /b",
                        "Vary: Accept",
                        "Content-Type: text/plain",
                        "Content-Encoding: gzip",
                        "Content-Language: de"));
        origin.on("/dated", ok("max-age=60", CONTENT, "Last-Modified: " + MODIFIED));
        sidecar.get("/a");
        sidecar.get("/dated");

        Response response = sidecar.get("/a", "If-None-Match: \"x\"");
        assertThat(response.first("ETag")).isEqualTo("\"x\"");
        assertThat(response.first("Cache-Control")).isEqualTo("max-age=99999999");
        assertThat(response.first("Date")).isEqualTo(LATER);
        assertThat(response.first("Expires")).isEqualTo(LATER);
        assertThat(response.first("Content-Location")).isEqualTo("/b");
        assertThat(response.first("Vary")).isEqualTo("Accept");
        assertThat(response.first("Age")).isNotNull();
        assertThat(response.first("Via")).isEqualTo("1.1 lastref");
        for (String metadata : List.of(
                "Last-Modified",
                "Content-Type",
                "Content-Encoding",
                "Content-Language",
                "Content-Length",
                "Accept-Ranges")) {
            assertThat(response.all(metadata)).as(metadata).isEmpty();
        }
        assertThat(sidecar.get("/dated", "If-Modified-Since: " + MODIFIED).first("Last-Modified"))
                .isEqualTo(MODIFIED);
    }

    @Test
    void rfc9110_13_2_1_conditionsAreAboutARepresentation() throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 404 Not Found\r\nCache-Control: max-age=60\r\nETag: \"x\"\r\n"
                        + "Content-Length: 2\r\n\r\nno"));
        sidecar.get("/a");
        Response response = sidecar.get("/a", "If-None-Match: \"x\"", "Range: bytes=0-0");
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.isHit()).isTrue();
        assertThat(response.body()).asString().isEqualTo("no");
    }

    /** What does not hold for the stored response may hold for the origin's: it is asked, and has the last word. */
    @ParameterizedTest
    @ValueSource(strings = {"If-Match: \"y\"", "If-Match: W/\"x\"", "If-Unmodified-Since: @before"})
    void rfc9111_4_3_2_whatIsNotApplicableToACacheIsTheOrigins(String condition) throws Exception {
        start();
        origin.on(
                "/a",
                ok("max-age=60", CONTENT, VALIDATORS),
                call -> call.send("HTTP/1.1 412 Precondition Failed\r\nContent-Length: 2\r\n\r\nno"));
        sidecar.get("/a");
        Response response = sidecar.get("/a", fields(condition));
        assertThat(response.status()).isEqualTo(412);
        assertThat(response.body()).asString().isEqualTo("no");
        String name = condition.substring(0, condition.indexOf(':'));
        assertThat(origin.requests("/a").get(1).all(name)).hasSize(1);
        assertThat(sidecar.get("/a").isHit()).as("the stored one is as it was").isTrue();
    }

    /** "A cache MUST NOT evaluate conditional header fields that are only applicable to an origin server." */
    @Test
    void rfc9111_4_3_2_whatTheOriginLeavesUnheededIsNotJudgedHere() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT, VALIDATORS));
        Response unheeded = sidecar.get("/a", "If-Match: \"y\"");
        assertThat(unheeded.status()).isEqualTo(200);
        assertThat(unheeded.body()).isEqualTo(CONTENT);
        assertThat(origin.requests("/a").get(0).all("If-Match")).containsExactly("\"y\"");
        Response fulfilled = sidecar.get("/a", "If-Match: \"x\"");
        assertThat(fulfilled.status()).isEqualTo(200);
        assertThat(fulfilled.body()).isEqualTo(CONTENT);
    }

    @Test
    void aConditionIsAnsweredFromTheHeadOfAMissWhileTheStoreFills() throws Exception {
        start();
        Gate rest = new Gate();
        origin.on("/a", call -> {
            call.send(head("max-age=60", CONTENT.length, "ETag: \"x\"")).send(CONTENT, 0, 100);
            rest.await();
            call.send(CONTENT, 100, CONTENT.length - 100);
        });
        try (RawClient client = sidecar.connect();
                RawClient other = sidecar.connect()) {
            Response response =
                    client.request("GET", "/a", "If-None-Match: \"x\"").response();
            assertThat(response.status()).isEqualTo(304);
            assertThat(response.first("ETag")).isEqualTo("\"x\"");
            assertThat(response.cacheStatus()).contains("fwd=uri-miss", "stored");
            other.request("GET", "/a");
            assertThat(other.head().cacheStatus()).contains("collapsed");
            rest.open();
            assertThat(other.read(CONTENT.length)).isEqualTo(CONTENT);
        }
        assertThat(sidecar.get("/a").body()).isEqualTo(CONTENT);
        assertThat(origin.count("/a")).isEqualTo(1);
        assertThat(origin.requests("/a").get(0).all("If-None-Match")).isEmpty();
    }

    @Test
    void rfc9110_13_1_5_ifRangeDecidesBetweenPartAndWhole() throws Exception {
        start();
        origin.on("/a", ok("max-age=99999999", CONTENT, "ETag: \"x\"", "Last-Modified: " + MODIFIED, "Date: " + LATER));
        sidecar.get("/a");
        byte[] part = Arrays.copyOfRange(CONTENT, 10, 20);
        for (String condition : List.of("\"x\"", MODIFIED, "Fri Nov 20 10:00:00 2026")) {
            Response response = sidecar.get("/a", "Range: bytes=10-19", "If-Range: " + condition);
            assertThat(response.status()).as(condition).isEqualTo(206);
            assertThat(response.body()).isEqualTo(part);
        }
        for (String condition : List.of("\"y\"", "W/\"x\"", EARLIER, LATER, "x")) {
            Response response = sidecar.get("/a", "Range: bytes=10-19", "If-Range: " + condition);
            assertThat(response.status()).as(condition).isEqualTo(200);
            assertThat(response.body()).isEqualTo(CONTENT);
        }
        Response unsatisfied = sidecar.get("/a", "Range: bytes=99999-", "If-Range: \"y\"");
        assertThat(unsatisfied.status()).isEqualTo(200);
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    /** Wherever the response would have been successful without them, and a range only where it would have been 200. */
    @ParameterizedTest
    @ValueSource(ints = {203, 226, 299})
    void rfc9110_13_2_1_conditionsCountForEverySuccessfulResponse(int status) throws Exception {
        start();
        origin.on(
                "/s",
                call -> call.send("HTTP/1.1 " + status
                        + " S\r\nCache-Control: max-age=60\r\nETag: \"a\"\r\nContent-Length: 10\r\n\r\n0123456789"));
        assertThat(sidecar.get("/s", "If-None-Match: \"a\"").status()).isEqualTo(304);
        assertThat(sidecar.get("/s", "If-None-Match: \"a\"").isHit()).isTrue();
        assertThat(sidecar.get("/s", "If-None-Match: \"a\"").status()).isEqualTo(304);
        assertThat(sidecar.get("/s", "If-None-Match: \"a\"", LONG_WAY).status()).isEqualTo(304);
        assertThat(sidecar.get("/s", "If-None-Match: \"b\"").status()).isEqualTo(status);
        assertThat(sidecar.get("/s", "Range: bytes=2-3").status()).isEqualTo(status);
        assertThat(origin.count("/s")).isEqualTo(1);
    }
}
