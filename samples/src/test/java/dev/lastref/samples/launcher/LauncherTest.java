package dev.lastref.samples.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs a copy of the launcher in a directory of its own, with a Maven that only pretends. */
class LauncherTest {

    private static final Path LAUNCHER =
            Path.of("..", "lastref").toAbsolutePath().normalize();
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
    private static final long PATIENCE_SECONDS = 60;

    /** What the launcher and the pretended Maven need of a Linux machine. */
    private static final List<String> TOOLS = List.of(
            "sh",
            "env",
            "uname",
            "dirname",
            "readlink",
            "sed",
            "head",
            "tail",
            "find",
            "mkdir",
            "mv",
            "rm",
            "cat",
            "cp",
            "sleep",
            "flock");

    @TempDir
    Path temp;

    private Path root;
    private Path bin;
    private Path mavenRuns;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void prepare() throws IOException {
        root = Files.createDirectories(temp.resolve("a checkout with spaces"));
        bin = Files.createDirectory(temp.resolve("bin"));
        mavenRuns = temp.resolve("maven-runs");
        for (String tool : TOOLS) {
            script(tool, "exec " + findTool(tool) + " \"$@\"");
        }
        Files.copy(LAUNCHER, root.resolve("lastref"));
        executable(root.resolve("lastref"));
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        Files.createDirectories(root.resolve("http/src/main/java"));
        Files.writeString(root.resolve("http/src/main/java/Some.java"), "class Some {}");
        Path echo = echoJar(temp.resolve("echo.jar"));
        script("mvn", """
                echo "$PWD: $*" >>"%s"
                mkdir -p http/target samples/target
                cp "%s" http/target/lastref.jar
                cp "%s" samples/target/lastref-demo.jar
                """.formatted(mavenRuns, echo, echo));
        environment.put("PATH", bin.toString());
        environment.put("JAVA_HOME", JAVA_HOME.toString());
    }

    @Test
    void buildsOnFirstUseAndPassesEverythingOn() throws IOException {
        Result result = run("serve", "--origin", "http://a b/", "", "*");

        assertThat(result.out)
                .contains(
                        "argument <serve>",
                        "argument <--origin>",
                        "argument <http://a b/>",
                        "argument <>",
                        "argument <*>");
        assertThat(result.err).contains("lastref: building");
        assertThat(mavenRuns()).containsExactly(root.toRealPath() + ": -q -B -DskipTests package");
    }

    @Test
    void startsTheDemoWithoutItsName() {
        Result result = run("demo", "--no-wait");

        assertThat(result.status).isZero();
        assertThat(result.out).contains("argument <--no-wait>").doesNotContain("argument <demo>");
    }

    /** It would be lost on the way: a shell does not pass it on. */
    @Test
    void aSettingWithItsDotsInTheEnvironmentIsRefused() {
        environment.put("lastref.pool.size", "1MiB");

        Result result = run("serve");

        assertThat(result.status).isEqualTo(1);
        assertThat(result.err).contains("'lastref.pool.size'", "LASTREF_POOL_SIZE", "-Dlastref.pool.size=");
        assertThat(result.out).isEmpty();
    }

    @Test
    void asksForHelpWhenToldNothing() {
        assertThat(run().out).contains("argument <--help>");
    }

    @Test
    void buildsAgainOnlyWhenASourceIsNewer() throws IOException {
        run("top");
        Result second = run("top");
        assertThat(second.err).isEmpty();
        assertThat(mavenRuns()).hasSize(1);

        Files.setLastModifiedTime(
                root.resolve("http/src/main/java/Some.java"),
                FileTime.from(Instant.now().plusSeconds(1)));
        run("top");
        assertThat(mavenRuns()).hasSize(2);
    }

    @Test
    void doesNotBuildForeverWhenMavenLeavesAnUnchangedJarAlone() throws IOException {
        run("top");
        Files.setLastModifiedTime(
                root.resolve("http/target/lastref.jar"),
                FileTime.from(Instant.now().minusSeconds(3600)));

        Result result = run("top");

        assertThat(result.status).isZero();
        assertThat(mavenRuns()).hasSize(1);
    }

