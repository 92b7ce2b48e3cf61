package dev.lastref.bench.compare;

import dev.lastref.bench.load.MachineCpu;
import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Server;
import dev.lastref.bench.load.Wrk;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final Map<Peer, Server> servers;
    private final Wrk wrk;
    private final Consumer<String> told;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    /** Names that misses ask for are used once. */
    private int salt;

    /** @param told of progress, a line each */
    Rounds(Origin origin, Map<Peer, Server> servers, Wrk wrk, Consumer<String> told) {
        this.origin = origin;
        this.servers = servers;
        this.wrk = wrk;
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
        for (Map.Entry<Peer, Server> entry : servers.entrySet()) {
            String etag = prepare(asked, entry.getKey(), entry.getValue());
            if (etag != null) {
                etags.put(entry.getKey(), etag);
                if (warmUpSeconds > 0) {
                    load(entry.getValue(), asked, warmUpSeconds, etag);
                }
            }
        }
        List<Measurement> measurements = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<Peer, String> entry : etags.entrySet()) {
                measurements.add(turn(asked, entry.getKey(), round, seconds, entry.getValue()));
            }
        }
        return measurements;
    }

    private Measurement turn(Case asked, Peer peer, int round, int seconds, String etag)
            throws IOException, InterruptedException {
        Server server = server(peer);
        long originBefore = origin.requests();
        double machineBefore = MachineCpu.busySeconds();
        double cpuBefore = server.processes().cpuSeconds();
        Wrk.Result load = load(server, asked, seconds, etag);
        double cpu = server.processes().cpuSeconds() - cpuBefore;
        double machineCpu = MachineCpu.busySeconds() - machineBefore;
        return new Measurement(
                asked,
                peer,
                round,
                load,
                cpu,
                machineCpu,
                server.processes().memoryBytes(),
                origin.requests() - originBefore);
    }

    private Wrk.Result load(Server server, Case asked, int seconds, String etag)
            throws IOException, InterruptedException {
        return wrk.run(server.url(asked.path()), asked.connections(), seconds, asked.loadOf(etag, "r" + salt++));
    }

    private Server server(Peer peer) {
        Server server = servers.get(peer);
        if (server == null) {
            throw new IllegalArgumentException(peer.title() + " was not started");
        }
        return server;
    }

    /** Has what is asked for stored; returns its ETag, or null if the peer does not answer as this case needs it. */
    private @Nullable String prepare(Case asked, Peer peer, Server server) throws IOException, InterruptedException {
        if (asked.scenario() == Scenario.ZIPF) {
            scan(asked, peer, server);
            return "";
        }
        String etag = get(server, asked, "").headers().firstValue("ETag").orElse("");
        get(server, asked, "");
        HttpResponse<byte[]> answer = get(server, asked, etag);
        if (answer.statusCode() == asked.scenario().status() && answer.body().length == asked.contentLength()) {
            return etag;
        }
        told.accept(peer.title() + " is left out of " + asked.title() + ": it answers " + answer.statusCode() + " with "
                + answer.body().length + " bytes instead of " + asked.scenario().status() + " with "
                + asked.contentLength());
        return null;
    }

    /** @param etag if it is not empty, the conditions of the case are sent too */
    private HttpResponse<byte[]> get(Server server, Case asked, String etag) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.url(asked.path()))).timeout(Duration.ofSeconds(30));
        if (!etag.isEmpty() && asked.scenario() == Scenario.NOT_MODIFIED) {
            request.header("If-None-Match", etag);
        }
        if (!etag.isEmpty() && asked.scenario() == Scenario.RANGES) {
            request.header("Range", asked.range());
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private void scan(Case asked, Peer peer, Server server) throws IOException, InterruptedException {
        double share = 1;
        for (int i = 0; i < MOST_SCANS && share > SCANNED; i++) {
            long before = origin.requests();
            long requests = wrk.run(server.url("/"), asked.connections(), SCAN_SECONDS, List.of("scan"))
                    .requests();
            share = (origin.requests() - before) / (double) Math.max(1, requests);
        }
        if (share > SCANNED) {
            told.accept("%s does not keep all of the mix: it asks the origin for %.1f %% of it"
                    .formatted(peer.title(), 100 * share));
        }
    }
}
