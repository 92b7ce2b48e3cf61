package dev.lastref.bench.scale;

import dev.lastref.bench.Benchmarks;
import dev.lastref.bench.load.Closing;
import dev.lastref.bench.load.LoadResult;
import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Programs;
import dev.lastref.bench.load.Wrk;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/footprint}: what memory Lastref takes beside the pool, and how long it takes to start. */
@Command(
        name = "bench/footprint",
        description =
                "Starts ./lastref in front of an nginx, and says how long it takes until the first response, what memory it takes "
                        + "beside the pool when idle and under load, what garbage a hit makes, and what an entry of the index takes of "
                        + "the heap. Needs nginx, wrk and a JDK; installs nothing.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class FootprintCommand implements Callable<Integer> {
    private static final PrintStream OUT = System.out;
    private static final double MIB = 1024 * 1024;
    private static final int SMALL = 1024;
    /** The sidecar tidies up for the first time when its JVM is 5.5 seconds old. */
    private static final int IDLE_SECONDS = 10;

    private static final List<String> HITS = List.of("hits", "-", "-", "-", "-");
    private static final Pattern TOTAL = Pattern.compile("^Total +[0-9]+ +([0-9]+)", Pattern.MULTILINE);
    private static final int STARTS = 5;
    /** Else the collector leaves up to a twentieth of the heap where it died, and counts what it fills that with as living. */
    private static final String COMPACTS_ALWAYS = " -XX:MarkSweepAlwaysCompactCount=1";

    @Option(
            names = "--entries",
            defaultValue = "1000000",
            description = "of 1 KiB, stored and asked for (default ${DEFAULT-VALUE})")
    private int entries;

    @Option(
            names = "--heap",
            defaultValue = "640m",
            description = "what the JVM may take for them (default ${DEFAULT-VALUE})")
    private String heap = "";

    @Option(names = "--seconds", defaultValue = "10", description = "of each load (default ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--folder",
            defaultValue = "/dev/shm",
            description = "a folder on tmpfs for the origin's files (default ${DEFAULT-VALUE})")
    private Path tmpfs = Path.of("/dev/shm");

    public static void main(String[] args) {
        System.exit(Benchmarks.execute(new FootprintCommand(), args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Programs programs = Programs.find(List.of("nginx", "wrk", "jcmd"));
        try (Closing closing = Closing.in(tmpfs, "lastref-footprint-")) {
            Path folder = closing.folder();
            Origin origin = Origin.start(programs, folder, List.of((long) SMALL));
            closing.add(origin::close);
            Wrk wrk = new Wrk(programs, folder);
            start(origin, folder, closing);
            withDefaults(origin, wrk, folder, closing);
            manyEntries(origin, wrk, programs, folder, closing);
        }
        return CommandLine.ExitCode.OK;
    }

    private void start(Origin origin, Path folder, Closing closing) throws IOException, InterruptedException {
        started(origin, folder, closing).close(); // which may build first, and makes the archive of classes
        double[] seconds = new double[STARTS];
        for (int i = 0; i < STARTS; i++) {
            long begun = System.nanoTime();
            try (Sidecar sidecar = started(origin, folder, closing)) {
                get(sidecar);
                seconds[i] = (System.nanoTime() - begun) / 1e9;
            }
        }
        Arrays.sort(seconds);
        say("first response after", "%.2f s (%.2f to %.2f)", seconds[STARTS / 2], seconds[0], seconds[STARTS - 1]);
    }

    private static Sidecar started(Origin origin, Path folder, Closing closing)
            throws IOException, InterruptedException {
        Sidecar sidecar = Sidecar.start(origin, folder, "", List.of());
        closing.add(sidecar::close);
        return sidecar;
    }

    private static void get(Sidecar sidecar) throws IOException, InterruptedException {
        HttpResponse<Void> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(sidecar.server().url("/one/" + SMALL + "/1")))
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
        if (response.statusCode() != 200) {
            throw new IOException("the first response has status " + response.statusCode());
        }
    }

    private void withDefaults(Origin origin, Wrk wrk, Path folder, Closing closing)
            throws IOException, InterruptedException {
        try (Sidecar sidecar = started(origin, folder, closing)) {
            TimeUnit.SECONDS.sleep(IDLE_SECONDS);
            say("beside the pool, idle", "%.1f MiB", beside(sidecar));
            for (int connections : new int[] {32, 512}) {
                String url = sidecar.server().url("/one/" + SMALL + "/1");
                wrk.run(url, connections, seconds, HITS);
                double before = allocated(sidecar);
                long requests = wrk.run(url, connections, seconds, HITS).requests();
                double garbage = allocated(sidecar) - before;
                say(
                        "with hits over " + connections + " connections",
                        "%.1f MiB; %.0f bytes allocated for each of %,d hits",
                        beside(sidecar),
                        garbage / requests,
                        requests);
            }
        }
    }

    /** Counted when objects are collected, so it is right to within the size of the new generation. */
    private static double allocated(Sidecar sidecar) throws IOException, InterruptedException {
        return sidecar.metric("jvm_memory_pool_allocated_bytes_total{pool=\"Eden Space\"");
    }

    private static double beside(Sidecar sidecar) throws IOException {
        return sidecar.server().processes().memoryBesideTmpfsBytes() / MIB;
    }

    private void manyEntries(Origin origin, Wrk wrk, Programs programs, Path folder, Closing closing)
            throws IOException, InterruptedException {
        long pool = Math.max(64L << 20, (long) entries * SMALL * 5 / 4);
        Sidecar sidecar =
                Sidecar.start(origin, folder, "-Xmx" + heap + COMPACTS_ALWAYS, List.of("-Dlastref.pool.size=" + pool));
        closing.add(sidecar::close);
        try (sidecar) {
            get(sidecar);
            long empty = heapBytes(sidecar, programs);
            Filling.fill(sidecar.server(), SMALL, entries, origin, wrk);
            long full = heapBytes(sidecar, programs);
            double held = sidecar.metric("lastref_cache_entries");
            say(
                    "an entry of the index",
                    "%.0f bytes of heap, its key included (%,.0f entries, -Xmx%s)",
                    (full - empty) / held,
                    held,
                    heap);
            long before = origin.requests();
            LoadResult served = wrk.run(sidecar.server().url("/"), 32, seconds, Filling.anyOf(SMALL, entries));
            say(
                    "all of them asked for",
                    "%.0f requests a second, %,d of %,d asked the origin, %d errors; beside the pool %.1f MiB",
                    served.requests() / served.seconds(),
                    origin.requests() - before,
                    served.requests(),
                    served.errors(),
                    beside(sidecar));
        }
    }

    /** Of what lives, after a full collection. */
    private static long heapBytes(Sidecar sidecar, Programs programs) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(programs.path("jcmd"), String.valueOf(sidecar.pid()), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        Matcher total = TOTAL.matcher(said);
        if (!total.find()) {
            throw new IOException("jcmd says no total: " + said.strip());
        }
        return Long.parseLong(total.group(1));
    }

    private static void say(String what, String format, Object... values) {
        OUT.printf(Locale.ROOT, "%-34s %s%n", what, String.format(Locale.ROOT, format, values));
    }
}
