package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Directives of RFC 9111, section 5.2, and of its neighbours, over real sockets: who is answered from the store, and who by the origin. */
class DirectivesTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(91, 1000);

    private static Script withStatus(int status, String cacheControl) {
        return call -> call.send(head(cacheControl, CONTENT.length).replace("200 OK", status + " Hm"))
                .send(CONTENT);
    }

    @ParameterizedTest(name = "{0} with {1}: stored {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | max-age=60, must-understand, no-store | true",
                "404 | max-age=60, must-understand, no-store | true",
                "299 | max-age=60, must-understand, no-store | false",
                "299 | max-age=60, must-understand           | false",
                "299 | max-age=60                            | true",
                "200 | max-age=60, no-store                  | false",
            })
    void rfc9111_5_2_2_3_mustUnderstandStoresWhatIsUnderstoodAlone(int status, String cacheControl, boolean stored)
            throws Exception {
        start();
        origin.on("/a", withStatus(status, cacheControl));
        assertThat(sidecar.get("/a").status()).isEqualTo(status);

        Response second = sidecar.get("/a");
        assertThat(second.status()).isEqualTo(status);
        assertThat(second.body()).isEqualTo(CONTENT);
        assertThat(second.isHit()).isEqualTo(stored);
        assertThat(origin.count("/a")).isEqualTo(stored ? 1 : 2);
    }

    @Test
    void rfc9111_5_4_pragmaCountsInARequestWithoutCacheControlAlone() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT, "Pragma: no-cache"));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").isHit())
                .as("in a response it says nothing")
                .isTrue();
        assertThat(sidecar.get("/a", "Pragma: no-cache", "Cache-Control: max-age=100")
                        .isHit())
                .isTrue();
        assertThat(origin.count("/a")).isEqualTo(1);
        assertThat(sidecar.get("/a", "Pragma: no-cache").isHit()).isFalse();
        assertThat(origin.count("/a")).isEqualTo(2);
    }

    @Test
    void rfc8246_2_immutableDoesNotTakeAClientsOwnWishFromIt() throws Exception {
        start();
        origin.on("/a", ok("max-age=60, immutable", CONTENT));
        assertThat(sidecar.get("/a").first("Cache-Control")).isEqualTo("max-age=60, immutable");
        assertThat(sidecar.get("/a").isHit()).isTrue();
        assertThat(sidecar.get("/a", "Cache-Control: no-cache").isHit()).isFalse();
        assertThat(sidecar.get("/a", "Cache-Control: max-age=0").isHit()).isFalse();
        assertThat(origin.count("/a")).isEqualTo(3);
    }

    @Test
    void rfc8246_2_immutableIsNoLifetime() throws Exception {
        start();
        origin.on("/a", ok("immutable", CONTENT));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").isHit()).isFalse();
    }

    /** The second request asks with the other directives; what is stored is that of the first one. */
    @ParameterizedTest(name = "response {0}, request {1}: hit {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "max-age=60   | ``                 | true",
                "max-age =60  | ``                 | false",
                "max-age= 60  | ``                 | false",
                "s-maxage =60, max-age=60 | ``     | false",
                "max-age=60, no-store =1 | ``      | false",
                "max-age=60, private= \"x-a\" | `` | false",
                "max-age=60   | max-age=60         | true",
                "max-age=60   | max-age =60        | false",
                "max-age=60   | max-age= 60        | false",
                "max-age=60   | min-fresh= 1       | false",
                "max-age=60   | x = y              | true",
                "max-age=0    | max-stale=60       | true",
                "max-age=0    | max-stale =60      | false",
            })
    void rfc9111_5_2_whiteSpaceAroundTheEqualsSignIsNoPartOfTheGrammar(String response, String request, boolean hit)
            throws Exception {
        assertReused(response, request, hit);
    }

    /** What may have been meant as a string, and what as a directive, cannot be told apart. */
    @ParameterizedTest(name = "response {0}, request {1}: hit {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "max-age=60, ext=\"no-store\"      | ``                   | true",
                "max-age=60, ext=\"no-store        | ``                   | false",
                "max-age=60, ext=\"private         | ``                   | false",
                "max-age=60, ext=\"no-cache        | ``                   | false",
                "ext=\"no-store, max-age=60        | ``                   | false",
                "max-age=60, ext=\"a               | ``                   | false",
                "ext=\"a, max-age=60               | ``                   | false",
                "ext=\"a, s-maxage=60              | ``                   | false",
                "max-age=60, ext=\"a\", public\"   | ``                   | false",
                "max-age=60                       | max-age=60, ext=\"a   | false",
                "max-age=60                       | ext=\"no-cache        | false",
                "max-age=60                       | ext=\"no-store        | false",
                "max-age=60                       | ext=\"a               | true",
                "max-age=0                        | max-stale=9, ext=\"a  | false",
            })
    void rfc9110_5_6_4_theReadingThatReusesLeastWinsBesideAnUnclosedQuote(String response, String request, boolean hit)
            throws Exception {
        assertReused(response, request, hit);
    }

    private void assertReused(String cacheControl, String request, boolean hit) throws Exception {
        start();
        origin.on("/a", ok(cacheControl, CONTENT, "ETag: \"1\"", "X-A: b"));
        assertThat(sidecar.get("/a").first("Cache-Control"))
                .as("passed on as it came")
                .isEqualTo(cacheControl);
        String[] fields = request.isEmpty() ? new String[0] : new String[] {"Cache-Control: " + request};
        Response second = sidecar.get("/a", fields);
        assertThat(second.body()).isEqualTo(CONTENT);
        assertThat(second.isHit()).as(second.toString()).isEqualTo(hit);
        assertThat(origin.count("/a")).isEqualTo(hit ? 1 : 2);
    }

    @ParameterizedTest(name = "Surrogate-Control: {0} before Cache-Control: {1}: stored {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=60     | no-store   | true",
                "max-age=60+30  | private    | true",
                "no-store       | max-age=60 | false",
                "content=\"ESI/1.0\" | max-age=60 | true",
                "content=\"ESI/1.0\" | no-store   | false",
            })
    void surrogateControlGoesBeforeCacheControl(String surrogate, String cacheControl, boolean stored)
            throws Exception {
        start();
        origin.on("/a", ok(cacheControl, CONTENT, "Surrogate-Control: " + surrogate));
        sidecar.get("/a");
        Response second = sidecar.get("/a");
        assertThat(second.body()).isEqualTo(CONTENT);
        assertThat(second.isHit()).isEqualTo(stored);
    }

    @Test
    void rfc9111_5_2_2_9_publicSharesWhatAnAuthorizedClientGot() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT)).on("/b", ok("public, max-age=60", CONTENT));
        sidecar.get("/a", "Authorization: Basic YTpi");
        sidecar.get("/b", "Authorization: Basic YTpi");
        assertThat(sidecar.get("/a").isHit()).isFalse();
        assertThat(sidecar.get("/b").isHit()).isTrue();
    }

    @Test
    void rfc9111_5_2_2_1_maxAgeIsTheLifetimeAndAgeCountsAgainstIt() throws Exception {
        start();
        origin.on("/a", ok("max-age=600", CONTENT, "Age: 500"))
                .on("/b", ok("max-age=600", CONTENT, "Age: 600"))
                .on("/c", ok("max-age=0", CONTENT));
        for (String target : new String[] {"/a", "/b", "/c"}) {
            sidecar.get(target);
            assertThat(sidecar.get(target).isHit()).as(target).isEqualTo(target.equals("/a"));
        }
    }

    /** Nothing here transforms content, so there is nothing to leave undone: it comes, and is stored, as it was sent. */
    @Test
    void rfc9111_5_2_2_6_contentIsNeverTransformed() throws Exception {
        start();
        origin.on(
                "/a", ok("max-age=60, no-transform", CONTENT, "Content-Encoding: x-own", "Content-Type: image/x-own"));
        for (boolean hit : new boolean[] {false, true}) {
            Response response = sidecar.get("/a", "Cache-Control: no-transform");
            assertThat(response.isHit()).isEqualTo(hit);
            assertThat(response.body()).isEqualTo(CONTENT);
            assertThat(response.first("Content-Encoding")).isEqualTo("x-own");
            assertThat(response.first("Content-Type")).isEqualTo("image/x-own");
            assertThat(response.first("Cache-Control")).isEqualTo("max-age=60, no-transform");
        }
        assertThat(origin.requests("/a").get(0).all("Cache-Control")).containsExactly("no-transform");
    }
}
