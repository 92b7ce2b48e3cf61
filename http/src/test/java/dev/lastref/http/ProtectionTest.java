package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.config.ConfigException;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client may hold and say, and whom the administration port obeys. */
class ProtectionTest extends SidecarTest {
    private static final String TOKEN = "0123456789abcdef";

    @TempDir
    private Path directory;

    private int purge(String... fields) throws IOException {
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            String body = "{\"all\":true}";
            StringBuilder request =
                    new StringBuilder("POST /api/purge HTTP/1.1\r\nContent-Length: " + body.length() + "\r\n");
            for (String field : fields) {
                request.append(field).append("\r\n");
            }
            return client.send(request + "\r\n" + body).response("POST").status();
        }
    }

    private String host() {
        return "127.0.0.1:" + sidecar.admin().getPort();
    }

    @Test
    void noPageOfAnotherSiteChangesAnything() throws Exception {
        start();
        assertThat(purge("Host: " + host())).isEqualTo(200);
        assertThat(purge("Host: " + host(), "Origin: http://" + host(), "Sec-Fetch-Site: same-origin"))
                .isEqualTo(200);
        assertThat(purge("Host: a-name:9090")).as("no browser").isEqualTo(200);
        assertThat(purge("Host: " + host(), "Origin: http://evil.example")).isEqualTo(403);
        assertThat(purge("Host: " + host(), "Origin: null")).isEqualTo(403);
        assertThat(purge("Host: " + host(), "Sec-Fetch-Site: cross-site")).isEqualTo(403);
        assertThat(purge("Host: " + host(), "Sec-Fetch-Site: same-site")).isEqualTo(403);
        assertThat(purge("Host: evil.example:9090", "Origin: http://evil.example:9090", "Sec-Fetch-Site: same-origin"))
                .as("a name of theirs for our address")
                .isEqualTo(403);
    }

    /** As a page's script does, whose browser adds Origin, and what it says itself where the page came by TLS or from loopback. */
    private Response write(String host, String origin, String site, String... more) throws IOException {
        List<String> fields = new ArrayList<>(List.of("Host: " + host, "User-Agent: Mozilla/5.0 (X11; Linux x86_64)"));
        if (!origin.isEmpty()) {
            fields.add("Origin: " + origin);
        }
        if (!site.isEmpty()) {
            fields.add("Sec-Fetch-Site: " + site);
        }
        fields.addAll(List.of(more));
        return read("POST", "/api/reload", fields.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1:9090 | http://127.0.0.1:9090 | | 200",
                "127.0.0.1:80 | http://127.0.0.1 | | 200",
                "127.0.0.1 | http://127.0.0.1:80 | | 200",
                "LocalHost:9090 | http://localhost:9090 | same-origin | 200",
                "localhost:9090 | http://LOCALHOST:9090 | | 200",
                "[FD00::1]:9090 | http://[fd00::1]:9090 | | 200",
                "10.1.2.3 | https://10.1.2.3 | same-origin | 200",
                "10.1.2.3:443 | https://10.1.2.3 | same-origin | 200",
                "10.1.2.3:8443 | https://10.1.2.3:8443 | same-origin | 200",
                "127.0.0.1:9090 | | none | 200",
                // Of other ports, and of another scheme where no TLS was spoken, are other pages.
                "127.0.0.1:9090 | http://127.0.0.1:9091 | | 403",
                "127.0.0.1:9090 | http://127.0.0.1 | | 403",
                "10.1.2.3:80 | https://10.1.2.3 | same-origin | 403",
                "10.1.2.3 | https://10.1.2.3 | | 403",
                "10.1.2.3 | http://10.1.2.4 | | 403",
                "10.1.2.3 | ftp://10.1.2.3 | same-origin | 403",
                "127.0.0.1:9090 | 127.0.0.1:9090 | | 403",
                "127.0.0.1:9090 | null | same-origin | 403",
                "127.0.0.1:9090 | http://evil.example | same-origin | 403",
                "127.0.0.1:9090 | http://127.0.0.1:9090 | same-site | 403",
                "127.0.0.1:9090 | | cross-site | 403",
                "127.0.0.1:9090 | http://127.0.0.1:9090.evil.example | | 403",
                // Anybody's server may resolve these to our address.
                "lastref.corp | https://lastref.corp | same-origin | 403",
                "evil.example:9090 | http://evil.example:9090 | | 403",
                "evil.example:9090 | | none | 403",
                "evil.example:9090 | | | 403",
                "127.0.0.1.nip.io | http://127.0.0.1.nip.io | | 403",
                "localhost.evil.example | http://localhost.evil.example | | 403",
            })
    void whereNoTokenIsSetOnlyAPageOfThisAddressChangesAnything(String host, String origin, String site, int status)
            throws Exception {
        start();
        Response answer = write(host, origin == null ? "" : origin, site == null ? "" : site);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lastref.corp | https://lastref.corp | same-origin | 200",
                "lastref.corp:80 | http://lastref.corp | | 200",
                "Lastref.corp | http://lastref.corp | | 200",
                "lastref.corp | https://lastref.corp | | 200",
                // Proxies that pass on a Host of their own.
                "127.0.0.1:9090 | https://lastref.corp | same-origin | 200",
                "lastref.corp | https://lastref.corp:8443 | same-origin | 200",
                "lastref.corp | https://other.corp | same-site | 403",
                "lastref.corp | https://evil.example | cross-site | 403",
            })
    void behindAProxyWhoKnowsTheTokenChangesWhatItWillFromAPageOfItsOwn(
            String host, String origin, String site, int status) throws Exception {
        start("admin.token-file=" + Files.writeString(directory.resolve("token"), TOKEN + "\n"));
        String said = site == null ? "" : site;
        Response answer = write(host, origin, said, "Authorization: Bearer " + TOKEN);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(write(host, origin, said).status()).isEqualTo(401);
        assertThat(write(host, origin, said, "Authorization: Bearer " + TOKEN.replace('f', 'e'))
                        .status())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noPageOfAnotherOriginIsToldThatItMaySendAToken(boolean tokenIsSet) throws Exception {
        start("admin.token-file="
                + (tokenIsSet ? Files.writeString(directory.resolve("token"), TOKEN + "\n") : "none"));
        Response answer = read(
                "OPTIONS",
                "/api/purge",
                "Host: " + host(),
                "Origin: https://evil.example",
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization");
        assertThat(answer.status()).isEqualTo(tokenIsSet ? 401 : 403);
        assertThat(answer.first("Access-Control-Allow-Origin")).isNull();
        assertThat(answer.first("Access-Control-Allow-Headers")).isNull();
    }

    @Test
    void whoIsRefusedIsToldWhatItIsFor() throws Exception {
        start();
        assertThat(write("lastref.corp", "https://lastref.corp", "same-origin").body())
                .asString()
                .startsWith(
                        "403: a browser may not change this as lastref.corp, since anybody can give this address a name")
                .contains("lastref.admin.token-file");
        assertThat(write("127.0.0.1:9090", "https://lastref.corp", "same-origin")
                        .body())
                .asString()
                .contains("\"https://lastref.corp\" (Origin)", "\"127.0.0.1:9090\" (Host)", "pass Host on");
        assertThat(write("127.0.0.1:9090", "https://lastref.corp", "cross-site").body())
                .asString()
                .contains("(Sec-Fetch-Site: cross-site)");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/config, 'Accept-Language: en-GB'",
        "/api/entries, 'User-Agent: Mozilla/5.0 (X11; Linux x86_64)'",
        "/api/log, 'Sec-Fetch-Site: same-origin'",
        "/api/pool, 'Sec-Fetch-Mode: cors'",
        "/metrics, 'Referer: http://evil.example:9090/'",
        "/api/transmissions, 'Origin: http://evil.example:9090'",
        "/, 'Accept-Language: en-GB'",
    })
    void noPageUnderANameOfTheirsForOurAddressReadsAnything(String path, String field) throws Exception {
        start();
        Response refused = read("GET", path, "Host: evil.example:9090", field);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(new String(refused.body(), UTF_8)).contains("evil.example:9090", "lastref.admin.token-file");
        assertThat(read("HEAD", path, "Host: evil.example:9090", field).status())
                .isEqualTo(403);
    }

    /** Which begin or end as ours do, and are in somebody else's zone. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1.nip.io",
                "127.0.0.1.nip.io:9090",
                "localhost.evil.example",
                "localhost.evil.example:9090",
                "localhost.",
                "evil.localhost",
                "evil-127.0.0.1",
                "1270.0.0.1",
                "127.0.0.1.1",
                "127.1",
                "localhostx:9090",
            })
    void noNameThatLooksLikeOursIsTakenForIt(String host) throws Exception {
        start();
        for (String path : List.of("/", "/api/pool", "/metrics")) {
            assertThat(browserReads(path, host)).as(path).isEqualTo(403);
        }
        assertThat(write(host, "http://" + host, "").status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[::1].evil", "[::1].evil.example:9090", "[::1]x", "127.0.0.1:9090.evil.example"})
    void whatIsNoHostIsABadRequest(String host) throws Exception {
        start();
        assertThat(browserReads("/api/pool", host)).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3:9090, Prometheus/3.1.0",
        "[fd00::17]:9090, Prometheus/3.1.0",
        "lastref.shop.svc.cluster.local:9090, Prometheus/3.1.0",
        "lastref:9090, curl/8.5.0",
        "cache1.example.com, Grafana/12.0",
    })
    void whoIsNoBrowserReadsUnderAnyName(String host, String agent) throws Exception {
        start();
        assertThat(read(
                                "GET",
                                "/metrics",
                                "Host: " + host,
                                "User-Agent: " + agent,
                                "Accept: application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1",
                                "Accept-Encoding: gzip",
                                "X-Prometheus-Scrape-Timeout-Seconds: 10")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1:9090", "localhost:9090", "LocalHost", "[::1]:9090", "[FD00::1]", "10.1.2.3:9090"})
    void aBrowserReadsByAddressAndByTheNameThatNobodyElseCanGive(String host) throws Exception {
        start();
        assertThat(browserReads("/api/pool", host)).isEqualTo(200);
        assertThat(browserReads("/", host)).isEqualTo(200);
    }

    /** It counts, and not Host (RFC 9112, section 3.2.2): nobody but who speaks to a proxy sends such a target. */
    @ParameterizedTest
    @CsvSource({
        "http://localhost:9090/api/pool, evil.example, 200",
        "http://127.0.0.1/api/pool, evil.example, 200",
        "http://evil.example:9090/api/pool, localhost, 403",
        "http://evil.example/api/pool, 127.0.0.1, 403",
    })
    void ofATargetInAbsoluteFormTheHostIsTheTargetsOwn(String target, String host, int status) throws Exception {
        start();
        Response answer = read("GET", target, "Host: " + host, "User-Agent: Mozilla/5.0 (X11; Linux x86_64)");
        assertThat(answer.status()).isEqualTo(status);
        if (status == 403) {
            assertThat(answer.body()).asString().containsPattern("read this as evil\\.example(:9090)?,");
        }
    }

    @Test
    void probesAreAnsweredUnderAnyNameAndWhereATokenIsSetABrowserMayUseOne() throws Exception {
        start("admin.token-file=" + Files.writeString(directory.resolve("token"), TOKEN + "\n"));
        assertThat(browserReads("/", "lastref.example.com")).isEqualTo(200);
        assertThat(browserReads("/api/pool", "lastref.example.com")).isEqualTo(401);
        assertThat(browserReads("/api/pool", "lastref.example.com", "Authorization: Bearer " + TOKEN))
                .isEqualTo(200);
        sidecar.close();
        start();
        assertThat(browserReads("/health/live", "lastref.example.com")).isEqualTo(200);
    }

    private int browserReads(String path, String host, String... more) throws Exception {
        List<String> fields = new ArrayList<>(List.of(
                "Host: " + host,
                "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Accept-Language: en-GB,en;q=0.5",
                "Referer: http://" + host + "/"));
        fields.addAll(List.of(more));
        return read("GET", path, fields.toArray(String[]::new)).status();
    }

    private Response read(String method, String path, String... fields) throws IOException {
        try (RawClient client = RawClient.connect(sidecar.admin())) {
            return client.send(method + " " + path + " HTTP/1.1\r\n" + String.join("\r\n", fields) + "\r\n\r\n")
                    .response(method);
        }
    }

    @Test
    void whereATokenIsSetOnlyWhoKnowsItIsObeyedAndProbesAreAnswered() throws Exception {
        start("admin.token-file=" + Files.writeString(directory.resolve("token"), TOKEN + "\n"));
        assertThat(purge("Host: a")).isEqualTo(401);
        assertThat(purge("Host: a", "Authorization: Bearer " + TOKEN.replace('f', 'e')))
                .isEqualTo(401);
        assertThat(purge("Host: a", "Authorization: Basic " + TOKEN)).isEqualTo(401);
        assertThat(purge("Host: a", "Authorization: Bearer " + TOKEN)).isEqualTo(200);
        assertThat(purge("Host: a", "Authorization: bearer " + TOKEN)).isEqualTo(200);
        assertThat(RawClient.get(sidecar.admin(), "/metrics").status()).isEqualTo(401);
        assertThat(RawClient.get(sidecar.admin(), "/metrics", "Authorization: Bearer " + TOKEN)
                        .status())
                .isEqualTo(200);
        for (String open :
                List.of("/health/live", "/health/ready", "/", "/dashboard/main.js", "/dashboard/style.css")) {
            assertThat(RawClient.get(sidecar.admin(), open).status()).as(open).isIn(200, 503);
        }
        for (String shut :
                List.of("/api/log", "/api/origins", "/dashboard/", "/dashboard/../api/pool", "//api/pool", "/x")) {
            assertThat(RawClient.get(sidecar.admin(), shut).status()).as(shut).isEqualTo(401);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "   \n"})
    void aTokenThatCanBeGuessedIsRefusedAtTheStart(String token) throws Exception {
        Path file = Files.writeString(directory.resolve("token"), token);
        assertThatThrownBy(() -> TestSidecar.before(origin, "admin.token-file=" + file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("lastref.admin.token-file = \"" + file, "expected at least 16");
    }

    @ParameterizedTest
    @CsvSource({"limits.connections=8", "limits.connections-per-peer=8"})
    void connectionsBeyondTheLimitAreClosedAndTheOthersServed(String limit) throws Exception {
        origin.on("/a", ok("max-age=60", new byte[10]));
        start(limit, "trusted-proxies=none");
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                RawClient client = sidecar.connect();
                clients.add(client);
                assertThat(client.request("GET", "/a").response().status()).isEqualTo(200);
            }
            for (int i = 0; i < 3; i++) {
                try (RawClient tooMany = sidecar.connect()) {
                    tooMany.awaitEnd();
                }
            }
            for (RawClient client : clients) {
                assertThat(client.request("GET", "/a").response().status()).isEqualTo(200);
            }
            clients.remove(0).close();
            await().ignoreExceptions().until(() -> sidecar.get("/a").status() == 200);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void proxiesThatAreTrustedHaveNoLimitOfTheirOwn() throws Exception {
        origin.on("/a", ok("max-age=60", new byte[10]));
        start("limits.connections-per-peer=2", "trusted-proxies=127.0.0.1");
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            RawClient client = sidecar.connect();
            clients.add(client);
            assertThat(client.request("GET", "/a").response().status()).isEqualTo(200);
        }
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void contentBeyondTheLimitIsRefused() throws Exception {
        byte[][] whole = new byte[1][];
        origin.on("/up", call -> whole[0] = call.body());
        start("limits.body=1000");
        try (RawClient client = sidecar.connect()) {
            client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
            assertThat(client.response("POST").status()).isEqualTo(413);
        }
        assertThat(origin.requests()).isEmpty();
        try (RawClient client = sidecar.connect()) {
            client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + "x".repeat(0x400)
                    + "\r\n0\r\n\r\n");
            client.awaitEnd();
        }
        await().until(() -> origin.openConnections() == 0);
        assertThat(whole[0]).isNull();
    }

    @Test
    void contentThatDripsInIsGivenUpAndNotTheOriginsFault() throws Exception {
        origin.on("/up", call -> call.body());
        start("limits.body-timeout=300ms");
        try (RawClient client = sidecar.connect()) {
            client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx");
            assertThat(client.response("POST").status()).isEqualTo(408);
        }
        assertThat(sidecar.metric("lastref_origin_requests_total{status=\"error\",}"))
                .isZero();
    }
}
