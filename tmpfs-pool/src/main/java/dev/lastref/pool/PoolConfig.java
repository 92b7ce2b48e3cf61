package dev.lastref.pool;

import dev.lastref.pool.linux.FileLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is opened with.
 *
 * @param capacity bytes of tmpfs that the pool never exceeds, draining segments included; {@link TmpfsPool#resize} changes it later
 * @param segmentSize bytes of one segment: a multiple of the page size, and at most a quarter of the capacity
 * @param packBelow extents shorter than this many bytes are packed without regard to pages, since they are copied to the socket;
 *     longer ones start on a page
 * @param nanoClock the time for back-off and bounds, in nanoseconds; {@link System#nanoTime} outside tests. Should it jump back, the pool
 *     goes on from where it was
 * @param listener told what happens
 * @param directory on tmpfs, where the segments' files are made; null: they are memfds, which is better, since only of those the
 *     kernel says whether anybody still holds their pages
 * @param unprovenFor how long bytes that were sent stay on the account where the kernel cannot be asked; {@link TmpfsPool#pinTimeout}
 *     changes it later
 * @param punching whether dead pages are taken out of segments that do not come free: only where {@link
 *     dev.lastref.pool.linux.KernelProbe} has found it safe for files of this kind
 * @param descriptors of this process, of which each segment takes two
 */
public record PoolConfig(
        long capacity,
        int segmentSize,
        int packBelow,
        LongSupplier nanoClock,
        PoolListener listener,
        @Nullable Path directory,
        Duration unprovenFor,
        boolean punching,
        Descriptors descriptors) {
    static final int PAGE = 4096;
    private static final int SMALLEST_SEGMENT = 256 * 1024;
    /** How many a pool is made of, if they are neither too small nor too large: what is being filled or kept free is a part of them. */
    private static final int SEGMENTS = 256;

    private static final int LARGEST_SEGMENT = 8 * 1024 * 1024;
    /** Both kinds of filling segment, one that drains and one that lives: less is no pool. */
    private static final int FEWEST_SEGMENTS = 4;

    private static final Duration UNPROVEN_FOR = Duration.ofSeconds(60);

    /** The smallest capacity that {@link #of} takes. */
    public static final long SMALLEST_CAPACITY = (long) FEWEST_SEGMENTS * SMALLEST_SEGMENT;

    /** Checks the sizes against each other. */
    public PoolConfig {
        if (segmentSize < PAGE || segmentSize % PAGE != 0) {
            throw new IllegalArgumentException(
                    "segment size " + segmentSize + " is not a positive multiple of the page size, " + PAGE + " bytes");
        }
        checkCapacity(capacity, segmentSize);
        if (packBelow < 0 || packBelow > segmentSize) {
            throw new IllegalArgumentException(
                    "packBelow is " + packBelow + ", expected 0 to the segment size, " + segmentSize);
        }
    }

    /** A pool that has opened keeps the size of its segments, so this bounds what it can be resized to. */
    static void checkCapacity(long capacity, int segmentSize) {
        long least = (long) FEWEST_SEGMENTS * segmentSize;
        if (capacity < least) {
            throw new IllegalArgumentException("a pool of " + capacity + " bytes cannot hold " + FEWEST_SEGMENTS
                    + " segments of " + segmentSize + " bytes: it needs at least " + least
                    + " bytes, or smaller segments, whose size is chosen when it opens");
        }
    }

    /** A pool of this many bytes with everything else as it is by default. */
    public static PoolConfig of(long capacity) {
        if (capacity < SMALLEST_CAPACITY) {
            throw new IllegalArgumentException(
                    "a pool of " + capacity + " bytes is too small, expected at least " + SMALLEST_CAPACITY);
        }
        return new PoolConfig(
                capacity,
                automaticSegmentSize(capacity),
                8 * 1024,
                System::nanoTime,
                PoolListener.NONE,
                null,
                UNPROVEN_FOR,
                false,
                Descriptors.ALL);
    }

    /** About 1/256 of the capacity, a power of two, from 256 KiB to 8 MiB. */
    public static int automaticSegmentSize(long capacity) {
        long wanted = Long.highestOneBit(capacity / SEGMENTS);
        return (int) Math.max(SMALLEST_SEGMENT, Math.min(LARGEST_SEGMENT, wanted));
    }

    public PoolConfig withCapacity(long bytes) {
        return new PoolConfig(
                bytes, segmentSize, packBelow, nanoClock, listener, directory, unprovenFor, punching, descriptors);
    }

    public PoolConfig withSegmentSize(int bytes) {
        return new PoolConfig(
                capacity, bytes, packBelow, nanoClock, listener, directory, unprovenFor, punching, descriptors);
    }

    public PoolConfig withPackBelow(int bytes) {
        return new PoolConfig(
                capacity, segmentSize, bytes, nanoClock, listener, directory, unprovenFor, punching, descriptors);
    }

    public PoolConfig withNanoClock(LongSupplier clock) {
        return new PoolConfig(
                capacity, segmentSize, packBelow, clock, listener, directory, unprovenFor, punching, descriptors);
    }

    public PoolConfig withListener(PoolListener newListener) {
        return new PoolConfig(
                capacity,
                segmentSize,
                packBelow,
                nanoClock,
                newListener,
                directory,
                unprovenFor,
                punching,
                descriptors);
    }

    /** With the segments' files in a directory on tmpfs. */
    public PoolConfig withDirectory(Path path) {
        return new PoolConfig(
                capacity, segmentSize, packBelow, nanoClock, listener, path, unprovenFor, punching, descriptors);
    }

    public PoolConfig withUnprovenFor(Duration duration) {
        return new PoolConfig(
                capacity, segmentSize, packBelow, nanoClock, listener, directory, duration, punching, descriptors);
    }

    /** With dead pages taken out of segments that do not come free, as {@code KernelProbe} says that it is safe, or not. */
    public PoolConfig withPunching(boolean allowed) {
        return new PoolConfig(
                capacity, segmentSize, packBelow, nanoClock, listener, directory, unprovenFor, allowed, descriptors);
    }

    public PoolConfig withDescriptors(Descriptors ofThisProcess) {
        return new PoolConfig(
                capacity, segmentSize, packBelow, nanoClock, listener, directory, unprovenFor, punching, ofThisProcess);
    }

    /**
     * With larger segments, where so many as there are would take more descriptors or mappings than a pool may have of this process's:
     * nothing would be left for connections. As far as segments can be larger.
     */
    public PoolConfig withFilesAtMost(FileLimit most) {
        int size = segmentSize;
        while (capacity / size > most.files()
                && size * 2 <= LARGEST_SEGMENT
                && capacity / FEWEST_SEGMENTS >= size * 2L) {
            size *= 2;
        }
        return withSegmentSize(size);
    }
}
