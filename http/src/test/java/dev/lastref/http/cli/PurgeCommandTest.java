package dev.lastref.http.cli;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.TestSidecar;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PurgeCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    private int purge(TestSidecar sidecar, String... arguments) {
        List<String> all = new ArrayList<>(
                List.of("purge", "--admin=127.0.0.1:" + sidecar.admin().getPort()));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "--url=http://test/a, 1 response",
        "--tag=t, 1 response",
        "--prefix=/, 2 responses",
        "--host=test, 2 responses",
        "--all, 2 responses",
        "--tag=none, 0 responses",
    })
    void itPurgesARunningSidecar(String what, String purged) throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.start();
                TestSidecar sidecar = TestSidecar.before(origin)) {
            origin.on("/a", ok("max-age=60", Content.of(1, 100), "Cache-Tag: t"));
            origin.on("/b", ok("max-age=60", Content.of(2, 100)));
            sidecar.get("/a");
            sidecar.get("/b");
            assertThat(purge(sidecar, what)).as(err.toString()).isZero();
            assertThat(out.toString()).isEqualTo("purged: " + purged + System.lineSeparator());
            assertThat(sidecar.get("/a").isHit()).isEqualTo(purged.startsWith("0"));
        }
    }

    @Test
    void bytesOutsideAsciiAreWrittenAsTheyAre() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.start();
                TestSidecar sidecar = TestSidecar.before(origin)) {
            origin.on("/caf\u00c3\u00a9", ok("max-age=60", Content.of(1, 100)));
            sidecar.get("/caf\u00c3\u00a9");
            assertThat(purge(sidecar, "--url=http://test/caf\u00e9"))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString()).startsWith("purged: 1 response");
        }
    }

    /** As Java gives them to a program that was started in the locale C. */
    @Test
    void bytesThatTheLocaleCannotReadAreNotSearchedFor() {
        assertThat(run("purge", "--url=http://test/caf\ufffd\ufffd")).isEqualTo(2);
        assertThat(err.toString()).startsWith("lastref: --url").contains("LC_ALL=C.UTF-8", "%xC3");
    }

    @Test
    void itAnswersInJson() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.start();
                TestSidecar sidecar = TestSidecar.before(origin)) {
            assertThat(purge(sidecar, "--all", "--soft", "--json")).isZero();
            assertThat(out.toString()).isEqualTo("{\"by\":\"all\",\"purged\":0,\"soft\":true}\n");
        }
    }

    @Test
    void whatTheSidecarDoesNotUnderstandIsTold() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.start();
                TestSidecar sidecar = TestSidecar.before(origin)) {
            assertThat(purge(sidecar, "--url=a/b")).isEqualTo(2);
            assertThat(err.toString()).contains("a/b", "expected").doesNotContain("Exception");
            assertThat(err.toString().lines()).hasSize(1);
        }
    }

    @Test
    void whereNoSidecarAnswersItFails() throws Exception {
        String nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = "127.0.0.1:" + free.getLocalPort();
        }
        assertThat(run("purge", "--all", "--admin=" + nobody)).isEqualTo(1);
        assertThat(err.toString()).startsWith("lastref: cannot purge").contains(nobody);
        assertThat(err.toString().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"purge", "purge --all --tag=t", "purge --url", "purge --all extra", "purge --all --admin=:::"})
    void whatIsNoCommandIsTold(String arguments) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString()).startsWith("lastref: ");
        assertThat(err.toString().lines()).hasSize(1);
    }
}
