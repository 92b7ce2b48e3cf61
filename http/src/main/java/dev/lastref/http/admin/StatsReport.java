package dev.lastref.http.admin;

import dev.lastref.metrics.MetricsText;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one moment, as {@code GET /api/stats} shows them for who draws them: the same series as {@code /metrics}, without the
 * JVM's own.
 *
 * @param now milliseconds of the system's clock; rates are differences of two reports
 * @param started the same, when the process began: counters begin at 0 with it
 * @param version of this program; null: it does not run from its jar
 * @param ready as {@code /health/ready}
 * @param readiness what that says
 * @param series by name and labels
 */
record StatsReport(
        long now, long started, @Nullable String version, boolean ready, String readiness, Map<String, Double> series) {
    private static final String[] FAMILIES = {"lastref_", "process_"};
    private static final long STARTED = ManagementFactory.getRuntimeMXBean().getStartTime();

    static StatsReport of(MetricsText metrics, Readiness ready) {
        return new StatsReport(
                System.currentTimeMillis(),
                STARTED,
                StatsReport.class.getPackage().getImplementationVersion(),
                ready == Readiness.READY,
                ready.text(),
                metrics.series(FAMILIES));
    }
}