    @Test
    void buildsOnceForTwoThatStartTogether() throws IOException {
        Process first = start(root.resolve("lastref").toString(), "first");
        Process second = start(root.resolve("lastref").toString(), "second");

        assertThat(finish(first).out).contains("argument <first>");
        assertThat(finish(second).out).contains("argument <second>");
        assertThat(mavenRuns()).hasSize(1);
    }

    @Test
    void locksWithoutFlockToo() throws IOException {
        Files.delete(bin.resolve("flock"));

        buildsOnceForTwoThatStartTogether();

        assertThat(root.resolve("target/launcher.lock.d")).doesNotExist();
    }

    @Test
    void takesAwayTheLockOfADeadLauncher() throws IOException {
        Files.delete(bin.resolve("flock"));
        Files.createDirectories(root.resolve("target/launcher.lock.d"));
        Files.writeString(root.resolve("target/launcher.lock.d/pid"), finishedProcess() + "\n");

        assertThat(run("top").status).isZero();
    }

    @Test
    void showsTheEndOfTheLogWhenTheBuildFails() throws IOException {
        script("mvn", "for i in 1 2 3; do echo \"trouble $i\"; done; exit 1");

        Result result = run("top");

        assertThat(result.status).isEqualTo(1);
        assertThat(result.err).contains("the build failed", "launcher-build.log", "trouble 1", "trouble 3");
        assertThat(root.resolve("target/launcher-build.log")).content().contains("trouble 2");
    }

