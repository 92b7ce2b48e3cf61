package dev.lastref.http;

import static dev.lastref.http.EarlyHitTest.comparable;
import static dev.lastref.http.EarlyHitTest.isEarly;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Connections of one I/O thread share what a request is answered early with. Nothing that one of them has said, or may say, is taken for
 * another's, be it the next request of the same connection.
 */
class EarlyNeighboursTest extends SidecarTest {
    /** More than there are I/O threads, where a machine has few of them. */
    private static final int PAIRS = 4;

    private static final int ROUNDS = 600;

    /** Each says something that the others do not. The values of the second and the third are at the same place. */
    private static final List<String[]> REQUESTS = List.of(
            new String[0],
            new String[] {"If-None-Match: \"v1\""},
            new String[] {"If-Match:      \"v1\""},
            new String[] {"Range: bytes=3-7"},
            new String[] {"X-Request-Id: mine"},
            new String[] {"X-Forwarded-For: 192.0.2.1"},
            new String[] {"X-Forwarded-Proto: https"},
            new String[] {"X-Forwarded-Host: elsewhere"},
            new String[] {"X-Forwarded-Host: elsewhere", "X-Forwarded-Proto: https", "X-Request-Id: another"},
            new String[] {"X-Forwarded-User: somebody"});

    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void disconnect() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    private static String[] oddly(String[] fields) {
        return Stream.concat(Stream.of(fields), Stream.of(LONG_WAY)).toArray(String[]::new);
    }

    /** What the origin makes of it is part of the response: another's is seen. */
    private void serve() {
        start("trusted-proxies=127.0.0.1");
        origin.on("/a", call -> {
            String said = Stream.of("X-Forwarded-Proto", "X-Forwarded-Host")
                    .map(name -> name + call.request().all(name))
                    .toList()
                    .toString();
            ok("public, max-age=600", Content.of(said.hashCode(), 500), "etag: \"v1\"", "x-said: " + said)
                    .play(call);
        });
    }

    @Test
    void whatOneSaysOrMaySayIsNotTakenForAnothers() throws Exception {
        serve();
        for (int i = 0; i < PAIRS; i++) {
            clients.add(sidecar.connect());
            clients.add(RawClient.connectFrom("127.0.0.2", sidecar.address()));
        }
        List<List<Response>> expected = new ArrayList<>();
        for (RawClient client : clients) {
            List<Response> its = new ArrayList<>();
            for (String[] fields : REQUESTS) {
                client.request("GET", "/a", oddly(fields)).response(); // stored, if it was not
                its.add(client.request("GET", "/a", oddly(fields)).response());
            }
            expected.add(its);
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            int client = random.nextInt(clients.size());
            int request = random.nextInt(REQUESTS.size());
            Response asExpected = expected.get(client).get(request);
            Response answer = clients.get(client)
                    .request("GET", "/a", REQUESTS.get(request))
                    .response();
            String which = "client " + client + ", request " + request + ", round " + round + ", seed " + seed;
            assertThat(isEarly(answer)).as(which).isTrue();
            assertThat(answer.status()).as(which).isEqualTo(asExpected.status());
            assertThat(comparable(answer)).as(which).isEqualTo(comparable(asExpected));
            assertThat(answer.body()).as(which).isEqualTo(asExpected.body());
        }
    }

    /** Whoever asks by a field of credentials has to go the long way; that is no reason for others to. */
    @Test
    void whoAsksBehindCredentialsIsAnsweredEarly() throws Exception {
        start("trusted-proxies=127.0.0.1");
        origin.on("/a", ok("max-age=600", Content.of(1, 100)));
        RawClient client = sidecar.connect();
        clients.add(client);
        for (int i = 0; i < 3; i++) {
            client.request("GET", "/a", "X-Forwarded-Proto: http").response();
            Response plain =
                    client.request("GET", "/a", "X-Forwarded-Proto: http").response();
            assertThat(plain.isHit()).isTrue();
            assertThat(isEarly(plain)).isTrue();
            Response ofSomebody =
                    client.request("GET", "/a", "X-Forwarded-User: somebody").response();
            assertThat(isEarly(ofSomebody)).isFalse();
        }
    }

    /** It is written where the next one will be. Answers are nearly all head here, so that is where most of them are cut. */
    @Test
    void theRestOfAHeadThatASocketDidNotTakeIsNotOverwritten() throws Exception {
        start("transmit.unsent-limit=64KiB");
        int each = 4000;
        List<Thread> asking = new ArrayList<>();
        for (int i = 0; i < 2 * PAIRS; i++) {
            String target = "/" + i;
            origin.on(target, ok("max-age=600", new byte[] {(byte) i}, "x-target: " + target));
            RawClient.get(sidecar.address(), target);
            RawClient client = RawClient.connect(sidecar.address(), 4096);
            clients.add(client);
            Thread thread = new Thread(() -> sendAll(client, target, each), "asks " + target);
            thread.start();
            asking.add(thread);
        }
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 2 * PAIRS);
        for (int i = 0; i < 2 * PAIRS; i++) {
            try (RawClient other = sidecar.connect()) {
                Response between = other.request("GET", "/" + i).response();
                assertThat(between.first("X-Target")).isEqualTo("/" + i);
            }
        }
        for (int i = 0; i < clients.size(); i++) {
            for (int answer = 0; answer < each; answer++) {
                Response own = clients.get(i).response();
                assertThat(own.first("X-Target"))
                        .as("answer %d to client %d: %s", answer, i, own)
                        .isEqualTo("/" + i);
                assertThat(own.body()).containsExactly(i);
            }
        }
        for (Thread thread : asking) {
            thread.join();
        }
    }

    private static void sendAll(RawClient client, String target, int times) {
        try {
            client.send(("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n").repeat(times));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What an I/O thread keeps of a head is bounded, and a longer one is no fault. */
    @Test
    void aLongHeadGoesTheLongWay() throws Exception {
        start();
        origin.on("/a", ok("max-age=600", Content.of(1, 100)));
        RawClient client = sidecar.connect();
        clients.add(client);
        client.request("GET", "/a").response();
        int around = "GET /a HTTP/1.1\r\nHost: test\r\nCookie: \r\n\r\n".length();
        for (int length : new int[] {8 * 1024, 8 * 1024 + 1, 12 * 1024, 30 * 1024, 8 * 1024}) {
            Response answer = client.request("GET", "/a", "Cookie: " + "c".repeat(length - around))
                    .response();
            assertThat(answer.isHit()).as("a head of %d bytes", length).isTrue();
            assertThat(isEarly(answer)).as("a head of %d bytes", length).isEqualTo(length <= 8 * 1024);
        }
    }
}
