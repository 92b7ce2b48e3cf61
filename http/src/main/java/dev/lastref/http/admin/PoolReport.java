package dev.lastref.http.admin;

import dev.lastref.pool.PoolSnapshot;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pool's account as {@code GET /api/pool} shows it. The bytes by state sum to the capacity. */
record PoolReport(
        long capacity,
        long target,
        int segmentSize,
        Map<String, Long> bytes,
        Map<String, Integer> segmentsByState,
        int extents,
        int transmissions,
        List<Segment> segments) {
    /**
     * One segment, in bytes.
     *
     * @param charged what of its size is on the account: all but what was punched and given back
     * @param unproven what was punched and is still on the account
     * @param extents runs of it that are in live extents
     * @param probes how often the kernel has refused the seal
     * @param leastLifetimeSeconds the shortest lifetime of its expiry class; null: it has not been filled
     */
    record Segment(
            int id,
            String state,
            int size,
            int charged,
            int unproven,
            int allocated,
            long live,
            int extents,
            int probes,
            @Nullable Long leastLifetimeSeconds) {}

    static PoolReport of(PoolSnapshot snapshot) {
        Map<String, Long> bytes = new LinkedHashMap<>();
        snapshot.bytes().forEach((use, count) -> bytes.put(use.name().toLowerCase(Locale.ROOT), count));
        Map<String, Integer> states = new LinkedHashMap<>();
        snapshot.segmentsByState()
                .forEach((state, count) -> states.put(state.name().toLowerCase(Locale.ROOT), count));
        return new PoolReport(
                snapshot.capacity(),
                snapshot.target(),
                snapshot.segmentSize(),
                bytes,
                states,
                snapshot.extents(),
                snapshot.transmissions(),
                snapshot.segments().stream()
                        .map(segment -> new Segment(
                                segment.id(),
                                segment.state().name(),
                                segment.size(),
                                segment.charged(),
                                segment.unproven(),
                                segment.allocated(),
                                segment.live(),
                                segment.extents(),
                                segment.probes(),
                                seconds(segment.leastLifetime())))
                        .toList());
    }

    private static @Nullable Long seconds(@Nullable Duration duration) {
        return duration == null ? null : duration.toSeconds();
    }
}
