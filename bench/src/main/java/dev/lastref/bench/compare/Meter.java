package dev.lastref.bench.compare;

import dev.lastref.bench.load.Counting;
import dev.lastref.bench.load.LoadResult;
import dev.lastref.bench.load.MachineCpu;
import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.Quiet;
import dev.lastref.bench.load.Server;
import java.io.IOException;
import java.time.Duration;

/** What a turn took while its client counted, and what it left to be done behind it. */
final class Meter implements Counting {
    private static final Duration LONGEST_WORK = Duration.ofSeconds(30);

    private final Origin origin;
    private final Server server;
    private final boolean leavesWork;
    private long originRequests;
    private double machineCpu;
    private double cpu;
    private boolean allDone = true;

    /** @param leavesWork whether the server may go on working when nobody asks it any more: that is the turn's, not the next one's */
    Meter(Origin origin, Server server, boolean leavesWork) {
        this.origin = origin;
        this.server = server;
        this.leavesWork = leavesWork;
    }

    @Override
    public void begins() throws IOException, InterruptedException {
        originRequests = -origin.requests();
        machineCpu = -MachineCpu.busySeconds();
        cpu = -server.processes().cpuSeconds();
    }

    @Override
    public void ends() throws IOException, InterruptedException {
        if (leavesWork) {
            allDone = Quiet.await(server.processes(), LONGEST_WORK);
        }
        cpu += server.processes().cpuSeconds();
        machineCpu += MachineCpu.busySeconds();
        originRequests += origin.requests();
    }

    /** Whether the server had nothing left to do, as far as that is waited for. */
    boolean isAllDone() {
        return allDone;
    }

    Measurement measured(Case asked, Peer peer, int round, LoadResult load) throws IOException {
        return new Measurement(
                asked, peer, round, load, cpu, machineCpu, server.processes().memoryBytes(), originRequests);
    }
}
