package dev.lastref.pool;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pool's account at one moment. The bytes by state sum to the capacity.
 *
 * @param capacity bytes that the pool never exceeds: the target or, until a pool that was made smaller has shrunk, what it still has
 * @param target bytes that the pool was last told to have
 * @param segmentSize bytes of a segment
 * @param segments every segment that is not released
 * @param extents extents that an owner or a transmission still holds
 * @param transmissions sends that run
 */
public record PoolSnapshot(
        long capacity, long target, int segmentSize, List<SegmentSnapshot> segments, int extents, int transmissions) {

    /** What a byte of the pool is used for. */
    public enum Use {
        /** In no segment. */
        FREE,
        /** In a segment that is being filled or prepared for it, not yet cut. */
        FILLING,
        /** In an extent with an owner. */
        LIVE,
        /** In a filling or live segment, of no use to anybody: dead extents, padding. */
        DEAD,
        /** In a retired segment. */
        RETIRED,
        /** In a draining segment: the kernel may still hold it. */
        DRAINING,
        /**
         * Given up and not in memory any more for all that we know, and the kernel cannot be asked whether anybody still holds it: in a
         * file that cannot be sealed, or punched out of one that can.
         */
        UNPROVEN
    }

    /**
     * One segment.
     *
     * @param id its number, never used again in this pool
     * @param size bytes
     * @param charged bytes that are on the account: all of them, but for those that were punched and given back
     * @param unproven bytes that were punched, and are still on the account
     * @param allocated bytes cut from its front
     * @param live bytes in extents with an owner
     * @param extents extents with an owner
     * @param probes how often the kernel has refused the seal
     * @param leastLifetime the shortest lifetime of the extents that it was filled with: segments of one expiry class have the same;
     *     null: it has not been filled
     */
    public record SegmentSnapshot(
            int id,
            SegmentState state,
            int size,
            int charged,
            int unproven,
            int allocated,
            long live,
            int extents,
            int probes,
            @Nullable Duration leastLifetime) {
        /** Bytes of this segment in each use. */
        private void addTo(Map<Use, Long> bytes) {
            long rest = (long) charged - unproven;
            bytes.merge(Use.UNPROVEN, (long) unproven, Long::sum);
            switch (state) {
                case FILLING, LIVE -> {
                    long uncut = state == SegmentState.FILLING ? size - allocated : 0;
                    bytes.merge(Use.FILLING, uncut, Long::sum);
                    bytes.merge(Use.LIVE, live, Long::sum);
                    bytes.merge(Use.DEAD, rest - uncut - live, Long::sum);
                }
                case PREPARED -> bytes.merge(Use.FILLING, rest, Long::sum);
                case RETIRED -> bytes.merge(Use.RETIRED, rest, Long::sum);
                case DRAINING -> bytes.merge(Use.DRAINING, rest, Long::sum);
                case UNPROVEN -> bytes.merge(Use.UNPROVEN, rest, Long::sum);
                case RELEASED -> throw new IllegalStateException("a released segment has no bytes");
            }
        }

        static SegmentSnapshot of(Segment segment) {
            return new SegmentSnapshot(
                    segment.id(),
                    segment.state(),
                    segment.size(),
                    segment.charged(),
                    segment.holes().unprovenBytes(),
                    segment.allocated(),
                    segment.liveBytes(),
                    segment.liveSlices(),
                    segment.probes(),
                    segment.leastLifetimeNanos() == Segment.NOT_FILLED
                            ? null
                            : Duration.ofNanos(segment.leastLifetimeNanos()));
        }
    }

    public PoolSnapshot {
        segments = List.copyOf(segments);
    }

    /** Bytes by use: every use has an entry, and they sum to the capacity. */
    public Map<Use, Long> bytes() {
        Map<Use, Long> bytes = new EnumMap<>(Use.class);
        for (Use use : Use.values()) {
            bytes.put(use, 0L);
        }
        long charged = 0;
        for (SegmentSnapshot segment : segments) {
            segment.addTo(bytes);
            charged += segment.charged();
        }
        bytes.put(Use.FREE, capacity - charged);
        return bytes;
    }

    /** Bytes in one use. */
    public long bytes(Use use) {
        return bytes().getOrDefault(use, 0L);
    }

    /** Segments by state: every state but RELEASED has an entry. */
    public Map<SegmentState, Integer> segmentsByState() {
        Map<SegmentState, Integer> counts = new EnumMap<>(SegmentState.class);
        for (SegmentState state : SegmentState.values()) {
            if (state != SegmentState.RELEASED) {
                counts.put(state, 0);
            }
        }
        segments.forEach(segment -> counts.merge(segment.state(), 1, Integer::sum));
        return counts;
    }

    /** Bytes that are not free. */
    public long usedBytes() {
        return capacity - bytes(Use.FREE);
    }
}
