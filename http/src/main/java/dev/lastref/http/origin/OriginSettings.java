package dev.lastref.http.origin;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which origins there are, and how they are treated.
 *
 * @param bases scheme, host and port of each; at least one
 * @param health how they are looked after
 * @param connections requests that run at an origin at a time; more wait
 * @param queue requests that wait for an origin; more are refused
 * @param queueTimeout how long one waits
 * @param certificates of the authorities that origins with https are believed on, PEM; null: the JVM's
 */
public record OriginSettings(
        List<URI> bases,
        OriginTimeouts timeouts,
        Health health,
        int connections,
        int queue,
        Duration queueTimeout,
        @Nullable Path certificates) {
    /**
     * @param needed whether checks are made in any case, since somebody goes by them: readiness, for instance
     * @param path that is asked for; null: a connection is enough
     * @param interval between two checks of an origin; zero: none are made
     * @param timeout of one
     * @param downAfter failed checks in a row after which an origin is not asked any more
     * @param upAfter successful ones in a row after which it is again
     * @param ejectAfter requests in a row that an origin has failed after which it is left out for a while, if there is another; 0: never
     * @param ejectTime how long at first; doubled each time it fails right after
     */
    public record Health(
            boolean needed,
            @Nullable String path,
            Duration interval,
            Duration timeout,
            int downAfter,
            int upAfter,
            int ejectAfter,
            Duration ejectTime) {}

    /** Whether checks are made: of a sole origin that is only connected to, where they are needed. */
    boolean areChecked() {
        return !health.interval().isZero() && (bases.size() > 1 || health.path() != null || health.needed());
    }
}