    @Test
    void runsThroughASymbolicLinkFromAnyDirectory() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), root.resolve("lastref"));

        Result result = finish(start(link.toString(), "top"));

        assertThat(result.out).contains("argument <top>");
        assertThat(mavenRuns()).hasSize(1);
    }

    @Test
    void givesTheJvmItsOptions() {
        environment.put("LASTREF_JAVA_OPTS", "-Xmx64m -Dlauncher.test=*");

        assertThat(run("top").out).contains("property <*>");
    }

    @Test
    void anotherCollectorWinsOverTheLaunchersOwn() {
        environment.put("LASTREF_JAVA_OPTS", "-XX:+UseParallelGC -Dlauncher.test=parallel");

        assertThat(run("top").out).contains("property <parallel>");
    }

    @Test
    void archivesTheClassesThatServingNeedsOnce() throws IOException {
        Path archive = root.resolve("target/lastref-" + Runtime.version().feature() + ".jsa");
        Path log = root.resolve("target/launcher-train.log");
        run("top");
        assertThat(archive).doesNotExist();

        assertThat(run("serve", "x").out).contains("argument <x>");
        assertThat(archive).isNotEmptyFile();
        assertThat(log).content().contains("argument <train>");

        Files.delete(log);
        Result second = run("serve", "y");
        assertThat(second.out).contains("argument <y>");
        assertThat(second.err).isEmpty();
        assertThat(log).doesNotExist();
    }

    @Test
    void servesWithoutAnArchiveWhereNoneCanBeMade() throws IOException {
        String javaHome = environment.remove("JAVA_HOME");
        script("javac", "exit 1"); // looked for, not used
        // A JVM that archives nothing.
        script("java", """
                for option in "$@"; do
                    shift
                    case $option in -XX:ArchiveClassesAtExit*) ;; *) set -- "$@" "$option" ;; esac
                done
                exec "%s/bin/java" "$@"
                """.formatted(javaHome));

        assertThat(run("serve", "x").out).contains("argument <x>");
        assertThat(run("serve", "y").err).isEmpty();
    }

    @Test
    void servesAndArchivesWhatSomebodyElseBuilt() throws IOException {
        builtByHand();

        assertThat(run("serve", "x").out).contains("argument <x>");
        assertThat(root.resolve("target/lastref-" + Runtime.version().feature() + ".jsa"))
                .isNotEmptyFile();
    }

    @Test
    void servesWhereThereIsNoPlaceForAnArchive() throws IOException {
        builtByHand();
        Files.writeString(root.resolve("target"), "no directory");

        Result result = run("serve", "x");

        assertThat(result.out).contains("argument <x>");
        assertThat(result.err).isEmpty();
    }

    /** As Maven does it, without what the launcher leaves in target/. */
    private void builtByHand() throws IOException {
        Files.createDirectories(root.resolve("http/target"));
        Files.copy(echoJar(temp.resolve("built.jar")), root.resolve("http/target/lastref.jar"));
        assertThat(root.resolve("target")).doesNotExist();
    }

    @Test
    void becomesTheProgramSoThatSignalsReachIt() throws IOException {
        Process process = start(root.resolve("lastref").toString(), "exit", "42");

        Result result = finish(process);

        assertThat(result.out).contains("pid <" + process.pid() + ">");
        assertThat(result.status).isEqualTo(42);
    }

    @Test
    void runsAGivenJarAndNeverBuilds() throws IOException {
        environment.put("LASTREF_JAR", temp.resolve("echo.jar").toString());

        assertThat(run("demo", "x").out).contains("argument <demo>", "argument <x>");
        assertThat(mavenRuns()).isEmpty();

        environment.put("LASTREF_JAR", temp.resolve("none.jar").toString());
        assertThat(run("top").err).contains("LASTREF_JAR is '" + temp.resolve("none.jar") + "'", "no such file");
    }

    @Test
    void namesTheVersionOfAJavaThatIsTooOld() throws IOException {
        environment.remove("JAVA_HOME");
        for (Map.Entry<String, String> version : Map.of("1.8.0_292", "Java 8", "11.0.2", "Java 11", "16-ea", "Java 16")
                .entrySet()) {
            script(
                    "java",
                    "echo 'Picked up _JAVA_OPTIONS: -Da=b' >&2; echo 'openjdk version \"" + version.getKey()
                            + "\" 2020-01-01' >&2");

            Result result = run("top");

            assertThat(result.status).isEqualTo(1);
            assertThat(result.err).contains("is " + version.getValue() + ", and Lastref needs 17 or newer");
        }
        assertThat(mavenRuns()).isEmpty();
    }

    @Test
    void saysWhatToInstallWhenThereIsNoJava() {
        environment.remove("JAVA_HOME");
        assertThat(run("top").err).contains("no java found", "openjdk-17-jdk-headless");

        environment.put("JAVA_HOME", temp.resolve("nowhere").toString());
        assertThat(run("top").err).contains("JAVA_HOME is '" + temp.resolve("nowhere") + "'");
    }

    @Test
    void saysWhatToInstallWhenThereIsNoMaven() throws IOException {
        Files.delete(bin.resolve("mvn"));

        Result result = run("top");

        assertThat(result.status).isEqualTo(1);
        assertThat(result.err).contains("no mvn on PATH", "apt-get install maven");
    }

    @Test
    void runsOnLinuxOnly() throws IOException {
        Files.delete(bin.resolve("uname"));
        script("uname", "echo Darwin");

        assertThat(run("top").err).contains("this is Darwin, and Lastref needs Linux");
    }

    private Result run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(root.resolve("lastref").toString()));
        command.addAll(List.of(arguments));
        try {
            return finish(start(command.toArray(new String[0])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectError(Files.createTempFile(temp, "err", "").toFile());
        Process process = builder.start();
        errors.put(process, builder.redirectError().file().toPath());
        return process;
    }

    private final Map<Process, Path> errors = new HashMap<>();

    private Result finish(Process process) throws IOException {
        String out = new String(process.getInputStream().readAllBytes());
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("The launcher did not end within " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return new Result(process.exitValue(), out, Files.readString(errors.get(process)));
    }

    private record Result(int status, String out, String err) {}

    private List<String> mavenRuns() throws IOException {
        return Files.exists(mavenRuns) ? Files.readAllLines(mavenRuns) : List.of();
    }

    private void script(String name, String body) throws IOException {
        Path file = bin.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        executable(file);
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path findTool(String name) {
        for (String directory : System.getenv("PATH").split(":")) {
            Path tool = Path.of(directory, name);
            if (Files.isExecutable(tool)) {
                return tool;
            }
        }
        throw new AssertionError("The launcher's tests need " + name + " on PATH");
    }

    private static long finishedProcess() throws IOException {
        Process process = new ProcessBuilder("true").start();
        process.onExit().join();
        return process.pid();
    }

    private static Path echoJar(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, EchoMain.class.getName());
        String file = EchoMain.class.getName().replace('.', '/') + ".class";
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest);
                InputStream in = EchoMain.class.getClassLoader().getResourceAsStream(file)) {
            entries.putNextEntry(new ZipEntry(file));
            in.transferTo(entries);
        }
        return jar;
    }
}
