package dev.lastref.bench.scale;

import dev.lastref.bench.load.LoadResult;
import java.util.Locale;

/**
 * One run with one value of what grows.
 *
 * @param cpuSeconds of the sidecar, user and system
 * @param memoryBytes of the sidecar after it, without tmpfs pages
 */
record Point(Sweep sweep, int value, int round, LoadResult load, double cpuSeconds, long memoryBytes) {
    static final String CSV_HEADER =
            "sweep,value,round,requests,requests_per_second,cpu_us_per_request,p99_us,memory_beside_tmpfs_bytes,errors";

    double cpuMicros() {
        return load.requests() == 0 ? Double.NaN : cpuSeconds * 1e6 / load.requests();
    }

    String csv() {
        return String.format(
                Locale.ROOT,
                "%s,%d,%d,%d,%.1f,%.3f,%.0f,%d,%d",
                sweep.option(),
                value,
                round,
                load.requests(),
                load.requests() / load.seconds(),
                cpuMicros(),
                load.p99(),
                memoryBytes,
                load.errors());
    }
}
