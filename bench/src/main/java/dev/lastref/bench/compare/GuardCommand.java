package dev.lastref.bench.compare;

import dev.lastref.bench.Benchmarks;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/guard}: fails if a hit costs much more CPU, in terms of nginx's, than it was written down to cost. */
@Command(
        name = "bench/guard",
        description =
                "Measures some hits beside nginx, in turns, and fails if the CPU of one, in terms of nginx's, is more than a tenth "
                        + "above what the list says. A case that is above is measured again before it counts.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class GuardCommand implements Callable<Integer> {
    private static final PrintStream OUT = System.out;
    private static final long CACHE_BYTES = 256L << 20;

    @Option(
            names = "--list",
            required = true,
            description = "cases and their ratios: scenario,bytes,connections,ratio, a line each")
    private Path list = Path.of("");

    @Option(names = "--rounds", defaultValue = "7", description = "(default ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "1", description = "of a peer's turn (default ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "5",
            description = "seconds for each peer before each case (default ${DEFAULT-VALUE})")
    private int warmUp;

    @Option(
            names = "--loss",
            defaultValue = "0.10",
            description = "how far above the list a ratio may be (default ${DEFAULT-VALUE})")
    private double loss;

    @Option(
            names = "--attempts",
            defaultValue = "3",
            description = "how often a case is measured until one is within (default ${DEFAULT-VALUE})")
    private int attempts;

    @Option(
            names = "--folder",
            defaultValue = "/dev/shm",
            description = "a folder on tmpfs for the origin's files and nginx's cache (default ${DEFAULT-VALUE})")
    private Path tmpfs = Path.of("/dev/shm");

    public static void main(String[] args) {
        System.exit(Benchmarks.execute(new GuardCommand(), args));
    }

    /**
     * What a case was written down to cost.
     *
     * @param ratio CPU of a request, in terms of nginx's
     */
    record Expected(Case asked, double ratio) {
        /** @throws IllegalArgumentException if a line is none */
        static List<Expected> parse(List<String> lines) {
            List<Expected> all = new ArrayList<>();
            for (String line : lines) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    all.add(parse(line));
                }
            }
            return all;
        }

        private static Expected parse(String line) {
            String[] parts = line.split(",", -1);
            try {
                Case asked = new Case(
                        Scenario.named(parts[0].strip()),
                        Long.parseLong(parts[1].strip()),
                        Integer.parseInt(parts[2].strip()));
                return new Expected(asked, Double.parseDouble(parts[3].strip()));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw new IllegalArgumentException(
                        "\"" + line + "\" is no case: expected scenario,bytes,connections,ratio like hits,1024,32,0.70",
                        e);
            }
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Expected> all = Expected.parse(Files.readAllLines(list));
        List<Case> cases = all.stream().map(Expected::asked).toList();
        int lost = 0;
        try (Contest contest =
                Contest.start(List.of(Peer.NGINX, Peer.LASTREF), cases, CACHE_BYTES, tmpfs, OUT::println)) {
            for (Expected expected : all) {
                lost += isKept(contest, expected) ? 0 : 1;
            }
        }
        OUT.println(lost == 0 ? "nothing is lost" : lost + " of " + all.size() + " cases cost more than they did");
        return lost == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private boolean isKept(Contest contest, Expected expected) throws IOException, InterruptedException {
        double limit = expected.ratio() * (1 + loss);
        for (int attempt = 1; attempt <= attempts; attempt++) {
            List<Measurement> measured = contest.measure(expected.asked(), rounds, seconds, attempt == 1 ? warmUp : 0);
            Spread ratio =
                    new CompareReport(measured).ratio(expected.asked(), Peer.LASTREF, Measurement::cpuMicrosPerRequest);
            boolean kept = ratio.median() <= limit;
            OUT.println(String.format(
                    Locale.ROOT,
                    "%s: %.2f times the CPU of nginx (%.2f to %.2f), %s %.2f",
                    expected.asked().title(),
                    ratio.median(),
                    ratio.least(),
                    ratio.greatest(),
                    kept ? "within" : "above",
                    limit));
            if (kept) {
                return true;
            }
        }
        return false;
    }
}
