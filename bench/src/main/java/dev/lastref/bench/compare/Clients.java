package dev.lastref.bench.compare;

import dev.lastref.bench.load.Counting;
import dev.lastref.bench.load.H2load;
import dev.lastref.bench.load.LoadResult;
import dev.lastref.bench.load.Programs;
import dev.lastref.bench.load.Server;
import dev.lastref.bench.load.TlsIdentity;
import dev.lastref.bench.load.Wrk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The load: wrk, but by HTTP/2 h2load. Over TLS they offer one version and one suite. */
final class Clients {
    private final Programs programs;
    private final Path folder;
    private final Wrk wrk;
    private final Map<String, String> environment;
    /** Names that misses ask for are used once. */
    private int salt;

    /** @param identity of the servers that speak TLS, if any */
    Clients(Programs programs, Path folder, Optional<TlsIdentity> identity) throws IOException {
        this.programs = programs;
        this.folder = folder;
        this.wrk = new Wrk(programs, folder);
        this.environment = identity.map(TlsIdentity::offer).orElse(Map.of());
    }

    /**
     * Runs it.
     *
     * @param etag of the resource, for conditional requests
     * @param counting with wrk, from before it connects
     */
    LoadResult load(Server server, Case asked, int seconds, String etag, Counting counting)
            throws IOException, InterruptedException {
        if (asked.scenario() == Scenario.HTTP2) {
            return new H2load(programs, folder)
                    .run(asked.url(server), asked.connections(), seconds, asked.isOfLarge(), counting);
        }
        counting.begins();
        LoadResult result =
                wrk.run(asked.url(server), asked.connections(), seconds, asked.loadOf(etag, "r" + salt++), environment);
        counting.ends();
        return result;
    }

    /** Asks for each resource of the mix in turn. */
    LoadResult scan(Server server, Case asked, int seconds) throws IOException, InterruptedException {
        return wrk.run(server.url("/"), asked.connections(), seconds, List.of("scan"));
    }
}
