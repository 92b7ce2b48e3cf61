package dev.lastref.http.origin;

import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What has become of the requests to one origin since the start. All threads. */
final class OriginTally {
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder ejections = new LongAdder();
    private volatile @Nullable Failure last;

    /** What went wrong, and when: with a request, or with a check. */
    record Failure(String why, Instant at) {}

    void answer() {
        answered.increment();
    }

    void failure(String why) {
        failed.increment();
        last = new Failure(why, Instant.now());
    }

    void failedCheck(String why) {
        last = new Failure(why, Instant.now());
    }

    void ejection() {
        ejections.increment();
    }

    long answered() {
        return answered.sum();
    }

    long failed() {
        return failed.sum();
    }

    long ejections() {
        return ejections.sum();
    }

    @Nullable
    Failure last() {
        return last;
    }
}
