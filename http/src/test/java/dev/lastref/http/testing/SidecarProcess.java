package dev.lastref.http.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A sidecar in a JVM of its own, on free ports of the loopback interface. Ends with the programs that it was started among. */
public final class SidecarProcess {
    private static final Pattern ANNOUNCED =
            Pattern.compile("lastref: (https?)://\\S+?:(\\d+) .* on http://\\S+?:(\\d+)");
    /** A JVM may take long to start on a loaded machine. */
    private static final Duration START = Duration.ofSeconds(60);

    private final Programs programs;
    private final Path log;
    private final Process process;
    private final String scheme;
    private final InetSocketAddress address;
    private final InetSocketAddress admin;

    private SidecarProcess(Programs programs, Path log, Process process, Matcher announced) {
        this.programs = programs;
        this.log = log;
        this.process = process;
        this.scheme = announced.group(1);
        this.address = new InetSocketAddress("127.0.0.1", Integer.parseInt(announced.group(2)));
        this.admin = new InetSocketAddress("127.0.0.1", Integer.parseInt(announced.group(3)));
    }

    public static SidecarProcess start(Programs programs, Path log, String originUrl, String... settings)
            throws IOException {
        return startUnder(List.of(), programs, log, originUrl, settings);
    }

    /**
     * @param program that starts the JVM, such as prlimit
     * @param settings as {@code pool.size=8MiB}, without the prefix
     */
    public static SidecarProcess startUnder(
            List<String> program, Programs programs, Path log, String originUrl, String... settings)
            throws IOException {
        List<String> arguments = new ArrayList<>();
        TestSidecar.all(originUrl, settings).forEach((key, value) -> arguments.add("-D" + key + "=" + value));
        Process process = programs.sidecarUnder(program, log, arguments.toArray(String[]::new));
        await().atMost(START)
                .until(() -> ANNOUNCED.matcher(Programs.printed(log)).find() || !process.isAlive());
        Matcher announced = ANNOUNCED.matcher(Programs.printed(log));
        assertThat(announced.find()).as(Programs.printed(log)).isTrue();
        return new SidecarProcess(programs, log, process, announced);
    }

    public InetSocketAddress address() {
        return address;
    }

    public InetSocketAddress admin() {
        return admin;
    }

    /** With the port, without a path. */
    public String url() {
        return scheme + "://127.0.0.1:" + address.getPort();
    }

    public Process process() {
        return process;
    }

    /** One sample of /metrics, named with its labels as there. */
    public double metric(String sample) {
        return TestSidecar.metric(admin, sample);
    }

    /** What it has printed so far. */
    public String printed() {
        return Programs.printed(log);
    }

    /** Sends it a signal, such as TERM. */
    public void signal(String name) throws IOException, InterruptedException {
        Requires.command("kill");
        programs.run("kill", "-" + name, String.valueOf(process.pid()));
    }

    /** The status with which it ends. */
    public int awaitExit(Duration atMost) throws InterruptedException {
        assertThat(process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS))
                .as("ended; it printed: " + printed())
                .isTrue();
        return process.exitValue();
    }
}
