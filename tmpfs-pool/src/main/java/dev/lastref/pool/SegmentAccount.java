package dev.lastref.pool;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A pool's segments and what they are charged: creates them within the {@link Budget}, cuts extents from them, and moves them through
 * their states. Whatever changes a segment's place or state does so here, under one short lock; nobody is called while it is held.
 */
final class SegmentAccount {
    private final PoolConfig config;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock: maker, segments, prepared, filling, closed. The budget is changed under it.
    private final SegmentMaker maker;
    private final ChargedSegments segments = new ChargedSegments();
    /** PREPARED, and with their pages. */
    private final Deque<Segment> prepared = new ArrayDeque<>();

    private FillingSegments filling;
    private volatile Budget budget;
    private boolean closed;

    /** Extents that an owner or a transmission holds. */
    private final AtomicInteger heldExtents = new AtomicInteger();

    private final AtomicBoolean tookSegments = new AtomicBoolean();
    private volatile long lastTakenNanos;

    SegmentAccount(PoolConfig config, SegmentFiles files) {
        this.config = config;
        this.maker = new SegmentMaker(files, config.segmentSize(), config.descriptors());
        this.budget = new Budget(config.capacity(), config.segmentSize());
        this.filling = new FillingSegments(budget.expiryClasses());
        this.lastTakenNanos = config.nanoClock().getAsLong() - Long.MAX_VALUE / 2;
    }

    Budget budget() {
        return budget;
    }

    /** From here on the pool has another capacity. What is charged beyond it is for the reclaimer to get back. */
    void resize(long capacity) {
        lock.lock();
        try {
            Budget next = new Budget(capacity, config.segmentSize());
            if (next.expiryClasses().count() != budget.expiryClasses().count()) {
                // A smaller pool cannot afford as many that are being filled; in a larger one the classes are others.
                filling.all().forEach(segment -> segment.moveTo(SegmentState.LIVE));
                filling = new FillingSegments(next.expiryClasses());
            }
            budget = next;
        } finally {
            lock.unlock();
        }
    }

    // ---- cutting

    /** Takes room for a whole extent of known length, or none at all; returns the bytes taken. */
    long cutWhole(Placement placement, long length) {
        return cut(placement, true, cutter -> cutter.whole(sizeClass(length), 0, length));
    }

    /** Takes room for up to {@code wanted} bytes more of an extent that grows, in one run; returns how many. */
    int cutMore(Placement placement, long start, int wanted) {
        return (int) cut(placement, true, cutter -> cutter.more(start, wanted));
    }

    /** Takes room for a part of an extent that is to lie elsewhere; what is kept for this may be used. */
    boolean cutForMove(Placement placement, long start, int length) {
        SizeClass sizeClass = sizeClass(placement.extent().published());
        return cut(placement, false, cutter -> cutter.whole(sizeClass, start, length)) > 0;
    }

    private long cut(Placement placement, boolean keepForMoves, ToLongFunction<SegmentCutter> request) {
        boolean first = placement.isFirst() && placement.slices().length == 0;
        long lifetime = placement.extent().expiresNanos() - config.nanoClock().getAsLong();
        IntFunction<@Nullable List<Segment>> newSegments =
                count -> take(count, keepForMoves ? budget.keptForMoves() : 0);
        lock.lock();
        try {
            if (closed) {
                return 0;
            }
            // Both under the lock, since a resize changes them.
            int expiryClass = budget.expiryClasses().of(lifetime);
            long granted = request.applyAsLong(
                    new SegmentCutter(placement, filling, expiryClass, config.segmentSize(), newSegments));
            if (first && granted > 0) {
                heldExtents.incrementAndGet();
            }
            return granted;
        } finally {
            lock.unlock();
        }
    }

