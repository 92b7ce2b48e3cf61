package dev.lastref.bench.compare;

import dev.lastref.bench.load.Wrk;
import java.util.Locale;

/**
 * One peer's turn in one round.
 *
 * @param cpuSeconds of the peer's processes, user and system
 * @param machineCpuSeconds of the whole machine: of the peer, of the client, and of what else ran
 * @param memoryBytes of the peer's processes, after it
 * @param originRequests how many requests reached the origin meanwhile
 */
record Measurement(
        Case measured,
        Peer peer,
        int round,
        Wrk.Result load,
        double cpuSeconds,
        double machineCpuSeconds,
        long memoryBytes,
        long originRequests) {
    static final String CSV_HEADER = "scenario,bytes,connections,round,peer,requests,seconds,requests_per_second,"
            + "cpu_us_per_request,machine_cpu_us_per_request,p50_us,p99_us,p999_us,memory_bytes,origin_requests,errors";

    double requestsPerSecond() {
        return load.requests() / load.seconds();
    }

    double cpuMicrosPerRequest() {
        return microsPerRequest(cpuSeconds);
    }

    double machineCpuMicrosPerRequest() {
        return microsPerRequest(machineCpuSeconds);
    }

    private double microsPerRequest(double seconds) {
        return load.requests() == 0 ? Double.NaN : seconds * 1e6 / load.requests();
    }

    String csv() {
        return String.format(
                Locale.ROOT,
                "%s,%d,%d,%d,%s,%d,%.3f,%.1f,%.3f,%.3f,%.0f,%.0f,%.0f,%d,%d,%d",
                measured.scenario().option(),
                measured.bytes(),
                measured.connections(),
                round,
                peer.title(),
                load.requests(),
                load.seconds(),
                requestsPerSecond(),
                cpuMicrosPerRequest(),
                machineCpuMicrosPerRequest(),
                load.p50(),
                load.p99(),
                load.p999(),
                memoryBytes,
                originRequests,
                load.errors());
    }
}
