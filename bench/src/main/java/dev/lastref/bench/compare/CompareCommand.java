package dev.lastref.bench.compare;

import dev.lastref.bench.Benchmarks;
import dev.lastref.bench.Sizes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/compare}: Lastref beside nginx, Varnish and HAProxy. */
@Command(
        name = "bench/compare",
        description =
                "Starts caches in front of one origin, has them take turns under the same load, and says what a request cost each. "
                        + "Installs nothing; needs nginx (the origin and the measure), wrk, and the peers that take part. "
                        + "Two scenarios more than by default: tls (hits by HTTP/1.1 over TLS, wrk) and http2 (hits by HTTP/2 over TLS, "
                        + "ten streams on each connection; needs h2load). All speak TLS 1.3 with TLS_AES_256_GCM_SHA384 and a "
                        + "certificate of EC P-256 there; with wrk a turn's handshakes are in its figures, with h2load they come before, but of responses of 1 MiB and more. "
                        + "Varnish from Debian has no TLS. "
                        + "Responses of 1 MiB and more that are under way when a turn ends count by the part that came.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class CompareCommand implements Callable<Integer> {
    private static final PrintStream OUT = System.out;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "nginx,varnish,haproxy,lastref",
            description = "who takes part, in this order (default ${DEFAULT-VALUE})")
    private List<String> peers = List.of();

    @Option(
            names = "--scenarios",
            split = ",",
            defaultValue = "hits,pipelined,closing,not-modified,ranges,zipf,misses",
            description = "what is asked for (default ${DEFAULT-VALUE})")
    private List<String> scenarios = List.of();

    @Option(
            names = "--sizes",
            split = ",",
            defaultValue = "1k,4k,16k,64k,1m,16m",
            description = "of a response (default ${DEFAULT-VALUE})")
    private List<String> sizes = List.of();

    @Option(
            names = "--connections",
            split = ",",
            defaultValue = "32,512",
            description = "at a time (default ${DEFAULT-VALUE})")
    private List<Integer> connections = List.of();

    @Option(names = "--rounds", defaultValue = "5", description = "(default ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "5", description = "of a peer's turn (default ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "3",
            description = "seconds for each peer before the first round of each case (default ${DEFAULT-VALUE})")
    private int warmUp;

    @Option(
            names = "--cache-size",
            defaultValue = "2g",
            description = "what each peer may keep; misses fill it (default ${DEFAULT-VALUE})")
    private String cacheSize = "";

    @Option(
            names = "--folder",
            defaultValue = "/dev/shm",
            description = "a folder on tmpfs for the origin's files and nginx's cache (default ${DEFAULT-VALUE})")
    private Path tmpfs = Path.of("/dev/shm");

    @Option(names = "--csv", description = "write every measurement there")
    private @Nullable Path csv;

    @Option(names = "--figure", description = "draw the hits there, as SVG")
    private @Nullable Path figure;

    public static void main(String[] args) {
        System.exit(Benchmarks.execute(new CompareCommand(), args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Peer> taking = peers.stream().map(Peer::named).distinct().toList();
        List<Long> bytes = sizes.stream().map(Sizes::parse).toList();
        List<Case> cases = Case.all(scenarios.stream().map(Scenario::named).toList(), bytes, connections);
        try (Contest contest = Contest.start(taking, cases, Sizes.parse(cacheSize), tmpfs, OUT::println)) {
            run(contest, cases);
        }
        return CommandLine.ExitCode.OK;
    }

    private void run(Contest contest, List<Case> cases) throws IOException, InterruptedException {
        List<Measurement> all = new ArrayList<>();
        for (Case asked : cases) {
            all.addAll(contest.measure(asked, rounds, seconds, warmUp));
            OUT.println(new CompareReport(all).table(asked));
            if (csv != null) {
                Files.writeString(csv, new CompareReport(all).csv()); // what is known, whatever happens next
            }
        }
        Benchmarks.write(csv, new CompareReport(all).csv());
        Benchmarks.write(figure, new CompareReport(all).figure());
    }
}
