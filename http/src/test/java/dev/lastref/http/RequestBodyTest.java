package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import dev.lastref.pool.testing.Requires;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method, and content on its way to the origin. */
class RequestBodyTest extends SidecarTest {
    private static final byte[] LARGE = Content.of(61, 5_000_000);

    /** Answers with the length and the hash of what came. */
    private static final Script ECHO = call -> {
        byte[] answer = summary(call.body()).getBytes(ISO_8859_1);
        call.send(head("no-store", answer.length)).send(answer);
    };

    private static String summary(byte[] content) {
        return content.length + " " + Arrays.hashCode(content);
    }

    private static byte[] chunked(byte[] content, int chunk) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int at = 0; at < content.length; at += chunk) {
            int length = Math.min(chunk, content.length - at);
            all.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1));
            all.write(content, at, length);
            all.writeBytes("\r\n".getBytes(ISO_8859_1));
        }
        all.writeBytes("0\r\n\r\n".getBytes(ISO_8859_1));
        return all.toByteArray();
    }

    /** Undertow loses the buffer of the 100 (Continue) that it cannot write. */
    @Test
    void theBufferOfAnInterimResponseToWhoHasGoneCountsNoMore() throws Exception {
        start();
        origin.on("/a", ECHO);
        int uploads = 50;
        for (int i = 0; i < uploads; i++) {
            try (RawClient client = sidecar.connect()) {
                client.send("POST /a HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n"
                        + "x".repeat(5000));
                client.reset();
            }
        }
        await().untilAsserted(() -> {
            System.gc();
            assertThat(sidecar.metric("lastref_connections")).isZero();
            assertThat(sidecar.metric("lastref_direct_buffers")).isLessThan(uploads / 2.0);
        });
        assertThat(sidecar.metric("lastref_requests_held_bytes")).isLessThan(uploads * 1024.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "PURGE", "M-SEARCH"})
    void everyMethodGoesThroughWithAndWithoutContent(String method) throws Exception {
        start();
        origin.on("/a", ECHO);
        byte[] content = Content.of(62, 10_000);
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 2; i++) {
                Response none = client.request(method, "/a").response();
                assertThat(none.body()).asString().isEqualTo(summary(new byte[0]));
                client.request(method, "/a", "Content-Length: " + content.length)
                        .send(content);
                assertThat(client.response().body()).asString().isEqualTo(summary(content));
                client.request(method, "/a", "Transfer-Encoding: chunked").send(chunked(content, 999));
                assertThat(client.response().body()).asString().isEqualTo(summary(content));
            }
        }
        assertThat(origin.requests())
                .hasSize(6)
                .allMatch(request -> request.line().equals(method + " /a HTTP/1.1"));
        assertThat(sidecar.get("/a", "Cache-Control: only-if-cached").status()).isEqualTo(504);
    }

    @ParameterizedTest(name = "chunked: {0}")
    @ValueSource(booleans = {true, false})
    void largeContentIsStreamedThrough(boolean chunked) throws Exception {
        start();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        origin.on("/a", call -> {
            begun.complete(null);
            ECHO.play(call);
        });
        byte[] message = chunked ? chunked(LARGE, 100_000) : LARGE;
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/a", chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + LARGE.length);
            client.send(Arrays.copyOf(message, 1000));
            // The origin has the head before the client has sent the rest.
            begun.get(10, TimeUnit.SECONDS);
            client.send(Arrays.copyOfRange(message, 1000, message.length));
            assertThat(client.response().body()).asString().isEqualTo(summary(LARGE));
            assertThat(client.request("GET", "/a").response().status()).isEqualTo(200);
        }
    }

    @Test
    void aSlowClientMayTakeLongerThanTheOriginHasForItsFirstByte() throws Exception {
        start("origin.first-byte-timeout=400ms");
        origin.on("/a", ECHO);
        // Each piece is more than the least that a client has to send within that time.
        int piece = 2000;
        byte[] content = Content.of(63, 12 * piece);
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/a", "Content-Length: " + content.length);
            for (int i = 0; i < content.length; i += piece) {
                assertThat(client.isQuietFor(100)).as("byte %d", i).isTrue();
                client.send(Arrays.copyOfRange(content, i, i + piece));
            }
            assertThat(client.response().body()).asString().isEqualTo(summary(content));
        }
    }

    @Test
    void aClientThatStopsMidContentIsGivenUp() throws Exception {
        start("limits.body-timeout=300ms");
        origin.on("/a", ECHO);
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/a", "Content-Length: 12").send("abc");
            assertThat(client.response().status()).isEqualTo(408);
            client.awaitEnd();
        }
        await().until(() -> origin.openConnections() == 0);
    }

    @ParameterizedTest(name = "chunked: {0}")
    @ValueSource(booleans = {true, false})
    void contentThatIsCutShortNeverLooksWholeToTheOrigin(boolean chunked) throws Exception {
        start();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        origin.on("/a", call -> {
            try {
                call.body();
                seen.set(new AssertionError("whole"));
            } catch (IOException e) {
                seen.set(e);
                throw e;
            }
        });
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/a", chunked ? "Transfer-Encoding: chunked" : "Content-Length: 10000");
            client.send(chunked ? "a\r\n0123456789\r\n" : "0123456789");
            await().until(() -> origin.count("/a") == 1);
        }
        await().until(() -> seen.get() != null);
        assertThat(seen.get()).isInstanceOf(IOException.class);
        assertThat(seen.get()).isInstanceOfAny(EOFException.class, java.net.SocketException.class);
    }

    @Test
    void anAnswerBeforeTheContentHasComeReachesTheClient() throws Exception {
        start();
        origin.on("/a", call -> {
            call.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
            call.socket().shutdownOutput();
            while (call.in().read() >= 0) {
                // as servers linger, so that no reset overtakes the answer
            }
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            client.request("POST", "/a", "Content-Length: 5000000").send(Arrays.copyOf(LARGE, 1000));
            Response response = client.response();
            assertThat(response.status()).isEqualTo(413);
            assertThat(response.body()).asString().isEqualTo("big");
        }
    }

    @Test
    void expect100IsAnsweredBeforeTheContent() throws Exception {
        start();
        origin.on("/a", ECHO);
        byte[] content = Content.of(64, 10_000);
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 2; i++) {
                client.request("PUT", "/a", "Expect: 100-continue", "Content-Length: " + content.length);
                assertThat(client.head().status()).isEqualTo(100);
                client.send(content);
                assertThat(client.response().body()).asString().isEqualTo(summary(content));
            }
        }
        assertThat(origin.requests("/a").get(0).all("Expect")).containsExactly("100-continue");
    }

    @ParameterizedTest(name = "chunked: {0}")
    @ValueSource(booleans = {true, false})
    void curlUploadsWithExpect(boolean chunked, @TempDir Path directory) throws Exception {
        Requires.command("curl");
        start();
        origin.on("/a", ECHO);
        Path file = Files.write(directory.resolve("content"), LARGE);
        Process curl = new ProcessBuilder(
                        "curl",
                        "-sS",
                        "-v",
                        "--max-time",
                        "20",
                        "--expect100-timeout",
                        "10",
                        "-H",
                        "Expect: 100-continue",
                        "-H",
                        chunked ? "Transfer-Encoding: chunked" : "X: y",
                        "-T",
                        file.toString(),
                        "http://127.0.0.1:" + sidecar.address().getPort() + "/a")
                .redirectError(directory.resolve("err").toFile())
                .start();
        String out = new String(curl.getInputStream().readAllBytes(), ISO_8859_1);

        String err = Files.readString(directory.resolve("err"), ISO_8859_1);
        assertThat(curl.waitFor()).as(err).isZero();
        assertThat(out).isEqualTo(summary(LARGE));
        assertThat(err).contains("HTTP/1.1 100 Continue");
    }

    @Test
    void anUnsafeMethodRemovesWhatIsStoredForItsUri() throws Exception {
        start();
        for (String method : new String[] {"POST", "PUT", "DELETE", "PATCH", "UNHEARD-OF"}) {
            String target = "/" + method;
            origin.on(target, ok("max-age=60", new byte[] {1}), ECHO, ok("max-age=60", new byte[] {2}));
            sidecar.get(target);
            assertThat(sidecar.get(target).isHit()).isTrue();
            RawClient.ask(sidecar.address(), method, target);
            Response after = sidecar.get(target);
            assertThat(after.isHit()).as(method).isFalse();
            assertThat(after.body()).containsExactly(2);
        }
    }

    @Test
    void anUnsafeMethodThatFailsRemovesNothing() throws Exception {
        start();
        origin.on(
                "/a",
                ok("max-age=60", new byte[] {1}),
                call -> call.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
        sidecar.get("/a");
        RawClient.ask(sidecar.address(), "DELETE", "/a");

        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    // ---- connections to the origin

    @Test
    void connectionsToTheOriginAreUsedAgain() throws Exception {
        start();
        origin.on("/length", ok("no-store", Content.of(65, 20_000)));
        origin.on(
                "/chunked",
                call -> call.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        origin.on("/empty", ok("no-store", new byte[0]));
        origin.on("/204", call -> call.send("HTTP/1.1 204 No Content\r\n\r\n"));
        origin.on("/304", call -> call.send("HTTP/1.1 304 Not Modified\r\n\r\n"));
        origin.on("/post", ECHO);
        origin.on("/head", call -> call.send(head("no-store", 20_000)));
        try (RawClient client = sidecar.connect()) { // one client, one I/O thread
            for (int i = 0; i < 3; i++) {
                for (String target : new String[] {"/length", "/chunked", "/empty", "/204", "/304"}) {
                    client.request("GET", target).response();
                }
                client.request("HEAD", "/head").response("HEAD");
                client.request("POST", "/post", "Content-Length: 3").send("abc");
                client.response();
            }
        }
        assertThat(origin.requests().stream().map(request -> request.port()).distinct())
                .hasSize(1);
    }

    @ParameterizedTest(name = "reset: {0}")
    @ValueSource(booleans = {true, false})
    void aGetOnAKeptConnectionThatTheOriginClosedIsAskedAgain(boolean reset) throws Exception {
        start();
        origin.on("/a", ok("no-store", new byte[] {1}));
        // Read, then closed without an answer: the race of a kept connection's end, made certain.
        Script vanish = call -> {
            if (reset) {
                call.reset();
            } else {
                call.close();
            }
        };
        origin.on("/b", vanish, ok("no-store", new byte[] {2}));
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a").response();
            Response response = client.request("GET", "/b").response();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).containsExactly(2);
        }
        assertThat(origin.count("/b")).isEqualTo(2);
    }

    @Test
    void aGetIsAskedAgainOnlyOnce() throws Exception {
        start();
        origin.on("/a", ok("no-store", new byte[] {1})).on("/b", call -> call.close());
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a").response();
            assertThat(client.request("GET", "/b").response().status()).isEqualTo(502);
        }
        assertThat(origin.count("/b")).isEqualTo(2);
    }

    @Test
    void aPostIsNeverAskedAgain() throws Exception {
        start();
        origin.on("/a", ok("no-store", new byte[] {1}));
        origin.on("/b", call -> {
            call.body();
            call.close();
        });
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a").response();
            client.request("POST", "/b", "Content-Length: 3").send("abc");
            assertThat(client.response().status()).isEqualTo(502);
            client.request("GET", "/a").response();
            assertThat(client.request("POST", "/b").response().status()).isEqualTo(502);
        }
        assertThat(origin.count("/b")).isEqualTo(2);
    }

    @Test
    void aConnectionThatTheOriginClosedWhileIdleIsNotUsed() throws Exception {
        start();
        origin.on("/a", call -> {
            ok("no-store", new byte[] {1}).play(call);
            call.close();
        });
        origin.on("/post", ECHO);
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.request("GET", "/a").response().status()).isEqualTo(200);
                await().until(() -> origin.openConnections() == 0);
                client.request("POST", "/post", "Content-Length: 3").send("abc");
                assertThat(client.response().status()).as("post %d", i).isEqualTo(200);
            }
        }
    }
}
