package dev.lastref.pool;

import dev.lastref.pool.linux.FileLimit;
import dev.lastref.pool.linux.TcpSockets;
import dev.lastref.pool.linux.TmpfsDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pool of immutable extents in tmpfs-backed segments.
 *
 * <p><b>Why it is as it is.</b> sendfile(2) returns when the kernel has accepted bytes, not when it is done with them, and an
 * acknowledgement does not help: on loopback the receiver's queue holds our own pages. So two questions are kept apart. Integrity
 * never depends on knowing: bytes that were sent by reference are never overwritten, and memory is given back only by closing a whole
 * file, which cannot change bytes in flight. Accounting does depend on knowing, and the kernel is asked: a segment's bytes count until
 * F_SEAL_WRITE is granted on its file, which the kernel refuses while anybody holds one of its pages. Of a file that was only ever copied
 * from it was given none, and that one is filled again as it is.
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

    /** The reclaimer looks for sparse segments whenever one in this many bytes of the pool has died. */
    private static final int DEATHS_A_LOOK = 64;

    private final PoolConfig config;
    private final SegmentFiles files;
    private final SegmentAccount account;
    private final SwapWatch swap;
    private final TransmitLedger ledger;
    private final Pace pace;
    private final Reclaimer reclaimer;

    /** Since the reclaimer was last woken for it; about. */
    private final AtomicLong diedBytes = new AtomicLong();

    private final AtomicInteger transmissions = new AtomicInteger();

    /** Set once the reclaimer has stopped: from then on whoever lets go last closes the file. */
    private volatile boolean disposing;

    private TmpfsPool(PoolConfig config, SegmentFiles files) {
        this.config = config;
        this.files = files;
        this.account = new SegmentAccount(config, files);
        this.ledger = new TransmitLedger(config.nanoClock(), config.listener(), this::drained, TcpSockets::open);
        this.swap = new SwapWatch(files.swap());
        this.pace = new Pace(config.nanoClock().getAsLong());
        this.reclaimer = new Reclaimer(account, files, config, ledger, swap, pace);
    }

    /**
     * Opens a pool and starts its reclaimer.
     *
     * @throws IOException if this kernel, or what confines this process, does not grant sealable memory files
     */
    public static TmpfsPool open(PoolConfig config) throws IOException {
        return open(
                config,
                config.directory() == null
                        ? SegmentFiles.MEMFD
                        : SegmentFiles.in(TmpfsDirectory.open(config.directory())));
    }

    /** Opens a pool whose segments live in files of another origin. */
    static TmpfsPool open(PoolConfig given, SegmentFiles files) throws IOException {
        PoolConfig config = given.withNanoClock(new SteadyClock(given.nanoClock()));
        try {
            requireFiles(files, config);
            long limit = files.limit();
            String shortage = shortage(config, limit, files.toString());
            if (shortage != null) {
                LOG.log(System.Logger.Level.WARNING, shortage);
            }
            TmpfsPool pool = new TmpfsPool(shortage == null ? config : config.withCapacity(limit), files);
            pool.reclaimer.start();
            pool.ledger.start();
            return pool;
        } catch (IOException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /**
     * Finds out whether {@link #open} could open such a pool now, and leaves nothing behind: in a directory nothing is made, and whoever
     * has a pool there does not notice.
     *
     * @return what it would warn of; null: nothing
     * @throws IOException as {@link #open} does
     */
    public static @Nullable String tryOut(PoolConfig config) throws IOException {
        Path directory = config.directory();
        if (directory == null) {
            requireFiles(SegmentFiles.MEMFD, config);
            return null;
        }
        TmpfsDirectory.requireUsable(directory);
        return shortage(config, TmpfsDirectory.roomIn(directory), SegmentFiles.named(directory));
    }

    /** Fails now, with the kernel's own words, rather than at the first allocation. */
    private static void requireFiles(SegmentFiles files, PoolConfig config) throws IOException {
        try {
            files.create(0, PoolConfig.PAGE).close();
        } catch (IOException e) {
            throw new IOException(
                    "cannot open a pool: this system gives no "
                            + (config.directory() == null ? "sealable memory file" : "file in " + config.directory())
                            + ": " + e.getMessage(),
                    e);
        }
    }

    /**
     * A mount that is smaller than the pool bounds it: better a true capacity than one that ends in ENOSPC.
     *
     * @return what to tell of it; null: the mount has room
     */
    private static @Nullable String shortage(PoolConfig config, long limit, String files) throws IOException {
        if (limit >= config.capacity()) {
            return null;
        }
        String sum = files + " has room for " + limit + " bytes, and the pool is set to " + config.capacity();
        try {
            PoolConfig.checkCapacity(limit, config.segmentSize());
            return sum + ", so it opens with " + limit;
        } catch (IllegalArgumentException e) {
            throw new IOException(sum + "; " + e.getMessage(), e);
        }
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
        if (length > account.budget().capacity()) {
            config.listener().allocationRefused(length); // and nobody is asked to make room for what never fits
            return null;
        }
        return ExtentWriter.ofLength(this, length, expiry(lifetimeNanos));
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
        return account.snapshot(transmissions.get());
    }

    /** Who may hold pages of the pool. */
    public TransmitLedger ledger() {
        return ledger;
    }

    /**
     * Bytes that the pool never exceeds: those that it was last told to have or, until a pool that was made smaller has shrunk, those
     * that it still has.
     */
    public long capacity() {
        return account.capacity();
    }

    /** Bytes that it was last told to have: the {@link #capacity}, unless it is still shrinking. */
    public long target() {
        return account.budget().capacity();
    }

    /**
     * Gives the pool another capacity while it is in use; the segments keep their size. A larger one holds at once. For a smaller one
     * owners are asked to give up what is too much, and the {@link #capacity} falls as segments are proven free; until it has come
     * down nothing new is created, and allocations that do not fit the segments there are answer null as ever. Extents that nobody
     * owns by name, and sends that run, are waited for.
     *
     * <p>Returns at once. {@link #usableBytes} has changed when it returns. Any thread.
     *
     * @param bytes the capacity that is wanted
     * @throws IllegalArgumentException if so few cannot hold four segments, the mount has no room for so many, or this process may not
     *     have as many files open: a pool of that size should have larger segments
     */
    public void resize(long bytes) {
        PoolConfig.checkCapacity(bytes, config.segmentSize());
        if (bytes > account.capacity()) {
            checkFilesFor(bytes);
            checkMountHas(bytes);
        }
        account.resize(bytes);
        reclaimer.resized();
    }

    /**
     * Gives readers another time: from now on who holds pages for so long without progress is reset, as {@link
     * TransmitLedger#resetLaggardsAfter} says, and bytes of which the kernel cannot be asked stay on the account for so long. Returns at
     * once. Any thread.
     *
     * @throws IllegalArgumentException if it is zero or negative
     */
    public void pinTimeout(Duration timeout) {
        ledger.resetLaggardsAfter(timeout);
        reclaimer.unprovenFor(timeout);
    }

    private void checkFilesFor(long bytes) {
        long segments = bytes / config.segmentSize();
        FileLimit most = files.mostOpen();
        if (segments > most.files()) {
            throw new IllegalArgumentException(
                    "a pool of " + bytes + " bytes is " + segments + " segments of "
                            + config.segmentSize()
                            + " bytes, each of which takes two descriptors and a mapping, and this process may have "
                            + most.bound() + ", enough for " + most.files()
                            + " segments beside all else: restart with that size, as segments are made larger only then, or raise the limit");
        }
    }

    private void checkMountHas(long bytes) {
        long limit;
        try {
            limit = files.limit();
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot see how much room " + files + " has: " + e.getMessage(), e);
        }
        // Not what is charged: the mount has counted the room of closed files, and of punched pages, as free already.
        long there = account.bytesInFiles();
        if (bytes - there > limit) {
            throw new IllegalArgumentException(files + " has room for " + limit + " bytes more than the " + there
                    + " that the pool has there, so not for " + bytes);
        }
    }

    /**
     * Bytes that extents can live in at a time: the capacity less what is kept free, the ends of segments being filled, and some for
     * what is dead and not worth moving yet.
     */
    public long usableBytes() {
        return account.budget().usable();
    }

    /**
     * Stops the reclaimer and closes every segment in which no extent is held any more, at once; the others are closed by whoever
     * lets go last. Allocation answers null from here on. The kernel frees pages in flight by itself when they are done.
     */
    @Override
    public void close() {
        if (!account.close()) {
            return;
        }
        reclaimer.stop();
        ledger.stop();
        disposing = true;
        account.disposeOfUnheld();
        files.close();
        int held = account.heldExtents();
        if (held > 0) {
            LOG.log(System.Logger.Level.WARNING, "the pool is closed while {0} extents are still held", held);
        }
    }

    // ---- for the writer

    /** Takes room for a whole extent of known length, or none at all. */
    boolean reserve(Placement placement, long length) {
        return granted(placement, length, account.cutWhole(placement, length), true);
    }

    /** Takes room for up to {@code wanted} bytes more of an extent that grows, in one run; returns how many. */
    int reserveSome(Placement placement, long start, int wanted) {
        int granted = account.cutMore(placement, start, wanted);
        granted(placement, wanted, granted, start == 0);
        return granted;
    }

    private boolean granted(Placement placement, long wanted, long granted, boolean begins) {
        pace.wanted(granted == 0 ? wanted : granted);
        if (granted == 0) {
            config.listener().allocationRefused(wanted);
            reclaimer.demand(wanted);
        } else if (begins) {
            config.listener().extentBegan(placement.extent());
        }
        if (account.tookSegments()) { // more may have to be prepared, or room to be made
            reclaimer.wake();
        }
        return granted > 0;
    }

    /** Gives back what was reserved behind the last byte written. */
    void trim(Placement placement, long written) {
        account.trim(placement, written);
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
        boolean much = diedBytes.addAndGet(bytes) > account.budget().capacity() / DEATHS_A_LOOK;
        if (much) {
            diedBytes.set(0);
        }
        if (empty || much) {
            reclaimer.wake();
        }
    }

    void letGo(Placement placement) {
        if (placement.extent().placementLetGo()) {
            account.extentLetGo();
            config.listener().extentLetGo(placement.extent());
        }
        boolean last = false;
        for (Slice slice : placement.slices()) {
            last |= slice.letGo();
        }
        if (last) {
            if (disposing) {
                account.disposeOfUnheld();
            } else {
                reclaimer.wake();
            }
        }
    }

    SwapWatch swap() {
        return swap;
    }

    void transmissionBegan(Transmission transmission) {
        transmissions.incrementAndGet();
        config.listener().transmissionBegan(transmission);
    }

    void transmissionEnded(Transmission transmission) {
        transmissions.decrementAndGet();
        config.listener().transmissionEnded(transmission);
    }

    /** The ledger has found that a segment may have come free. */
    private void drained() {
        reclaimer.wake();
    }

    // ---- for tests of this package

    /** The pool's clock was moved by hand, while the reclaimer sleeps for as long as it had to wait by the clock before. */
    void timeHasPassed() {
        reclaimer.wake();
    }

    SegmentAccount account() {
        return account;
    }
}
