package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host is the same host, or none, as Host and in a target in absolute form (RFC 9112, section 3.2). */
class HostFormsTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(78, 100);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a | 200",
                "a:80 | 200",
                "a:1 | 200",
                "a:080 | 200",
                "a:65535 | 200",
                "a: | 200",
                "A.b-c_d~1 | 200",
                "%61 | 200",
                "[::1] | 200",
                "[::1]:8080 | 200",
                "[::1]: | 200",
                "1.2.3.4:5 | 200",
                "a:0 | 400",
                "a:00 | 400",
                "a:00000 | 400",
                "[::1]:0 | 400",
                "a:65536 | 400",
                "a:99999 | 400",
                "a:100000 | 400",
                "a:000080 | 400",
                "a:-1 | 400",
                "a:+1 | 400",
                "a:1x | 400",
                "a:x | 400",
                "a:1:2 | 400",
                ":80 | 400",
                ": | 400",
                "a%zz | 400",
                "a%4 | 400",
                "[] | 400",
                "[::1 | 400",
                "::1 | 400",
                "[::1]x | 400",
                "user@a | 400",
                "a b | 400",
                "a\"b | 400",
                "a\\b | 400",
                "a<b | 400",
            })
    void rfc9112_3_2_andRfc9110_4_2_3_bothFormsAreTakenAlike(String host, int status) throws Exception {
        start();
        origin.on("/x", ok("no-store", CONTENT));
        try (RawClient client = sidecar.connect()) {
            client.send("GET /x HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            assertThat(client.response().status()).as("as Host").isEqualTo(status);
        }
        try (RawClient client = sidecar.connect()) {
            client.send("GET http://" + host + "/x HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
            assertThat(client.response().status()).as("in the target").isEqualTo(status);
        }
        assertThat(origin.count("/x")).isEqualTo(status == 200 ? 2 : 0);
        if (status == 200) {
            assertThat(origin.requests("/x").get(0).all("Host"))
                    .isEqualTo(origin.requests("/x").get(1).all("Host"));
        }
    }
}
