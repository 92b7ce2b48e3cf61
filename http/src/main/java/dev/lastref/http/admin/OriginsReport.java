package dev.lastref.http.admin;

import dev.lastref.http.origin.OriginStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the origins are, as {@code GET /api/origins} shows it, in the order in which they are configured. */
record OriginsReport(List<One> origins) {
    /**
     * One origin; what each says is as of {@link OriginStatus}.
     *
     * @param availableInSeconds 0: it is asked now
     * @param lastErrorAt as ISO 8601 has it
     */
    record One(
            String url,
            String state,
            boolean available,
            double availableInSeconds,
            int running,
            int waiting,
            int idleConnections,
            long answered,
            long failed,
            int failedInARow,
            long ejections,
            @Nullable String lastError,
            @Nullable String lastErrorAt) {}

    static OriginsReport of(List<OriginStatus> origins) {
        return new OriginsReport(origins.stream()
                .map(origin -> new One(
                        origin.url(),
                        origin.state().label(),
                        origin.available(),
                        origin.availableIn().toMillis() / 1000.0,
                        origin.running(),
                        origin.waiting(),
                        origin.idleConnections(),
                        origin.answered(),
                        origin.failed(),
                        origin.failedInARow(),
                        origin.ejections(),
                        origin.lastError(),
                        origin.lastErrorAt() == null
                                ? null
                                : origin.lastErrorAt().toString()))
                .toList());
    }
}
