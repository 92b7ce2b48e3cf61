package dev.lastref.bench.compare;

import dev.lastref.bench.load.Closing;
import dev.lastref.bench.load.Programs;
import dev.lastref.bench.load.Server;
import dev.lastref.bench.load.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The peers that run, in the order of their turns: in the clear, and others of them over TLS, each if any case needs them. They are not
 * the same processes, since Lastref speaks either the one or the other.
 *
 * @param identity of those over TLS
 */
record Servers(Map<Peer, Server> clear, Map<Peer, Server> secure, Optional<TlsIdentity> identity) {
    /** The programs that the cases need beside the peers' own. */
    static Programs programs(List<Peer> peers, List<Case> cases) {
        Stream<String> clients = cases.stream().anyMatch(asked -> asked.scenario() == Scenario.HTTP2)
                ? Stream.of("wrk", "h2load")
                : Stream.of("wrk");
        Stream<String> caches = peers.stream()
                .filter(peer -> peer.speaksTls() || areAny(cases, false))
                .flatMap(peer -> peer.program().stream());
        return Programs.find(Stream.of(Stream.of("nginx"), clients, caches)
                .flatMap(names -> names)
                .distinct()
                .toList());
    }

    /**
     * Starts them.
     *
     * @param closing ends them
     * @param ground without TLS
     * @param told who is left out
     */
    static Servers start(List<Peer> peers, List<Case> cases, Peer.Ground ground, Closing closing, Consumer<String> told)
            throws IOException, InterruptedException {
        Map<Peer, Server> clear = areAny(cases, false) ? start(peers, ground, closing) : Map.of();
        if (!areAny(cases, true)) {
            return new Servers(clear, Map.of(), Optional.empty());
        }
        peers.stream()
                .filter(peer -> !peer.speaksTls())
                .forEach(peer -> told.accept(peer.title() + " is left out over TLS: as Debian has it, it speaks none"));
        Peer.Ground overTls =
                ground.with(Files.createDirectories(ground.folder().resolve("tls")), TlsIdentity.make(ground.folder()));
        List<Peer> able = peers.stream().filter(Peer::speaksTls).toList();
        return new Servers(clear, start(able, overTls, closing), overTls.identity());
    }

    private static boolean areAny(List<Case> cases, boolean secure) {
        return cases.stream().anyMatch(asked -> asked.scenario().isSecure() == secure);
    }

    private static Map<Peer, Server> start(List<Peer> peers, Peer.Ground ground, Closing closing)
            throws IOException, InterruptedException {
        Map<Peer, Server> servers = new LinkedHashMap<>();
        for (Peer peer : peers) {
            Server server = peer.start(ground);
            closing.add(server::close);
            servers.put(peer, server);
        }
        return servers;
    }

    /** Those that a case asks. */
    Map<Peer, Server> of(Case asked) {
        return asked.scenario().isSecure() ? secure : clear;
    }
}
