package dev.lastref.http.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.pool.testing.ChildJvm;
import dev.lastref.pool.testing.Requires;
import java.util.List;
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
                String refused = "DOWN, java.net.ConnectException: Connection refused";
                assertThat(child.output().lines().filter(line -> line.matches("(with|without|again): .*")))
                        .as(child.output())
                        .containsExactly(
                                "with: UP, no error",
                                "with: " + refused,
                                "without: UP, no error",
                                "without: " + refused,
                                "again: UP, no error",
                                "again: " + refused);
            }
        }
    }
}
