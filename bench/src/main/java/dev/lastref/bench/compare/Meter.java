package dev.lastref.bench.compare;

import dev.lastref.bench.load.Counting;
import dev.lastref.bench.load.LoadResult;
import dev.lastref.bench.load.MachineCpu;
import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Server;
import java.io.IOException;

/** What a turn took while its client counted. */
final class Meter implements Counting {
    private final Origin origin;
    private final Server server;
    private long originRequests;
    private double machineCpu;
    private double cpu;

    Meter(Origin origin, Server server) {
        this.origin = origin;
        this.server = server;
    }

    @Override
    public void begins() throws IOException, InterruptedException {
        originRequests = -origin.requests();
        machineCpu = -MachineCpu.busySeconds();
        cpu = -server.processes().cpuSeconds();
    }

    @Override
    public void ends() throws IOException, InterruptedException {
        cpu += server.processes().cpuSeconds();
        machineCpu += MachineCpu.busySeconds();
        originRequests += origin.requests();
    }

    Measurement measured(Case asked, Peer peer, int round, LoadResult load) throws IOException {
        return new Measurement(
                asked, peer, round, load, cpu, machineCpu, server.processes().memoryBytes(), originRequests);
    }
}