    private SizeClass sizeClass(long length) {
        return length < config.packBelow() ? SizeClass.PACKED : SizeClass.PAGED;
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
            if (segment.isLast(last)) {
                segment.resize(last, used);
            } else {
                segment.abandonEnd(last, used);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: prepared ones first. All of them or, where the budget or the system does not allow it, null. */
    private @Nullable List<Segment> take(int count, long keep) {
        if (count == 0) {
            return List.of();
        }
        if ((long) count * config.segmentSize() > available() - keep) {
            return null;
        }
        List<Segment> created = maker.makeAll(Math.max(0, count - prepared.size()));
        if (created == null) {
            return null;
        }
        created.forEach(segments::add);
        List<Segment> taken = new ArrayList<>(count);
        while (taken.size() + created.size() < count) {
            Segment next = prepared.remove();
            next.moveTo(SegmentState.FILLING);
            taken.add(next);
        }
        taken.addAll(created);
        lastTakenNanos = config.nanoClock().getAsLong();
        tookSegments.set(true);
        return taken;
    }

    /** Under the lock: what is not charged, or charged for segments that are prepared. */
    private long available() {
        return budget.capacity() - segments.charged() + (long) prepared.size() * config.segmentSize();
    }

    /** Whether segments were taken since this was last asked. */
    boolean tookSegments() {
        return tookSegments.get() && tookSegments.getAndSet(false);
    }

    // ---- preparing

    long lastTakenNanos() {
        return lastTakenNanos;
    }

    /** A new segment, charged, to be given its file and its pages without the lock; null if there are enough, or no room. */
    @Nullable
    Segment beginPreparing() {
        return locked(() -> {
            if (closed
                    || !maker.mayMake()
                    || prepared.size() >= budget.preparedSegments()
                    || segments.charged() + config.segmentSize() > budget.capacity()) {
                return null;
            }
            Segment segment = maker.begin();
            segments.add(segment);
            return segment;
        });
    }

    /** Makes the file of a segment that was begun, with all its pages: others go on allocating meanwhile. */
    void makeWithPages(Segment segment) throws IOException {
        maker.makeFile(segment);
        segment.file().allocatePages();
    }

    /**
     * It has its pages: whoever needs a segment takes it first.
     *
     * @return false if the pool was closed or made smaller meanwhile, and it is to be discarded
     */
    boolean prepared(Segment segment) {
        return locked(() -> !closed && segments.charged() <= budget.capacity() && prepared.add(segment));
    }

    /**
     * Releases a draining segment and has its file be filled again, as a prepared one. Only for one of which the kernel was never given a
     * page: nobody but readers of the mapping has ever seen its bytes, and they are counted.
     *
     * @return false if enough are prepared, or the file is to go: the pool is closed, is to be smaller, or descriptors are scarce
     */
    boolean fillAgain(Segment segment) {
        return locked(() -> {
            if (closed
                    || !maker.mayMake()
                    || prepared.size() >= budget.mostFilledAgain()
                    || segments.charged() > budget.capacity()) {
                return false;
            }
            segments.release(segment);
            Segment next = maker.again(segment);
            segments.add(next);
            prepared.addFirst(next); // its pages are in memory now; who waits long may be swapped out
            return true;
        });
    }

    /** Releases what was prepared and not taken. */
    void dropPrepared() {
        List<Segment> dropped = locked(() -> {
            List<Segment> all = List.copyOf(prepared);
            prepared.clear();
            return all;
        });
        dropped.forEach(this::discardUnused);
    }

    /** Releases a PREPARED segment: without a question, since nobody was ever given a page of it. */
    void discardUnused(Segment segment) {
        release(segment);
    }

    // ---- moving on

    /** Moves every segment on that can be, as far as DRAINING, and returns those that came there. */
    List<Segment> retire() {
        long now = config.nanoClock().getAsLong();
        return locked(() -> {
            List<Segment> draining = new ArrayList<>();
            for (Segment segment : segments.all()) {
                // A filling segment in which everything is dead would pin its size for nothing.
                if (segment.state() == SegmentState.FILLING && !segment.isLive()) {
                    filling.remove(segment);
                    segment.moveTo(SegmentState.LIVE);
                }
                if (segment.state() == SegmentState.LIVE && !segment.isLive()) {
                    segment.moveTo(SegmentState.RETIRED);
                    segment.retired(now);
                }
                if (segment.state() == SegmentState.RETIRED && !segment.isHeld()) {
                    segment.moveTo(SegmentState.DRAINING);
                    draining.add(segment);
                }
            }
            return draining;
        });
    }

    /** Nobody can be asked about this draining segment; it stays charged. */
    void unproven(Segment segment) {
        locked(() -> {
            segment.moveTo(SegmentState.UNPROVEN);
            return segment;
        });
    }

    /** Whole pages of a segment that is not filled any more in which nothing is held, now or ever again. */
    List<Holes.Run> deadPages(Segment segment) {
        // There may be a hundred thousand. One that is cut short after the copy may count as it was, held; none grows.
        List<Slice> slices =
                locked(() -> segment.state() == SegmentState.LIVE || segment.state() == SegmentState.RETIRED
                        ? new ArrayList<>(segment.slices())
                        : null);
        return slices == null ? List.of() : segment.holes().deadPages(slices, segment.size());
    }

    // ---- giving back; each returns the bytes that go back to the budget

    /** Nobody holds a page of this segment, or nobody can say so and it was waited for. */
    long release(Segment segment) {
        segment.closeFile();
        return locked(() -> {
            maker.fileWasClosed();
            return segments.release(segment);
        });
    }

    /**
     * The kernel has proven that nobody holds a page that is in this draining segment's file. Pages that were punched out of it and are
     * unproven stay charged.
     */
    long releaseProven(Segment segment) {
        segment.closeFile();
        return locked(() -> {
            maker.fileWasClosed();
            return segments.releaseProven(segment);
        });
    }

    /**
     * Pages were punched out of a segment.
     *
     * @param neverSent whether nobody can hold one; else they stay charged
     */
    long punched(Segment segment, Holes.Run run, boolean neverSent) {
        return locked(() -> {
            segments.punched(segment, run, neverSent);
            return neverSent ? run.length() : 0;
        });
    }

    /** So many bytes that were punched out of a segment were waited for long enough. */
    long letGoOfHoles(Segment segment, int bytes) {
        return locked(() -> {
            segments.letGoOfHoles(segment, bytes);
            return bytes;
        });
    }

    /** From here on nothing is cut. Returns false if that was so before. */
    boolean close() {
        return locked(() -> {
            boolean first = !closed;
            closed = true;
            return first;
        });
    }

    /** Closes the files in which nothing is held, after the pool was closed: without the proof, and nobody asks for it. */
    void disposeOfUnheld() {
        List<Segment> disposed = locked(() -> {
            List<Segment> all = new ArrayList<>();
            segments.disposeOfUnheld(all::add);
            return all;
        });
        disposed.forEach(segment -> segment.tellUnproven("the pool was closed before"));
    }

    // ---- looking

    /** The account now, with this many sends running. */
    PoolSnapshot snapshot(int transmissions) {
        return locked(() -> new PoolSnapshot(
                Math.max(budget.capacity(), segments.charged()),
                budget.capacity(),
                config.segmentSize(),
                segments.all().stream().map(PoolSnapshot.SegmentSnapshot::of).toList(),
                heldExtents.get(),
                transmissions));
    }

    int heldExtents() {
        return heldExtents.get();
    }

    void extentLetGo() {
        heldExtents.decrementAndGet();
    }

    /** What the pool never exceeds: the budget's capacity or, until a pool that was made smaller has shrunk, what is charged. */
    long capacity() {
        return locked(() -> Math.max(budget.capacity(), segments.charged()));
    }

    /** What is not charged; negative until a pool that was made smaller has shrunk. */
    long freeBytes() {
        return locked(() -> budget.capacity() - segments.charged());
    }

    /** Bytes of the files that are open, but for what was punched out of them. */
    long bytesInFiles() {
        return locked(segments::inFiles);
    }

    /** What an allocation finds at once: not charged, or prepared. Where the system has just given no file, only the latter. */
    long availableBytes() {
        return locked(() -> {
            long available = available();
            return maker.systemIsFull()
                    ? Math.min(available, (long) prepared.size() * config.segmentSize())
                    : available;
        });
    }

    /** The segments that are not released, to look at; they go on changing. */
    List<Segment> segments() {
        return locked(() -> List.copyOf(segments.all()));
    }

    /** The extents of a segment, while it can still be cut from or lose some. */
    List<Extent> extentsOf(Segment segment) {
        List<Slice> slices =
                locked(() -> new ArrayList<>(segment.slices())); // and no more under the lock: there may be many
        return slices.stream().map(Slice::extent).toList();
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
