package dev.lastref.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.config.Setting;
import dev.lastref.pool.testing.Requires;
import dev.lastref.pool.testing.TmpfsMount;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MainTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpNamesTheCommands() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("Usage: lastref", "serve", "doctor", "./lastref demo");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void versionIsTold() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).matches("lastref \\d+\\.\\d+\\.\\d+\\S*\\R");
    }

    @Test
    void helpOfServeNamesItsOptions() {
        assertThat(run("serve", "--help")).isZero();
        assertThat(out.toString())
                .contains("--origin=URL", "--listen=HOST:PORT", "--admin=HOST:PORT", "--config=FILE", "-D")
                .contains(Setting.ORIGIN.key(), Setting.LISTEN.key(), Setting.ADMIN.key());
    }

    @Test
    void theListOfCommandsHasWholeSentences() {
        assertThat(run("--help")).isZero();
        String list = out.toString();
        list = list.substring(list.indexOf("Commands:"), list.indexOf("From a source checkout"));
        // What a command is said to do begins behind its name and goes on, indented further.
        assertThat(list.lines()
                        .skip(1)
                        .reduce("", (all, line) -> line.matches("  \\S.*") ? all + "\n" + line : all + line)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty()))
                .hasSize(8)
                .allMatch(line -> line.endsWith("."));
    }

    /** That which is for those who build images, too. */
    @Test
    void eachCommandHasAHelpOfItsOwn() {
        for (String command : Main.commandLine().getSubcommands().keySet()) {
            out.getBuffer().setLength(0);
            assertThat(run(command, "--help")).as(command).isZero();
            assertThat(out.toString()).startsWith("Usage: lastref " + command);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "config", "top", "log", "purge", "reload", "doctor"})
    void itsHelpSaysWithWhichStatusItEnds(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString()).containsPattern("(?s)Exit status:.*  0 .*  1 .*  2 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"top", "log", "purge", "reload", "config"})
    void helpOfWhatSpeaksToASidecarSaysHowItIsShownAToken(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString().replaceAll("\\s", "")) // lines are broken behind hyphens too
                .contains("(lastref.admin.token-filethere)", Setting.ADMIN_TOKEN_FILE.environmentName() + "heremust");
    }

    @ParameterizedTest
    @CsvSource({
        "--orgin, --orgin",
        "serve --orgin=http://127.0.0.1:1, --orgin",
        "srve, srve",
        "serve extra, extra",
        "serve --origin, --origin",
        "doctor --listen=:80, --listen",
    })
    void whatIsNoOptionIsNamedInOneLine(String arguments, String named) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString()).startsWith("lastref: ").contains(named, "--help");
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serv | \"serv\" is no command; the nearest is serve; see lastref --help",
                "--config=x serve | \"--config=x\" is no option of lastref itself: those of a command stand behind it; see lastref --help",
                "serve --config=f\ufffd\u0000x | --config is \"f\ufffd\u0000x\": expected FILE, which this locale's encoding cannot read: set LC_ALL=C.UTF-8; see lastref serve --help",
                "config --markdown --json | --markdown is of all settings, whatever they are: not with --running, --set-only or --json; see lastref config --help",
                "config --running=a:1 --origin=http://a | --running is of the settings that a sidecar has: not with --config, -D, --origin, --listen, --admin; see lastref config --help",
                "config --running=a:1 -Dlastref.pool.size=1m | --running is of the settings that a sidecar has: not with --config, -D, --origin, --listen, --admin; see lastref config --help",
                "help | \"help\" is no command; see lastref --help",
                "serve x | \"x\" is no option, and lastref serve takes nothing else; see lastref serve --help",
                "serve --orgin=http://a | \"--orgin=http://a\" is no option of lastref serve; the nearest is --origin; see lastref serve --help",
                "log --once | \"--once\" is no option of lastref log; see lastref log --help",
                "serve --origin | --origin is given without a value: expected URL behind it; see lastref serve --help",
                "serve -D | -D is given without a value: expected lastref.KEY=VALUE behind it; see lastref serve --help",
                "serve --listen=:1 --listen=:2 | --listen is given twice: expected it once; see lastref serve --help",
                "doctor --json=x | --json is given \"x\": expected no value behind it; see lastref doctor --help",
                "purge | --url, --tag, --prefix, --host, --all: expected one of them; see lastref purge --help",
                "purge --url=a --tag=b | --url, --tag, --prefix, --host, --all: expected only one of them; see lastref purge --help",
            })
    void whatIsWrongWithACommandLineIsToldInOurWords(String arguments, String told) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err).hasToString("lastref: " + told + System.lineSeparator());
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void withoutACommandItSaysWhichThereAre() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("command", "--help");
    }

    @ParameterizedTest
    @CsvSource({
        "-Dlastref.pool.size=small, lastref.pool.size = \"small\" (command line)",
        "-Dlastref.pool.sise=1MiB, the nearest is lastref.pool.size",
        "-Dlastref.pool.size, lastref.pool.size = \"\" (command line)",
        "--listen=80, lastref.listen = \"80\" (command line)",
        "--origin=ftp://127.0.0.1, lastref.origin = \"ftp://127.0.0.1\" (command line)",
    })
    void aBadSettingIsNamedInOneLine(String argument, String named) {
        String origin = argument.startsWith("--origin") ? "--admin=127.0.0.1:0" : "--origin=http://127.0.0.1:1";
        assertThat(run("serve", origin, argument)).isEqualTo(2);
        assertThat(err.toString()).startsWith("lastref: ").contains(named);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void allSettingsOfNoUseAreNamedAtOnceALineForEach() throws Exception {
        Path file = directory.resolve("b.properties");
        Files.writeString(
                file,
                "lastref.pool.sise = 8MiB\nfoo.bar = 1\nlastref.cache.default-ttl = abc\nlastref.rules.a.ttl = 1m\n");
        assertThat(run("serve", "--config=" + file, "--origin=ftp://a", "-Dlastref.log.level=loud"))
                .isEqualTo(2);
        assertThat(err.toString().lines())
                .hasSize(6)
                .allMatch(line -> line.startsWith("lastref: "))
                .anyMatch(line -> line.contains("lastref.pool.sise = \"8MiB\" (" + file + ")"))
                .anyMatch(line -> line.contains("foo.bar = \"1\" (" + file + ")"))
                .anyMatch(line -> line.contains("lastref.cache.default-ttl = \"abc\" (" + file + ")"))
                .anyMatch(line -> line.contains("lastref.rules.a."))
                .anyMatch(line -> line.contains("lastref.origin = \"ftp://a\""))
                .anyMatch(line -> line.contains("lastref.log.level = \"loud\""));
    }

    @Test
    void anEmptyNameIsNoFile() {
        assertThat(run("serve", "--config=")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly("lastref: --config is \"\": expected the path of a properties file");
    }

    @Test
    void aMissingFileIsNamedInOneLine() {
        Path missing = directory.resolve("missing.properties");
        assertThat(run("serve", "--config=" + missing)).isEqualTo(2);
        assertThat(err.toString()).contains(missing.toString());
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void anAddressThatIsTakenIsNamedInOneLineAndNothingStays() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String taken = "127.0.0.1:" + other.getLocalPort();
            assertThat(run(
                            "serve",
                            "--origin=http://127.0.0.1:1",
                            "--listen=" + taken,
                            "--admin=127.0.0.1:0",
                            "-Dlastref.pool.size=1MiB"))
                    .isEqualTo(1);
            assertThat(err.toString())
                    .startsWith("lastref: cannot listen on " + taken + " (lastref.listen): ")
                    .contains("in use; another process listens there", "ss -ltnp", "set lastref.listen to another");
            assertThat(err.toString().lines()).hasSize(1);
            assertThat(out.toString()).isEmpty();
        }
    }

    @CommandLine.Command(name = "greedy")
    static final class Greedy implements Runnable {
        @Override
        public void run() {
            throw new OutOfMemoryError("Java heap space");
        }
    }

    @Test
    void aHeapThatIsTooSmallIsToldInOneLine() {
        CommandLine command = Main.commandLine().addSubcommand(new Greedy());
        command.setErr(new PrintWriter(err, true));
        assertThat(Main.run(command, "greedy")).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("lastref: Java has no memory left (Java heap space)")
                .contains("-Xmx");
        assertThat(err.toString().lines()).hasSize(1);
    }

    @CommandLine.Command(name = "wide")
    static final class Wide implements Runnable {
        @Override
        public void run() { // in a JDK's words
            throw new OutOfMemoryError(
                    "Cannot reserve 4194304 bytes of direct buffer memory (allocated: 8192, limit: 3145728)");
        }
    }

    @Test
    void whereItIsNotTheHeapThatIsTooSmallTheOtherOptionIsNamed() {
        CommandLine command = Main.commandLine().addSubcommand(new Wide());
        command.setErr(new PrintWriter(err, true));
        assertThat(Main.run(command, "wide")).isEqualTo(1);
        assertThat(err.toString())
                .contains("(Cannot reserve 4194304 bytes", "-XX:MaxDirectMemorySize=")
                .doesNotContain("-Xmx");
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void anAddressThatTheMachineDoesNotHaveIsNamedInOneLine() {
        assertThat(run(
                        "serve",
                        "--origin=http://127.0.0.1:1",
                        "--listen=127.0.0.1:0",
                        "--admin=192.0.2.1:23099",
                        "-Dlastref.pool.size=1MiB"))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("cannot listen on 192.0.2.1:23099 (lastref.admin): ", "no such address", "set lastref.admin");
    }

    @Test
    void theDoctorSaysWhatItTriedWhatItSawAndWhatFollows() {
        assertThat(run("doctor")).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines().filter(line -> line.matches("(OK|NOTE|FATAL) +\\S.*")))
                .hasSizeGreaterThanOrEqualTo(4);
        assertThat(out.toString())
                .contains("OK       the system", "Java " + Runtime.version())
                .contains(
                        "memfd_create",
                        "seal",
                        "PUNCH_HOLE",
                        "/dev/shm",
                        "cgroup",
                        "RLIMIT_NOFILE",
                        "huge pages",
                        "swap")
                .contains("Lastref works here.")
                .doesNotContain("FATAL");
        assertThat(out.toString().lines().count() % 3)
                .as("three lines each, and one for them all")
                .isEqualTo(1);
    }

    @Test
    void theDoctorTriesTheDirectoryThatIsConfigured() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 << 20)) {
            Path pool = mount.path().resolve("pool");
            Path file = Files.writeString(
                    directory.resolve("lastref.properties"),
                    "lastref.pool.backing=directory\nlastref.pool.directory=" + pool + "\n");
            assertThat(run("doctor", "--config=" + file)).isZero();
            assertThat(out.toString())
                    .contains("OK       the backing directory " + pool)
                    .containsPattern("tmpfs, \\d+ bytes free")
                    .contains("a file in " + pool, "Lastref works here.");
            assertThat(mount.usedBytes()).as("nothing is left there").isZero();
        }
    }

    @Test
    void theDoctorAddsUpTheDescriptorsOfTheSettings() throws Exception {
        Path file = Files.writeString(
                directory.resolve("lastref.properties"),
                "lastref.origin=http://127.0.0.1:1,http://127.0.0.1:2\nlastref.origin.connections=123\n"
                        + "lastref.limits.connections=45\n");
        assertThat(run("doctor", "--config=" + file)).isZero();
        assertThat(out.toString())
                .containsPattern("OK       the limit of open files .*\\R.*\\R.*enough for what the settings may need: "
                        + "\\d+ = 45 for clients .* 246 for origins");
        out.getBuffer().setLength(0);
        assertThat(run(
                        "doctor",
                        "--config=" + file,
                        "-Dlastref.limits.connections=1000000",
                        "-Dlastref.origin=http://127.0.0.1:1,http://127.0.0.1:2,http://127.0.0.1:3",
                        "-Dlastref.origin.connections=1000000"))
                .as("it works all the same")
                .isZero();
        assertThat(out.toString())
                .containsPattern(
                        "NOTE     the limit of open files .*\\R.*\\R.*the settings may need \\d+ = 1000000 for clients")
                .contains("ulimit -n", "LimitNOFILE=");
    }

    @Test
    void whereTheDirectoryThatIsConfiguredIsOnADiskTheDoctorSaysSoAndEndsWithOne() throws Exception {
        Requires.that(!Files.getFileStore(directory).type().equals("tmpfs"), "a temporary directory on a disk");
        String[] onDisk = {"-Dlastref.pool.backing=directory", "-Dlastref.pool.directory=" + directory};
        assertThat(run("doctor", onDisk[0], onDisk[1])).isEqualTo(1);
        assertThat(out.toString())
                .contains("FATAL    the backing directory " + directory)
                .contains(directory + " is on " + Files.getFileStore(directory).type())
                .contains("Lastref cannot work here");
        out.getBuffer().setLength(0);
        assertThat(run("doctor", "--json", onDisk[0], onDisk[1])).isEqualTo(1);
        JsonNode report = new JsonMapper().readTree(out.toString());
        assertThat(report.get("works").asBoolean()).isFalse();
        assertThat(report.get("findings")
                        .valueStream()
                        .filter(finding -> finding.get("verdict").asString().equals("FATAL")))
                .singleElement()
                .extracting(finding -> finding.get("tried").asString())
                .asString()
                .contains(directory.toString());
    }

    @Test
    void aSettingThatCannotBeUsedEndsTheDoctorToo() {
        assertThat(run("doctor", "-Dlastref.pool.backing=disk")).isEqualTo(2);
        assertThat(err.toString()).contains("lastref.pool.backing = \"disk\"");
    }

    private int run(String... arguments) {
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    @Test
    void theDoctorSpeaksJsonToScripts() {
        assertThat(run("doctor", "--json")).isZero();
        JsonNode report = new JsonMapper().readTree(out.toString());
        assertThat(report.get("works").asBoolean()).isTrue();
        assertThat(report.get("findings").valueStream().map(finding -> finding.propertyNames()))
                .hasSizeGreaterThanOrEqualTo(9)
                .allMatch(names -> names.containsAll(List.of("verdict", "tried", "seen", "follows")));
        assertThat(report.get("findings")
                        .valueStream()
                        .map(finding -> finding.get("verdict").asString()))
                .isSubsetOf("OK", "NOTE");
    }
}
