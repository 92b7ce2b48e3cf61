package dev.lastref.http.origin;

import dev.lastref.pool.Descriptors;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The origins, among which the one with the fewest requests is asked next. Names are looked up and health is checked on threads of
 * their own, since both block. All threads.
 */
public final class Origins implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Origins.class.getName());
    private static final long RESOLVE_EVERY_SECONDS = 30;
    /** Until one has answered for the first time. */
    private static final long FIRST_LOOK_MILLIS = 250;

    private static final int MOST_THREADS = 4;
    /** Of the heap, as measured, rounded up. */
    private static final long CONNECTION_BYTES = 1500;

    private final OriginSettings settings;
    private final List<Origin> all;
    private final HealthCheck check;
    private final Descriptors descriptors;
    private final ScheduledExecutorService watch;
    private volatile boolean answered;

    /**
     * @param tls for those that speak it; null: none does
     * @param descriptors of this process: while they are scarce neither is health checked nor a name looked up again, and what is known
     *     stays
     */
    public Origins(OriginSettings settings, @Nullable OriginTls tls, Descriptors descriptors) {
        this.settings = settings;
        this.all = settings.bases().stream()
                .map(base -> new Origin(base, settings, tls))
                .toList();
        this.check = new HealthCheck(settings.health(), tls, descriptors);
        this.descriptors = descriptors;
        this.watch = Executors.newScheduledThreadPool(Math.min(MOST_THREADS, 1 + all.size()), task -> {
            Thread thread = new Thread(task, "lastref-origins");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The first one's host and port: what a request is about that names no host. */
    public String authority() {
        return all.get(0).authority();
    }

    /** Looks all names up, and begins to look after the origins. Blocks for the first look. */
    public void start() {
        all.forEach(Origin::resolve);
        boolean checked = settings.areChecked();
        for (Origin origin : all) {
            repeat(() -> lookUpAgain(origin), Duration.ofSeconds(RESOLVE_EVERY_SECONDS));
            if (checked) {
                repeat(() -> check(origin), settings.health().interval());
            }
            firstLook(origin);
        }
    }

    private void repeat(Runnable task, Duration every) {
        ScheduledFuture<?> unused = watch.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException fault) { // it would never run again
                        LOG.log(System.Logger.Level.ERROR, "looking after the origins", fault);
                    }
                },
                every.toMillis(),
                every.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Until one origin has answered; whether this one is to be asked is not decided by it. */
    private void firstLook(Origin origin) {
        watch.execute(() -> {
            if (answered) {
                return;
            }
            if (hasAnswered(origin)) {
                answered = true;
            } else if (!watch.isShutdown()) {
                ScheduledFuture<?> unused =
                        watch.schedule(() -> firstLook(origin), FIRST_LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    private boolean hasAnswered(Origin origin) {
        try {
            return check.failure(origin) == null;
        } catch (HealthCheck.NotMade later) {
            return false;
        }
    }

    /** Looks its name up, if there are descriptors for that. Blocks. */
    void lookUpAgain(Origin origin) {
        if (!descriptors.areScarce()) {
            origin.resolve();
        }
    }

    /** Makes a check now, and goes by it, unless it could not be made. Blocks. */
    void check(Origin origin) {
        String failure;
        try {
            failure = check.failure(origin);
        } catch (HealthCheck.NotMade later) {
            return;
        }
        if (failure == null) {
            answered = true;
        } else {
            origin.tally().failedCheck(failure);
        }
        if (origin.health().checked(failure == null)) {
            if (failure == null) {
                LOG.log(System.Logger.Level.INFO, "origin {0} is up again", origin);
            } else {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "origin {0} is down, and is not asked until checks succeed: {1}",
                        origin,
                        failure);
            }
        }
    }

    /** What connections to them take of the heap, about: those with a request, and those that are kept for the next. */
    public long heapBytes() {
        long connections = 0;
        for (Origin origin : all) {
            connections += origin.slots().taken() + origin.connections().idle();
        }
        return connections * CONNECTION_BYTES;
    }

    /** How each is now, in the order in which they are configured. */
    public List<OriginStatus> status() {
        long now = System.nanoTime();
        return all.stream().map(origin -> OriginStatus.of(origin, now)).toList();
    }

    /** Whether an origin has ever answered: a request, or a check. */
    public boolean hasAnswered() {
        return answered;
    }

    /** Whether requests can go anywhere. */
    public boolean isAnyAvailable() {
        return pick(null) != null;
    }

    /**
     * The one to ask next.
     *
     * @param not the one that has just failed
     * @return null: there is none
     */
    @Nullable
    Origin pick(@Nullable Origin not) {
        long now = System.nanoTime();
        int size = all.size();
        int from = size == 1 ? 0 : ThreadLocalRandom.current().nextInt(size); // among equals each gets its share
        Origin best = null;
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            Origin origin = all.get((from + i) % size);
            if (origin != not && origin.health().isAvailable(now)) {
                int outstanding = origin.slots().outstanding();
                if (outstanding < fewest) {
                    fewest = outstanding;
                    best = origin;
                }
            }
        }
        return best;
    }

    /** How long until there may be one again; at least a second. */
    Duration unavailableFor() {
        long now = System.nanoTime();
        Duration least = all.stream()
                .map(origin -> origin.health().unavailableFor(now))
                .min(Duration::compareTo)
                .orElse(Duration.ZERO);
        return least.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : least;
    }

    void answered(Origin origin) {
        answered = true;
        origin.tally().answer();
        if (origin.health().state() == OriginHealth.State.EJECTED) {
            LOG.log(System.Logger.Level.INFO, "origin {0} answers again", origin);
        }
        origin.health().answered();
    }

    void failed(Origin origin, String why) {
        origin.tally().failure(why);
        Duration time = origin.health().failed(System.nanoTime(), pick(origin) != null);
        if (!time.isZero()) {
            origin.tally().ejection();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "origin {0} is left out for {1} s, having failed again and again, at last with: {2}",
                    origin,
                    time.toMillis() / 1000.0,
                    why);
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
