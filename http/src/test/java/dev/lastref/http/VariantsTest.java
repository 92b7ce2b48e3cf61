package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is stored of other variants is offered to the origin, which may name one of them (RFC 9111, section 4.3.1). */
class VariantsTest extends SidecarTest {
    private static final byte[] ENGLISH = Content.of(81, 20_000);
    private static final byte[] GERMAN = Content.of(82, 30_000);
    private static final byte[] FRENCH = Content.of(83, 10_000);

    private static Script variant(byte[] content, String tag, String... more) {
        String[] fields = new String[more.length + 2];
        fields[0] = "Vary: Accept-Language, Accept-Encoding";
        fields[1] = "ETag: " + tag;
        System.arraycopy(more, 0, fields, 2, more.length);
        return ok("max-age=60", content, fields);
    }

    private static Script notModified(String... fields) {
        return call -> call.send("HTTP/1.1 304 Not Modified\r\n" + String.join("\r\n", fields) + "\r\n\r\n");
    }

    private Response get(String language, String... more) throws IOException {
        List<String> fields = new ArrayList<>(List.of(more));
        fields.add("Accept-Language: " + language);
        return sidecar.get("/a", fields.toArray(String[]::new));
    }

    private List<String> offered() {
        return origin.requests("/a").get(origin.count("/a") - 1).all("If-None-Match");
    }

    @Test
    void rfc9111_4_3_1_theOriginChoosesAmongStoredVariants() throws Exception {
        start();
        origin.on(
                "/a",
                variant(ENGLISH, "\"en\"", "X-Age: old", "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT"),
                variant(GERMAN, "\"de\""),
                notModified("ETag: \"en\"", "Cache-Control: max-age=30", "X-Age: new"));
        get("en");
        get("de");
        assertThat(offered()).containsExactly("\"en\"");

        Response chosen = get("en-GB");
        assertThat(offered()).containsExactly("\"de\", \"en\"");
        assertThat(origin.requests("/a").get(2).all("If-Modified-Since"))
                .as("several are validated")
                .isEmpty();
        assertThat(chosen.status()).isEqualTo(200);
        assertThat(chosen.body()).isEqualTo(ENGLISH);
        assertThat(chosen.first("X-Age")).isEqualTo("new");
        assertThat(chosen.cacheStatus()).startsWith("lastref; fwd=vary-miss; fwd-status=304; stored; ttl=");

        Response hit = get("en-GB");
        assertThat(hit.isHit()).isTrue();
        assertThat(hit.body()).isEqualTo(ENGLISH);
        assertThat(hit.first("Cache-Control")).isEqualTo("max-age=30");
        Response first = get("en");
        assertThat(first.isHit()).isTrue();
        assertThat(first.first("X-Age"))
                .as("could not have been chosen for that request")
                .isEqualTo("old");
        assertThat(get("de").body()).isEqualTo(GERMAN);
        assertThat(origin.count("/a")).isEqualTo(3);
    }

    @Test
    void rfc9111_4_3_3_aFullResponseIsTheVariant() throws Exception {
        start();
        origin.on("/a", variant(ENGLISH, "\"en\""), variant(FRENCH, "\"fr\""));
        get("en");
        assertThat(get("fr").body()).isEqualTo(FRENCH);
        assertThat(get("fr").isHit()).isTrue();
        assertThat(get("en").body()).isEqualTo(ENGLISH);
    }

    /** Of a tag that is not ours, of a weak one, or without one, nobody can know what it says. */
    @ParameterizedTest
    @ValueSource(strings = {"ETag: \"fr\"", "ETag: W/\"en\"", "X: y"})
    void rfc9111_4_3_4_aNotModifiedThatNamesNoneIsFollowedByAskingForAllOfIt(String field) throws Exception {
        start();
        origin.on("/a", variant(ENGLISH, "\"en\""), notModified(field), variant(FRENCH, "\"fr\""));
        get("en");
        assertThat(get("fr").body()).isEqualTo(FRENCH);
        assertThat(offered()).isEmpty();
        assertThat(origin.count("/a")).isEqualTo(3);
        assertThat(get("en").isHit()).isTrue();
    }

    /** A weak tag may stand for another coding of the same content. */
    @Test
    void rfc9110_8_8_3_weakTagsAreNotOffered() throws Exception {
        start();
        origin.on("/a", variant(ENGLISH, "W/\"en\""), variant(FRENCH, "\"fr\""));
        get("en");
        get("fr");
        assertThat(offered()).isEmpty();
    }

    /** Some origins give one strong tag to all codings of a page. */
    @Test
    void rfc9110_12_5_3_whatTheClientCannotDecodeIsNotOffered() throws Exception {
        start();
        origin.on(
                "/a",
                variant(ENGLISH, "\"en\"", "Content-Encoding: gzip"),
                variant(FRENCH, "\"fr\""),
                variant(GERMAN, "\"de\""));
        get("en", "Accept-Encoding: gzip");
        get("fr");
        assertThat(offered()).isEmpty();
        get("de", "Accept-Encoding: br, gzip");
        assertThat(offered()).containsExactly("\"fr\", \"en\"");
    }

