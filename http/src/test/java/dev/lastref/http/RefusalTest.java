package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that two servers could read in two ways never reach the origin. */
class RefusalTest extends SidecarTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "TE and CL|400|POST / HTTP/1.1;Host: t;Transfer-Encoding: chunked;Content-Length: 3;;0;;",
                "CL and TE|400|POST / HTTP/1.1;Host: t;Content-Length: 3;Transfer-Encoding: chunked;;0;;",
                "two lengths|400|POST / HTTP/1.1;Host: t;Content-Length: 3;Content-Length: 4;;abcd",
                "two equal lengths|400|POST / HTTP/1.1;Host: t;Content-Length: 3;Content-Length: 3;;abc",
                "a list of lengths|400|POST / HTTP/1.1;Host: t;Content-Length: 3, 4;;abcd",
                "a negative length|400|POST / HTTP/1.1;Host: t;Content-Length: -3;;abc",
                "a signed length|400|POST / HTTP/1.1;Host: t;Content-Length: +3;;abc",
                "a length that is none|400|POST / HTTP/1.1;Host: t;Content-Length: 0x3;;abc",
                "a huge length|400|POST / HTTP/1.1;Host: t;Content-Length: 99999999999999999999;;abc",
                "a coding in front|501|POST / HTTP/1.1;Host: t;Transfer-Encoding: gzip, chunked;;0;;",
                "a coding behind|501|POST / HTTP/1.1;Host: t;Transfer-Encoding: chunked, identity;;0;;",
                "two codings|400|POST / HTTP/1.1;Host: t;Transfer-Encoding: chunked;Transfer-Encoding: x;;0;;",
                "a coding in HTTP/1.0|400|POST / HTTP/1.0;Host: t;Transfer-Encoding: chunked;;0;;",
                "no Host|400|GET / HTTP/1.1;;",
                "two Hosts|400|GET / HTTP/1.1;Host: a;Host: b;;",
                "CONNECT|405|CONNECT t:80 HTTP/1.1;Host: t:80;;",
                "no HTTP|400|GET / HTTPX;Host: t;;",
                "a space before the colon|400|GET / HTTP/1.1;Host: t;Content-Length : 3;;abc",
            })
    void isRefusedAndTheConnectionCloses(String what, int status, String request) throws Exception {
        start();
        origin.on("/", ok("no-store", new byte[] {1}));
        try (RawClient client = sidecar.connect()) {
            // What would be smuggled if the request ended elsewhere than we think.
            client.send(request.replace(";", "\r\n") + "GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n");
            Response response = client.response();
            client.awaitEnd();

            assertThat(response.status()).as("%s: %s", what, response).isEqualTo(status);
        }
        assertThat(origin.requests()).isEmpty();
    }
}
