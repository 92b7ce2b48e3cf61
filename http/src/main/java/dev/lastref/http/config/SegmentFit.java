package dev.lastref.http.config;

import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.linux.FileLimit;

/**
 * Whether a pool can ever have all the segments that it is to be made of, where somebody has said how large they are: else it would take
 * the last descriptor of the process for less than it was promised.
 */
public final class SegmentFit {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    /** Of a pool, the largest segment is so small a part. */
    private static final int FEWEST = 4;

    private SegmentFit() {}

    /**
     * Refuses a size of segments of which the pool needs more than it may have.
     *
     * @param most so many segments
     * @throws ConfigException with both sizes, how many that are, how many there may be, and what can be changed
     */
    public static void requireFilesFor(Configuration configuration, FileLimit most) {
        PoolConfig pool = configuration.config().pool(most);
        long segments = pool.capacity() / pool.segmentSize();
        if (configuration.config().segmentSize() == null || segments <= most.files()) {
            return;
        }
        Configuration.Effective size = configuration.of(Setting.POOL_SIZE);
        Configuration.Effective segment = configuration.of(Setting.POOL_SEGMENT_SIZE);
        throw ConfigException.of(
                Setting.POOL_SEGMENT_SIZE.key(),
                segment.value(),
                segment.source(),
                larger(pool.capacity(), most.files()) + ": " + Setting.POOL_SIZE.key() + " is \"" + size.value()
                        + "\" ("
                        + size.source() + "), which is " + segments
                        + " segments of this size, each of which takes two descriptors and a mapping; this process may have "
                        + most.bound() + ", enough for " + most.files()
                        + " segments beside all else. Or raise that limit (ulimit -n, LimitNOFILE= of a systemd unit, vm.max_map_count)");
    }

    private static String larger(long capacity, long files) {
        long least = 1L << (Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, (capacity - 1) / Math.max(1, files))));
        boolean fits = files >= FEWEST && least * FEWEST <= capacity && least <= 1 << 30;
        return fits
                ? "auto, or at least " + (least >= MIB ? least / MIB + "MiB" : Math.max(4, least / KIB) + "KiB")
                : "auto";
    }
}
