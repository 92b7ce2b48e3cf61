package dev.lastref.http.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Other programs that a test runs: to their end, or until it closes this. */
public final class Programs implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Path directory;
    private final List<Process> running = new ArrayList<>();

    /**
     * @param directory for their output
     */
    public Programs(Path directory) {
        this.directory = directory;
    }

    /** Runs one to its end and returns what it printed. Fails if it fails. */
    public String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "run", ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        running.add(process);
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        String printed = Files.readString(output, java.nio.charset.StandardCharsets.ISO_8859_1);
        if (!ended || process.exitValue() != 0) {
            throw new AssertionError(String.join(" ", command) + (ended ? " failed:\n" : " does not end:\n") + printed);
        }
        return printed;
    }

    /** Starts one that runs until {@link #close}; what it prints goes into the file. */
    public Process start(Path output, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        running.add(process);
        return process;
    }

    /** A sidecar in a JVM of its own, through the command line. */
    public Process sidecar(Path output, String... arguments) throws IOException {
        return sidecarUnder(List.of(), output, arguments);
    }

    /** A sidecar in a JVM of its own, started by another program, such as prlimit. */
    public Process sidecarUnder(List<String> program, Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("serve"));
        Collections.addAll(command, arguments);
        return commandUnder(program, output, command);
    }

    /** Any command of ours in a JVM of its own, started by another program. */
    public Process commandUnder(List<String> program, Path output, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(program);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        Collections.addAll(command, "-Xmx256m", "-cp", Packed.CLASS_PATH, "dev.lastref.http.cli.Main");
        command.addAll(arguments);
        return start(output, command);
    }

    @Override
    public void close() {
        try {
            // The last started first: a tracer before what it traces.
            for (int i = running.size() - 1; i >= 0; i--) {
                Process process = running.get(i);
                process.destroy();
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a program has printed so far. */
    public static String printed(Path output) {
        try {
            return Files.exists(output) ? Files.readString(output, UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
