package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers that do not wait for a request's content, whose client still sends it (RFC 9112, section 9.6): a connection that is closed with
 * something unread is reset, and that may take the answer away from the client again.
 */
class AnswerBeforeContentTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(79, 400_000);

    /** In pieces, so that the connection would have been reset by the answer to the first when the last one is sent. */
    private static void sendAll(RawClient client) throws Exception {
        int piece = 8000;
        for (int at = 0; at < CONTENT.length; at += piece) {
            client.send(Arrays.copyOfRange(CONTENT, at, Math.min(CONTENT.length, at + piece)));
            client.isQuietFor(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "admin | PUT /api/config | Content-Length: 400000 | 413",
                "admin | POST /api/purge | Content-Length: 400000 | 413",
                "admin | POST /nothing | Content-Length: 400000 | 404",
                "admin | POST /metrics | Content-Length: 400000 | 405",
                "client | POST /a | Content-Length: 400000 | 413",
                "client | TRACE /a | Content-Length: 400000 | 405",
                "client | POST /a | Content-Length: 400000\\r\\nExpect: more | 417",
            })
    void rfc9112_9_6_itReachesAClientThatGoesOnSending(String port, String request, String field, int status)
            throws Exception {
        start("limits.body=100KiB");
        origin.on("/a", ok("no-store", new byte[] {1}));
        InetSocketAddress address = port.equals("admin") ? sidecar.admin() : sidecar.address();
        try (RawClient client = RawClient.connect(address)) {
            client.send(request + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + field.replace("\\r\\n", "\r\n") + "\r\n\r\n");
            sendAll(client);
            client.endOutput();
            Response answer = client.response("POST");
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.whole()).isTrue();
            assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "admin | POST /api/purge | X: y | 413",
                "client | POST /a | X: y | 413",
                "client | POST /a | Expect: more | 417",
                "client | TRACE /a | X: y | 405",
            })
    void rfc9112_9_6_itReachesAClientThatGoesOnSendingInChunks(String port, String request, String field, int status)
            throws Exception {
        start("limits.body=100KiB");
        origin.on("/a", call -> call.body());
        InetSocketAddress address = port.equals("admin") ? sidecar.admin() : sidecar.address();
        try (RawClient client = RawClient.connect(address)) {
            client.send(request + " HTTP/1.1\r\nHost: a\r\n" + field + "\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(CONTENT.length) + "\r\n");
            sendAll(client);
            client.send("\r\n0\r\n\r\n").endOutput();
            assertThat(client.response("POST").status()).isEqualTo(status);
            assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "admin, Content-Length: 60000",
        "admin, Transfer-Encoding: chunked",
        "client, Content-Length: 400010",
        "client, Transfer-Encoding: chunked"
    })
    void rfc9112_9_6_whoIsToldThatItTookTooLongMayGoOnForAWhile(String port, String framing) throws Exception {
        start("limits.body-timeout=300ms");
        origin.on("/api/purge", call -> call.body());
        InetSocketAddress address = port.equals("admin") ? sidecar.admin() : sidecar.address();
        try (RawClient client = RawClient.connect(address)) {
            client.send("POST /api/purge HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n");
            client.send(framing.startsWith("C") ? "0123456789" : Integer.toHexString(CONTENT.length) + "\r\n");
            assertThat(client.response("POST").status()).isEqualTo(408);
            sendAll(client);
            client.endOutput();
            assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\n",
                "1;\r\n",
                "-1\r\n",
                "\n",
                "1\r\n{\r\nzz\r\n",
                "1\r\n{x",
                "5\r\n{\"all\":true}\r\n0\r\n\r\n"
            })
    void rfc9112_7_1_contentOfAnAdministratorThatIsFramedWrongIsABadRequest(String content) throws Exception {
        start("limits.body-timeout=60s");
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            client.send("POST /api/purge HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + content);
            Response answer = client.response("POST");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).asString().contains("chunk");
            client.endOutput();
            client.awaitEnd();
        }
    }
}
