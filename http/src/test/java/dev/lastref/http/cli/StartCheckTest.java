package dev.lastref.http.cli;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.Programs;
import dev.lastref.http.testing.ScriptedOrigin;
import dev.lastref.http.testing.TestSidecar;
import dev.lastref.pool.testing.Requires;
import dev.lastref.pool.testing.TmpfsMount;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lastref config --check} against {@code serve} with the same settings. A serve that succeeds would run until it is interrupted. */
@Timeout(120)
class StartCheckTest {
    @TempDir
    static Path shared;

    private static Programs programs;

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void certify() throws Exception {
        programs = new Programs(shared);
        Certificates certificates = new Certificates(programs, shared);
        certificates.issue("a", "DNS:a", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
        certificates.issue("b", "DNS:b", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
        programs.run(
                "openssl",
                "pkcs8",
                "-topk8",
                "-in",
                certificates.key("a").toString(),
                "-passout",
                "pass:secret",
                "-out",
                shared.resolve("encrypted.key").toString());
        programs.run("mkfifo", shared.resolve("pipe").toString());
        Files.writeString(shared.resolve("text"), "text");
        Files.write(shared.resolve("bytes"), "0123456789abcdef\u00fc".getBytes(ISO_8859_1));
        Files.writeString(shared.resolve("token"), "0123456789abcdef0123456789abcdef");
        Files.writeString(
                shared.resolve("broken.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    }

    @AfterAll
    static void end() {
        programs.close();
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    private String[] with(List<String> command, String settings) {
        List<String> arguments = new ArrayList<>(command);
        for (Map.Entry<String, String> preset : Map.of(
                        "listen", "127.0.0.1:0", "admin", "127.0.0.1:0", "origin", "http://127.0.0.1:1")
                .entrySet()) {
            if (Arrays.stream(settings.split(" ")).noneMatch(each -> each.startsWith(preset.getKey() + "="))) {
                arguments.add("-Dlastref." + preset.getKey() + "=" + preset.getValue());
            }
        }
        for (String setting : settings.split(" ")) {
            if (!setting.isEmpty()) {
                String placed = setting.replace("SHARED", shared.toString()).replace("DIR", directory.toString());
                arguments.add(placed.startsWith("--") ? placed : "-Dlastref." + placed);
            }
        }
        return arguments.toArray(String[]::new);
    }

    private String[] check(String settings) {
        return with(List.of("config", "--check"), settings);
    }

    private String[] serve(String settings) {
        return with(List.of("serve"), settings);
    }

    /** Everything below a directory, with what would show that it was touched. */
    private static Map<Path, String> seen(Path below) throws IOException {
        Map<Path, String> seen = new TreeMap<>();
        try (Stream<Path> all = Files.walk(below)) {
            for (Path each : all.toList()) {
                seen.put(each, Files.size(each) + " bytes, " + Files.getLastModifiedTime(each));
            }
        }
        return seen;
    }

    /** What the check says, once it is seen that serve says the same. */
    private List<String> refused(String settings, int status) throws IOException {
        Map<Path, String> before = seen(directory);
        assertThat(run(check(settings))).as(err + " " + out).isEqualTo(status);
        String checked = err.toString();
        assertThat(out.toString()).isEmpty();
        assertThat(seen(directory)).as("nothing is made or changed").isEqualTo(before);
        assertThat(run(serve(settings))).as(err.toString()).isEqualTo(status);
        assertThat(checked).isEqualTo(err.toString());
        assertThat(checked.lines()).isNotEmpty().allMatch(line -> line.startsWith("lastref: "));
        return checked.lines().toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pool.size = \"small\" | pool.size=small",
                "pool.sise = \"8MiB\" | pool.sise=8MiB",
                "pool.segment-size = \"1MiB\" | pool.size=1MiB pool.segment-size=1MiB",
                "pool.segment-size = \"4KiB\" (command line): expected auto, or at least | memory.limit=none pool.size=8GiB pool.segment-size=4KiB",
                "admin = \"127.0.0.1:22001\" | listen=127.0.0.1:22001 admin=127.0.0.1:22001",
                "listen = \"no.such.host.invalid:1\" | listen=no.such.host.invalid:1",
                "origin = \"ftp://a\" | origin=ftp://a",
                "tls.key = \"none\" | tls.certificate=SHARED/a.pem",
                "origin.health.interval = \"0s\" | origin.health.interval=0s ready.origin=always",
                "rules.r.ttl | rules.r.ttl=1m",
                "DIR/no.properties | --config=DIR/no.properties",
                "pool.size = 921600 MiB does not fit | pool.size=900GiB",
                "pool.size = 512 MiB does not fit: lastref.memory.limit is 256 MiB | pool.size=512MiB memory.limit=256MiB",
                "tls.certificate = \"DIR/no\" | tls.certificate=DIR/no tls.key=SHARED/a.key",
                "tls.certificate = \"SHARED/text\" | tls.certificate=SHARED/text tls.key=SHARED/a.key",
                "tls.certificate = \"SHARED/broken.pem\" | tls.certificate=SHARED/broken.pem tls.key=SHARED/a.key",
                "tls.certificate = \"DIR\" | tls.certificate=DIR tls.key=SHARED/a.key",
                "tls.certificate = \"SHARED/a.key\" | tls.certificate=SHARED/a.key tls.key=SHARED/a.key",
                "tls.key = \"DIR/no\" | tls.certificate=SHARED/a.pem tls.key=DIR/no",
                "tls.key = \"SHARED/text\" | tls.certificate=SHARED/a.pem tls.key=SHARED/text",
                "tls.key = \"SHARED/encrypted.key\" | tls.certificate=SHARED/a.pem tls.key=SHARED/encrypted.key",
                "tls.key = \"SHARED/b.key\" | tls.certificate=SHARED/a.pem tls.key=SHARED/b.key",
                "tls.key = \"SHARED/a.key,SHARED/a.key\" | tls.certificate=SHARED/a.pem,SHARED/b.pem tls.key=SHARED/a.key,SHARED/a.key",
                "expected a file that can be used: DIR: Is a directory | tls.certificate=SHARED/a.pem,DIR tls.key=SHARED/a.key,SHARED/b.key",
                "expected a file that can be used: DIR: Is a directory | tls.certificate=SHARED/a.pem,SHARED/b.pem tls.key=SHARED/a.key,DIR",
                "the token in SHARED/bytes (lastref.admin.token-file) is no text in UTF-8 | admin.token-file=SHARED/bytes",
                "admin.token-file = \"DIR/no\" | admin.token-file=DIR/no",
                "admin.token-file = \"SHARED/text\" | admin.token-file=SHARED/text",
                "admin.token-file = \"DIR\" | admin.token-file=DIR",
                "origin.ca = \"DIR/no\" | origin.ca=DIR/no",
                "origin.ca = \"SHARED/text\" | origin.ca=SHARED/text origin=https://127.0.0.1:1",
                "origin.ca = \"DIR\" | origin.ca=DIR",
                "access-log = \"DIR/no/log\" | access-log=DIR/no/log",
                "access-log = \"DIR\" | access-log=DIR",
                "SHARED/pipe (Is a named pipe, and not a file) | access-log=SHARED/pipe",
                "file that can be used: SHARED/pipe: Is a named pipe, and not a file | admin.token-file=SHARED/pipe",
                "tls.certificate = \"SHARED/pipe\" | tls.certificate=SHARED/pipe tls.key=SHARED/a.key",
                "tls.key = \"SHARED/pipe\" | tls.certificate=SHARED/a.pem tls.key=SHARED/pipe",
                "file that can be used: SHARED/pipe: Is a named pipe, and not a file | origin.ca=SHARED/pipe",
                "access-log = \"SHARED/text/log\" | access-log=SHARED/text/log",
                "pool.directory = \"SHARED/text\" | pool.backing=directory pool.directory=SHARED/text",
                "pool.directory = \"DIR/no/pool\" | pool.backing=directory pool.directory=DIR/no/pool",
            })
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // who opens a pipe is not interrupted
    void whatServeRefusesTheCheckRefusesInTheSameWords(String named, String settings) throws Exception {
        assertThat(refused(settings, 2))
                .singleElement()
                .asString()
                .contains(named.replace("SHARED", shared.toString()).replace("DIR", directory.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DIR", "DIR/pool"})
    void soIsADirectoryOnADiskWhichServeDoesNotMakeEither(String place) throws Exception {
        Requires.that(!Files.getFileStore(directory).type().equals("tmpfs"), "a temporary directory on a disk");
        assertThat(refused("pool.backing=directory pool.directory=" + place, 2))
                .singleElement()
                .asString()
                .contains("lastref.pool.directory = \"" + directory, "(command line)", "on tmpfs", "/dev/shm");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void soIsAMountWithoutRoomForAPool() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(512 * 1024)) {
            assertThat(refused("pool.backing=directory pool.directory=" + mount.path(), 1))
                    .singleElement()
                    .asString()
                    .contains("has room for", mount.path().toString());
        }
    }

    @Test
    void allThatIsWrongIsToldAtOnceByBoth() throws Exception {
        assertThat(refused(
                        "pool.size=900GiB access-log=DIR/no/log origin.ca=SHARED/text admin.token-file=DIR/no"
                                + " pool.backing=directory pool.directory=DIR/no/pool"
                                + " tls.certificate=SHARED/a.pem,DIR/no,SHARED/a.pem tls.key=SHARED/b.key,DIR/no2,SHARED/a.key",
                        2))
                .hasSize(8)
                .anyMatch(line -> line.contains("tls.certificate") && line.contains(directory + "/no:"))
                .anyMatch(line -> line.contains("tls.key") && line.contains(directory + "/no2:"))
                .anyMatch(line -> line.contains("tls.key") && line.contains(shared + "/b.key is not that of"));
    }

    /** Root may read everything; without that power of his it may not. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls.certificate | tls.certificate=DIR/closed tls.key=SHARED/a.key",
                "tls.key | tls.certificate=SHARED/a.pem tls.key=DIR/closed",
                "admin.token-file | admin.token-file=DIR/closed",
                "origin.ca | origin.ca=DIR/closed",
                "access-log | access-log=DIR/closed",
                "access-log | access-log=DIR/shut/log",
                "pool.directory | pool.backing=directory pool.directory=MOUNT/shut",
                "pool.directory | pool.backing=directory pool.directory=MOUNT/shut/pool",
            })
    void whatTheUserMayNotUseIsRefusedByBoth(String key, String settings) throws Exception {
        Requires.command("setpriv");
        try (TmpfsMount mount = TmpfsMount.ofSize(8 << 20)) {
            Files.writeString(directory.resolve("closed"), "0123456789abcdef0123456789abcdef");
            Files.setPosixFilePermissions(directory.resolve("closed"), PosixFilePermissions.fromString("---------"));
            for (Path shut : List.of(directory.resolve("shut"), mount.path().resolve("shut"))) {
                Files.createDirectory(shut);
                Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("r-xr-xr-x"));
            }
            String placed = settings.replace("MOUNT", mount.path().toString());
            String checked = unprivileged(check(placed));
            assertThat(checked)
                    .startsWith("lastref: lastref." + key + " = \"")
                    .containsAnyOf("ermission denied", "may not")
                    .doesNotContain("\tat ");
            assertThat(checked).isEqualTo(unprivileged(serve(placed)));
        }
    }

    /** What it prints before it ends with 2. */
    private String unprivileged(String... arguments) throws Exception {
        Path printed = Files.createTempFile(shared, "printed", ".out");
        Process process = programs.commandUnder(
                List.of("setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"),
                printed,
                List.of(arguments));
        await().until(() -> !process.isAlive());
        assertThat(process.exitValue()).as(Programs.printed(printed)).isEqualTo(2);
        return Programs.printed(printed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not on loopback | admin=0.0.0.0:0 |",
                "is not used | pool.directory=/dev/shm/other |",
                "RLIMIT_NOFILE | limits.connections=1000000 origin=http://127.0.0.1:1,http://127.0.0.1:2 origin.connections=1000000 |",
                "so it opens with | pool.backing=directory pool.directory=MOUNT/pool pool.size=64MiB | size=8m",
                "switched off here: punching | pool.backing=directory pool.directory=MOUNT pool.size=16MiB | size=64m,huge=always",
                "switched off here: punching | pool.backing=directory pool.directory=MOUNT/pool pool.size=16MiB | size=64m,huge=always",
            })
    void whatServeWarnsOfTheCheckWarnsOfAndCanBeUsed(String warning, String settings, String options) throws Exception {
        try (TmpfsMount mount = options == null ? null : TmpfsMount.withOptions(options);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // With that serve ends behind all warnings, and the check does not see it.
            String all =
                    settings.replace("MOUNT", mount == null ? "" : mount.path().toString()) + " listen=127.0.0.1:"
                            + taken.getLocalPort();
            List<String> checked = new ArrayList<>();
            try (LoggedLines logged = new LoggedLines("dev.lastref")) {
                assertThat(run(check(all))).as(err.toString()).isZero();
                checked.addAll(logged.lines());
            }
            assertThat(checked).singleElement().asString().contains(warning);
            assertThat(out.toString().lines()).singleElement().asString().contains("everything can be used");
            if (mount != null) {
                assertThat(mount.path()).isEmptyDirectory();
            }
            try (LoggedLines logged = new LoggedLines("dev.lastref")) {
                assertThat(run(serve(all))).isEqualTo(1);
                assertThat(err.toString()).contains("cannot listen on");
                assertThat(logged.lines()).isEqualTo(checked);
            }
        }
    }

    @Test
    void whereAllCanBeUsedOneLineSaysWhatWasTriedAndNothingIsMade() throws Exception {
        String settings =
                "tls.certificate=SHARED/a.pem,SHARED/b.pem tls.key=SHARED/a.key,SHARED/b.key origin.ca=SHARED/ca.pem"
                        + " admin.token-file=SHARED/token access-log=DIR/access.log pool.size=8MiB";
        assertThat(run(check(settings))).as(err.toString()).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines())
                .singleElement()
                .asString()
                .startsWith("lastref: everything can be used: 9 settings")
                .contains("lastref.tls.certificate", "lastref.tls.key", "lastref.origin.ca")
                .contains("lastref.admin.token-file", "lastref.access-log", "8 MiB in memfds")
                .contains("not tried: whether 127.0.0.1:0");
        assertThat(directory).isEmptyDirectory();
        assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
                .noneMatch(name -> name.equals("lastref-certificates"));
    }

    @Test
    void aSidecarThatRunsWithTheSameSettingsDoesNotNotice() throws Exception {
        try (TmpfsMount mount = TmpfsMount.ofSize(8 << 20);
                ScriptedOrigin origin = ScriptedOrigin.start()) {
            Path log = directory.resolve("access.log");
            String settings = "pool.size=8MiB pool.backing=directory pool.directory="
                    + mount.path().resolve("pool") + " access-log=" + log + " admin.token-file=SHARED/token";
            try (TestSidecar sidecar = TestSidecar.before(
                    origin, settings.replace("SHARED", shared.toString()).split(" "))) {
                origin.on("/kept", ok("max-age=600", Content.of(1, 300_000)));
                sidecar.get("/kept");
                await().until(() -> Files.readString(log).contains("/kept"));
                Path dead = mount.path().resolve("pool/lastref-dead.lock");
                Files.writeString(dead, "process 1\n");
                Map<Path, String> logged = seen(directory);
                Map<Path, String> pool = seen(mount.path());
                long used = mount.usedBytes();
                String addresses = " listen=127.0.0.1:" + sidecar.address().getPort() + " admin=127.0.0.1:"
                        + sidecar.admin().getPort();

                assertThat(run(check(settings + addresses))).as(err.toString()).isZero();

                assertThat(seen(directory)).isEqualTo(logged);
                assertThat(seen(mount.path())).isEqualTo(pool).hasSize(4);
                assertThat(mount.usedBytes()).isEqualTo(used);
                assertThat(sidecar.get("/kept").body()).isEqualTo(Content.of(1, 300_000));
                assertThat(origin.requests()).hasSize(1);
            }
        }
    }

    @Test
    void anAccessLogIsNeitherMadeNorCutShort() throws Exception {
        Path log = Files.writeString(directory.resolve("access.log"), "a line\n");
        assertThat(run(check("access-log=" + log))).as(err.toString()).isZero();
        assertThat(log).hasContent("a line\n");
    }

    @Test
    void scriptsGetProblemsAndWarningsAsJson() throws Exception {
        assertThat(run(with(List.of("config", "--check", "--json"), "admin=0.0.0.0:0")))
                .isZero();
        JsonNode usable = new JsonMapper().readTree(out.toString());
        assertThat(usable.get("usable").asBoolean()).isTrue();
        assertThat(usable.get("problems")).isEmpty();
        assertThat(usable.get("warnings").get(0).asString()).contains("lastref.admin = \"0.0.0.0:0\"");
        for (String settings : new String[] {"admin.token-file=DIR/no", "pool.size=small"}) {
            assertThat(run(with(List.of("config", "--check", "--json"), settings)))
                    .isEqualTo(2);
            JsonNode refused = new JsonMapper().readTree(out.toString());
            assertThat(refused.get("usable").asBoolean()).isFalse();
            assertThat(refused.get("problems").get(0).asString())
                    .startsWith("lastref." + settings.substring(0, settings.indexOf('=')));
            assertThat(err.toString()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--running=127.0.0.1:9090", "--set-only", "--markdown"})
    void whatHasNothingToDoWithAStartIsNotGivenWithIt(String other) {
        assertThat(run("config", "--check", "--origin=http://127.0.0.1:1", other))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--check", "--help");
        assertThat(out.toString()).isEmpty();
    }
}
