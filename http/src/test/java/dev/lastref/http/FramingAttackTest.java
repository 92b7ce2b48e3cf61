package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that two recipients could read in two ways, through the sidecar to an origin that records what it gets. Each is named after the
 * paragraph of RFC 9112 (or 9110) that it breaks. What the client says behind them must never become a request of its own.
 */
class FramingAttackTest extends SidecarTest {
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: t\r\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: t\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

    /**
     * One attack.
     *
     * @param rfc the paragraph
     * @param status what the client is told
     */
    record Attack(String rfc, String what, int status, String bytes) {
        @Override
        public String toString() {
            return rfc + " " + what;
        }
    }

    private static final class Table {
        private final List<Attack> attacks = new ArrayList<>();

        void add(String rfc, int status, String bytes) {
            String shown = bytes.length() > 90 ? bytes.substring(0, 90) + "…" : bytes;
            attacks.add(new Attack(
                    rfc,
                    shown.replace("\r", "\\r")
                            .replace("\n", "\\n")
                            .replace("\t", "\\t")
                            .replace("\u0000", "\\0"),
                    status,
                    bytes));
        }
    }

    static List<Attack> attacksInHeads() {
        Table t = new Table();
        // 2.2: the message format, and where lines end
        t.add("rfc9112_2_2_bare_lf", 400, "GET / HTTP/1.1\nHost: t\n\n");
        t.add("rfc9112_2_2_bare_lf", 400, "GET / HTTP/1.1\r\nHost: t\nX: y\r\n\r\n");
        t.add("rfc9112_2_2_bare_lf", 400, "GET / HTTP/1.1\r\nHost: t\r\nX: y\n\r\n");
        t.add("rfc9112_2_2_bare_lf", 400, GET + "\n" + SMUGGLED);
        t.add("rfc9112_2_2_bare_lf", 400, GET + "X: a\n\n" + SMUGGLED);
        t.add("rfc9112_2_2_bare_cr", 400, "GET / HTTP/1.1\rHost: t\r\r");
        t.add("rfc9112_2_2_bare_cr", 400, GET + "X: a\rContent-Length: 40\r\n\r\n");
        t.add("rfc9112_2_2_bare_cr", 400, GET + "X: a\r\r\n\r\n");
        t.add("rfc9112_2_2_bare_cr", 400, GET + "X\r: a\r\n\r\n");
        t.add("rfc9112_2_2_bare_cr", 400, "GET /\r HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_2_blank_before_first_field", 400, "GET / HTTP/1.1\r\n Host: t\r\n\r\n");
        t.add("rfc9112_2_2_blank_before_first_field", 400, "GET / HTTP/1.1\r\n\tX: y\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_2_blank_line", 400, " \r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_2_blank_line", 400, "GET / HTTP/1.1\r\n \r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_2_blank_in_front", 400, " GET / HTTP/1.1\r\nHost: t\r\n\r\n");
        // 2.3: the version
        t.add("rfc9112_2_3_version", 505, "GET / HTTP/2.0\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_3_version", 505, "GET / HTTP/0.9\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_3_version", 505, "GET / HTTP/9.9\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_3_version", 400, "GET / HTTP/1.1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_3_version", 400, "GET / HTTP/11\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_3_version", 400, "GET / HTTP/1.10\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_3_version", 400, "GET / http/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_3_version", 400, "GET / HTTP/1.x\r\nHost: t\r\n\r\n");
        t.add("rfc9112_2_3_version", 400, "GET /\r\n");
        t.add("rfc9112_2_3_version", 505, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
        // 3: the request line
        t.add("rfc9112_3_request_line", 400, "GET  / HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_request_line", 400, "GET /  HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_request_line", 400, "GET / HTTP/1.1 \r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_request_line", 400, "GET\t/ HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_request_line", 400, "GET / a HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_request_line", 400, "GET /a\u0000b HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_request_line", 400, "GET /a\u007fb HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_request_line", 400, "GET /a#b HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_request_line", 400, "GET /a%zz HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_1_method", 400, "G(T / HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_1_method", 400, "\u0000GET / HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_1_method", 501, "A".repeat(100) + " / HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_target_too_long", 414, "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: t\r\n\r\n");
        // 3.2: the host
        t.add("rfc9112_3_2_no_host", 400, "GET / HTTP/1.1\r\n\r\n");
        t.add("rfc9112_3_2_two_hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        t.add("rfc9112_3_2_two_hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n");
        t.add("rfc9112_3_2_two_hosts", 400, "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        t.add("rfc9112_3_2_two_hosts", 400, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n");
        t.add("rfc9112_3_2_bad_host", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
        t.add("rfc9112_3_2_bad_host", 400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n");
        t.add("rfc9112_3_2_bad_host", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n");
        t.add("rfc9112_3_2_bad_host", 400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n");
        t.add("rfc9112_3_2_bad_host", 400, "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n");
        t.add("rfc9112_3_2_bad_host", 400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n");
        t.add("rfc9112_3_2_bad_host", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n");
        t.add("rfc9112_3_2_bad_host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
        t.add("rfc9112_3_2_2_absolute", 400, "GET http:///a HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_2_2_absolute", 400, "GET http://u@t/a HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_2_2_absolute", 400, "GET ftp://t/a HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_2_2_absolute", 400, "GET t/a HTTP/1.1\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_2_3_connect", 405, "CONNECT t:80 HTTP/1.1\r\nHost: t:80\r\n\r\n");
        t.add("rfc9112_3_2_4_asterisk", 400, "GET * HTTP/1.1\r\nHost: t\r\n\r\n");
        // 5: field lines
        t.add("rfc9112_5_1_space_before_colon", 400, POST + "Content-Length : 36\r\n\r\n");
        t.add("rfc9112_5_1_space_before_colon", 400, POST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n");
        t.add("rfc9112_5_1_space_before_colon", 400, POST + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n");
        t.add("rfc9112_5_1_no_colon", 400, GET + "X\r\n\r\n");
        t.add("rfc9112_5_1_no_name", 400, GET + ": x\r\n\r\n");
        t.add("rfc9112_5_1_name", 400, GET + "X(y): x\r\n\r\n");
        t.add("rfc9112_5_1_name", 400, GET + "X\u0000: x\r\n\r\n");
        t.add("rfc9112_5_1_name", 400, GET + "X\u00e4: x\r\n\r\n");
        t.add("rfc9112_5_1_name", 400, GET + "Content-Length\u000b: 36\r\n\r\n");
        t.add("rfc9112_5_1_name", 400, GET + "\u0001Content-Length: 36\r\n\r\n");
        t.add("rfc9110_5_5_value", 400, GET + "X: a\u0000b\r\n\r\n");
        t.add("rfc9110_5_5_value", 400, GET + "X: a\u000bb\r\n\r\n");
        t.add("rfc9110_5_5_value", 400, GET + "X: a\u007fb\r\n\r\n");
        t.add("rfc9112_5_2_fold", 400, GET + "X: a\r\n b\r\n\r\n");
        t.add("rfc9112_5_2_fold", 400, POST + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n");
        t.add("rfc9112_5_2_fold", 400, POST + "Content-Length: 3\r\n 6\r\n\r\n");
        t.add("rfc9112_5_2_fold", 400, GET + "X: a\r\n\tContent-Length: 36\r\n\r\n");
        t.add("rfc9112_5_2_fold", 400, GET + "X: a\r\n \r\n" + SMUGGLED);
        t.add("rfc9110_5_4_large", 431, GET + ("X: " + "x".repeat(1000) + "\r\n").repeat(80) + "\r\n");
        t.add("rfc9110_5_4_many", 431, GET + "X: y\r\n".repeat(300) + "\r\n");
        // 6.1: transfer codings
        for (String coding : List.of(
                "xchunked",
                "chunked, identity",
                "identity, chunked",
                "gzip, chunked",
                "chunked, chunked",
                "identity",
                "chunked;a=b",
                "\"chunked\"",
                "chunked\u00a0",
                ",chunked",
                "chunked,",
                "chu nked",
                "")) {
            t.add("rfc9112_6_1_coding", 501, POST + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n");
        }
        t.add(
                "rfc9112_6_1_codings",
                400,
                POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        t.add("rfc9112_6_1_codings", 400, POST + "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        t.add("rfc9112_6_1_http_1_0", 400, "POST / HTTP/1.0\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        // 6.3: both, and lengths
        t.add("rfc9112_6_3_both", 400, POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        t.add("rfc9112_6_3_both", 400, POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n");
        t.add("rfc9112_6_3_both", 400, POST + "Transfer-Encoding: x\r\nContent-Length: 5\r\n\r\nabcde");
        t.add("rfc9112_6_3_both", 400, POST + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n");
        for (String length : List.of(
                "+5",
                "-5",
                "5,5",
                "5, 5",
                "5 5",
                "0x5",
                "5.0",
                "5e0",
                "1_0",
                "five",
                "",
                "\"5\"",
                "\u00b2",
                "5;",
                "9223372036854775808",
                "18446744073709551621",
                "99999999999999999999999")) {
            t.add("rfc9112_6_3_length", 400, POST + "Content-Length: " + length + "\r\n\r\nabcde");
        }
        t.add("rfc9112_6_3_lengths", 400, POST + "Content-Length: 5\r\nContent-Length: 0\r\n\r\nabcde");
        t.add("rfc9112_6_3_lengths", 400, POST + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde");
        t.add("rfc9112_6_3_lengths", 400, POST + "Content-Length: 5\r\ncontent-length: 6\r\n\r\nabcdef");
        // RFC 9110
        t.add("rfc9110_10_1_1_expect", 417, GET + "Expect: 200-ok\r\nConnection: close\r\n\r\n");
        t.add("rfc9110_9_3_8_trace", 405, "TRACE / HTTP/1.1\r\nHost: t\r\nCookie: secret\r\nConnection: close\r\n\r\n");
        return t.attacks;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacksInHeads")
    void theOriginSeesNothing(Attack attack) throws Exception {
        start();
        try (RawClient client = sidecar.connect()) {
            client.send(attack.bytes + SMUGGLED);
            Response response = client.response();

            assertThat(response.status()).as(response.toString()).isEqualTo(attack.status);
            assertThat(client.read(Long.MAX_VALUE)).as("behind the answer").isEmpty();
        }
        assertThat(origin.requests()).isEmpty();
        await("whoever looked at the start whether it is there has gone").until(() -> origin.openConnections() == 0);
    }

    /** The requests before it are answered first, in order. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("attacksInHeads")
    void requestsInFrontAreAnswered(Attack attack) throws Exception {
        start();
        origin.on("/first", ok("max-age=60", "first".getBytes(ISO_8859_1)))
                .on("/second", ok("no-store", "second".getBytes(ISO_8859_1)));
        try (RawClient client = sidecar.connect()) {
            client.send("GET /first HTTP/1.1\r\nHost: t\r\n\r\n"
                    + "POST /second HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nab" + attack.bytes + SMUGGLED);

            assertThat(client.response().body()).asString().isEqualTo("first");
            assertThat(client.response().body()).asString().isEqualTo("second");
            assertThat(client.response().status()).isEqualTo(attack.status);
            assertThat(client.read(Long.MAX_VALUE)).as("behind the answer").isEmpty();
        }
        assertThat(origin.requests())
                .extracting(request -> request.line())
                .containsExactly("GET /first HTTP/1.1", "POST /second HTTP/1.1");
    }

    static List<Attack> attacksInContent() {
        Table t = new Table();
        for (String size : List.of(
                "x",
                "",
                " ",
                "-1",
                "+5",
                " 5",
                "5 ",
                "5\t",
                "0x5",
                "5x",
                "g",
                "5\u0000",
                "5,",
                "\"5\"",
                "10000000000000005",
                "fffffffffffffffffffffff5",
                "8000000000000005")) {
            t.add("rfc9112_7_1_size", 400, CHUNKED + size + "\r\nabcde\r\n0\r\n\r\n");
        }
        t.add("rfc9112_7_1_size_bare_lf", 400, CHUNKED + "5\nabcde\r\n0\r\n\r\n");
        t.add("rfc9112_7_1_size_bare_cr", 400, CHUNKED + "5\rabcde\r\n0\r\n\r\n");
        t.add("rfc9112_7_1_1_extension_bare_lf", 400, CHUNKED + "5;x\nabcde\r\n0\r\n\r\n");
        t.add("rfc9112_7_1_1_extension_bare_cr", 400, CHUNKED + "5;x\ry\r\nabcde\r\n0\r\n\r\n");
        t.add("rfc9112_7_1_1_extension_nul", 400, CHUNKED + "5;\u0000\r\nabcde\r\n0\r\n\r\n");
        t.add("rfc9112_7_1_1_extension_long", 400, CHUNKED + "5;" + "x".repeat(20_000) + "\r\nabcde\r\n0\r\n\r\n");
        for (String extension : List.of(
                "5;",
                "5; ",
                "5 ;",
                "5;;a",
                "5;a;",
                "5;=b",
                "5;a=",
                "5;a b",
                "5;a ",
                "5;a=b c",
                "5 a",
                "5 =a",
                "5;a=\"b",
                "5;a=\"b\"c",
                "5;a=\"\n\"",
                "5;a=\"\r\n\"",
                "5;a=\"\\\r\n\"",
                "5 \n;a",
                "5 \r;a",
                "5;(a)")) {
            t.add("rfc9112_7_1_1_extension", 400, CHUNKED + extension + "\r\nabcde\r\n0\r\n\r\n");
        }
        t.add("rfc9112_7_1_data_too_long", 400, CHUNKED + "5\r\nabcdefgh\r\n0\r\n\r\n");
        t.add("rfc9112_7_1_data_no_crlf", 400, CHUNKED + "5\r\nabcde0\r\n\r\n");
        t.add("rfc9112_7_1_data_lf", 400, CHUNKED + "5\r\nabcde\n0\r\n\r\n");
        t.add("rfc9112_7_1_last_chunk", 400, CHUNKED + "5\r\nabcde\r\n0\n\r\n");
        t.add("rfc9112_7_1_last_chunk", 400, CHUNKED + "5\r\nabcde\r\n0\r\n\n");
        t.add("rfc9112_7_1_last_chunk", 400, CHUNKED + "5\r\nabcde\r\n0\r\n\rX");
        t.add("rfc9112_7_1_2_trailer", 400, CHUNKED + "5\r\nabcde\r\n0\r\nX : y\r\n\r\n");
        t.add("rfc9112_7_1_2_trailer", 400, CHUNKED + "5\r\nabcde\r\n0\r\n X: y\r\n\r\n");
        t.add("rfc9112_7_1_2_trailer", 400, CHUNKED + "5\r\nabcde\r\n0\r\nX: y\n\r\n");
        t.add("rfc9112_7_1_2_trailer", 400, CHUNKED + "5\r\nabcde\r\n0\r\n" + "X: y\r\n".repeat(5000) + "\r\n");
        return t.attacks;
    }

    /** The head was right and has gone on; the content breaks, and never looks whole. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("attacksInContent")
    void theOriginNeverSeesTheContentWhole(Attack attack) throws Exception {
        start();
        List<String> whole = new CopyOnWriteArrayList<>();
        List<Exception> broken = new CopyOnWriteArrayList<>();
        origin.on("/", call -> {
            try {
                whole.add(new String(call.body(), ISO_8859_1));
            } catch (IOException e) {
                broken.add(e);
                throw e;
            }
        });
        try (RawClient client = sidecar.connect()) {
            client.send(attack.bytes + SMUGGLED);
            Response response = client.response();

            assertThat(response.status()).as(response.toString()).isEqualTo(attack.status);
            assertThat(client.read(Long.MAX_VALUE)).as("behind the answer").isEmpty();
        }
        await().until(() -> origin.openConnections() == 0);
        assertThat(whole).isEmpty();
        assertThat(origin.requests()).hasSizeLessThanOrEqualTo(1).hasSize(broken.size());
        assertThat(origin.count("/smuggled")).isZero();
        assertThat(sidecar.metric("lastref_origin_requests_total{status=\"error\",}"))
                .as("the client's fault")
                .isZero();
    }

    /** Odd, right, and read in one way by everybody. */
    static List<Attack> rightRequests() {
        Table t = new Table();
        t.add("rfc9112_2_2_empty_line_in_front", 200, "\r\n" + GET + "\r\n");
        t.add("rfc9112_2_3_minor_version", 200, "GET / HTTP/1.2\r\nHost: t\r\n\r\n");
        t.add("rfc9112_3_2_2_absolute", 200, "GET HTTP://T:80?q HTTP/1.1\r\nHost: x\r\n\r\n");
        t.add("rfc9112_5_1_blanks_around_value", 200, POST + "Content-Length: \t 5 \t\r\n\r\nabcde");
        t.add("rfc9112_5_1_no_blank", 200, POST + "Content-Length:5\r\n\r\nabcde");
        t.add("rfc9112_6_1_coding_case", 200, POST + "transfer-encoding: CHUNKED\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
        t.add("rfc9112_7_1_leading_zeros", 200, CHUNKED + "0005\r\nabcde\r\n00\r\n\r\n");
        t.add("rfc9112_7_1_1_extensions", 200, CHUNKED + "5;a;b=c;d=\"e\\\"\"\r\nabcde\r\n0;f\r\n\r\n");
        t.add(
                "rfc9112_7_1_1_bad_white_space",
                200,
                CHUNKED + "5 ;a\t; b = \"c; \\\"d\"\t;e\r\nabcde\r\n0\t ;f\r\n\r\n");
        t.add("rfc9112_7_1_2_trailers", 200, CHUNKED + "5\r\nabcde\r\n0\r\nContent-Length: 3\r\nX:\r\n\r\n");
        t.add("rfc9112_6_3_leading_zero", 200, POST + "Content-Length: 05\r\n\r\nabcde");
        return t.attacks;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rightRequests")
    void whatIsRightGoesOnInOneForm(Attack right) throws Exception {
        start();
        List<String> bodies = new CopyOnWriteArrayList<>();
        for (String target : List.of("/", "/?q")) {
            origin.on(target, call -> {
                bodies.add(new String(call.body(), ISO_8859_1));
                call.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            });
        }
        origin.on("/smuggled", ok("no-store", new byte[0]));
        try (RawClient client = sidecar.connect()) {
            client.send(right.bytes + SMUGGLED);
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(client.response().status()).isEqualTo(200);
        }
        assertThat(bodies).containsExactly(right.bytes.startsWith("POST") ? "abcde" : "");
        assertThat(origin.requests()).hasSize(2);
        String head = origin.requests().get(0).head();
        assertThat(head).doesNotContain("CHUNKED").doesNotContain("\t");
        assertThat(origin.requests().get(0).all("Content-Length"))
                .isSubsetOf("5")
                .hasSize(right.bytes.contains("ontent-Length:") && !right.bytes.startsWith(CHUNKED) ? 1 : 0);
    }

    /** However the bytes arrive. */
    @Test
    void bytesOneByOneAreReadAlike() throws Exception {
        start();
        origin.on("/", ok("no-store", new byte[] {1})).on("/a?", ok("no-store", new byte[] {2}));
        try (RawClient client = sidecar.connect()) {
            String all = CHUNKED.replace("Host: t", "Host: t:")
                    + "3 ;x\r\nabc\r\n0\r\nT: u\r\n\r\n\r\nGET /a? HTTP/1.1\r\nHost: t\r\n\r\n" + GET
                    + "X: y\r\n z\r\n";
            for (char c : all.toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.response().body()).containsExactly(1);
            assertThat(client.response().body()).containsExactly(2);
            assertThat(client.response().status()).isEqualTo(400);
            client.awaitEnd();
        }
        assertThat(origin.requests()).hasSize(2);
    }
}
