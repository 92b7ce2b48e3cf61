package dev.lastref.http.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.pool.Descriptors;
import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.Requires;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HealthCheckTest {
    @Test
    void aCheckForWhichThereIsNoDescriptorNeitherFailsAnOriginNorPassesIt() throws Exception {
        Requires.command("prlimit");
        try (ScriptedOrigin up = ScriptedOrigin.start();
                ScriptedOrigin down = ScriptedOrigin.start()) {
            down.close();
            try (ChildJvm child = ChildJvm.start(
                    List.of("prlimit", "--nofile=256:256"), UnmadeChecksProgram.class, up.url(), down.url())) {
                assertThat(child.awaitExit()).as(child.output()).isZero();
                String refused = "DOWN, Connection refused";
                assertThat(child.output().lines().filter(line -> line.matches("(with|without|again|told): .*")))
                        .as(child.output())
                        .containsExactly(
                                "with: UP, no error",
                                "with: " + refused,
                                "without: UP, no error",
                                "without: " + refused,
                                "again: UP, no error",
                                "again: " + refused,
                                "told: 2");
            }
        }
    }

    /** Descriptors that are scarce, or not, as a test says. */
    private static final class Told implements Descriptors {
        private volatile boolean scarce;

        @Override
        public boolean areScarce() {
            return scarce;
        }

        @Override
        public void ranOut() {}
    }

    private static OriginSettings settings(String... urls) {
        Duration second = Duration.ofSeconds(1);
        return new OriginSettings(
                Stream.of(urls).map(URI::create).toList(),
                new OriginTimeouts(second, second, second, second),
                new OriginSettings.Health(
                        true, "/health", Duration.ofMillis(50), Duration.ofSeconds(10), 1, 1, 1, second),
                1,
                1,
                second,
                null);
    }

    @Test
    void whileDescriptorsAreScarceNothingIsCheckedAndWhatIsKnownStays() throws Exception {
        Told told = new Told();
        try (ScriptedOrigin up = ScriptedOrigin.start();
                ScriptedOrigin down = ScriptedOrigin.start()) {
            up.on("/health", call -> call.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
            down.on("/health", call -> call.send("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
            OriginSettings settings = settings(up.url(), down.url());
            List<Origin> both = settings.bases().stream()
                    .map(base -> new Origin(base, settings, null))
                    .toList();
            both.forEach(Origin::resolve);
            try (Origins origins = new Origins(settings, null, told)) {
                told.scarce = true;
                both.forEach(origins::check);
                assertThat(up.requests()).isEmpty();
                assertThat(down.requests()).isEmpty();
                assertThat(origins.hasAnswered()).isFalse();
                assertThat(both).allMatch(origin -> origin.health().state() == OriginHealth.State.UP);
                assertThat(both).allMatch(origin -> origin.tally().last() == null);

                told.scarce = false;
                both.forEach(origins::check);
                assertThat(origins.hasAnswered()).isTrue();
                assertThat(both.get(0).health().state()).isEqualTo(OriginHealth.State.UP);
                assertThat(both.get(1).health().state()).isEqualTo(OriginHealth.State.DOWN);

                up.close();
                told.scarce = true;
                both.forEach(origins::check);
                assertThat(both.get(0).health().state()).isEqualTo(OriginHealth.State.UP);
                assertThat(both.get(1).health().state()).isEqualTo(OriginHealth.State.DOWN);

                told.scarce = false;
                both.forEach(origins::check);
                assertThat(both.get(0).health().state()).isEqualTo(OriginHealth.State.DOWN);
            }
        }
    }

    @Test
    void whileDescriptorsAreScarceNoNameIsLookedUpAgain() {
        Told told = new Told();
        OriginSettings settings = settings("http://127.0.0.1:1");
        try (Origins origins = new Origins(settings, null, told)) {
            Origin origin = new Origin(settings.bases().get(0), settings, null);
            told.scarce = true;
            origins.lookUpAgain(origin);
            assertThat(origin.resolved()).isNull();
            told.scarce = false;
            origins.lookUpAgain(origin);
            assertThat(origin.resolved()).isNotNull();
        }
    }
}
