package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.cache.semantics.HttpDates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import dev.lastref.http.testing.ScriptedTime;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.XnioIoThread;

/** Who waits for another's response, for how long, and what they get (RFC 9111, section 4). */
class CollapseTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(75, 30_000);
    private final Gate gate = new Gate();

    private Script gated(Script script) {
        return call -> {
            gate.await();
            script.play(call);
        };
    }

    private List<RawClient> ask(int count) throws IOException {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(sidecar.connect().request("GET", "/a"));
        }
        return clients;
    }

    private static void close(List<RawClient> clients) throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void afterWhatCouldNotBeSharedRequestsGoSideBySide() throws Exception {
        start();
        origin.on("/a", ok("no-store", CONTENT), gated(ok("no-store", CONTENT)));
        sidecar.get("/a");
        List<RawClient> clients = ask(5);
        // None of the five is answered yet, and all are with the origin.
        await().until(() -> origin.count("/a") == 6);
        gate.open();
        for (RawClient client : clients) {
            assertThat(client.response().body()).isEqualTo(CONTENT);
        }
        close(clients);
    }

    @Test
    void whoWaitsForASlowLeaderWaitsForABoundedTime() throws Exception {
        start("cache.collapse-timeout=200ms");
        origin.on("/a", gated(ok("max-age=60", CONTENT)), ok("max-age=60", CONTENT));
        List<RawClient> leader = ask(1);
        await().until(() -> origin.count("/a") == 1);
        Response own = sidecar.get("/a");
        assertThat(own.body()).isEqualTo(CONTENT);
        assertThat(own.cacheStatus()).doesNotContain("collapsed");
        assertThat(origin.count("/a")).isEqualTo(2);
        gate.open();
        assertThat(leader.get(0).response().body()).isEqualTo(CONTENT);
        close(leader);
    }

    @Test
    void whoHasWaitedLongEnoughLooksIntoTheStoreFirst() throws Exception {
        start("cache.collapse-timeout=3s");
        origin.on("/a", gated(ok("max-age=60", CONTENT)), ok("max-age=60", CONTENT));
        List<RawClient> clients = ask(1);
        await().until(() -> origin.count("/a") == 1);
        clients.addAll(ask(1));
        assertThat(sidecar.get("/a", "Cache-Control: no-cache").isHit()).isFalse();
        await().until(() -> sidecar.get("/a").isHit());
        assertThat(clients.get(1).response().body()).isEqualTo(CONTENT);
        assertThat(origin.count("/a")).isEqualTo(2);
        gate.open();
        assertThat(clients.get(0).response().body()).isEqualTo(CONTENT);
        close(clients);
    }

    @Test
    void aLeaderThatLeavesTakesNobodyWithIt() throws Exception {
        start();
        origin.on("/a", gated(ok("max-age=60", CONTENT)));
        List<RawClient> leader = ask(1);
        await().until(() -> origin.count("/a") == 1);
        List<RawClient> followers = ask(3);
        leader.get(0).close();
        gate.open();
        for (RawClient follower : followers) {
            assertThat(follower.response().body()).isEqualTo(CONTENT);
        }
        assertThat(origin.count("/a")).isOne();
        close(followers);
    }

    @Test
    void whoAsksForWhatCameStaleValidatesItForHimself() throws Exception {
        start();
        origin.on(
                "/a",
                ok("max-age=30", CONTENT, "Age: 40", "ETag: \"1\""),
                gated(call ->
                        call.send("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nCache-Control: max-age=60\r\n\r\n")));
        sidecar.get("/a");
        await().untilAsserted(() -> assertThat(sidecar.requests("miss")).isEqualTo(1));
        List<RawClient> clients = ask(4);
        await().until(() -> origin.count("/a") == 2);
        gate.open();
        for (RawClient client : clients) {
            Response response = client.response();
            assertThat(response.body()).isEqualTo(CONTENT);
            assertThat(response.cacheStatus()).contains("fwd=stale; fwd-status=304");
        }
        close(clients);
        assertThat(sidecar.get("/a").isHit()).isTrue();
        assertThat(origin.count("/a"))
                .as("that it came too old does not end the waiting")
                .isEqualTo(2);
    }

    @Test
    void acceptEncodingIsReducedByConfiguration() throws Exception {
        start("cache.accept-encoding=br,gzip");
        origin.on("/a", ok("max-age=60", CONTENT, "Vary: Accept-Encoding", "Content-Encoding: x"));
        sidecar.get("/a", "Accept-Encoding: gzip, deflate, br");
        assertThat(sidecar.get("/a", "Accept-Encoding: br;q=0.9, zstd").isHit()).isTrue();
        assertThat(origin.requests("/a").get(0).all("Accept-Encoding")).containsExactly("br");
        assertThat(sidecar.get("/a", "Accept-Encoding: gzip").cacheStatus()).contains("fwd=vary-miss");
        assertThat(sidecar.get("/a").cacheStatus()).contains("fwd=vary-miss");
        // Who has no such field takes any coding; who refuses them does not.
        assertThat(sidecar.get("/a", "Accept-Encoding: gzip;q=0").cacheStatus()).contains("fwd=vary-miss");
        assertThat(origin.requests("/a").get(3).all("Accept-Encoding")).containsExactly("identity");
        assertThat(sidecar.get("/a", "Accept-Encoding: deflate").isHit()).isTrue();
    }

    @Test
    void rfc9111_5_2_2_4_whoWaitsIsNotAnsweredWithWhatMustBeValidatedForHim() throws Exception {
        start();
        origin.on(
                "/a",
                gated(ok("no-cache", CONTENT, "ETag: \"1\"")),
                call -> call.send("HTTP/1.1 304 Not Modified\r\n" + "ETag: \"1\"\r\n\r\n"));
        List<RawClient> leader = ask(1);
        await().until(() -> origin.count("/a") == 1);
        List<RawClient> followers = ask(2);
        gate.open();
        assertThat(leader.get(0).response().body()).isEqualTo(CONTENT);
        for (RawClient follower : followers) {
            Response response = follower.response();
            assertThat(response.status()).isIn(200, 304);
        }
        assertThat(origin.count("/a")).isEqualTo(3);
        close(leader);
        close(followers);
    }

    /** "When a stored response is used to satisfy a request without validation, a cache MUST generate an Age." */
    @Test
    void rfc9111_4_whoWaitedIsToldTheAgeOfWhatHeGets() throws Exception {
        start();
        String date = HttpDates.format(Instant.now().getEpochSecond() - 100);
        origin.on("/a", gated(ok("max-age=600", CONTENT, "Date: " + date, "Age: 1")));
        List<RawClient> clients = ask(3);
        await().until(() -> origin.count("/a") == 1);
        gate.open();
        for (RawClient client : clients) {
            Response response = client.response();
            if (response.cacheStatus().contains("collapsed") || response.isHit()) {
                assertThat(Integer.parseInt(response.first("Age"))).isGreaterThanOrEqualTo(100);
            } else {
                assertThat(response.first("Age")).as("as it came").isEqualTo("1");
            }
        }
        close(clients);
    }

    /** The same of who has it already: 304 is what the stored 200 makes of his condition. */
    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void rfc9111_4_whoWaitedAndHasItAlreadyIsToldItsAge(String method) throws Exception {
        start();
        String date = HttpDates.format(Instant.now().getEpochSecond() - 100);
        origin.on("/a", gated(ok("max-age=600", CONTENT, "Date: " + date, "Age: 1", "ETag: \"1\"")));
        List<RawClient> leader = ask(1);
        await().until(() -> origin.count("/a") == 1);
        try (RawClient follower = sidecar.connect()) {
            follower.request(method, "/a", "If-None-Match: \"1\"", LONG_WAY);
            // It waits, or comes late and finds it stored: the age is told either way.
            gate.open();
            Response response = follower.response(method);
            assertThat(response.status()).isEqualTo(304);
            assertThat(response.all("Age")).as(response.toString()).hasSize(1);
            assertThat(Integer.parseInt(response.first("Age"))).isGreaterThanOrEqualTo(100);
            assertThat(response.all("Transfer-Encoding")).isEmpty();
        }
        assertThat(leader.get(0).response().body()).isEqualTo(CONTENT);
        close(leader);
    }

    /** A response to GET that is on its way answers HEAD too, as soon as its head is there. */
    @ParameterizedTest(name = "chunked: {0}")
    @ValueSource(booleans = {true, false})
    void rfc9111_4_headIsAnsweredFromTheGetThatIsOnItsWay(boolean chunked) throws Exception {
        start();
        Gate content = new Gate();
        origin.on("/a", call -> {
            gate.await();
            call.send(
                    chunked
                            ? chunkedHead("max-age=60", "ETag: \"1\"")
                            : head("max-age=60", CONTENT.length, "ETag: \"1\""));
            content.await();
            if (chunked) {
                call.sendChunk(CONTENT).sendLastChunk();
            } else {
                call.send(CONTENT);
            }
        });
        List<RawClient> leader = ask(1);
        await().until(() -> origin.count("/a") == 1);
        try (RawClient head = sidecar.connect().request("HEAD", "/a");
                RawClient conditional = sidecar.connect().request("HEAD", "/a", "If-None-Match: \"1\"")) {
            gate.open();
            Response described = head.response("HEAD");
            assertThat(described.status()).isEqualTo(200);
            assertThat(described.cacheStatus()).matches("lastref; fwd=uri-miss; collapsed; stored; ttl=\\d+");
            assertThat(described.first("Content-Length")).isEqualTo(chunked ? null : "30000");
            assertThat(described.first("Age")).isEqualTo("0");
            Response unmodified = conditional.response("HEAD");
            assertThat(unmodified.status()).isEqualTo(304);
            assertThat(unmodified.cacheStatus()).contains("collapsed");
            assertThat(unmodified.first("Age")).isEqualTo("0");
            assertThat(unmodified.all("Transfer-Encoding")).isEmpty();
            // The connection is in order.
            content.open();
            assertThat(head.request("GET", "/a").response().body()).isEqualTo(CONTENT);
        }
        assertThat(leader.get(0).response().body()).isEqualTo(CONTENT);
        assertThat(origin.requests("/a")).hasSize(1);
        close(leader);
    }

    @Test
    void rfc9111_4_headIsNotAnsweredFromWhatIsNotForAll() throws Exception {
        start();
        origin.on("/a", gated(ok("private", CONTENT)), call -> call.send(head("private", CONTENT.length)));
        List<RawClient> leader = ask(1);
        await().until(() -> origin.count("/a") == 1);
        try (RawClient head = sidecar.connect().request("HEAD", "/a")) {
            gate.open();
            Response described = head.response("HEAD");
            assertThat(described.status()).isEqualTo(200);
            assertThat(described.cacheStatus()).doesNotContain("collapsed");
        }
        assertThat(leader.get(0).response().body()).isEqualTo(CONTENT);
        assertThat(origin.requests("/a").get(1).line()).startsWith("HEAD ");
        close(leader);
    }

    /** A connection, and the thread that serves it. */
    private record Served(RawClient client, Thread thread) {}

    private Served connect(ScriptedTime time) throws IOException {
        AtomicReference<Thread> seen = new AtomicReference<>();
        time.whenRead(() -> {
            if (Thread.currentThread() instanceof XnioIoThread thread) {
                seen.set(thread);
            }
        });
        RawClient client = sidecar.connect();
        assertThat(client.request("GET", "/other", LONG_WAY).response().status())
                .isEqualTo(200);
        return new Served(client, seen.get());
    }

    /**
     * A request finds what is stored stale; before it joins those who wait, a fresh one is stored by another way. It is held up where it
     * asks for the time: while it looks, or when it has looked.
     */
    @ParameterizedTest(name = "read {0}")
    @ValueSource(ints = {1, 2})
    void rfc9211_2_1_whatHasBecomeFreshSinceTheFirstLookIsAHit(int read) throws Exception {
        ScriptedTime time = new ScriptedTime();
        sidecar = TestSidecar.before(origin, time, "cache.collapse-timeout=60s");
        byte[] newer = Content.of(76, 20_000);
        origin.on("/other", ok("max-age=3600", CONTENT));
        origin.on(
                "/a",
                ok("max-age=10", CONTENT, "ETag: \"1\""),
                gated(ok("max-age=60", CONTENT)),
                ok("max-age=60", newer));
        sidecar.get("/a");
        time.advanceSeconds(13);
        Served late = connect(time);
        List<RawClient> others = new ArrayList<>();
        for (int i = 0; i < 100 && others.size() < 2; i++) {
            Served other = connect(time);
            if (other.thread() == late.thread()) {
                other.client().close();
            } else {
                others.add(other.client());
            }
        }
        assertThat(others).as("connections that another thread serves").hasSize(2);

        RawClient leader = others.get(0).request("GET", "/a");
        await().until(() -> origin.count("/a") == 2);
        Gate looked = new Gate();
        Gate stored = new Gate();
        AtomicInteger left = new AtomicInteger(read);
        time.whenRead(() -> {
            if (Thread.currentThread() == late.thread() && left.decrementAndGet() == 0) {
                looked.open();
                try {
                    stored.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        late.client().request("GET", "/a", LONG_WAY);
        looked.await();
        Response reload =
                others.get(1).request("GET", "/a", "Cache-Control: no-cache").response();
        assertThat(reload.body()).isEqualTo(newer);
        stored.open();

        Response found = late.client().response();
        assertThat(found.body()).isEqualTo(newer);
        assertThat(found.isHit()).as(found.cacheStatus()).isTrue();
        gate.open();
        assertThat(leader.response().body()).isEqualTo(CONTENT);
        late.client().close();
        close(others);
    }
}
