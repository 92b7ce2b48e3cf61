package dev.lastref.bench.compare;

import dev.lastref.bench.load.LoadResult;
import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets the peers take turns, case after case: first each is asked whether it answers as it should, and warmed; then come the rounds,
 * every peer once in each, so that whatever else the machine does meets them alike.
 */
final class Rounds {
    private static final int SCAN_SECONDS = 5;
    private static final int MOST_SCANS = 12;
    /** A scan that asked the origin for less than this part of its requests found nearly all in the store. */
    private static final double SCANNED = 0.002;

    private final Origin origin;
    private final Servers servers;
    private final Clients clients;
    private final Probe probe;
    private final Consumer<String> told;

    /** @param told of progress, a line each */
    Rounds(Origin origin, Servers servers, Clients clients, Probe probe, Consumer<String> told) {
        this.origin = origin;
        this.servers = servers;
        this.clients = clients;
        this.probe = probe;
        this.told = told;
    }

    /**
     * Measures one case.
     *
     * @param warmUpSeconds of the same load before, for each peer, which do not count
     */
    List<Measurement> measure(Case asked, int rounds, int seconds, int warmUpSeconds)
            throws IOException, InterruptedException {
        Map<Peer, String> etags = new LinkedHashMap<>();
        Map<Peer, Server> taking = servers.of(asked);
        for (Map.Entry<Peer, Server> entry : taking.entrySet()) {
            String etag = prepare(asked, entry.getKey(), entry.getValue());
            if (etag != null) {
                etags.put(entry.getKey(), etag);
                if (warmUpSeconds > 0) {
                    // By a meter too, for what the warm-up leaves to be done not to meet the first round.
                    turn(asked, entry.getKey(), entry.getValue(), 0, warmUpSeconds, etag);
                }
            }
        }
        List<Measurement> measurements = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<Peer, Server> entry : taking.entrySet()) {
                String etag = etags.get(entry.getKey());
                if (etag != null) {
                    measurements.add(turn(asked, entry.getKey(), entry.getValue(), round, seconds, etag));
                }
            }
        }
        return measurements;
    }

    private Measurement turn(Case asked, Peer peer, Server server, int round, int seconds, String etag)
            throws IOException, InterruptedException {
        Meter meter = new Meter(origin, server, asked.scenario() == Scenario.MISSES);
        LoadResult load = clients.load(server, asked, seconds, etag, meter);
        if (!meter.isAllDone()) {
            told.accept("%s still works behind a turn of %s: a part of that falls into the next one"
                    .formatted(peer.title(), asked.title()));
        }
        return meter.measured(asked, peer, round, load);
    }

    /** Has what is asked for stored; returns its ETag, or null if the peer does not answer as this case needs it. */
    private @Nullable String prepare(Case asked, Peer peer, Server server) throws IOException, InterruptedException {
        if (asked.scenario() == Scenario.ZIPF) {
            scan(asked, peer, server);
            return "";
        }
        String etag = probe.get(server, asked, "").headers().firstValue("ETag").orElse("");
        probe.get(server, asked, "");
        Optional<String> wrong = Probe.wrong(asked, probe.get(server, asked, etag));
        if (wrong.isPresent()) {
            told.accept(peer.title() + " is left out of " + asked.title() + ": " + wrong.get());
            return null;
        }
        return etag;
    }

    private void scan(Case asked, Peer peer, Server server) throws IOException, InterruptedException {
        double share = 1;
        for (int i = 0; i < MOST_SCANS && share > SCANNED; i++) {
            long before = origin.requests();
            long requests = clients.scan(server, asked, SCAN_SECONDS).requests();
            share = (origin.requests() - before) / (double) Math.max(1, requests);
        }
        if (share > SCANNED) {
            told.accept("%s does not keep all of the mix: it asks the origin for %.1f %% of it"
                    .formatted(peer.title(), 100 * share));
        }
    }
}
