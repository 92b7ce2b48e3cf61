package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.RawHttp2;
import dev.lastref.http.testing.Response;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.pool.linux.TestCalls;
import dev.lastref.pool.testing.SwapFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hits whose content the kernel has written out to swap, on a system that lets us switch some on. */
@Timeout(120)
class SwappedOutTest extends SidecarTest {
    private static final int LENGTH = 1_000_000;
    private static final byte[] BODY = Content.of(5, LENGTH);

    private SwapFile swap;
    /** By then the system had written so many pages to swap. */
    private long written;

    @BeforeEach
    void storeWithSwapOn() throws Exception {
        swap = SwapFile.on(64);
        written = SwapFile.pagesWritten();
        origin.on("/large", ScriptedOrigin.ok("max-age=1000", BODY));
        start("pool.size=32MiB");
        assertThat(sidecar.get("/large").body()).isEqualTo(BODY);
        do {
            assertThat(sidecar.get("/large").body()).isEqualTo(BODY);
        } while (!nobodyHadToWait("what is in memory stays on the I/O thread"));
    }

    @AfterEach
    void switchSwapOff() throws Exception {
        if (swap != null) {
            swap.close();
        }
    }

    private static long waitingThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("lastref-swap-in"))
                .count();
    }

    /**
     * Fails if somebody had to wait, though all was in memory. It was not for sure where the system has written to swap by itself, as one
     * that looks for pages nobody uses does while there is memory (DAMON): then it is false, and the threads have ended meanwhile.
     */
    private boolean nobodyHadToWait(String what) throws IOException {
        if (waitingThreads() == 0) {
            return true;
        }
        long now = SwapFile.pagesWritten();
        assertThat(now).as("pages in swap: somebody waited. " + what).isGreaterThan(written);
        written = now;
        await().atMost(Duration.ofSeconds(20)).until(() -> waitingThreads() == 0);
        return false;
    }

    @Test
    void theyAreSentByAThreadThatMayWaitAndAreRight() throws Exception {
        TestCalls.swapOutMemfds();
        Response response = sidecar.get("/large");
        assertThat(response.body()).isEqualTo(BODY);
        assertThat(response.isHit()).isTrue();
        assertThat(waitingThreads()).isPositive();
        assertThat(origin.count("/large")).isEqualTo(1);
    }

    @Test
    void whatIsInMemoryIsAnsweredEarlyAlsoWithSwapOnAndWhatIsSwappedOutOnItsWayIsBroughtIn() throws Exception {
        byte[] large = Content.of(6, 9_000_000);
        origin.on("/larger", ScriptedOrigin.ok("max-age=1000", large));
        assertThat(sidecar.get("/larger").body()).isEqualTo(large);
        try (RawClient client = RawClient.connect(sidecar.address(), 64 * 1024)) {
            client.request("GET", "/large");
            assertThat(client.response("GET").body()).isEqualTo(BODY); // by the long way: it is the first
            do {
                client.request("GET", "/large");
                assertThat(client.response("GET").body()).isEqualTo(BODY);
            } while (!nobodyHadToWait("It is answered early"));
            client.request("GET", "/larger"); // begins in memory, and stops where the client does not read
            assertThat(client.head().status()).isEqualTo(200);
            TestCalls.swapOutMemfds();
            assertThat(client.read(large.length)).isEqualTo(large);
            assertThat(waitingThreads()).isPositive();
        }
    }

    @Test
    void aConnectionGoesOnWithOtherRequestsInTheirOrder() throws Exception {
        try (RawClient client = sidecar.connect()) {
            for (int round = 0; round < 5; round++) {
                TestCalls.swapOutMemfds();
                client.request("GET", "/large");
                client.request("GET", "/large", "Range: bytes=500000-599999");
                client.request("GET", "/large", "Range: bytes=0-9,900000-999999");
                client.request("HEAD", "/large");
                assertThat(client.response("GET").body()).isEqualTo(BODY);
                assertThat(client.response("GET").body()).isEqualTo(Arrays.copyOfRange(BODY, 500_000, 600_000));
                Response parts = client.response("GET");
                assertThat(parts.status()).isEqualTo(206);
                assertThat(parts.body().length).isGreaterThan(100_010);
                assertThat(client.response("HEAD").status()).isEqualTo(200);
            }
        }
        assertThat(waitingThreads()).isPositive();
    }

    @Test
    void streamsOfOneConnectionAreServedMeanwhileAndAreRight() throws Exception {
        try (RawHttp2 client =
                RawHttp2.connect(sidecar.address(), 4, 16_000_000).open(0, 1_000_000_000)) {
            for (int round = 0; round < 5; round++) {
                TestCalls.swapOutMemfds();
                int first = 8 * round + 1;
                for (int stream = first; stream < first + 8; stream += 2) {
                    client.get(stream, "/large");
                }
                Map<Integer, ByteArrayOutputStream> contents = new HashMap<>();
                for (int left = 4; left > 0; ) {
                    RawHttp2.Frame frame = client.read();
                    assertThat(frame).isNotNull();
                    if (frame.type() == RawHttp2.DATA) {
                        contents.computeIfAbsent(frame.stream(), id -> new ByteArrayOutputStream())
                                .writeBytes(frame.payload());
                        left -= frame.endsStream() ? 1 : 0;
                    }
                }
                assertThat(contents.values())
                        .hasSize(4)
                        .allSatisfy(content -> assertThat(content.toByteArray()).isEqualTo(BODY));
            }
        }
        assertThat(waitingThreads()).isPositive();
        assertThat(origin.count("/large")).isEqualTo(1);
    }

    @Test
    void aClientThatStallsOrGoesTakesNoThreadWithIt() throws Exception {
        try (RawClient slow = RawClient.connect(sidecar.address(), 16 * 1024);
                RawClient leaves = RawClient.connect(sidecar.address(), 16 * 1024)) {
            TestCalls.swapOutMemfds();
            slow.request("GET", "/large");
            leaves.request("GET", "/large");
            slow.head();
            leaves.head();
            assertThat(slow.read(10_000)).isEqualTo(Arrays.copyOf(BODY, 10_000));
            leaves.socket().setSoLinger(true, 0);
            leaves.close();
            for (int i = 0; i < 10; i++) { // more than there are threads, while one stalls
                TestCalls.swapOutMemfds();
                assertThat(sidecar.get("/large").body()).isEqualTo(BODY);
            }
            TestCalls.swapOutMemfds();
            assertThat(slow.read(LENGTH - 10_000)).isEqualTo(Arrays.copyOfRange(BODY, 10_000, LENGTH));
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @Test
    void whoFollowsAFetchSlowlyIsSentWhatWasSwappedOutAsOneWhoHits() throws Exception {
        int last = 10_000;
        Gate rest = new Gate();
        origin.on("/streamed", call -> {
            call.send(ScriptedOrigin.head("max-age=1000", LENGTH)).send(BODY, 0, LENGTH - last);
            rest.await();
            call.send(BODY, LENGTH - last, last);
        });
        try (RawClient slow = RawClient.connect(sidecar.address(), 16 * 1024);
                RawClient fast = sidecar.connect()) {
            slow.request("GET", "/streamed");
            slow.head();
            assertThat(slow.read(10_000)).isEqualTo(Arrays.copyOf(BODY, 10_000));
            fast.request("GET", "/streamed");
            fast.head();
            assertThat(fast.read(LENGTH - last))
                    .as("what has come is in the pool")
                    .isEqualTo(Arrays.copyOf(BODY, LENGTH - last));
            nobodyHadToWait("What has come is in memory");

            TestCalls.swapOutMemfds();
            assertThat(slow.read(LENGTH - last - 10_000)).isEqualTo(Arrays.copyOfRange(BODY, 10_000, LENGTH - last));
            assertThat(waitingThreads()).isPositive();

            rest.open();
            assertThat(slow.read(last)).isEqualTo(Arrays.copyOfRange(BODY, LENGTH - last, LENGTH));
            assertThat(fast.read(last)).isEqualTo(Arrays.copyOfRange(BODY, LENGTH - last, LENGTH));
        } finally {
            rest.open();
        }
        assertThat(origin.count("/streamed")).isEqualTo(1);
    }

    @Test
    void whoFollowsAFetchAndGoesWhileItIsBroughtInLeavesNothing() throws Exception {
        Gate rest = new Gate();
        origin.on("/streamed", call -> {
            call.send(ScriptedOrigin.head("max-age=1000", LENGTH)).send(BODY, 0, LENGTH - 1);
            rest.await();
            call.send(BODY, LENGTH - 1, 1);
        });
        try (RawClient fast = sidecar.connect()) {
            fast.request("GET", "/streamed");
            fast.head();
            fast.read(LENGTH - 1);
            for (int i = 0; i < 10; i++) {
                try (RawClient leaves = RawClient.connect(sidecar.address(), 16 * 1024)) {
                    leaves.request("GET", "/streamed");
                    leaves.head();
                    TestCalls.swapOutMemfds();
                    leaves.read(10_000);
                    leaves.socket().setSoLinger(true, 0);
                }
            }
            rest.open();
            assertThat(fast.read(1)).isEqualTo(Arrays.copyOfRange(BODY, LENGTH - 1, LENGTH));
        } finally {
            rest.open();
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    @Test
    void aSidecarThatIsClosedMeanwhileLeavesNothing() throws Exception {
        try (RawClient slow = RawClient.connect(sidecar.address(), 16 * 1024)) {
            TestCalls.swapOutMemfds();
            slow.request("GET", "/large");
            slow.head();
            TestCalls.swapOutMemfds();
            sidecar.close();
        }
    }
}
