package dev.lastref.bench.compare;

import dev.lastref.bench.load.Closing;
import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Peers in front of one origin, ready to take turns. Whoever starts it closes it; if nobody does, the end of the JVM does. */
final class Contest implements AutoCloseable {
    private static final String ROOT_VARIABLE = "BENCH_ROOT";

    private final Closing closing;
    private final Rounds rounds;

    private Contest(Closing closing, Rounds rounds) {
        this.closing = closing;
        this.rounds = rounds;
    }

    /**
     * Starts them.
     *
     * @param peers in the order of their turns
     * @param cases that will be measured
     * @param cacheBytes what each may keep
     * @param tmpfs a folder for the origin's files and nginx's cache
     * @param told of progress, a line each
     * @throws IllegalStateException if a program is missing, with how to get it
     */
    static Contest start(List<Peer> peers, List<Case> cases, long cacheBytes, Path tmpfs, Consumer<String> told)
            throws IOException, InterruptedException {
        Programs programs = Servers.programs(peers, cases);
        Closing closing = Closing.in(tmpfs, "lastref-compare-");
        Rounds rounds = null;
        try {
            rounds = start(peers, cases, cacheBytes, programs, closing, told);
            return new Contest(closing, rounds);
        } finally {
            if (rounds == null) {
                closing.close();
            }
        }
    }

    private static Rounds start(
            List<Peer> peers,
            List<Case> cases,
            long cacheBytes,
            Programs programs,
            Closing closing,
            Consumer<String> told)
            throws IOException, InterruptedException {
        List<Long> files = Stream.concat(
                        cases.stream().map(Case::bytes), Stream.of(1024L, 4096L, 16384L, Case.LARGEST_IN_MIX))
                .distinct()
                .toList();
        long largest = files.stream().max(Comparator.naturalOrder()).orElseThrow();
        Path folder = closing.folder();
        Origin origin = Origin.start(programs, folder, files);
        closing.add(origin::close);
        Path launcher = peers.contains(Peer.LASTREF) ? launcher() : Path.of("");
        Peer.Ground ground =
                new Peer.Ground(programs, folder, launcher, origin.port(), cacheBytes, largest, Optional.empty());
        Servers servers = Servers.start(peers, cases, ground, closing, told);
        return new Rounds(
                origin,
                servers,
                new Clients(programs, folder, servers.identity()),
                new Probe(servers.identity()),
                told);
    }

    private static Path launcher() {
        String root = System.getenv(ROOT_VARIABLE);
        if (root == null) {
            throw new IllegalStateException("start it by the script in bench/, which says where ./lastref is");
        }
        return Path.of(root, "lastref");
    }

    /** As {@link Rounds#measure}. */
    List<Measurement> measure(Case asked, int times, int seconds, int warmUpSeconds)
            throws IOException, InterruptedException {
        return rounds.measure(asked, times, seconds, warmUpSeconds);
    }

    @Override
    public void close() {
        closing.close();
    }
}
