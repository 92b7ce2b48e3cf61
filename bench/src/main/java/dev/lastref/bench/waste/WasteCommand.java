package dev.lastref.bench.waste;

import dev.lastref.bench.Benchmarks;
import dev.lastref.bench.Sizes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/waste}: how much of the pool is of no use under a mixed workload, and what that costs in hits. */
@Command(
        name = "bench/waste",
        description =
                "Runs a day of mixed traffic in virtual time through the cache and the pool, beside an ideal byte-exact LRU of "
                        + "the same size, and says how much of the pool no response lived in.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class WasteCommand implements Callable<Integer> {
    private static final PrintStream OUT = System.out;
    private static final int SECONDS_AN_HOUR = 3600;

    @Option(
            names = "--pools",
            split = ",",
            defaultValue = "256MiB,64MiB",
            description = "sizes of the pool, a run each (default ${DEFAULT-VALUE})")
    private List<String> pools = List.of();

    @Option(
            names = "--segment-size",
            description = "size of a segment, the same in all runs; otherwise the pool chooses it")
    private @Nullable String segmentSize;

    @Option(names = "--hours", defaultValue = "24", description = "virtual time (default ${DEFAULT-VALUE})")
    private double hours;

    @Option(
            names = "--warm-up",
            defaultValue = "4",
            description = "virtual hours that the summary leaves out (default ${DEFAULT-VALUE})")
    private double warmUp;

    @Option(names = "--rate", defaultValue = "4", description = "requests a virtual second (default ${DEFAULT-VALUE})")
    private double rate;

    @Option(
            names = "--resources",
            defaultValue = "100000",
            description = "how many there are (default ${DEFAULT-VALUE})")
    private int resources;

    @Option(
            names = "--zipf",
            defaultValue = "0.9",
            description = "exponent of their popularity (default ${DEFAULT-VALUE})")
    private double zipf;

    @Option(names = "--seed", defaultValue = "1", description = "of the workload (default ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--samples", defaultValue = "144", description = "a run (default ${DEFAULT-VALUE})")
    private int samples;

    @Option(names = "--csv", description = "write every sample there")
    private @Nullable Path csv;

    @Option(names = "--figure", description = "draw the runs there, as SVG")
    private @Nullable Path figure;

    @Option(names = "--title", defaultValue = "What the pool is used for, and what it yields")
    private String title = "";

    public static void main(String[] args) {
        System.exit(Benchmarks.execute(new WasteCommand(), args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<RunReport> reports = new ArrayList<>();
        OUT.printf(Locale.ROOT, "%s%n", RunReport.HEADER);
        for (String pool : pools) {
            Plan plan = new Plan(
                    Sizes.parse(pool),
                    segmentSize == null ? 0 : (int) Sizes.parse(segmentSize),
                    (long) (hours * SECONDS_AN_HOUR),
                    samples,
                    seed,
                    resources,
                    zipf,
                    rate);
            long begun = System.nanoTime();
            RunReport report = new RunReport(plan, new Run(plan).run(sample -> {}), (long) (warmUp * SECONDS_AN_HOUR));
            reports.add(report);
            OUT.printf(Locale.ROOT, "%s   (%d s)%n", report.summary(), (System.nanoTime() - begun) / 1_000_000_000);
        }
        Benchmarks.write(csv, RunReport.csv(reports));
        Benchmarks.write(figure, RunReport.figure(title, reports));
        return CommandLine.ExitCode.OK;
    }
}
