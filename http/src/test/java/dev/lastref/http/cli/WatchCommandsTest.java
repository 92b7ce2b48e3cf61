package dev.lastref.http.cli;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.TestSidecar;
import dev.lastref.pool.testing.Requires;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** top and log, against a running sidecar. */
class WatchCommandsTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private ScriptedOrigin origin;
    private TestSidecar sidecar;
    private String admin;

    @BeforeEach
    void start() throws Exception {
        origin = ScriptedOrigin.start();
        sidecar = TestSidecar.before(origin);
        admin = "--admin=127.0.0.1:" + sidecar.admin().getPort();
        origin.on("/a", ok("max-age=600", Content.of(1, 100_000)));
        sidecar.get("/a");
        sidecar.get("/a");
    }

    @AfterEach
    void stop() {
        sidecar.close();
        origin.close();
    }

    private int run(String... arguments) {
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    // ---- top

    @Test
    void topShowsPoolRatiosAndEntriesOnce() {
        assertThat(run("top", admin, "--once", "--interval=0.1"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("Pool      [", "32.0 MiB", "since start 50.0 %", "HELD BY", "MOST ASKED FOR", "http://test/a")
                .doesNotContain("\u001b");
    }

    @Test
    void topTellsScriptsTheSame() throws Exception {
        assertThat(run("top", admin, "--once", "--json", "--interval=100ms")).isZero();
        assertThat(out.toString().lines()).hasSize(1);
        JsonNode frame = JSON.readTree(out.toString());
        assertThat(frame.get("pool").get("capacity").asLong()).isEqualTo(32 << 20);
        assertThat(frame.get("pool")
                        .get("bytes")
                        .valueStream()
                        .mapToLong(JsonNode::asLong)
                        .sum())
                .isEqualTo(32 << 20);
        assertThat(frame.get("hitRatioSinceStart").asDouble()).isEqualTo(0.5);
        assertThat(frame.get("entries").get(0).get("url").asString()).isEqualTo("http://test/a");
        assertThat(frame.get("entries").get(0).get("hits").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"80, 24", "200, 50"})
    void onATerminalTopFillsItEndsByQAndGivesTheScreenBack(int columns, int rows) throws Exception {
        Requires.command("script");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String command = "stty cols " + columns + " rows " + rows + "; " + java + " -Xmx128m -cp '" + classPath
                + "' dev.lastref.http.cli.Main top " + admin + "; echo \"status $?\"; stty -a";
        Path output = directory.resolve("screen");
        Process script = new ProcessBuilder("script", "-qec", command, "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (OutputStream keys = script.getOutputStream()) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Programs.printed(output).contains("http://test/a"));
            keys.write('q');
            keys.flush();
            assertThat(script.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            script.destroyForcibly();
        }
        String printed = Files.readString(output);
        assertThat(printed).contains("\u001b[?1049h", "\u001b[?25h\u001b[?1049l", "status 0");
        String after = printed.substring(printed.indexOf("status 0"));
        assertThat(after).containsPattern("[^-]icanon").containsPattern("[^-]echo ");
        List<String> screens = new ArrayList<>(List.of(printed.split("\u001b\\[H", -1)));
        String screen = screens.stream()
                .filter(one -> one.contains("MOST ASKED FOR"))
                .findFirst()
                .orElseThrow();
        List<String> lines = screen.replaceAll("\u001b\\[[?0-9]*[a-zA-Z]", "")
                .lines()
                .filter(line -> !line.isEmpty())
                .toList();
        assertThat(lines).hasSizeLessThanOrEqualTo(rows).allMatch(line -> line.length() <= columns);
        assertThat(lines.get(0)).hasSize(columns);
    }

    @Test
    void whereNoSidecarAnswersTheyFail() {
        sidecar.close();
        for (String command : List.of("top", "log")) {
            assertThat(run(command, admin)).isEqualTo(1);
        }
        assertThat(err.toString().lines()).hasSize(2).allMatch(line -> line.contains("no sidecar answers on"));
    }

    @ParameterizedTest
    @CsvSource({
        "top --interval=0, --interval is \"0\": expected a duration",
        "top --interval=x, --interval is \"x\": expected a duration",
        "top --interval=99ms, --interval is \"99ms\": expected a duration from 100ms to 1h",
        "top --interval=3601, --interval is \"3601\": expected a duration from 100ms to 1h",
        "top --interval=NaN, --interval is \"NaN\": expected a duration",
        "top --interval=-1s, --interval is \"-1s\": expected a duration",
        "top extra, extra",
        "log --count=x, --count is \"x\": expected how many requests",
        "log --count=0, --count is \"0\": expected how many requests",
        "log --count=-1, --count is \"-1\": expected how many requests",
        "log --count=99999999999999999999, --count is \"99999999999999999999\": expected how many requests",
        "log --admin=:::, --admin is \":::\": expected HOST:PORT"
    })
    void whatIsNoOptionIsTold(String arguments, String told) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString()).startsWith("lastref: ").contains(told, "; see lastref ");
        assertThat(err.toString().lines()).hasSize(1);
    }

    // ---- log

    /** Runs a command beside, and asks the sidecar until it has printed as many lines as it is to. */
    private int logWhileAsked(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("log", admin));
        all.addAll(List.of(arguments));
        int[] status = {-1};
        Thread log = new Thread(() -> status[0] = run(all.toArray(String[]::new)), "log-command");
        log.start();
        await().until(() -> !log.isAlive() || sidecar.metric("lastref_log_readers") == 1);
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            sidecar.get("/a?miss");
            sidecar.get("/a");
            return !log.isAlive();
        });
        return status[0];
    }

    @Test
    void logPrintsALineForEachRequest() throws Exception {
        assertThat(logWhileAsked("--cache=hit", "--count=2")).as(err.toString()).isZero();
        assertThat(out.toString().lines())
                .hasSize(2)
                .allMatch(
                        line -> line.matches(
                                "\\d\\d:\\d\\d:\\d\\d\\.\\d{3} 200 hit +[\\d.]+ m?s +97\\.7 KiB GET     http://test/a 127\\.0\\.0\\.1"));
    }

    @Test
    void logSpeaksJsonToScripts() throws Exception {
        assertThat(logWhileAsked("--path=/a?", "--json", "--count=1"))
                .as(err.toString())
                .isZero();
        assertThat(JSON.readTree(out.toString()).get("target").asString()).isEqualTo("/a?miss");
    }

    @Test
    void aFilterThatIsNoneIsTold() throws Exception {
        assertThat(run("log", admin, "--status=ok")).isEqualTo(2);
        assertThat(err.toString()).contains("status is \"ok\"", "expected");
        assertThat(run("log", admin, "--method=G ET")).isEqualTo(2);
        assertThat(err.toString()).contains("method is \"G ET\"", "such as GET,HEAD");
    }

    /** CSI as one character would steer some terminals. */
    @Test
    void aPathIsShownAndLookedForAsPeopleWriteItAndSteersNothing() throws Exception {
        origin.on("/l\u00c3\u00a9", ok("no-store", Content.of(1, 10)));
        origin.on("/\u00c2\u009b31m", ok("no-store", Content.of(1, 10)));
        for (String written : List.of("/l\u00e9", "/\u009b31m")) {
            Thread log = new Thread(() -> run("log", admin, "--count=1", "--path=" + written), "log-command");
            log.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                sidecar.get(new String(written.getBytes(UTF_8), ISO_8859_1));
                return !log.isAlive();
            });
        }
        assertThat(out.toString()).contains("http://test/l\u00e9 127.0.0.1", "http://test/?31m 127.0.0.1");
    }

    @Test
    void logEndsWithTheSidecar() throws Exception {
        int[] status = {-1};
        Thread log = new Thread(() -> status[0] = run("log", admin), "log-command");
        log.start();
        await().until(() -> sidecar.metric("lastref_log_readers") == 1);
        sidecar.close();
        log.join(30_000);
        assertThat(status[0]).isEqualTo(1);
        assertThat(err.toString()).contains("has ended");
    }

    @ParameterizedTest
    @CsvSource({"top --once", "log --count 1", "purge --all", "purge --all --json", "reload", "reload --json"})
    void anotherPortIsKnownForOneAndNothingIsPostedThere(String line) {
        for (String path : new String[] {
            "/api/entries?sort=hits&limit=50", "/api/log", "/api/purge", "/api/reload", "/health/live", "/metrics"
        }) {
            origin.on(path, ok("no-store", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
        String clients = "127.0.0.1:" + sidecar.address().getPort();
        assertThat(run((line + " --admin " + clients).split(" "))).isEqualTo(1);
        assertThat(err.toString())
                .contains(clients + " answers, but not as a sidecar's administration")
                .doesNotContain("\tat ");
        assertThat(origin.requests()).noneMatch(request -> request.line().startsWith("POST"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:99999",
                "127.0.0.1:0",
                "garbage",
                "http://127.0.0.1:9090",
                "127.0.0.1:9090/x",
                "a b:1",
                ":1"
            })
    void whatIsNoAddressIsAnOptionThatIsNotUnderstood(String address) {
        assertThat(run("top", "--once", "--admin", address)).isEqualTo(2);
        assertThat(err.toString()).contains("--admin is \"" + address + "\": expected HOST:PORT");
    }
}
