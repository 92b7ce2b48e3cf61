package dev.lastref.bench.waste;

import dev.lastref.pool.PoolSnapshot;
import dev.lastref.pool.PoolSnapshot.Use;
import java.util.List;
import java.util.Map;

/**
 * The account at one moment of virtual time, and what happened since the sample before.
 *
 * @param seconds of virtual time since the beginning
 * @param bytes the pool's account, which sums to its capacity
 * @param idealBytes what the ideal cache holds
 * @param counts what happened since the sample before
 */
record Sample(long seconds, Map<Use, Long> bytes, long idealBytes, Counts counts) {
    static final String CSV_HEADER = "pool_bytes,seconds,live,dead,filling,retired,draining,free,ideal_live,waste,"
            + "requests,hits,ideal_hits,stored_bytes,evacuated_bytes,evicted_bytes,bypassed,entries";

    static Sample of(long seconds, PoolSnapshot account, long idealBytes, Counts counts) {
        return new Sample(seconds, account.bytes(), idealBytes, counts);
    }

    long capacity() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The part of the pool that no response lives in, for whatever reason: 0 to 1. */
    double waste() {
        return 1 - share(Use.LIVE);
    }

    /** The part of the pool that is put to one use: 0 to 1. */
    double share(Use use) {
        return (double) bytes(use) / capacity();
    }

    private long bytes(Use use) {
        return bytes.getOrDefault(use, 0L);
    }

    String csv() {
        return String.join(
                ",",
                List.of(
                                capacity(),
                                seconds,
                                bytes(Use.LIVE),
                                bytes(Use.DEAD),
                                bytes(Use.FILLING),
                                bytes(Use.RETIRED),
                                bytes(Use.DRAINING),
                                bytes(Use.FREE),
                                idealBytes,
                                String.format("%.4f", waste()),
                                counts.requests(),
                                counts.hits(),
                                counts.idealHits(),
                                counts.storedBytes(),
                                counts.evacuatedBytes(),
                                counts.evictedBytes(),
                                counts.bypassed(),
                                counts.entries())
                        .stream()
                        .map(Object::toString)
                        .toList());
    }
}
