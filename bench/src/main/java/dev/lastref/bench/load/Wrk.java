package dev.lastref.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The load: wrk with a script of ours, which also says what came of it. */
public final class Wrk {
    private static final String RESULT = "LASTREF-RESULT ";
    private static final int THREADS = 2;
    private static final int MORE_SECONDS = 30;

    /** @throws IOException with all that wrk said, if it did not come to a result */
    public static LoadResult parse(String output) throws IOException {
        String line = output.lines()
                .filter(candidate -> candidate.startsWith(RESULT))
                .findFirst()
                .orElseThrow(() -> new IOException("wrk came to no result; it said:\n" + output.strip()));
        String[] values = line.substring(RESULT.length()).strip().split(" ", -1);
        return new LoadResult(
                Long.parseLong(values[0]),
                Double.parseDouble(values[1]) / 1e6,
                Long.parseLong(values[2]),
                Long.parseLong(values[3]),
                Double.parseDouble(values[4]),
                Double.parseDouble(values[5]),
                Double.parseDouble(values[6]));
    }

    private final String program;
    private final Path folder;
    private final Path script;

    public Wrk(Programs programs, Path folder) throws IOException {
        this.program = programs.path("wrk");
        this.folder = folder;
        this.script = folder.resolve("load.lua");
        try (InputStream text = Wrk.class.getResourceAsStream("load.lua")) {
            if (text == null) {
                throw new IOException("load.lua is missing in the jar");
            }
            Files.write(script, text.readAllBytes());
        }
    }

    /**
     * Runs it.
     *
     * @param url what is asked for, where the mode does not choose it
     * @param mode of load.lua, with its arguments
     */
    public LoadResult run(String url, int connections, int seconds, List<String> mode)
            throws IOException, InterruptedException {
        return run(url, connections, seconds, mode, Map.of());
    }

    /** @param environment added to this process's own */
    public LoadResult run(String url, int connections, int seconds, List<String> mode, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                program,
                "-t" + Math.min(THREADS, connections),
                "-c" + connections,
                "-d" + seconds + "s",
                "--timeout",
                "30s",
                "-s",
                script.toString(),
                url,
                "--"));
        command.addAll(mode);
        Path said = folder.resolve("wrk.log");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        Process process =
                builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            if (!process.waitFor(seconds + MORE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("wrk did not end " + MORE_SECONDS + " s after its time");
            }
        } finally {
            process.destroyForcibly();
        }
        return parse(Files.readString(said, StandardCharsets.UTF_8));
    }
}
