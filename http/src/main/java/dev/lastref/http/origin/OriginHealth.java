package dev.lastref.http.origin;

import java.time.Duration;

/**
 * Whether an origin is to be asked: by what became of requests, and by checks.
 *
 * <pre>
 *  UP ──failures in a row──► EJECTED ──time over, an answer──► UP
 *  UP, EJECTED ──checks fail──► DOWN ──checks succeed──► UP
 * </pre>
 *
 * <p>An ejected origin whose time is over may be asked; if it fails once more it is ejected for twice as long. All threads.
 */
final class OriginHealth {
    /** Doublings after which an ejection becomes no longer. */
    private static final int MOST_DOUBLINGS = 6;

    enum State {
        /** It is asked. */
        UP,
        /** It has failed requests, and is left out until a time. */
        EJECTED,
        /** It fails checks, and is left out until it does not. */
        DOWN
    }

    private final OriginSettings.Health rules;
    private volatile State state = State.UP;
    private volatile long ejectedUntilNanos;
    private int failures;
    private int ejections;
    private int failedChecks;
    private int goodChecks;

    OriginHealth(OriginSettings.Health rules) {
        this.rules = rules;
    }

    State state() {
        return state;
    }

    /** Requests in a row that it has failed. */
    synchronized int failures() {
        return failures;
    }

    /** Whether requests may go there. */
    boolean isAvailable(long nowNanos) {
        return switch (state) {
            case UP -> true;
            case EJECTED -> nowNanos - ejectedUntilNanos >= 0;
            case DOWN -> false;
        };
    }

    /** How long it will be left out, as far as is known; zero if it is not. */
    Duration unavailableFor(long nowNanos) {
        return switch (state) {
            case UP -> Duration.ZERO;
            case EJECTED -> Duration.ofNanos(Math.max(0, ejectedUntilNanos - nowNanos));
            case DOWN -> rules.interval().multipliedBy(rules.upAfter());
        };
    }

    /** It has answered a request, whatever it said. */
    synchronized void answered() {
        failures = 0;
        if (state == State.EJECTED) {
            state = State.UP;
            ejections = 0;
        }
    }

    /**
     * It has failed a request.
     *
     * @param mayBeEjected whether another one is left to be asked
     * @return for how long it is left out now; zero: it is not
     */
    synchronized Duration failed(long nowNanos, boolean mayBeEjected) {
        failures++;
        boolean again = state == State.EJECTED && nowNanos - ejectedUntilNanos >= 0;
        boolean first = state == State.UP && rules.ejectAfter() > 0 && failures >= rules.ejectAfter();
        if (!mayBeEjected || !(first || again)) {
            return Duration.ZERO;
        }
        Duration time = rules.ejectTime().multipliedBy(1L << Math.min(ejections, MOST_DOUBLINGS));
        ejections++;
        ejectedUntilNanos = nowNanos + time.toNanos();
        state = State.EJECTED;
        return time;
    }

    /**
     * It has been checked.
     *
     * @return whether that has changed the state
     */
    synchronized boolean checked(boolean good) {
        goodChecks = good ? goodChecks + 1 : 0;
        failedChecks = good ? 0 : failedChecks + 1;
        if (good && state == State.DOWN && goodChecks >= rules.upAfter()) {
            state = State.UP;
            failures = 0;
            ejections = 0;
            return true;
        }
        if (!good && state != State.DOWN && failedChecks >= rules.downAfter()) {
            state = State.DOWN;
            return true;
        }
        return false;
    }
}
