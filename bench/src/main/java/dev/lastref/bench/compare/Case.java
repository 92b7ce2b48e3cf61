package dev.lastref.bench.compare;

import dev.lastref.bench.Sizes;
import dev.lastref.bench.load.Server;
import java.util.ArrayList;
import java.util.List;

/**
 * One thing that is measured.
 *
 * @param bytes of the resource; of the Zipf mix, of the largest
 */
record Case(Scenario scenario, long bytes, int connections) {
    private static final long KIB = 1024;
    private static final long RANGE_PARTS = 16;
    /** A range, a 304 or a connection for one of the larger sizes shows nothing that one of these does not. */
    private static final long SMALL = KIB;

    private static final long RANGED = KIB * KIB;
    static final long LARGEST_IN_MIX = 64 * KIB;
    /** From here on what is under way when a turn ends is a part of it that counts, and the heads are none. */
    private static final long LARGE = KIB * KIB;

    /** Every scenario with every number of connections, and hits, pipelined ones and misses of every size. */
    static List<Case> all(List<Scenario> scenarios, List<Long> sizes, List<Integer> connections) {
        List<Case> cases = new ArrayList<>();
        for (Scenario scenario : scenarios) {
            List<Long> ofThese = switch (scenario) {
                case HITS, TLS, HTTP2 -> sizes;
                // Pipelining saves wake-ups; nobody pipelines large bodies.
                case PIPELINED ->
                    sizes.stream().filter(size -> size <= 16 * KIB).toList();
                case NOT_MODIFIED, CLOSING -> List.of(SMALL);
                case RANGES -> List.of(RANGED);
                case ZIPF -> List.of(LARGEST_IN_MIX);
                case MISSES -> sizes.stream().filter(size -> size <= RANGED).toList();
            };
            for (long size : ofThese) {
                connections.forEach(count -> cases.add(new Case(scenario, size, count)));
            }
        }
        return cases;
    }

    /** The resource that is asked for, of scenarios that ask for one. */
    String path() {
        return "/hit/" + bytes + "/one";
    }

    /** Where a peer has it. */
    String url(Server server) {
        return scenario.isSecure() ? server.secureUrl(path()) : server.url(path());
    }

    /** Value of the Range field. */
    String range() {
        long part = bytes / RANGE_PARTS;
        long from = bytes / 2;
        return "bytes=" + from + "-" + (from + part - 1);
    }

    /**
     * What load.lua is told.
     *
     * @param etag of the resource, for conditional requests
     * @param salt makes the names that misses ask for unlike all before
     */
    List<String> loadOf(String etag, String salt) {
        return List.of(
                scenario.option(),
                String.valueOf(bytes),
                scenario == Scenario.RANGES ? range() : "-",
                etag.isEmpty() ? "-" : etag,
                salt);
    }

    /** How many bytes of content a right response has. */
    long contentLength() {
        return switch (scenario) {
            case NOT_MODIFIED -> 0;
            case RANGES -> bytes / RANGE_PARTS;
            case HITS, PIPELINED, CLOSING, ZIPF, MISSES, TLS, HTTP2 -> bytes;
        };
    }

    /** Whether responses are so large that those which a turn cut short are counted too, by their parts. */
    boolean isOfLarge() {
        return contentLength() >= LARGE;
    }

    String title() {
        return switch (scenario) {
            case ZIPF -> "%s, %d connections".formatted(scenario.title(), connections);
            case RANGES ->
                "%s of %s of %s, %d connections"
                        .formatted(scenario.title(), Sizes.show(contentLength()), Sizes.show(bytes), connections);
            case HITS, PIPELINED, CLOSING, NOT_MODIFIED, MISSES, TLS, HTTP2 ->
                "%s of %s, %d connections".formatted(scenario.title(), Sizes.show(bytes), connections);
        };
    }
}
