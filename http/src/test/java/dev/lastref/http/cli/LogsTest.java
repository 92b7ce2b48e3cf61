package dev.lastref.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.testing.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogsTest {
    @Test
    void messagesComeOutWithoutFreeDescriptorsAndWhileTheProcessEnds() throws Exception {
        try (ChildJvm child = ChildJvm.start(List.of("prlimit", "--nofile=256"), LogsProgram.class)) {
            assertThat(child.awaitExit()).as(child.output()).isZero();
            assertThat(child.output()).contains("no more files").contains("at the end 19");
        }
    }
}
