package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.StoragePolicy;
import dev.lastref.cache.semantics.VaryRule;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One origin response on its way to everybody who waits for it, and into the store if it may be kept.
 *
 * <pre>
 *  AWAITING ──head──► FLOWING ──last byte──► COMPLETE
 *      └───────────────┴──the origin fails──► FAILED
 * </pre>
 *
 * <p>While the pool takes the content, it goes there as fast as the origin sends, and each reader follows the published prefix at its
 * own pace. Where the pool does not, because the response is not storable, too large, or the pool is full, be it half-way, the rest
 * is shown to the readers {@linkplain Window window by window}, and the origin waits for the slowest. So every response takes one
 * path, and needs no more memory than a buffer beyond the pool.
 *
 * <p>Threads: one thread drives it ({@link #respond}, {@link #offer}, {@link #complete}, {@link #fail}); readers come, read and go on
 * theirs. Nobody joins once the content leaves the pool's path. Only a complete response enters the index.
 */
public final class Fetch {
    /** How far it is. */
    public enum Phase {
        AWAITING,
        FLOWING,
        COMPLETE,
        FAILED
    }

    private static final System.Logger LOG = System.getLogger(Fetch.class.getName());

    private final ResponseCache cache;
    private final @Nullable CacheKey key;
    private final FieldList request;
    private final long begunNanos;
    private final int invalidationsBefore;
    /** Guarded by this. */
    private final List<FetchReader> readers = new ArrayList<>();

    private volatile Phase phase = Phase.AWAITING;
    private volatile @Nullable ResponseHead head;
    private volatile @Nullable FetchFailure failure;
    private volatile @Nullable BypassReason bypass;
    private volatile boolean storing;
    private volatile Runnable whenAbandoned = () -> {};

    // The driver's alone.
    private StoragePolicy.@Nullable Decision decision;
    private @Nullable Freshness freshness;
    private @Nullable ExtentWriter writer;
    private long offered;
    /** Guarded by this. */
    private boolean joinable;

    Fetch(ResponseCache cache, @Nullable CacheKey key, FieldList request) {
        this.cache = cache;
        this.key = key;
        this.request = request;
        this.joinable = key != null;
        this.begunNanos = cache.config().ticker().read();
        this.invalidationsBefore = key == null ? 0 : cache.invalidations(key);
    }

    // ---- readers

    FetchReader lead(Runnable wake) {
        FetchReader reader = new FetchReader(this, request, true, wake);
        synchronized (this) {
            readers.add(reader);
        }
        return reader;
    }

    /** Takes a reader in, unless the fetch is past taking any, or known to bring what is not for this request. */
    @Nullable
    FetchReader tryJoin(FieldList joining, Runnable wake) {
        FetchReader reader = new FetchReader(this, joining, false, wake);
        synchronized (this) {
            ResponseHead seen = head;
            if (!joinable || (seen != null && !suits(joining, seen))) {
                return null;
            }
            Transmission prefix = beginPrefix();
            if (writer != null && prefix == null) {
                return null;
            }
            reader.follow(prefix);
            readers.add(reader);
        }
        return reader;
    }

    private boolean suits(FieldList joining, ResponseHead arrived) {
        VaryRule rule = VaryRule.of(arrived.fields());
        return rule.isNone() || rule.variantOf(joining).equals(rule.variantOf(request));
    }

    private @Nullable Transmission beginPrefix() {
        ExtentWriter filled = writer;
        return filled == null ? null : filled.extent().transmit();
    }

    synchronized @Nullable Transmission prefixOf(FetchReader reader) {
        return reader.prefix();
    }

    synchronized @Nullable Window owedBy(FetchReader reader) {
        return reader.owed();
    }

    void taken(FetchReader reader, Window window) {
        synchronized (this) {
            if (reader.owed() != window) {
                return;
            }
            reader.owe(null);
        }
        window.taken();
    }

    void leave(FetchReader reader) {
        Transmission prefix;
        Window owed;
        boolean abandoned;
        synchronized (this) {
            prefix = reader.prefix();
            owed = reader.owed();
            reader.follow(null);
            reader.owe(null);
            readers.remove(reader);
            abandoned = readers.isEmpty() && !isWorthFinishing();
            joinable &= !abandoned;
        }
        if (prefix != null) {
            prefix.close();
        }
        if (owed != null) {
            owed.taken();
        }
        if (abandoned) {
            whenAbandoned.run();
        }
    }

    /** Whether it is to go on without a reader: it fills the store, or may be about to. */
    private boolean isWorthFinishing() {
        return switch (phase) {
            case AWAITING -> key != null;
            case FLOWING -> storing;
            case COMPLETE, FAILED -> true; // there is nothing to stop
        };
    }

    // ---- for the cache

    /** The leader has found its answer elsewhere: nobody is taken in any more, and who was looks for another way. */
    void withdraw() {
        List<FetchReader> sentOn;
        synchronized (this) {
            joinable = false;
            sentOn = readers.stream().filter(reader -> !reader.isLeader()).toList();
            readers.removeAll(sentOn);
            sentOn.forEach(FetchReader::detach);
        }
        sentOn.forEach(FetchReader::wake);
    }

    /** What it brings was made before its resource changed: those who wait get it, nobody else. */
    void outdate() {
        synchronized (this) {
            joinable = false;
        }
    }

    // ---- what everybody may know

    public Phase phase() {
        return phase;
    }

    public @Nullable ResponseHead head() {
        return head;
    }

    public @Nullable FetchFailure failure() {
        return failure;
    }

    /** Whether the response goes into the store, if it comes to its end. */
    public boolean isStoring() {
        return storing;
    }

    /** Why a response that could have been stored is not, if so. */
    public @Nullable BypassReason bypass() {
        return bypass;
    }

    /** Why HTTP does not let the response be stored; null if it does. */
    public StoragePolicy.@Nullable Refusal refusal() {
        StoragePolicy.Decision decided = decision;
        return decided == null ? null : decided.refusal();
    }

    // ---- the driver

    /** How to stop the origin when the last reader has gone and nobody will want the rest. */
    public void whenAbandoned(Runnable stop) {
        whenAbandoned = stop;
        boolean already;
        synchronized (this) {
            already = readers.isEmpty() && !isWorthFinishing();
        }
        if (already) {
            stop.run();
        }
    }

    /**
     * The head has come.
     *
     * @param method of the request that the origin answered
     * @param requestNanos the cache's ticker when the request was sent
     */
    public void respond(String method, ResponseHead arrived, long requestNanos) {
        long now = cache.config().ticker().read();
        cache.config().listener().originResponded(arrived.status(), now - begunNanos);
        Admission admission = key == null ? Admission.NO : admit(method, arrived, requestNanos, now);
        List<FetchReader> detached = new ArrayList<>();
        synchronized (this) {
            writer = admission.writer();
            storing = admission.storing();
            bypass = admission.bypass();
            joinable &= storing;
            for (FetchReader reader : readers) {
                if (!reader.isLeader() && (!storing || !suits(reader.asked(), arrived))) {
                    detached.add(reader);
                } else {
                    reader.follow(beginPrefix());
                }
            }
            readers.removeAll(detached);
            detached.forEach(FetchReader::detach);
            // Not before: whoever sees the head, which takes no lock, must see whether it is for him.
            head = arrived;
            phase = Phase.FLOWING;
        }
        if (!storing) {
            leaveTable();
        }
        detached.forEach(FetchReader::wake);
        wakeReaders();
        stopIfAbandoned();
    }

    /** What the store does with the response. */
    private record Admission(
            boolean storing,
            @Nullable ExtentWriter writer,
            @Nullable BypassReason bypass) {
        static final Admission NO = new Admission(false, null, null);
    }

    private Admission admit(String method, ResponseHead arrived, long requestNanos, long now) {
        long epochMillis = cache.config().clock().millis();
        StoragePolicy.Decision decided =
                cache.storagePolicy().decide(method, request, arrived.status(), arrived.fields(), epochMillis);
        decision = decided;
        if (!decided.isStorable()) {
            return Admission.NO;
        }
        Freshness fresh = Freshness.of(arrived.fields(), decided.lifetimeNanos(), requestNanos, now, epochMillis);
        if (!fresh.isFresh(now)) {
            return Admission.NO;
        }
        freshness = fresh;
        if (arrived.length() > cache.config().maxObject()) {
            return bypassed(BypassReason.TOO_LARGE);
        }
        if (arrived.length() == 0) {
            return new Admission(true, null, null);
        }
        ExtentWriter room =
                arrived.hasKnownLength() ? cache.pool().tryAllocate(arrived.length(), fresh.remainingNanos(now)) : null;
        boolean full = arrived.hasKnownLength() && room == null;
        // Without a length, room is taken with the first bytes: they may be all there is.
        return full ? bypassed(BypassReason.FULL) : new Admission(true, room, null);
    }

    private Admission bypassed(BypassReason reason) {
        cache.config().listener().bypassed(reason);
        return new Admission(false, null, reason);
    }

    /**
     * More content has come.
     *
     * @param whenTaken run on any thread once the readers are done with the buffer, if this answers false
     * @return true if the buffer may be used again at once
     */
    public boolean offer(ByteBuffer bytes, Runnable whenTaken) {
        offered += bytes.remaining();
        if (storing && store(bytes)) {
            wakeReaders();
            return true;
        }
        Window window;
        synchronized (this) {
            if (readers.isEmpty()) {
                return true;
            }
            window = new Window(bytes, offered - bytes.remaining(), readers.size(), whenTaken);
            readers.forEach(reader -> reader.owe(window));
        }
        wakeReaders();
        return false;
    }

    /**
     * All the content there is has come at once, for a response of unknown length: it is stored as if its length had been known.
     * Otherwise like {@link #offer}.
     */
    public boolean offerLast(ByteBuffer bytes, Runnable whenTaken) {
        ResponseHead seen = head;
        if (storing && writer == null && seen != null && !seen.hasKnownLength() && bytes.hasRemaining()) {
            openWriter(cache.pool().tryAllocate(bytes.remaining(), lifetimeNanos()));
        }
        return offer(bytes, whenTaken);
    }

    /** Appends to the pool; false if the pool cannot take it all, and from then on none of it. */
    private boolean store(ByteBuffer bytes) {
        try {
            if (writer == null) {
                openWriter(cache.pool().tryAllocateGrowing(lifetimeNanos()));
            }
            ExtentWriter open = writer;
            if (open == null) {
                stopStoring(BypassReason.FULL);
                return false;
            }
            if (open.written() + bytes.remaining() > cache.config().maxObject()) {
                stopStoring(BypassReason.TOO_LARGE);
                return false;
            }
            if (!open.append(bytes)) {
                stopStoring(BypassReason.FULL);
                return false;
            }
            return true;
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot write a response to the pool; it streams past it: " + e.getMessage());
            stopStoring(BypassReason.FAILED);
            return false;
        }
    }

    /** How long what is stored will be fresh: the pool puts together what dies together. */
    private long lifetimeNanos() {
        Freshness fresh = freshness;
        return fresh == null ? 0 : fresh.remainingNanos(cache.config().ticker().read());
    }

    private void openWriter(@Nullable ExtentWriter opened) {
        synchronized (this) {
            writer = opened;
            if (opened != null) {
                readers.forEach(reader -> reader.follow(opened.extent().transmit()));
            }
        }
    }

    /** Readers keep what is in the pool until they have sent it; the rest goes past it. */
    private void stopStoring(BypassReason reason) {
        synchronized (this) {
            storing = false;
            joinable = false;
            bypass = reason;
        }
        abortWriter();
        leaveTable();
        cache.config().listener().bypassed(reason);
        stopIfAbandoned();
    }

    private void abortWriter() {
        ExtentWriter open = writer;
        if (open != null) {
            writer = null;
            open.abort();
        }
    }

    /** The response has come whole: it enters the store, if it may, and readers come to their end. */
    public void complete() {
        ResponseHead arrived = head;
        Freshness fresh = freshness;
        if (storing && key != null && arrived != null && fresh != null) {
            ExtentWriter filled = writer;
            long length = filled == null ? 0 : filled.written();
            if (arrived.hasKnownLength() && arrived.length() != length) {
                fail(FetchFailure.TOO_SHORT);
                return;
            }
            store(key, new ResponseHead(arrived.status(), arrived.fields(), length), fresh, filled);
        }
        end(Phase.COMPLETE);
    }

    private void store(CacheKey under, ResponseHead stored, Freshness fresh, @Nullable ExtentWriter filled) {
        if (cache.invalidations(under) != invalidationsBefore) {
            abortWriter();
        } else {
            cache.store(under, request, stored, fresh, filled == null ? null : filled.commit(), invalidationsBefore);
        }
    }

    /** The origin failed, or is given up. What it has sent so far is not stored. */
    public void fail(FetchFailure why) {
        if (phase == Phase.COMPLETE || phase == Phase.FAILED) {
            return;
        }
        if (why != FetchFailure.ABANDONED) {
            cache.config().listener().originFailed(why);
        }
        failure = why;
        abortWriter();
        end(Phase.FAILED);
    }

    private void end(Phase last) {
        synchronized (this) {
            joinable = false;
            phase = last;
        }
        // After the response is in the index: a request finds it there or here.
        leaveTable();
        wakeReaders();
    }

    private void leaveTable() {
        if (key != null) {
            cache.ended(key, this);
        }
    }

    private void stopIfAbandoned() {
        boolean abandoned;
        synchronized (this) {
            abandoned = readers.isEmpty() && !isWorthFinishing();
        }
        if (abandoned) {
            whenAbandoned.run();
        }
    }

    private void wakeReaders() {
        List<FetchReader> woken;
        synchronized (this) {
            woken = List.copyOf(readers);
        }
        woken.forEach(FetchReader::wake);
    }
}
