package dev.lastref.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Takes the whole tour, in a JVM of its own as users do. */
class DemoTest {
    private static final long BOUND_SECONDS = 180;
    private static final int COLUMNS = 100;

    @TempDir
    Path temp;

    @Test
    void theTourEndsWithEverythingAsExpected() throws Exception {
        Path output = temp.resolve("output");
        Process demo = new ProcessBuilder(command("--no-wait", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = demo.waitFor(BOUND_SECONDS, TimeUnit.SECONDS);
            assertThat(Files.readAllLines(output))
                    .as("what docs/terminal-svg.py draws")
                    .allMatch(line -> line.length() <= COLUMNS, "at most " + COLUMNS + " columns wide");
            List<String> lines =
                    Files.readAllLines(output).stream().map(String::strip).toList();
            assertThat(ended).as("ended in time, having said %s", lines).isTrue();
            assertThat(demo.exitValue()).as("exit status after %s", lines).isZero();
            // What the tour sees and does not expect begins with an exclamation mark.
            assertThat(lines).noneMatch(line -> line.startsWith("!"));
            assertThat(lines).anyMatch(line -> line.matches("/tiles/\\S+ +again .* KiB +hit; ttl=\\d+"));
            assertThat(lines)
                    .anyMatch(line -> line.endsWith(" times faster, the same bytes; the origin computed it once."));
            assertThat(lines).contains("The origin computed it once for 16 clients.");
            assertThat(lines).anyMatch(line -> line.matches("\\d+ hits, then no longer fresh after .*"));
            assertThat(lines)
                    .anyMatch(line -> line.endsWith(" are free again, after the kernel had let the last page go."));
            assertThat(lines.subList(lines.indexOf("Without --no-wait it stays up, to look around"), lines.size()))
                    .element(1)
                    .asString()
                    .matches(" *http://127\\.0\\.0\\.1:\\d+/ +the dashboard: .*");
        } finally {
            demo.destroyForcibly().waitFor();
        }
    }

    /** What the manifest of the demo's jar, and of the sidecar's behind it, gives the JVM. */
    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Demo.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
