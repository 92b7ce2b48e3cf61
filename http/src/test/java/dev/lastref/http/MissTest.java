package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.chunkedHead;
import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin.Script;
import dev.lastref.http.testing.ScriptedTime;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Concurrent misses of one key, and what each client sees while the origin still sends. */
class MissTest extends SidecarTest {
    private static final String STORABLE = "max-age=60";
    private static final int CLIENTS = 50;
    private static final byte[] CONTENT = Content.of(11, 300_000);
    private static final int HALF = 150_000;

    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void closeClients() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    /** The connection that is its end is closed while the client has yet to read most of it. */
    @Test
    void rfc9112_6_3_aContentThatEndsWithTheConnectionReachesASlowClientWhole() throws Exception {
        byte[] content = Content.of(12, 100_000);
        start();
        origin.on(
                "/a",
                call -> call.send(chunkedHead(STORABLE)).sendChunk(content).sendLastChunk());
        RawClient client = RawClient.connect(sidecar.address(), 4096);
        clients.add(client);
        client.send("GET /a HTTP/1.0\r\nHost: t\r\n\r\n");
        await().until(() -> sidecar.metric("lastref_cache_entries") == 1);
        client.endOutput(); // its end is what the server waits for, a while
        await().until(() -> sidecar.metric("lastref_connections_accepted_total") == 1
                && sidecar.metric("lastref_connections") == 0);

        Response response = client.response();
        assertThat(response.first("Content-Length")).isNull();
        assertThat(response.body()).isEqualTo(content);
        assertThat(response.ending()).isEqualTo(RawClient.Ending.FIN);
    }

    private RawClient ask(String target, String... fields) throws IOException {
        RawClient client = sidecar.connect().request("GET", target, fields);
        clients.add(client);
        return client;
    }

    /** Half of the content, the rest once the gate is open. */
    private static Script inHalves(boolean chunked, String cacheControl, Gate gate) {
        byte[] first = Arrays.copyOf(CONTENT, HALF);
        byte[] second = Arrays.copyOfRange(CONTENT, HALF, CONTENT.length);
        return call -> {
            if (chunked) {
                call.send(chunkedHead(cacheControl)).sendChunk(first);
                gate.await();
                call.sendChunk(second).sendLastChunk();
            } else {
                call.send(head(cacheControl, CONTENT.length)).send(first);
                gate.await();
                call.send(second);
            }
        };
    }

    /** The last byte can reach a client a moment before the response is in the index. */
    private Response firstHit(String target, String... fields) {
        AtomicReference<Response> hit = new AtomicReference<>();
        await().until(() -> {
            hit.set(sidecar.get(target, fields));
            return hit.get().isHit();
        });
        return hit.get();
    }

    private void awaitArrival(String target, int requests) {
        await().until(() -> origin.count(target) >= requests);
    }

    @ParameterizedTest(name = "chunked: {0}")
    @ValueSource(booleans = {true, false})
    void concurrentMissesShareOneOriginRequest(boolean chunked) throws Exception {
        start();
        Gate head = new Gate();
        Gate rest = new Gate();
        Script halves = inHalves(chunked, STORABLE, rest);
        origin.on("/a", call -> {
            head.await();
            halves.play(call);
        });
        for (int i = 0; i < CLIENTS; i++) {
            ask("/a");
        }
        awaitArrival("/a", 1);
        head.open();
        rest.open();

        int collapsed = 0;
        for (RawClient client : clients) {
            Response response = client.response();
            assertThat(response.body()).isEqualTo(CONTENT);
            collapsed += response.cacheStatus().contains("collapsed") ? 1 : 0;
        }
        assertThat(origin.count("/a")).isEqualTo(1);
        // A client whose request was read late may have found it in the store.
        assertThat(collapsed).isGreaterThan(CLIENTS / 2);
        assertThat(firstHit("/a").body()).isEqualTo(CONTENT);
        sidecar.awaitRequests("miss", 1);
        int expected = collapsed;
        await().untilAsserted(() -> assertThat(sidecar.requests("coalesced")).isGreaterThanOrEqualTo(expected));
    }

