package dev.lastref.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolBarTest {

    private static final PoolReading READING = PoolReading.parse("""
            {"capacity": 67108864,
             "bytes": {"free": 16777216, "filling": 4194304, "live": 33554432, "dead": 1,
                       "retired": 0, "draining": 12582911, "unproven": 0},
             "segments": [{"id": 1, "state": "LIVE"}, {"id": 2, "state": "FILLING"}, {"id": 3, "state": "LIVE"}]}
            """.getBytes(StandardCharsets.UTF_8));

    @Test
    void drawsEveryStateThatHoldsAByteInProportion() {
        PoolBar bar = new PoolBar(new Screen(new PrintStream(PrintStream.nullOutputStream()), false));

        assertThat(bar.draw(READING))
                .containsExactly(
                        "[" + "+".repeat(4) + "#".repeat(32) + "x" + "d".repeat(12) + ".".repeat(15) + "] 64.0 MiB",
                        " . free 16.0 MiB   + filling 4.0 MiB   # live 32.0 MiB   x dead 1 B   d draining 12.0 MiB",
                        " segments: 1 filling, 2 live");
    }

    @Test
    void coloursOnlyWhereSomebodyIsLooking() {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());

        assertThat(String.join("", new PoolBar(new Screen(nowhere, false)).draw(READING)))
                .doesNotContain("\u001b");
        assertThat(String.join("", new PoolBar(new Screen(nowhere, true)).draw(READING)))
                .contains("\u001b[32m####");
    }

    @Test
    void aLegendThatIsTooLongForALineGoesOnInTheNext() {
        PoolReading all = PoolReading.parse("""
                {"capacity": 67108864,
                 "bytes": {"free": 16777216, "filling": 1048474, "live": 1048474, "dead": 1048474,
                           "retired": 1048474, "draining": 1048474, "unproven": 1048474},
                 "segments": []}
                """.getBytes(StandardCharsets.UTF_8));
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());

        List<String> lines = new PoolBar(new Screen(nowhere, false)).draw(all);
        assertThat(lines)
                .allMatch(line -> line.length() <= 95)
                .contains(
                        " . free 16.0 MiB   + filling 1023.9 KiB   # live 1023.9 KiB   x dead 1023.9 KiB",
                        " r retired 1023.9 KiB   d draining 1023.9 KiB   u unproven 1023.9 KiB");
        assertThat(new PoolBar(new Screen(nowhere, true))
                        .draw(all).stream().map(line -> line.replaceAll("\u001b\\[\\d+m", "")))
                .as("colours take no room")
                .isEqualTo(lines);
    }

    @Test
    void drawsAnEmptyPool() {
        PoolReading empty = PoolReading.parse(
                "{\"capacity\":1048576,\"bytes\":{\"free\":1048576},\"segments\":[]}".getBytes(StandardCharsets.UTF_8));

        assertThat(new PoolBar(new Screen(System.out, false)).draw(empty))
                .containsExactly("[" + ".".repeat(64) + "] 1.0 MiB", " . free 1.0 MiB", " segments: none");
    }
}
