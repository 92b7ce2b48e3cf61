package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Responses that two recipients could read in two ways. Each is named after the paragraph of RFC 9112 that it breaks. None of them reaches
 * the client as a whole response, none is stored, and nothing behind them is taken for the answer to another request.
 */
class HostileOriginTest extends SidecarTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n";
    private static final String EVIL = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nevil";
    private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";

    record Trick(String rfc, String bytes) {
        @Override
        public String toString() {
            String shown = bytes.length() > 120 ? bytes.substring(0, 120) + "…" : bytes;
            return rfc + " "
                    + shown.replace("\r", "\\r")
                            .replace("\n", "\\n")
                            .replace("\t", "\\t")
                            .replace("\u0000", "\\0");
        }
    }

    static List<Trick> tricks() {
        List<Trick> t = new ArrayList<>();
        t.add(new Trick("rfc9112_2_2_bare_lf", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"));
        t.add(new Trick("rfc9112_2_2_bare_lf", OK + "X: y\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_2_2_bare_cr", OK + "X: y\rContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_2_2_blank_in_front", " HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_2_3_version", "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_2_3_version", "HTTP/0.9 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_4_status", "HTTP/1.1 20 OK\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_4_status", "HTTP/1.1 +20 OK\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_4_status", "HTTP/1.1 200OK\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_5_1_space_before_colon", OK + "Content-Length : 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_5_1_no_colon", OK + "Content-Length 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_5_2_fold", OK + "X: a\r\n b\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9112_5_2_fold", OK + " X: a\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9110_5_5_nul", OK + "X: a\u0000b\r\nContent-Length: 5\r\n\r\nhello"));
        for (String size : List.of("5;", "5 ", "5 ;", "5;a=", "5;a b", "5;a=\"b", "5 x")) {
            t.add(new Trick("rfc9112_7_1_1_extension", CHUNKED + size + "\r\nhello\r\n0\r\n\r\n"));
        }
        t.add(new Trick("rfc9112_6_1_coding", OK + "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        t.add(new Trick(
                "rfc9112_6_1_coding", OK + "Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        t.add(new Trick("rfc9112_6_1_coding", OK + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"));
        t.add(new Trick(
                "rfc9112_6_1_http_1_0",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        t.add(new Trick(
                "rfc9112_6_3_both",
                OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        t.add(new Trick(
                "rfc9112_6_3_both",
                OK + "Transfer-Encoding: chunked\r\nContent-Length: 15\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        for (String length :
                List.of("+5", "-5", "5 5", "0x5", "5,6", "5, 5", "", "five", "5.0", "18446744073709551621")) {
            t.add(new Trick("rfc9112_6_3_length", OK + "Content-Length: " + length + "\r\n\r\nhello"));
        }
        t.add(new Trick("rfc9112_6_3_lengths", OK + "Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello"));
        for (String size : List.of("x", "", "-5", "+5", " 5", "5 ", "0x5", "10000000000000005", "5\u0000")) {
            t.add(new Trick("rfc9112_7_1_size", CHUNKED + size + "\r\nhello\r\n0\r\n\r\n"));
        }
        t.add(new Trick("rfc9112_7_1_size_bare_lf", CHUNKED + "5\nhello\r\n0\r\n\r\n"));
        t.add(new Trick("rfc9112_7_1_data", CHUNKED + "5\r\nhelloX\r\n0\r\n\r\n"));
        t.add(new Trick("rfc9112_7_1_data", CHUNKED + "5\r\nhello\n0\r\n\r\n"));
        t.add(new Trick("rfc9112_7_1_1_extension", CHUNKED + "5;" + "x".repeat(20_000) + "\r\nhello\r\n0\r\n\r\n"));
        t.add(new Trick("rfc9112_7_1_2_trailer", CHUNKED + "5\r\nhello\r\n0\r\nX : y\r\n\r\n"));
        t.add(new Trick("rfc9112_7_1_2_trailer", CHUNKED + "5\r\nhello\r\n0\r\n" + "X: y\r\n".repeat(5000) + "\r\n"));
        t.add(new Trick(
                "rfc9110_5_4_large",
                OK + ("X: " + "x".repeat(1000) + "\r\n").repeat(80) + "Content-Length: 5\r\n\r\nhello"));
        t.add(new Trick("rfc9110_5_4_many", OK + "X: y\r\n".repeat(300) + "Content-Length: 5\r\n\r\nhello"));
        t.add(new Trick(
                "rfc9110_15_2_2_switching_unasked",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"));
        t.add(new Trick("rfc9110_15_2_interim_for_ever", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(200)));
        return t;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tricks")
    void isABadGateway(Trick trick) throws Exception {
        start();
        origin.on("/a", call -> {
                    call.send(trick.bytes + EVIL);
                    call.in().read();
                })
                .on("/b", ok("max-age=60", "good".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        try (RawClient client = sidecar.connect()) {
            Response response = client.request("GET", "/a").response();
            while (response.status() == 103) {
                response = client.response();
            }
            assertThat(response.status()).as(response.toString()).isEqualTo(502);
            assertThat(client.request("GET", "/b").response().body()).asString().isEqualTo("good");
        }
        Response again = sidecar.get("/b");
        assertThat(again.isHit()).isTrue();
        assertThat(again.body()).asString().isEqualTo("good");
        assertThat(sidecar.get("/a", "Cache-Control: only-if-cached").status()).isEqualTo(504);
        assertThat(sidecar.metric("lastref_origin_requests_total{status=\"error\",}")
                        + sidecar.metric("lastref_origin_requests_total{status=\"2xx\",}"))
                .as("each request is counted once")
                .isEqualTo(2);
    }
}
