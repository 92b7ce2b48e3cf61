package dev.lastref.http;

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
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A fault of ours while a request is answered, wherever the answer asks for the time: its client is not left waiting, nothing is held on
 * to (LeakCheck looks), and others are served. At most one of these is in the way of one request.
 */
class OurFaultTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(80, 300_000);
    private static final int FEW = 12;

    private final ScriptedTime time = new ScriptedTime();
    private final AtomicInteger left = new AtomicInteger();

    @BeforeEach
    void startWithFaults() {
        sidecar = TestSidecar.before(origin, time);
        time.whenRead(() -> {
            if (left.get() > 0 && isAnswering() && left.decrementAndGet() == 0) {
                throw new IllegalStateException("made to fail");
            }
        });
    }

    @AfterEach
    void noMoreFaults() {
        time.whenRead(() -> {});
    }

    /** Whether the one who asks is at a client's answer; what fetches is not the matter here. */
    private static boolean isAnswering() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .filter(name -> name.startsWith("dev.lastref.http.serve.")
                                || name.startsWith("dev.lastref.http.origin."))
                        .findFirst()
                        .map(name -> name.startsWith("dev.lastref.http.serve."))
                        .orElse(false));
    }

    /** Serves one range, and the whole where none is asked for. */
    private static final Script RANGES = call -> {
        String range = String.join("", call.request().all("Range"));
        if (range.isEmpty()) {
            ok("max-age=60", CONTENT, "ETag: \"1\"").play(call);
            return;
        }
        String[] ends = range.substring("bytes=".length()).split("-", -1);
        int first = Integer.parseInt(ends[0]);
        int last = ends[1].isEmpty() ? CONTENT.length - 1 : Integer.parseInt(ends[1]);
        call.send("HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\nETag: \"1\"\r\nContent-Range: bytes "
                        + first + "-" + last + "/" + CONTENT.length + "\r\nContent-Length: " + (last - first + 1)
                        + "\r\n\r\n")
                .send(CONTENT, first, last - first + 1);
    };

    @ParameterizedTest
    @ValueSource(strings = {"miss", "hit", "range", "ranges", "part", "stale"})
    void nobodyIsLeftWaitingAndNothingIsHeld(String what) throws Exception {
        for (int fault = 1; fault <= FEW; fault++) {
            String target = "/" + what + fault;
            origin.on(target, RANGES);
            if (what.equals("part")) {
                sidecar.get(target, "Range: bytes=0-99999");
            } else if (!what.equals("miss")) {
                sidecar.get(target);
            }
            if (what.equals("stale")) {
                time.advanceSeconds(100);
            }
            left.set(fault);
            try (RawClient client = sidecar.connect()) {
                String range = what.equals("range") ? "Range: bytes=5-9" : "Range: bytes=5-9,20-99";
                client.request(
                        "GET",
                        target,
                        "Connection: close",
                        LONG_WAY,
                        what.startsWith("range") ? range : "X-Whole: of it");
                Response response = client.response();
                boolean right = response.status() == 200 && Arrays.equals(response.body(), CONTENT);
                assertThat(right || response.status() != 200 || !response.whole())
                        .as("fault %d: %s", fault, response)
                        .isTrue();
                client.awaitEnd(); // within the client's patience
            }
            left.set(0);
            origin.on("/other" + what + fault, ok("max-age=60", CONTENT));
            assertThat(sidecar.get("/other" + what + fault).body()).isEqualTo(CONTENT);
        }
        await().until(() -> sidecar.metric("lastref_transmissions_in_flight") == 0);
    }

    /** What a timer runs nobody else looks after. */
    @Test
    void whoHasWaitedLongEnoughIsNotLeftWaitingEither() throws Exception {
        sidecar.close();
        sidecar = TestSidecar.before(origin, time, "cache.collapse-timeout=200ms");
        time.whenRead(() -> {
            boolean timer = StackWalker.getInstance()
                    .walk(frames ->
                            frames.anyMatch(frame -> frame.getMethodName().contains("tooLate")));
            if (timer) {
                throw new IllegalStateException("made to fail");
            }
        });
        Gate gate = new Gate();
        origin.on("/a", call -> {
            gate.await();
            ok("max-age=60", CONTENT).play(call);
        });
        try (RawClient leader = sidecar.connect().request("GET", "/a")) {
            await().until(() -> origin.count("/a") == 1);
            try (RawClient follower = sidecar.connect().request("GET", "/a")) {
                assertThat(follower.awaitEnd()).isEqualTo(RawClient.Ending.RST);
            }
            gate.open();
            assertThat(leader.response().body()).isEqualTo(CONTENT);
        }
    }
}
