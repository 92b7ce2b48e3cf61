package dev.lastref.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.MemoryCgroup;
import dev.lastref.pool.testing.Requires;
import dev.lastref.samples.HostPort;
import dev.lastref.samples.origin.DemoOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, started as the image of samples/deploy starts it: as nobody, read-only, and within the memory that it is given. */
@Timeout(240)
class ContainerTest {
    private static final Path JAR = Path.of("../http/target/lastref.jar");
    private static final long MIB = 1 << 20;
    private static final Duration START = Duration.ofSeconds(90);
    private static final Pattern ANNOUNCED = Pattern.compile("lastref: \\S+?:(\\d+) -> .* on \\S+?:(\\d+)");
    /** Everything that is mounted becomes read-only for what runs below; then no user, no group and no capability is left. */
    private static final String CONFINED = """
            mount -o remount,ro,bind / || exit 90
            awk '$2 != "/" && $2 !~ "^/(proc|sys)" {print $2}' /proc/mounts | sort -u |
                while read -r point; do mount -o remount,ro,bind "$point" 2>/dev/null; done
            if touch "$LASTREF_PROBE" 2>/dev/null; then exit 91; fi
            unset LASTREF_PROBE
            exec setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
            """;

    @TempDir
    Path directory;

    private DemoOrigin origin;
    private final List<Process> running = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        Requires.that(Files.exists(JAR), "the packaged jar, http/target/lastref.jar: run mvn verify");
        origin = DemoOrigin.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        // Nobody has to be able to read it.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(JAR, directory.resolve("lastref.jar"));
        try (ZipFile jar = new ZipFile(JAR.toFile());
                InputStream library = jar.getInputStream(jar.getEntry("com/sun/jna/linux-"
                        + (System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86-64")
                        + "/libjnidispatch.so"))) {
            Files.copy(library, directory.resolve("libjnidispatch.so"));
        }
        for (String name : List.of("lastref.jar", "libjnidispatch.so")) {
            Files.setPosixFilePermissions(directory.resolve(name), PosixFilePermissions.fromString("rw-r--r--"));
        }
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

    private Path log() {
        return directory.resolve("lastref.log");
    }

    private String printed() throws IOException {
        return Files.readString(log());
    }

    private Process start(List<String> prefix, String... settings) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-Xms32m",
                "-Xmn16m",
                "-Xmx96m",
                "-XX:MaxDirectMemorySize=32m",
                "-XX:-UsePerfData"));
        command.addAll(List.of("-jar", directory.resolve("lastref.jar").toString(), "serve"));
        command.addAll(List.of("--origin", HostPort.toUri(origin.address()).toString()));
        command.addAll(List.of("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"));
        for (String setting : settings) {
            command.add("-Dlastref." + setting);
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
        builder.environment().put("LASTREF_PROBE", directory.resolve("probe").toString());
        if (prefix.isEmpty() || !prefix.get(0).equals("unshare")) {
            builder.environment().remove("LASTREF_PROBE");
        }
        Process process = builder.start();
        running.add(process);
        return process;
    }

    /** Waits until it serves; returns its client port and its administration port. */
    private int[] awaitPorts(Process process) throws IOException {
        await().atMost(START).until(() -> ANNOUNCED.matcher(printed()).find() || !process.isAlive());
        Matcher announced = ANNOUNCED.matcher(printed());
        assertThat(announced.find()).as(printed()).isTrue();
        return new int[] {Integer.parseInt(announced.group(1)), Integer.parseInt(announced.group(2))};
    }

    private static long get(int port, String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setRequestProperty("Connection", "close");
        connection.setReadTimeout((int) START.toMillis());
        try (InputStream content = connection.getInputStream()) {
            assertThat(connection.getResponseCode()).isEqualTo(200);
            long length = 0;
            byte[] piece = new byte[64 * 1024];
            for (int read = content.read(piece); read >= 0; read = content.read(piece)) {
                length += read;
            }
            return length;
        } finally {
            connection.disconnect();
        }
    }

    @Test
    void itRunsAsNobodyOnAReadOnlyRootWithoutAnyCapability() throws Exception {
        Requires.root();
        Requires.command("unshare");
        Requires.command("setpriv");
        Process process = start(
                List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", CONFINED, "sh"),
                "pool.size=32MiB",
                "shutdown.grace=1s");
        int[] ports = awaitPorts(process);
        List<String> status = Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"));
        assertThat(status)
                .contains("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1")
                .anyMatch(line -> line.matches("Uid:(\t65534){4}"));
        String blob = "/blob/1?size=1000000&ttl=600";
        assertThat(get(ports[0], blob)).isEqualTo(1_000_000);
        assertThat(get(ports[0], blob)).isEqualTo(1_000_000);
        assertThat(get(ports[1], "/api/pool")).isPositive();
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(printed()).isTrue();
        assertThat(process.exitValue()).as(printed()).isZero();
        assertThat(printed()).as("its port is made deaf without privileges").doesNotContain("without waiting");
    }

    @Test
    void withoutJnasLibraryBesideTheJarAReadOnlyRootIsToldWhatToDo() throws Exception {
        Requires.root();
        Requires.command("unshare");
        Requires.command("setpriv");
        Files.delete(directory.resolve("libjnidispatch.so"));
        Process process = start(
                List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", CONFINED, "sh"),
                "pool.size=32MiB");
        assertThat(process.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(printed()).isEqualTo(1);
        assertThat(printed()).contains("cannot load JNA's library", "libjnidispatch.so", "beside the jar");
        assertThat(printed()).doesNotContain("\tat ");
    }

    /** The commands are the unit's own, with this JVM for its, and the test's directory for /opt/lastref. */
    @Test
    void theUnitsCommandStartsWithAnArchiveOfItsClassesAndWithoutOne() throws Exception {
        Path unit = Path.of("deploy/lastref.service");
        List<String> lines = Files.readAllLines(unit);
        List<String> train = command(lines, "#   /usr/bin/java");
        List<String> serve = command(lines, "ExecStart=/usr/bin/java");
        assertThat(train.get(train.size() - 1)).isEqualTo("train");
        Files.createDirectory(directory.resolve("lib"));
        Files.copy(directory.resolve("libjnidispatch.so"), directory.resolve("lib/libjnidispatch.so"));
        Files.writeString(
                directory.resolve("lastref.properties"),
                "lastref.origin=" + HostPort.toUri(origin.address())
                        + "\nlastref.listen=127.0.0.1:0\nlastref.admin=127.0.0.1:0\nlastref.pool.size=16MiB\n");

        assertThat(ofTheArchive(" dev.lastref.", loadedBy(serve))).isEmpty();
        assertThat(new ProcessBuilder(train)
                        .redirectErrorStream(true)
                        .redirectOutput(log().toFile())
                        .start()
                        .waitFor())
                .as(printed())
                .isZero();
        List<String> loaded = loadedBy(serve);
        assertThat(ofTheArchive(" dev.lastref.", loaded)).hasSizeGreaterThan(100);
        assertThat(loaded.stream()
                        .filter(line -> line.contains(" dev.lastref.") && line.contains("source: file:"))
                        .filter(line -> !line.contains(".admin.")))
                .as("what serving needs, and training did not: some few that come with time")
                .hasSizeLessThan(5);
        assertThat(loaded.stream().filter(line -> line.contains(" tools.jackson.") && line.contains("source: file:")))
                .as("what the API alone needs, and would lie in memory for nothing where nobody asks it")
                .hasSizeGreaterThan(50);
    }

    private static List<String> ofTheArchive(String name, List<String> loaded) {
        return loaded.stream()
                .filter(line -> line.contains(name) && line.contains("shared objects file (top)"))
                .toList();
    }

    private List<String> command(List<String> lines, String beginning) {
        String line = lines.stream()
                .filter(each -> each.startsWith(beginning))
                .findFirst()
                .orElseThrow();
        String arguments = line.substring(beginning.length())
                .strip()
                .replace("/opt/lastref", directory.toString())
                .replace(
                        "/etc/lastref.properties",
                        directory.resolve("lastref.properties").toString());
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(arguments.split(" ")));
        return command;
    }

    /** Starts it and asks it for something, the API at last; returns a line for each class that it loaded, with where from. */
    private List<String> loadedBy(List<String> serve) throws Exception {
        Path loaded = directory.resolve("loaded");
        List<String> logging = new ArrayList<>(serve);
        logging.add(1, "-Xlog:class+load:file=" + loaded);
        Process process = new ProcessBuilder(logging)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
        running.add(process);
        int[] ports = awaitPorts(process);
        assertThat(get(ports[0], "/blob/1?size=1000&ttl=600")).isEqualTo(1000);
        assertThat(get(ports[1], "/api/pool")).isPositive();
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(printed()).isTrue();
        assertThat(printed()).doesNotContainIgnoringCase("archive").doesNotContain("[warning]");
        return Files.readAllLines(loaded);
    }

    @Test
    void aPoolThatDoesNotFitTheCgroupIsRefusedWithTheSum() throws Exception {
        try (MemoryCgroup cgroup = MemoryCgroup.create()) {
            cgroup.limit(528 * MIB);
            Process process = start(cgroup.prefix(), "pool.size=257MiB");
            assertThat(process.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(printed()).isEqualTo(2);
            assertThat(printed())
                    .contains("lastref.pool.size = 257 MiB does not fit: the cgroup's memory limit is 528 MiB")
                    .contains("529 MiB = pool 257 MiB + heap 96 MiB (-Xmx) + direct buffers 32 MiB")
                    .contains("the JVM's own 96 MiB + sockets 48 MiB; set lastref.pool.size to at most 256MiB");
            assertThat(printed().lines()).hasSize(1);
        }
    }

    @Test
    void aPoolThatFitsIsFilledAgainAndAgainWithinTheCgroupsLimitAndLeavesNothingWhenItIsKilled() throws Exception {
        try (MemoryCgroup cgroup = MemoryCgroup.create()) {
            cgroup.limit(528 * MIB);
            Process process = start(cgroup.prefix(), "pool.size=256MiB");
            int[] ports = awaitPorts(process);
            for (int i = 0; i < 64; i++) {
                assertThat(get(ports[0], "/blob/" + i + "?size=12000000&ttl=600"))
                        .isEqualTo(12_000_000);
                assertThat(cgroup.usage()).isLessThanOrEqualTo(528 * MIB);
            }
            assertThat(process.isAlive())
                    .as("768 MB went through a pool of 256 MiB: " + printed())
                    .isTrue();
            assertThat(cgroup.usage()).as("the pool's pages are charged to it").isGreaterThan(200 * MIB);
            process.destroyForcibly(); // kill -9
            process.waitFor();
            await().atMost(START).until(() -> cgroup.usage() < 16 * MIB);
        }
    }
}
