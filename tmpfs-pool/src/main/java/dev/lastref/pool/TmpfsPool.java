package dev.lastref.pool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pool of immutable extents in tmpfs-backed segments.
 *
 * <p><b>Why it is as it is.</b> sendfile(2) returns when the kernel has accepted bytes, not when it is done with them, and an
 * acknowledgement does not help: on loopback the receiver's queue holds our own pages. So two questions are kept apart. Integrity
 * never depends on knowing: published bytes are never overwritten, and memory is given back only by closing a whole file, which
 * cannot change bytes in flight. Accounting does depend on knowing, and the kernel is asked: a segment's bytes count until
 * F_SEAL_WRITE is granted on its file, which the kernel refuses while anybody holds one of its pages.
 *
 * <p><b>The budget</b> is hard: the sizes of all segments that are not released never exceed the capacity. An allocation that does
 * not fit answers null at once; the caller does without the pool. The {@link Reclaimer}, one thread, retires, drains and releases
 * segments, and asks owners to give up extents before the pool is full.
 *
 * <p>Threads: allocation takes a short lock, retaining, releasing and sending take none. The caller who opened the pool closes it.
 */
public final class TmpfsPool implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(TmpfsPool.class.getName());

    /** A lifetime of which nothing is known. */
    private static final long UNKNOWN_LIFETIME = Long.MAX_VALUE / 4;

    /** A pool of fewer segments keeps none for moves. */
    private static final int SEGMENTS_TO_KEEP_ONE = 32;
    /** The reclaimer looks for sparse segments whenever one in this many bytes of the pool has died. */
    private static final int DEATHS_A_LOOK = 64;

    private final PoolConfig config;
    private final ExpiryClasses expiryClasses;
    /** Bytes that only the evacuator may take: without any room it could make none. */
    private final long keptForMoves;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock: segments, filling, charged, nextId, creationFailed, becameLow.
    private final List<Segment> segments = new ArrayList<>();
    private final FillingSegments filling;
    private long charged;
    private int nextId = 1;
    private boolean creationFailed;
    private boolean becameLow;

    /** Since the reclaimer was last woken for it; about. */
    private final AtomicLong diedBytes = new AtomicLong();

    private final AtomicInteger heldExtents = new AtomicInteger();
    private final AtomicInteger transmissions = new AtomicInteger();
    private final Reclaimer reclaimer;
    private volatile boolean closed;
    /** Set once the reclaimer has stopped: from then on whoever lets go last closes the file. */
    private volatile boolean disposing;

    private TmpfsPool(PoolConfig config) {
        this.config = config;
        this.expiryClasses = ExpiryClasses.forSegments(config.capacity() / config.segmentSize());
        this.keptForMoves = config.capacity() / config.segmentSize() >= SEGMENTS_TO_KEEP_ONE ? config.segmentSize() : 0;
        this.filling = new FillingSegments(expiryClasses.count());
        this.reclaimer = new Reclaimer(this, config);
    }

    /**
     * Opens a pool and starts its reclaimer.
     *
     * @throws IOException if this kernel, or what confines this process, does not grant sealable memory files
     */
    public static TmpfsPool open(PoolConfig config) throws IOException {
        try {
            // Fail now, with the kernel's own words, rather than at the first allocation.
            Segment.create(0, PoolConfig.PAGE).file().close();
        } catch (IOException e) {
            throw new IOException(
                    "cannot open a pool: this system gives no sealable memory file: " + e.getMessage(), e);
        }
        TmpfsPool pool = new TmpfsPool(config);
        pool.reclaimer.start();
        return pool;
    }

    /** Begins an extent of known length that may live for any time. */
    public @Nullable ExtentWriter tryAllocate(long length) {
        return tryAllocate(length, UNKNOWN_LIFETIME);
    }

    /**
     * Begins an extent of known length; all its room is taken at once.
     *
     * @param length bytes, positive
     * @param lifetimeNanos how long it is expected to live: those that die together share a file
     * @return the writer, or null if the pool has no room for it now
     */
    public @Nullable ExtentWriter tryAllocate(long length, long lifetimeNanos) {
        if (length <= 0) {
            throw new IllegalArgumentException("an extent of " + length + " bytes");
        }
        if (length > config.capacity()) {
            config.listener().allocationRefused(length); // and nobody is asked to make room for what never fits
            return null;
        }
        return ExtentWriter.ofLength(this, sizeClass(length), length, expiry(lifetimeNanos));
    }

    /**
     * Begins an extent whose length is not known yet; room is taken as it grows.
     *
     * @param lifetimeNanos how long it is expected to live
     * @return the writer, or null if the pool has no room now
     */
    public @Nullable ExtentWriter tryAllocateGrowing(long lifetimeNanos) {
        return ExtentWriter.ofUnknownLength(this, expiry(lifetimeNanos));
    }

    /** Begins an extent whose length is not known yet, and that may live for any time. */
    public @Nullable ExtentWriter tryAllocate() {
        return tryAllocateGrowing(UNKNOWN_LIFETIME);
    }

    private long expiry(long lifetimeNanos) {
        return config.nanoClock().getAsLong() + Math.min(lifetimeNanos, UNKNOWN_LIFETIME);
    }

    /** The account now. */
    public PoolSnapshot snapshot() {
        lock.lock();
        try {
            return new PoolSnapshot(
                    config.capacity(),
                    config.segmentSize(),
                    segments.stream().map(PoolSnapshot.SegmentSnapshot::of).toList(),
                    heldExtents.get(),
                    transmissions.get());
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that the pool never exceeds. */
    public long capacity() {
        return config.capacity();
    }

    /**
     * Bytes that extents can live in at a time: the capacity less what is kept free, the ends of segments being filled, and a tenth for
     * what is dead and not worth moving yet.
     */
    public long usableBytes() {
        long ends = (long) SizeClass.values().length * expiryClasses.count() * config.segmentSize() / 2;
        return (config.capacity() - reclaimer.reserve() - keptForMoves - ends) / 10 * 9;
    }

    /**
     * Stops the reclaimer and closes every segment in which no extent is held any more, at once; the others are closed by whoever
     * lets go last. Allocation answers null from here on. The kernel frees pages in flight by itself when they are done.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        reclaimer.stop();
        disposing = true;
        disposeOfUnheld();
        int held = heldExtents.get();
        if (held > 0) {
            LOG.log(System.Logger.Level.WARNING, "the pool is closed while {0} extents are still held", held);
        }
    }

    // ---- for the writer

    /** Takes room for a whole extent of known length, or none at all. */
    boolean reserve(Placement placement, SizeClass sizeClass, long length) {
        return granted(placement, length, cut -> cut.whole(sizeClass, 0, length)) > 0;
    }

    /** Takes room for a part of an extent that is to lie elsewhere; what is kept for this may be used. */
    boolean reserveForMove(Placement placement, long start, int length) {
        SizeClass sizeClass = sizeClass(placement.extent().published());
        lock.lock();
        try {
            return !closed
                    && cutter(placement, count -> createSegments(count, 0)).whole(sizeClass, start, length) > 0;
        } finally {
            lock.unlock();
        }
    }

    private SizeClass sizeClass(long length) {
        return length < config.packBelow() ? SizeClass.PACKED : SizeClass.PAGED;
    }

    /** Takes room for up to {@code wanted} bytes more of an extent that grows, in one run; returns how many. */
    int reserveSome(Placement placement, long start, int wanted) {
        return (int) granted(placement, wanted, cut -> cut.more(start, wanted));
    }

    private long granted(Placement placement, long wanted, ToLongFunction<SegmentCutter> request) {
        long granted = 0;
        boolean first = placement.slices().length == 0;
        boolean low;
        lock.lock();
        try {
            if (!closed) {
                granted = request.applyAsLong(cutter(placement, count -> createSegments(count, keptForMoves)));
                if (first && granted > 0) {
                    heldExtents.incrementAndGet();
                }
            }
            low = becameLow;
            becameLow = false;
        } finally {
            lock.unlock();
        }
        if (granted == 0) {
            config.listener().allocationRefused(wanted);
            reclaimer.demand(wanted);
        } else if (first) {
            config.listener().extentBegan(placement.extent());
        }
        if (low) {
            reclaimer.wake();
        }
        return granted;
    }

    /** Under the lock. */
    private SegmentCutter cutter(Placement placement, IntFunction<@Nullable List<Segment>> newSegments) {
        long lifetime = placement.extent().expiresNanos() - config.nanoClock().getAsLong();
        return new SegmentCutter(placement, filling, expiryClasses.of(lifetime), config.segmentSize(), newSegments);
    }

    /** Gives back what was reserved behind the last byte written. */
    void trim(Placement placement, long written) {
        lock.lock();
        try {
            Slice[] slices = placement.slices();
            Slice last = slices[slices.length - 1];
            // Only the last chunk can be unused. All of it is where nothing was written: a slice of no bytes stays.
            int used = (int) (written - last.start());
            Segment segment = last.segment();
            placement.replaceLastSlice(
                    segment.isLast(last) ? segment.resize(last, used) : segment.abandonEnd(last, used));
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: all of them or, where the budget or the system does not allow it, null. */
    private @Nullable List<Segment> createSegments(int count, long keep) {
        if (count == 0) {
            return List.of();
        }
        if (charged + (long) count * config.segmentSize() > config.capacity() - keep) {
            return null;
        }
        List<Segment> created = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                created.add(Segment.create(nextId++, config.segmentSize()));
            }
        } catch (IOException e) {
            created.forEach(segment -> segment.file().close());
            if (!creationFailed) { // once for each run of failures
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot create a segment of " + config.segmentSize()
                                + " bytes, so the pool refuses what does not fit the ones it has: " + e.getMessage());
            }
            creationFailed = true;
            return null;
        }
        creationFailed = false;
        segments.addAll(created);
        charged += (long) count * config.segmentSize();
        becameLow = config.capacity() - charged < reclaimer.reserve();
        return created;
    }

    // ---- for extents and transmissions, on any thread

    void died(Placement placement) {
        boolean empty = false;
        long bytes = 0;
        for (Slice slice : placement.slices()) {
            empty |= slice.died();
            bytes += slice.length();
        }
        // Many that die in many segments empty none, but may make some worth emptying.
        boolean much = diedBytes.addAndGet(bytes) > config.capacity() / DEATHS_A_LOOK;
        if (much) {
            diedBytes.set(0);
        }
        if (empty || much) {
            reclaimer.wake();
        }
    }

    void letGo(Placement placement) {
        if (placement.extent().placementLetGo()) {
            heldExtents.decrementAndGet();
            config.listener().extentLetGo(placement.extent());
        }
        boolean last = false;
        for (Slice slice : placement.slices()) {
            last |= slice.letGo();
        }
        if (last) {
            if (disposing) {
                disposeOfUnheld();
            } else {
                reclaimer.wake();
            }
        }
    }

    void transmissionBegan(Transmission transmission) {
        transmissions.incrementAndGet();
        config.listener().transmissionBegan(transmission);
    }

    void transmissionEnded(Transmission transmission) {
        transmissions.decrementAndGet();
        config.listener().transmissionEnded(transmission);
    }

    // ---- for the reclaimer

    /** Moves every segment on that can be, as far as DRAINING, and returns those that came there. */
    List<Segment> retire() {
        List<Segment> draining = new ArrayList<>();
        lock.lock();
        try {
            for (Segment segment : segments) {
                // A filling segment in which everything is dead would pin its size for nothing.
                if (segment.state() == SegmentState.FILLING && !segment.isLive()) {
                    filling.remove(segment);
                    segment.moveTo(SegmentState.LIVE);
                }
                if (segment.state() == SegmentState.LIVE && !segment.isLive()) {
                    segment.moveTo(SegmentState.RETIRED);
                }
                if (segment.state() == SegmentState.RETIRED && !segment.isHeld()) {
                    segment.moveTo(SegmentState.DRAINING);
                    draining.add(segment);
                }
            }
        } finally {
            lock.unlock();
        }
        return draining;
    }

    /** The kernel has proven that nobody holds a page of this draining segment. */
    void release(Segment segment) {
        segment.file().close();
        lock.lock();
        try {
            segment.moveTo(SegmentState.RELEASED);
            segments.remove(segment);
            charged -= segment.size();
        } finally {
            lock.unlock();
        }
        config.listener().reclaimed(segment.size());
    }

    long keptForMoves() {
        return keptForMoves;
    }

    long freeBytes() {
        lock.lock();
        try {
            return config.capacity() - charged;
        } finally {
            lock.unlock();
        }
    }

    /** The segments that are not released, to look at; they go on changing. */
    List<Segment> segments() {
        lock.lock();
        try {
            return List.copyOf(segments);
        } finally {
            lock.unlock();
        }
    }

    /** The extents of a segment, while it can still be cut from or lose some. */
    List<Extent> extentsOf(Segment segment) {
        lock.lock();
        try {
            return List.copyOf(segment.extents());
        } finally {
            lock.unlock();
        }
    }

    private void disposeOfUnheld() {
        lock.lock();
        try {
            segments.removeIf(segment -> {
                if (segment.isHeld()) {
                    return false;
                }
                segment.file().close();
                charged -= segment.size();
                return true;
            });
        } finally {
            lock.unlock();
        }
    }
}
