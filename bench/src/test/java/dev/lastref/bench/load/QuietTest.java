package dev.lastref.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QuietTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void aServerIsQuietOnceItHasDoneWhatItHadToDo() throws Exception {
        // A descendant works, not the process itself.
        Process process =
                new ProcessBuilder("sh", "-c", "timeout 1 sh -c 'while :; do :; done'; echo done; sleep 60").start();
        try (var printed = process.inputReader()) {
            ProcessTree tree = new ProcessTree(process.toHandle());
            while (tree.cpuSeconds() < 0.1) {
                Thread.onSpinWait();
            }
            assertThat(Quiet.await(tree, LONG)).isTrue();
            assertThat(printed.ready()).as("it has ended its work").isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    @Test
    void oneThatGoesOnIsNotWaitedForForEver() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
        try {
            ProcessTree tree = new ProcessTree(process.toHandle());
            assertThat(Quiet.await(tree, Duration.ofMillis(500))).isFalse();
        } finally {
            process.destroy();
        }
    }
}
