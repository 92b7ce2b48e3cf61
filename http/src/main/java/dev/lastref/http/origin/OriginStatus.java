package dev.lastref.http.origin;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How one origin is at a moment.
 *
 * @param url as it was configured
 * @param state up; ejected, since it failed requests; or down, since it fails checks
 * @param available whether it is asked
 * @param availableIn how long it will be left out, as far as is known
 * @param running requests that it has now
 * @param waiting requests that wait for it
 * @param idleConnections connections that are kept for the next request
 * @param answered requests since the start that it answered, whatever it said
 * @param failed those that it did not
 * @param failedInARow the latest ones
 * @param ejections how often it was left out for failing requests
 * @param lastError the last failure of a request or a check; null: none yet
 * @param lastErrorAt when that was
 */
public record OriginStatus(
        String url,
        State state,
        boolean available,
        Duration availableIn,
        int running,
        int waiting,
        int idleConnections,
        long answered,
        long failed,
        int failedInARow,
        long ejections,
        @Nullable String lastError,
        @Nullable Instant lastErrorAt) {
    /** Whether, and why not, it is asked. */
    public enum State {
        UP,
        EJECTED,
        DOWN;

        /** As it is shown. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static OriginStatus of(Origin origin, long nowNanos) {
        OriginHealth health = origin.health();
        OriginTally tally = origin.tally();
        OriginTally.Failure last = tally.last();
        return new OriginStatus(
                origin.toString(),
                State.valueOf(health.state().name()),
                health.isAvailable(nowNanos),
                health.unavailableFor(nowNanos),
                origin.slots().taken(),
                origin.slots().waiting(),
                origin.connections().idle(),
                tally.answered(),
                tally.failed(),
                health.failures(),
                tally.ejections(),
                last == null ? null : last.why(),
                last == null ? null : last.at());
    }
}
