package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is added to lists that others have begun. */
class ListFieldsTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(51, 300);

    private static String[] lines(String name, String values) {
        String[] each = values.split("\\|", -1);
        for (int i = 0; i < each.length; i++) {
            each[i] = name + ": " + each[i];
        }
        return each;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "''; ''",
                "|; ''",
                "','; ''",
                "'1.1 a,'; '1.1 a, '",
                "', 1.1 a ,, 1.0 b'; '1.1 a, 1.0 b, '",
                "'1.1 a|'; '1.1 a, '",
                "'1.1 a|1.0 b'; '1.1 a, 1.0 b, '",
            })
    void rfc9110_5_6_1_1_viaGetsNoEmptyMembers(String came, String before) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT, lines("Via", came)));
        assertThat(sidecar.get("/a", lines("Via", came)).all("Via")).containsExactly(before + "1.1 lastref");
        assertThat(origin.requests("/a").get(0).all("Via")).containsExactly(before + "1.1 lastref");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"''; ''", "'192.0.2.1,'; '192.0.2.1, '", "',192.0.2.1|'; '192.0.2.1, '"})
    void rfc9110_5_6_1_1_xForwardedForGetsNoEmptyMembers(String came, String before) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT));
        sidecar.get("/a", lines("X-Forwarded-For", came));
        assertThat(origin.requests("/a").get(0).all("X-Forwarded-For")).containsExactly(before + "127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {"``; ``", "`for=a,`; `for=a, `", "`for=\"a,,b\"|`; `for=\"a,,b\", `"})
    void rfc9110_5_6_1_1_forwardedGetsNoEmptyMembers(String came, String before) throws Exception {
        start("forwarded=true");
        origin.on("/a", ok("max-age=60", CONTENT));
        sidecar.get("/a", lines("Forwarded", came));
        assertThat(origin.requests("/a").get(0).all("Forwarded"))
                .containsExactly(before + "for=127.0.0.1;host=test;proto=http");
    }

    /** An empty list is a valid one, and a list with an empty member is not (RFC 9651, section 4.2.1). */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "``; ``",
                "`a|`; `a, `",
                "`|a; hit`; `a; hit, `",
                "`a; detail=\"x,,y\"|`; `a; detail=\"x,,y\", `",
            })
    void rfc9211_2_cacheStatusStaysAList(String came, String before) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT, lines("Cache-Status", came)));
        assertThat(statusOf()).startsWith(before + "lastref; fwd=uri-miss");
        assertThat(statusOf()).startsWith(before + "lastref; hit");
        assertThat(statusOf(LONG_WAY)).startsWith(before + "lastref; hit");
    }

    private String statusOf(String... fields) throws IOException {
        Response response = sidecar.get("/a", fields);
        assertThat(response.all("Cache-Status")).hasSize(1);
        return response.all("Cache-Status").get(0);
    }
}
