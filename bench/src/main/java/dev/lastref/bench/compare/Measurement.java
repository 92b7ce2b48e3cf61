package dev.lastref.bench.compare;

import dev.lastref.bench.load.LoadResult;
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
        LoadResult load,
        double cpuSeconds,
        double machineCpuSeconds,
        long memoryBytes,
        long originRequests) {
    static final String CSV_HEADER = "scenario,bytes,connections,round,peer,requests,seconds,requests_per_second,"
            + "cpu_us_per_request,machine_cpu_us_per_request,p50_us,p99_us,p999_us,memory_bytes,origin_requests,errors";

    /**
     * How many requests were answered. Of large responses those under way at the end count by the part that came: where 512 clients take
     * 16 MiB each at the same time, most of what was done would not be seen otherwise, and by chance.
     */
    double answered() {
        return measured.isOfLarge() ? (double) load.bytes() / measured.contentLength() : load.requests();
    }

    double requestsPerSecond() {
        return answered() / load.seconds();
    }

    double cpuMicrosPerRequest() {
        return microsPerRequest(cpuSeconds);
    }

    double machineCpuMicrosPerRequest() {
        return microsPerRequest(machineCpuSeconds);
    }

    private double microsPerRequest(double seconds) {
        double answered = answered();
        return answered == 0 ? Double.NaN : seconds * 1e6 / answered;
    }

    String csv() {
        return String.format(
                Locale.ROOT,
                "%s,%d,%d,%d,%s,%.1f,%.3f,%.1f,%.3f,%.3f,%.0f,%.0f,%.0f,%d,%d,%d",
                measured.scenario().option(),
                measured.bytes(),
                measured.connections(),
                round,
                peer.title(),
                answered(),
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