    @ParameterizedTest(name = "chunked: {0}")
    @ValueSource(booleans = {true, false})
    void aClientGetsTheFirstBytesBeforeTheOriginHasSentTheLast(boolean chunked) throws Exception {
        start();
        Gate rest = new Gate();
        origin.on("/a", inHalves(chunked, STORABLE, rest));
        RawClient client = ask("/a");
        Response head = client.head();

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.cacheStatus()).contains("stored");
        // Everything but the chunks' framing; the gate is still closed.
        assertThat(client.read(HALF - 100)).hasSize(HALF - 100);

        rest.open();
        client.read(CONTENT.length - HALF);
        assertThat(firstHit("/a").body()).isEqualTo(CONTENT);
    }

    @ParameterizedTest(name = "chunked: {0}")
    @ValueSource(booleans = {true, false})
    void aFollowerThatJoinsMidBodyGetsAllOfIt(boolean chunked) throws Exception {
        start();
        Gate rest = new Gate();
        origin.on("/a", inHalves(chunked, STORABLE, rest));
        RawClient leader = ask("/a");
        Response leaderHead = leader.head();
        byte[] begun = leader.read(1000);
        RawClient follower = ask("/a");
        Response followerHead = follower.head();
        assertThat(followerHead.cacheStatus()).contains("collapsed");
        rest.open();

        assertThat(follower.content(followerHead, "GET").body()).isEqualTo(CONTENT);
        if (!chunked) {
            assertThat(leader.read(CONTENT.length - 1000)).isEqualTo(Arrays.copyOfRange(CONTENT, 1000, CONTENT.length));
            assertThat(begun).isEqualTo(Arrays.copyOf(CONTENT, 1000));
        }
        assertThat(leaderHead.status()).isEqualTo(200);
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    @Test
    void aLeaderThatVanishesHurtsNobodyAndTheResponseIsStored() throws Exception {
        start();
        Gate rest = new Gate();
        origin.on("/a", inHalves(false, STORABLE, rest));
        RawClient leader = ask("/a");
        leader.head();
        RawClient follower = ask("/a");
        Response followerHead = follower.head();
        leader.reset();
        rest.open();

        assertThat(follower.content(followerHead, "GET").body()).isEqualTo(CONTENT);
        assertThat(firstHit("/a").body()).isEqualTo(CONTENT);
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    @Test
    void aResponseIsStoredEvenIfItsOnlyClientVanishes() throws Exception {
        start();
        Gate rest = new Gate();
        origin.on("/a", inHalves(false, STORABLE, rest));
        RawClient leader = ask("/a");
        leader.head();
        leader.reset();
        rest.open();

        await().until(() -> sidecar.get("/a").isHit());
        assertThat(origin.count("/a")).isEqualTo(1);
    }

    @Test
    void aResponseThatCannotBeStoredIsGivenUpWhenItsOnlyClientVanishes() throws Exception {
        start();
        byte[] piece = Content.of(12, 1 << 20);
        origin.on("/a", call -> {
            call.send(head("no-store", 1L << 40));
            while (true) {
                call.send(piece);
            }
        });
        RawClient client = ask("/a");
        client.head();
        client.reset();

        await().until(() -> origin.openConnections() == 0);
    }

    @Test
    void waitersWhoseRequestVariesAskOnTheirOwn() throws Exception {
        start();
        Gate head = new Gate();
        origin.on("/a", call -> {
            head.await();
            byte[] language = call.request().all("Accept-Language").get(0).getBytes();
            call.send(head(STORABLE, language.length, "Vary: Accept-Language")).send(language);
        });
        String[] languages = {"de", "en", "fr", "de", "en", "fr"};
        for (String language : languages) {
            ask("/a", "Accept-Language: " + language);
        }
        awaitArrival("/a", 1);
        head.open();

        for (int i = 0; i < languages.length; i++) {
            assertThat(clients.get(i).response().body()).asString().isEqualTo(languages[i]);
        }
        for (String language : languages) {
            Response hit = firstHit("/a", "Accept-Language: " + language);
            assertThat(hit.body()).asString().isEqualTo(language);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-store", "private", "no-cache", "max-age=0"})
    void waitersForWhatMayNotBeSharedAskOnTheirOwn(String cacheControl) throws Exception {
        start();
        Gate head = new Gate();
        origin.on("/a", call -> {
            head.await();
            byte[] who = call.request().all("X-Who").get(0).getBytes();
            call.send(head(cacheControl, who.length)).send(who);
        });
        for (int i = 0; i < 10; i++) {
            ask("/a", "X-Who: client " + i);
        }
        awaitArrival("/a", 1);
        head.open();

        for (int i = 0; i < 10; i++) {
            assertThat(clients.get(i).response().body()).asString().isEqualTo("client " + i);
        }
        assertThat(origin.count("/a")).isEqualTo(10);
    }

    @Test
    void requestsWithAuthorizationWaitForNobody() throws Exception {
        start();
        Gate head = new Gate();
        origin.on("/a", call -> {
            head.await();
            byte[] who = call.request().all("Authorization").get(0).getBytes();
            call.send(head(STORABLE, who.length)).send(who);
        });
        for (int i = 0; i < 4; i++) {
            ask("/a", "Authorization: Basic " + i);
        }
        awaitArrival("/a", 4);
        head.open();

        for (int i = 0; i < 4; i++) {
            assertThat(clients.get(i).response().body()).asString().isEqualTo("Basic " + i);
        }
    }

    @Test
    void aFailureReachesEveryWaiter() throws Exception {
        start();
        Gate head = new Gate();
        origin.on("/a", call -> {
            head.await();
            call.reset();
        });
        for (int i = 0; i < 10; i++) {
            ask("/a");
        }
        awaitArrival("/a", 1);
        // Whoever comes after the failure asks again, and fails again.
        head.open();

        for (RawClient client : clients) {
            assertThat(client.response().status()).isEqualTo(502);
        }
    }

    @Test
    void aFollowerThatReadsSlowlyDoesNotSlowTheOthersWhileTheResponseIsStored() throws Exception {
        start();
        byte[] large = Content.of(13, 16 << 20);
        Gate rest = new Gate();
        origin.on("/a", call -> {
            call.send(head(STORABLE, large.length)).send(large, 0, 1000);
            rest.await();
            call.send(large, 1000, large.length - 1000);
        });
        RawClient stalled = RawClient.connect(sidecar.address(), 4096).request("GET", "/a");
        clients.add(stalled);
        Response stalledHead = stalled.head();
        RawClient brisk = ask("/a");
        Response briskHead = brisk.head();
        rest.open();

        assertThat(brisk.content(briskHead, "GET").body()).isEqualTo(large);
        assertThat(firstHit("/a").body()).isEqualTo(large);
        assertThat(stalled.content(stalledHead, "GET").body()).isEqualTo(large);
    }

    @Test
    void aSecondMissAfterExpiryAsksAgain() throws Exception {
        ScriptedTime time = new ScriptedTime();
        sidecar = TestSidecar.before(origin, time);
        origin.on("/a", ok("max-age=1", Content.of(1, 10)), ok(STORABLE, Content.of(2, 10)));

        assertThat(sidecar.get("/a").body()).isEqualTo(Content.of(1, 10));
        assertThat(sidecar.get("/a").body()).isEqualTo(Content.of(1, 10));
        time.advanceSeconds(1);
        assertThat(sidecar.get("/a").body()).isEqualTo(Content.of(2, 10));
        assertThat(origin.count("/a")).isEqualTo(2);
    }
}
