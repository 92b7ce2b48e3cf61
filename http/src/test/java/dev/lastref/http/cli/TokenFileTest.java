package dev.lastref.http.cli;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands, in JVMs of their own, against an administration port that asks for a token. */
@Timeout(120)
class TokenFileTest {
    private static final String VARIABLE = "LASTREF_ADMIN_TOKEN_FILE";

    @TempDir
    private Path directory;

    private Path token;
    private ScriptedOrigin origin;
    private TestSidecar sidecar;

    /** How a command ended, and what it printed, errors included. */
    private record Ended(int status, String printed) {}

    @BeforeEach
    void start() throws IOException {
        token = Files.writeString(directory.resolve("token"), "0123456789abcdef\n");
        origin = ScriptedOrigin.start();
        origin.on("/a", ok("max-age=600", new byte[10]));
        sidecar = TestSidecar.before(origin, "admin.token-file=" + token);
    }

    @AfterEach
    void stop() {
        sidecar.close();
        origin.close();
    }

    private Process begin(Path output, String tokenFile, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classPath, Main.class.getName()));
        for (String argument : arguments) {
            command.add(argument.replace("ADMIN", "127.0.0.1:" + sidecar.admin().getPort()));
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().remove(VARIABLE);
        if (!tokenFile.isEmpty()) {
            builder.environment().put(VARIABLE, tokenFile);
        }
        return builder.start();
    }

    private Ended end(Process process, Path output) throws Exception {
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
        }
    }

    private Ended run(String tokenFile, String... arguments) throws Exception {
        Path output = Files.createTempFile(directory, "ended", ".txt");
        return end(begin(output, tokenFile, arguments), output);
    }

    @ParameterizedTest
    @CsvSource({
        "purge --all --admin ADMIN, purged: 0 responses",
        "reload --admin ADMIN, no setting has changed",
        "top --once --interval 0.1 --json --admin ADMIN, originRequests",
        "config --running ADMIN --set-only, lastref.admin.token-file",
    })
    void aCommandShowsTheTokenAndWithoutItIsRefused(String line, String printed) throws Exception {
        Ended obeyed = run(token.toString(), line.split(" "));
        assertThat(obeyed.printed()).contains(printed).doesNotContain("0123456789abcdef");
        assertThat(obeyed.status()).isZero();
        Ended refused = run("", line.split(" "));
        assertThat(refused.printed())
                .contains("401", "lastref.admin.token-file", VARIABLE)
                .doesNotContain("\tat ");
        assertThat(refused.status()).isEqualTo(1);
        Path another = Files.writeString(directory.resolve("another"), "fedcba9876543210fedcba9876543210");
        Ended mistaken = run(another.toString(), line.split(" "));
        assertThat(mistaken.printed())
                .contains("401: what came is not the token", another + ", which " + VARIABLE + " names")
                .doesNotContain("set " + VARIABLE, "fedcba");
        assertThat(mistaken.status()).isEqualTo(1);
    }

    @Test
    void theLogIsReadWithTheTokenToo() throws Exception {
        Path output = directory.resolve("log.txt");
        Process reading = begin(output, token.toString(), "log", "--count", "1", "--admin", "ADMIN");
        try {
            org.awaitility.Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> {
                sidecar.get("/a");
                return !reading.isAlive();
            });
        } finally {
            reading.destroy();
        }
        Ended ended = end(reading, output);
        assertThat(ended.printed()).contains("http://test/a", "200");
        assertThat(ended.status()).isZero();
        Ended refused = run("", "log", "--count", "1", "--admin", "ADMIN");
        assertThat(refused.printed()).contains("401");
        assertThat(refused.status()).isEqualTo(1);
    }

    @Test
    void aTokenFileThatCannotBeReadIsNamed() throws Exception {
        Ended ended = run(directory.resolve("none").toString(), "purge", "--all", "--admin", "ADMIN");
        assertThat(ended.printed())
                .contains(VARIABLE, directory.resolve("none").toString())
                .doesNotContain("\tat ");
        assertThat(ended.status()).isEqualTo(1);
    }
}
