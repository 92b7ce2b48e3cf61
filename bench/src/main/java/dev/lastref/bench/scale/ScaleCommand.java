package dev.lastref.bench.scale;

import dev.lastref.bench.Benchmarks;
import dev.lastref.bench.load.Closing;
import dev.lastref.bench.load.LoadResult;
import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Programs;
import dev.lastref.bench.load.Server;
import dev.lastref.bench.load.Wrk;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/scale}: what a hit costs as the numbers grow. */
@Command(
        name = "bench/scale",
        description =
                "Starts ./lastref in front of an nginx, and says what a hit of 1 KiB costs as the number of entries, of connections "
                        + "and of slow readers grows. Needs nginx and wrk; installs nothing.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class ScaleCommand implements Callable<Integer> {
    private static final PrintStream OUT = System.out;
    private static final int SMALL = 1024;
    private static final int LARGE = 4 << 20;
    private static final int USUAL_CONNECTIONS = 32;

    @Option(
            names = "--sweeps",
            split = ",",
            defaultValue = "entries,connections,slow-readers",
            description = "what grows (default ${DEFAULT-VALUE})")
    private List<String> sweeps = List.of();

    @Option(names = "--rounds", defaultValue = "5", description = "(default ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "3", description = "of a run (default ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "3",
            description = "seconds before the first round of each value (default ${DEFAULT-VALUE})")
    private int warmUp;

    @Option(
            names = "--folder",
            defaultValue = "/dev/shm",
            description = "a folder on tmpfs for the origin's files (default ${DEFAULT-VALUE})")
    private Path tmpfs = Path.of("/dev/shm");

    @Option(names = "--csv", description = "write every measurement there")
    private @Nullable Path csv;

    @Option(names = "--figure", description = "draw them there, as SVG")
    private @Nullable Path figure;

    private final List<Point> points = new ArrayList<>();

    public static void main(String[] args) {
        System.exit(Benchmarks.execute(new ScaleCommand(), args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Sweep> asked = sweeps.stream().map(Sweep::named).toList();
        Programs programs = Programs.find(List.of("nginx", "wrk"));
        try (Closing closing = Closing.in(tmpfs, "lastref-scale-")) {
            Path folder = closing.folder();
            Origin origin = Origin.start(programs, folder, List.of((long) SMALL, (long) LARGE));
            closing.add(origin::close);
            Wrk wrk = new Wrk(programs, folder);
            OUT.println(ScaleReport.header());
            for (Sweep sweep : asked) {
                run(sweep, origin, wrk, folder, closing);
            }
        }
        Benchmarks.write(csv, new ScaleReport(points).csv());
        Benchmarks.write(figure, new ScaleReport(points).figure());
        return CommandLine.ExitCode.OK;
    }

    /** With a sidecar of its own; the values take turns. */
    private void run(Sweep sweep, Origin origin, Wrk wrk, Path folder, Closing closing)
            throws IOException, InterruptedException {
        Sidecar sidecar = Sidecar.start(origin, folder, "", List.of("-Dlastref.pool.size=3GiB"));
        closing.add(sidecar::close);
        List<Integer> values = sweep.steps();
        for (int value : values) {
            measure(sweep, value, 0, warmUp, sidecar, origin, wrk);
        }
        for (int round = 1; round <= rounds; round++) {
            for (int value : values) {
                points.add(measure(sweep, value, round, seconds, sidecar, origin, wrk));
            }
        }
        values.forEach(value -> OUT.println(new ScaleReport(points).line(sweep, value)));
        sidecar.close();
    }

    private Point measure(Sweep sweep, int value, int round, int time, Sidecar sidecar, Origin origin, Wrk wrk)
            throws IOException, InterruptedException {
        Server server = sidecar.server();
        switch (sweep) {
            case ENTRIES -> {
                if (round == 0) {
                    Filling.fill(server, SMALL, value, origin, wrk);
                }
                return measured(
                        sweep,
                        value,
                        round,
                        server,
                        () -> wrk.run(server.url("/"), USUAL_CONNECTIONS, time, Filling.anyOf(SMALL, value)));
            }
            case CONNECTIONS -> {
                return measured(
                        sweep,
                        value,
                        round,
                        server,
                        () -> wrk.run(server.url("/one/" + SMALL + "/1"), value, time, HITS));
            }
            case SLOW_READERS -> {
                try (SlowClients slow = SlowClients.start(value, sidecar.port(), "/slow/" + LARGE + "/1")) {
                    Point point = measured(
                            sweep,
                            value,
                            round,
                            server,
                            () -> wrk.run(server.url("/one/" + SMALL + "/1"), USUAL_CONNECTIONS, time, HITS));
                    if (slow.lost() > 0) {
                        throw new IOException(slow.lost() + " of " + value + " slow readers lost their connection");
                    }
                    return point;
                }
            }
        }
        throw new AssertionError(sweep);
    }

    private static final List<String> HITS = List.of("hits", "-", "-", "-", "-");

    /** A load that is measured. */
    private interface Load {
        LoadResult run() throws IOException, InterruptedException;
    }

    private static Point measured(Sweep sweep, int value, int round, Server server, Load load)
            throws IOException, InterruptedException {
        double before = server.processes().cpuSeconds();
        LoadResult result = load.run();
        double spent = server.processes().cpuSeconds() - before;
        return new Point(sweep, value, round, result, spent, server.processes().memoryBesideTmpfsBytes());
    }
}
