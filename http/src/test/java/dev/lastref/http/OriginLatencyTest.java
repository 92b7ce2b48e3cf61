package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.head;
import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Gate;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.ScriptedTime;
import dev.lastref.http.testing.TestSidecar;
import org.junit.jupiter.api.Test;

/** How long each origin takes to answer, as the metrics say it, in a time that the test moves. */
class OriginLatencyTest extends SidecarTest {
    private static final String NAME = "lastref_origin_first_byte_seconds";

    private final ScriptedTime time = new ScriptedTime();

    private double value(String what) {
        return sidecar.metric(NAME + what + "{origin=\"" + origin.url() + "\",}");
    }

    private void assertOne(double seconds) {
        assertThat(value("_count")).isEqualTo(1);
        assertThat(value("_sum")).isEqualTo(seconds, within(1e-6));
    }

    @Test
    void theSeriesOfAllOriginsAreThereFromTheStart() throws Exception {
        sidecar = TestSidecar.before(origin.url() + ",http://origin.invalid:8081", "origin.health.interval=0");
        assertThat(sidecar.admin("/metrics"))
                .contains(
                        NAME + "_count{origin=\"" + origin.url() + "\",} 0.0",
                        NAME + "_count{origin=\"http://origin.invalid:8081\",} 0.0")
                .contains(NAME + "_bucket{origin=\"http://origin.invalid:8081\",le=\"0.001\",} 0.0");
    }

    @Test
    void itIsTheTimeFromTheRequestToTheHeadOfItsResponse() throws Exception {
        Gate gate = new Gate();
        origin.on("/a", call -> {
            time.advanceSeconds(3);
            call.send(head("max-age=60", 2));
            gate.await();
            time.advanceSeconds(10);
            call.send(new byte[2]);
        });
        sidecar = TestSidecar.before(origin, time);
        try (RawClient client = sidecar.connect()) {
            client.request("GET", "/a");
            await().until(() -> value("_count") == 1);
            gate.open();
            assertThat(client.response().status()).isEqualTo(200);
        }
        assertOne(3);
    }

    @Test
    void whatTheClientTakesForItsContentIsNotTheOriginsTime() throws Exception {
        origin.on("/a", call -> {
            call.body();
            time.advanceSeconds(2);
            ok("no-store", new byte[1]).play(call);
        });
        sidecar = TestSidecar.before(origin, time);
        try (RawClient client = sidecar.connect()) {
            client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx");
            await().until(() -> origin.requests().size() == 1);
            time.advanceSeconds(40);
            client.send("y");
            assertThat(client.response("POST").status()).isEqualTo(200);
        }
        assertThat(value("_count")).isEqualTo(1);
        // It may answer before we have seen that all is sent.
        assertThat(value("_sum")).isBetween(0.0, 2.0);
    }

    @Test
    void hitsAndFailuresAreNoAnswersOfTheOrigin() throws Exception {
        origin.on("/a", ok("max-age=600", new byte[1]));
        origin.on("/broken", call -> call.reset());
        sidecar = TestSidecar.before(origin, time);
        assertThat(sidecar.get("/a").status()).isEqualTo(200);
        assertThat(sidecar.get("/a").isHit()).isTrue();
        assertThat(sidecar.get("/broken").status()).isEqualTo(502);
        assertOne(0);
    }
}
