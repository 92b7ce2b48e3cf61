package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Responses that have no content, whatever their fields say: 204 and 304, and their connections. */
class WithoutContentTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(77, 20_000);

    /**
     * A request, and the response to it.
     *
     * @param way hit: it was stored before; early: so that it is answered before the server has parsed it
     */
    record Case(String way, String method, int status, String... fields) {
        String name() {
            return method + " " + status + " " + way;
        }
    }

    /** A case on a connection that ends after it, or goes on. */
    record Row(Case what, String version, String connection, boolean closes) {
        @Override
        public String toString() {
            return what.name() + " HTTP/" + version + " " + connection;
        }
    }

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Case what : List.of(
                new Case("early", "GET", 304, "If-None-Match: \"1\""),
                new Case("hit", "GET", 304, "If-None-Match: \"1\"", LONG_WAY),
                new Case("hit", "HEAD", 304, "If-None-Match: \"1\""),
                new Case("miss", "GET", 304, "If-None-Match: \"1\""),
                new Case("miss", "HEAD", 304, "If-None-Match: \"1\""),
                new Case("pass", "GET", 304, "If-None-Match: \"1\""),
                new Case("pass", "HEAD", 304, "If-None-Match: \"1\""),
                new Case("early", "GET", 204),
                new Case("hit", "GET", 204, LONG_WAY),
                new Case("hit", "HEAD", 204),
                new Case("miss", "GET", 204),
                new Case("miss", "HEAD", 204),
                new Case("pass", "GET", 204),
                new Case("miss", "DELETE", 204),
                new Case("miss", "OPTIONS", 204),
                new Case("miss", "POST", 204))) {
            rows.add(new Row(what, "1.1", "close", true));
            rows.add(new Row(what, "1.1", "x, close", true));
            rows.add(new Row(what, "1.1", "keep-alive", false));
            rows.add(new Row(what, "1.0", "close", true));
            rows.add(new Row(what, "1.0", "keep-alive", false));
        }
        return rows;
    }

    /** "A server that … closes the connection … SHOULD send the close connection option"; and no coding of content that there is not. */
    @ParameterizedTest
    @MethodSource("rows")
    void rfc9112_9_6_and_6_1_whoClosesSaysSoAndNothingIsSaidOfContent(Row row) throws Exception {
        start("rules.p.path=/pass*", "rules.p.pass=true");
        String target = row.what.way.equals("pass") ? "/pass" : "/a";
        origin.on(target, script(row.what)).on("/b", ok("max-age=60", CONTENT));
        if (row.what.way.equals("hit") || row.what.way.equals("early")) {
            sidecar.get(target);
        }
        StringBuilder request = new StringBuilder(row.what.method + " " + target + " HTTP/" + row.version
                + "\r\nHost: test\r\nConnection: " + row.connection + "\r\n");
        for (String field : row.what.fields) {
            request.append(field).append("\r\n");
        }
        try (RawClient client = sidecar.connect()) {
            Response response = client.send(request + "\r\n").response(row.what.method);
            assertThat(response.status()).as(response.toString()).isEqualTo(row.what.status);
            assertThat(response.all("Transfer-Encoding"))
                    .as(response.toString())
                    .isEmpty();
            if (row.what.status == 204) {
                assertThat(response.all("Content-Length"))
                        .as(response.toString())
                        .isEmpty();
            }
            assertThat(response.isHit()).isEqualTo(row.what.way.equals("hit") || row.what.way.equals("early"));
            if (row.closes) {
                assertThat(response.first("Connection")).as(response.toString()).isEqualToIgnoringCase("close");
                assertThat(client.awaitEnd()).isEqualTo(RawClient.Ending.FIN);
            } else {
                assertThat(response.all("Connection")).as(response.toString()).doesNotContain("close");
                assertThat(client.request("GET", "/b").response().body()).isEqualTo(CONTENT);
            }
        }
    }

    private static Script script(Case what) {
        return call -> {
            if (what.status == 204) {
                call.send("HTTP/1.1 204 No Content\r\nCache-Control: max-age=60\r\n\r\n");
            } else if (what.way.equals("pass")) {
                call.send("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
            } else {
                call.send(head("max-age=60", CONTENT.length, "ETag: \"1\""));
                if (call.request().line().startsWith("GET")) {
                    call.send(CONTENT);
                }
            }
        };
    }
}
