package dev.lastref.http.soak;

import java.time.Duration;

/** What the origin says of how a resource may be stored. */
enum Terms {
    LASTING("max-age=3600", Duration.ofHours(1)),
    BRIEF("max-age=1", Duration.ofSeconds(1)),
    RENEWED("max-age=1, stale-while-revalidate=1", Duration.ofSeconds(2)),
    IF_ERROR("max-age=1, stale-if-error=2", Duration.ofSeconds(3)),
    VALIDATED("no-cache", Duration.ZERO),
    UNSTORED("no-store", Duration.ZERO),
    OF_ONE("private, max-age=60", Duration.ZERO);

    private final String cacheControl;
    private final Duration use;

    Terms(String cacheControl, Duration use) {
        this.cacheControl = cacheControl;
        this.use = use;
    }

    String cacheControl() {
        return cacheControl;
    }

    /** How long after the origin was asked for it a response may answer a request at the most. */
    long useNanos() {
        return use.toNanos();
    }
}
