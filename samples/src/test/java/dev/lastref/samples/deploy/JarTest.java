package dev.lastref.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.Requires;
import dev.lastref.samples.HostPort;
import dev.lastref.samples.origin.DemoOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged jar as a process, and the clients that people use. */
@Timeout(240)
class JarTest {
    private static final Path JAR = Path.of("../http/target/lastref.jar");
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern ANNOUNCED = Pattern.compile("lastref: (https?)://\\S+?:(\\d+) -> ");
    private static final int SIZE = 3_000_000;
    private static final String BLOB = "/blob/1?size=" + SIZE + "&ttl=600";

    @TempDir
    Path directory;

    private DemoOrigin origin;
    private final List<Process> running = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        Requires.that(Files.exists(JAR), "the packaged jar, http/target/lastref.jar: run mvn verify");
        Requires.command("curl");
        origin = DemoOrigin.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process each : running) {
            each.destroyForcibly().waitFor();
        }
        if (origin != null) {
            origin.close();
        }
    }

    private Process run(Path output, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        running.add(process);
        return process;
    }

    /** Runs a client to its end, and answers what it printed. */
    private String ran(String... command) throws Exception {
        Path output = directory.resolve("client.log");
        Process process = run(output, command);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        String printed = Files.readString(output, StandardCharsets.ISO_8859_1);
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }

    private Path log() {
        return directory.resolve("lastref.log");
    }

    /** Starts the jar; over TLS with a certificate of its own. */
    private Process start(boolean tls, String... settings) throws Exception {
        return start(tls, "127.0.0.1:0", settings);
    }

    private Process start(boolean tls, String admin, String[] settings) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx96m",
                "-XX:MaxDirectMemorySize=32m"));
        command.addAll(List.of("-jar", JAR.toAbsolutePath().toString(), "serve"));
        command.addAll(List.of("--origin", HostPort.toUri(origin.address()).toString()));
        command.addAll(List.of("--listen", "127.0.0.1:0", "--admin", admin, "-Dlastref.pool.size=64MiB"));
        if (tls) {
            Requires.command("openssl");
            String key = directory.resolve("key.pem").toString();
            String certificate = directory.resolve("certificate.pem").toString();
            ran(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
                            + "-addext subjectAltName=IP:127.0.0.1 -keyout " + key + " -out " + certificate)
                    .split(" ", -1));
            command.add("-Dlastref.tls.certificate=" + certificate);
            command.add("-Dlastref.tls.key=" + key);
        }
        Arrays.stream(settings).forEach(setting -> command.add("-Dlastref." + setting));
        return run(log(), command.toArray(new String[0]));
    }

    /** Waits until it serves; returns the beginning of its URLs. */
    private String awaitUrl(Process process) throws IOException {
        await().atMost(PATIENCE).until(() -> announced().find() || !process.isAlive());
        Matcher announced = announced();
        assertThat(announced.find()).as(Files.readString(log())).isTrue();
        return announced.group(1) + "://127.0.0.1:" + announced.group(2);
    }

    private Matcher announced() throws IOException {
        return ANNOUNCED.matcher(Files.readString(log()));
    }

    @ParameterizedTest
    @CsvSource({
        "false, --http1.1, 1.1",
        "false, --http2-prior-knowledge, 2",
        "true, --http1.1, 1.1",
        "true, --http2, 2",
        "true, --tls-max 1.2, 2"
    })
    void curlGetsEveryByteFromTheOriginAndFromTheStore(boolean tls, String option, String version) throws Exception {
        String url = awaitUrl(start(tls)) + BLOB;
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        for (Path file : List.of(first, second)) {
            List<String> command = new ArrayList<>(List.of("curl", "-sS"));
            if (tls) {
                command.addAll(
                        List.of("--cacert", directory.resolve("certificate.pem").toString()));
            }
            command.addAll(List.of(option.split(" ", -1)));
            command.addAll(List.of("-D", "-", "-w", "version %{http_version}\n", "-o", file.toString(), url));
            String printed = ran(command.toArray(new String[0]));
            assertThat(printed).contains("version " + version + "\n");
            assertThat(printed.toLowerCase(Locale.ROOT))
                    .contains(file == first ? "cache-status: lastref; fwd=" : "cache-status: lastref; hit");
        }
        assertThat(Files.size(first)).isEqualTo(SIZE);
        assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    }

    @Test
    void whatIsHardlyMeantSoIsSaidAtTheStart() throws Exception {
        awaitUrl(start(/* tls= */ false, "pool.directory=/dev/shm/unused"));
        assertThat(Files.readString(log()))
                .containsPattern(
                        "WARN\\S* .*lastref\\.pool\\.directory = \"/dev/shm/unused\" \\(command line\\) is not used")
                .doesNotContain("is not on loopback");
    }

    @Test
    void anAdministrationPortThatAnybodyReachesIsSaidAtTheStart() throws Exception {
        awaitUrl(start(/* tls= */ false, "0.0.0.0:0", new String[0]));
        assertThat(Files.readString(log()))
                .containsPattern(
                        "WARN\\S* .*lastref\\.admin = \"0\\.0\\.0\\.0:0\" .* lastref\\.admin\\.token-file is not set");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void h2loadSeesNoRequestFail(boolean tls) throws Exception {
        Requires.command("h2load");
        String url = awaitUrl(start(tls)) + "/blob/2?size=20000&ttl=600";
        assertThat(ran("h2load", "-n", "5000", "-c", "10", "-m", "20", url))
                .contains("5000 total, 5000 started, 5000 done, 5000 succeeded, 0 failed, 0 errored, 0 timeout");
    }

    @ParameterizedTest
    @CsvSource({"false, --http1.1", "false, --http2-prior-knowledge", "true, --http1.1", "true, --http2"})
    void whoIsBeingServedWhenItIsToldToEndGetsEveryByte(boolean tls, String option) throws Exception {
        Process process = start(tls, "shutdown.grace=60s");
        String url = awaitUrl(process) + BLOB;
        List<Process> clients = new ArrayList<>();
        List<Path> bodies = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Path body = directory.resolve("body" + i);
            bodies.add(body);
            clients.add(run(
                    directory.resolve("curl" + i + ".log"),
                    "curl",
                    "-sS",
                    "-k",
                    option,
                    "--limit-rate",
                    "1000k",
                    "-o",
                    body.toString(),
                    url));
        }
        await().atMost(PATIENCE)
                .until(() -> bodies.stream().allMatch(body -> body.toFile().length() > 0));
        process.destroy(); // SIGTERM
        for (int i = 0; i < clients.size(); i++) {
            assertThat(clients.get(i).waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(clients.get(i).exitValue())
                    .as(Files.readString(directory.resolve("curl" + i + ".log")))
                    .isZero();
            assertThat(Files.size(bodies.get(i))).isEqualTo(SIZE);
            assertThat(Files.mismatch(bodies.get(0), bodies.get(i))).isEqualTo(-1);
        }
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log())).isZero();
    }
}
