package dev.lastref.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.Sidecar;
import dev.lastref.http.config.ConfigLoader;
import dev.lastref.http.config.ConfigSources;
import dev.lastref.http.config.Setting;
import dev.lastref.http.config.SidecarConfig;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.TestSidecar;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConfigCommandTest {
    private static final String ORIGIN = "--origin=http://127.0.0.1:8081";

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of(arguments));
        return command.execute(all.toArray(String[]::new));
    }

    @Test
    void whatTheJvmWasGivenIsOfTheCommandLine() {
        System.setProperty("lastref.pool.size", "32MiB");
        try {
            assertThat(run("config", ORIGIN)).isZero();
            assertThat(out.toString()).contains("lastref.pool.size = 32MiB");
            assertThat(run("config", ORIGIN, "-Dlastref.pool.size=64MiB")).isZero();
            assertThat(out.toString()).contains("lastref.pool.size = 64MiB");
        } finally {
            System.clearProperty("lastref.pool.size");
        }
        System.setProperty("lastref.pool.sice", "32MiB");
        try {
            assertThat(run("config", ORIGIN)).isEqualTo(2);
            assertThat(err.toString()).contains("lastref.pool.sice", "command line", "lastref.pool.size");
        } finally {
            System.clearProperty("lastref.pool.sice");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--origin=http://127.0.0.1:1, lastref.origin, http://127.0.0.1:2",
        "--listen=:81, lastref.listen, :82",
        "--admin=:81, lastref.admin, :82",
    })
    void anOptionBesideAnotherValueOfItsKeyIsAKeyThatIsThereTwice(String option, String key, String other) {
        String named = option.substring(option.indexOf('=') + 1);
        assertThat(run("config", option, "-D" + key + "=" + other)).isEqualTo(2);
        assertThat(err.toString())
                .contains(key + " = \"" + named + "\" (command line): expected each key once; it is there before, as \""
                        + other + "\"");
        assertThat(out.toString()).isEmpty();
        assertThat(run("config", ORIGIN, "-Dlastref.origin=http://127.0.0.1:8081"))
                .as("the same twice")
                .isZero();
    }

    @Test
    void whatItPrintsIsAFileThatMeansTheSame() throws Exception {
        assertThat(run("config", ORIGIN, "-Dlastref.pool.size=64MiB", "-Dlastref.cache.targets=none"))
                .isZero();
        Path printed = Files.writeString(directory.resolve("printed.properties"), out.toString());
        SidecarConfig again = ConfigLoader.load(printed, Map.of(), Map.of());
        SidecarConfig meant = ConfigLoader.load(
                null,
                Map.of(),
                Map.of(
                        "lastref.origin",
                        "http://127.0.0.1:8081",
                        "lastref.pool.size",
                        "64MiB",
                        "lastref.cache.targets",
                        "none"));
        assertThat(again.poolSize()).isEqualTo(meant.poolSize());
        assertThat(again.rules()).isEqualTo(meant.rules());
        assertThat(again.origins()).isEqualTo(meant.origins());
        assertThat(out.toString())
                .contains("# From: command line; default: 256MiB; changes at once.\nlastref.pool.size = 64MiB");
        assertThat(out.toString().lines().filter(line -> line.startsWith("#"))).allMatch(line -> line.length() <= 100);
    }

    @Test
    void itTellsValueSourceAndMeaningToScripts() throws Exception {
        Path file = Files.writeString(directory.resolve("some.properties"), "lastref.pool.size = 32MiB");
        assertThat(run("config", ORIGIN, "--config=" + file, "--json")).isZero();
        JsonNode size = new JsonMapper().readTree(out.toString()).get("lastref.pool.size");
        assertThat(size.get("value").asString()).isEqualTo("32MiB");
        assertThat(size.get("source").asString()).isEqualTo(file.toString());
        assertThat(size.get("byDefault").asString()).isEqualTo("256MiB");
        assertThat(size.get("expected").asString()).contains("a size");
        assertThat(size.get("meaning").asString()).isEqualTo(Setting.POOL_SIZE.meaning());

        assertThat(run("config", ORIGIN, "--config=" + file, "--json", "--set-only"))
                .isZero();
        assertThat(new JsonMapper().readTree(out.toString()).propertyNames())
                .containsExactlyInAnyOrder("lastref.pool.size", "lastref.origin");
    }

    @Test
    void itAsksARunningSidecar() throws Exception {
        try (ScriptedOrigin origin = ScriptedOrigin.start();
                TestSidecar sidecar = TestSidecar.before(origin, "cache.keep=7s")) {
            String admin = "--running=127.0.0.1:" + sidecar.admin().getPort();
            sidecar.sidecar().settings().put(Map.of("lastref.pool.size", "24MiB"));
            assertThat(run("config", admin, "--set-only")).as(err.toString()).isZero();
            assertThat(out.toString())
                    .contains("lastref.cache.keep = 7s")
                    .contains("From: PUT /api/config; default: 256MiB; changes at once.\nlastref.pool.size = 24MiB")
                    .doesNotContain("lastref.log.level");
            assertThat(run("reload", "--admin=127.0.0.1:" + sidecar.admin().getPort()))
                    .isZero();
            assertThat(out.toString().strip()).isEqualTo("no setting has changed");
        }
    }

    @Test
    void aReloadSaysWhatWasEditedInVain() throws Exception {
        Path file = Files.writeString(directory.resolve("some.properties"), "lastref.cache.keep = 1m");
        try (ScriptedOrigin origin = ScriptedOrigin.start();
                Sidecar sidecar = Sidecar.start(
                        ConfigLoader.read(new ConfigSources(file, Map.of(), TestSidecar.all(origin.url()))))) {
            sidecar.settings().put(Map.of("lastref.cache.keep", "2m"));
            Files.writeString(file, "lastref.cache.keep = 3m");
            assertThat(run(
                            "reload",
                            "--admin=127.0.0.1:" + sidecar.adminAddress().getPort()))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString().strip())
                    .isEqualTo(
                            "no setting has changed\nwhat the file says of lastref.cache.keep is hidden by PUT /api/config");
        }
    }

    @Test
    void aBadSettingEndsItAsItWouldEndServe() {
        assertThat(run("config", ORIGIN, "-Dlastref.pool.size=small")).isEqualTo(2);
        assertThat(err.toString()).contains("lastref.pool.size = \"small\" (command line)");
        assertThat(run("config", "--running=127.0.0.1:1")).isEqualTo(1);
        assertThat(err.toString()).contains("no sidecar answers on 127.0.0.1:1");
    }

    @Test
    void aSettingThatIsGivenTwiceByDIsRefusedUnlessItIsTheSame() {
        assertThat(run("config", ORIGIN, "-Dlastref.pool.size=48MiB", "-Dlastref.pool.size=40MiB"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("lastref.pool.size = \"40MiB\" (command line): expected each key once")
                .contains("\"48MiB\"");
        assertThat(run("config", ORIGIN, "-Dlastref.pool.size=48MiB", "-D", "lastref.pool.size=48MiB"))
                .isZero();
        assertThat(out.toString()).contains("lastref.pool.size = 48MiB");
    }

    /** To mend it: ./lastref config --markdown > docs/configuration.md */
    @Test
    void theReferenceInTheDocsIsTheOneThatTheCodeMakes() throws Exception {
        assertThat(run("config", "--markdown")).isZero();
        Path docs = Path.of("").toAbsolutePath().resolve("../docs/configuration.md");
        assertThat(Files.readString(docs))
                .as("run ./lastref config --markdown > docs/configuration.md")
                .isEqualTo(out.toString());
    }
}