    @Test
    void rfc9111_4_3_2_aPartsTagIsNotOffered() throws Exception {
        start();
        origin.on(
                "/a",
                call -> call.send("HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\nETag: \"en\"\r\n"
                        + "Vary: Accept-Language\r\nContent-Range: bytes 0-2/10\r\nContent-Length: 3\r\n\r\nabc"),
                variant(FRENCH, "\"fr\""));
        get("en", "Range: bytes=0-2");
        get("fr");
        assertThat(offered()).isEmpty();
    }

    /** Those who wait for the same variant have the one answer, and a client's own condition is judged by it. */
    @Test
    void whoWaitsIsAnsweredByTheOneChoice() throws Exception {
        start();
        Gate gate = new Gate();
        origin.on("/a", variant(ENGLISH, "\"en\""), call -> {
            gate.await();
            notModified("ETag: \"en\"").play(call);
        });
        get("en");
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(sidecar.connect()
                    .request("GET", "/a", "Accept-Language: en-GB", i == 3 ? "If-None-Match: \"en\"" : "X: y"));
        }
        await().until(() -> origin.count("/a") == 2);
        gate.open();
        for (int i = 0; i < 4; i++) {
            Response response = clients.get(i).response();
            assertThat(response.status()).isEqualTo(i == 3 ? 304 : 200);
            assertThat(response.body()).isEqualTo(i == 3 ? new byte[0] : ENGLISH);
            clients.get(i).close();
        }
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @Test
    void rfc9111_3_5_whoIsAuthorizedIsOfferedNothing() throws Exception {
        start();
        origin.on("/a", variant(ENGLISH, "\"en\""), variant(FRENCH, "\"fr\""));
        get("en");
        get("fr", "Authorization: Basic x");
        assertThat(offered()).isEmpty();
    }

    /** An origin whose tags do not tell two users apart must not have us give one's page to the other. */
    @ParameterizedTest
    @ValueSource(strings = {"Cookie", "X-User", "Accept-Language, Cookie"})
    void whatWasChosenByWhoAskedIsNotOffered(String vary) throws Exception {
        start();
        origin.on(
                "/a",
                ok("max-age=60", ENGLISH, "ETag: \"en\"", "Vary: " + vary),
                ok("max-age=60", FRENCH, "ETag: \"en\"", "Vary: " + vary));
        sidecar.get("/a", "Cookie: a", "X-User: a");
        assertThat(sidecar.get("/a", "Cookie: b", "X-User: b").body()).isEqualTo(FRENCH);
        assertThat(offered()).isEmpty();
    }

    /** A Date that is long enough ago for any machine. */
    private static String before() {
        return "Date: " + HttpDates.format(System.currentTimeMillis() / 1000 - 1000);
    }

    /** "A cache MUST use the most recent one", and this is the answer to the very request that the older variant answered. */
    @Test
    void rfc9111_4_whatNoLongerVariesIsUsedForWhomTheOlderVariantMatched() throws Exception {
        start();
        origin.on(
                "/n",
                ok("max-age=3600", ENGLISH, "ETag: \"1\"", "Vary: X-V", before()),
                ok("max-age=3600", ENGLISH, "ETag: \"o\"", "Vary: X-V", before()),
                ok("max-age=3600", FRENCH, "ETag: \"2\""));
        sidecar.get("/n", "X-V: 1");
        sidecar.get("/n", "X-V: 2");
        assertThat(sidecar.get("/n", "X-V: 1", "Cache-Control: no-cache").body())
                .isEqualTo(FRENCH);
        Response latest = sidecar.get("/n", "X-V: 1");
        assertThat(latest.isHit()).isTrue();
        assertThat(latest.body()).isEqualTo(FRENCH);
        assertThat(sidecar.get("/n", "X-V: 2").first("ETag"))
                .as("of another request the origin has said nothing new")
                .isEqualTo("\"o\"");
        assertThat(origin.count("/n")).isEqualTo(3);
    }

    /** The limits of a request are about the response that is chosen, so the choice must not stick to the old one. */
    @Test
    void rfc9111_5_2_1_1_aLargestAgeIsMetByTheLatestResponse() throws Exception {
        start();
        origin.on("/n", ok("max-age=3600", ENGLISH, "Vary: X-V", before()), ok("max-age=3600", FRENCH));
        sidecar.get("/n", "X-V: 1");
        assertThat(sidecar.get("/n", "X-V: 1", "Cache-Control: max-age=500").body())
                .isEqualTo(FRENCH);
        assertThat(sidecar.get("/n", "X-V: 1", "Cache-Control: max-age=500").isHit())
                .isTrue();
    }
}
