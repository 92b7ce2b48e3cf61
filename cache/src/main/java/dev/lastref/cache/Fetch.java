package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.StoragePolicy;
import dev.lastref.cache.semantics.VaryRule;
import dev.lastref.pool.ExtentWriter;
import dev.lastref.pool.Transmission;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
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
 * <p>Where the origin only says that a stored response is still right, or where it fails and a stored response may stand in for it, there
 * is nothing to follow: the readers are told of the {@link Substitute}.
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

    private static final int FIRST_FAILURE = 500;

    private final ResponseCache cache;
    private final Asked asked;
    private final @Nullable CacheKey place;
    private final boolean part;
    private final long begunNanos;
    private final FetchReaders readers = new FetchReaders();

    private volatile Phase phase = Phase.AWAITING;
    private volatile @Nullable ResponseHead head;
    private volatile @Nullable Substitute substitute;
    private volatile @Nullable FetchFailure failure;
    private volatile Deposit deposit = Deposit.NONE;
    private volatile FieldList trailers = FieldList.EMPTY;
    private volatile boolean draining;
    private volatile boolean sent;
    private volatile boolean settling;
    private volatile Runnable whenAbandoned = () -> {};
    private volatile Consumer<Boolean> whenRefreshed = failed -> {};

    /** The driver's alone, like those below. */
    private long offered;

    private boolean toldRefreshed;
    /** What is stored and wrong by what the origin has said, unless that breaks off. */
    private @Nullable StoredResponse ended;
    /** Others read these once they have seen the head. */
    private @Nullable CacheKey storedUnder;

    private Began began;
    /** Guarded by the readers. */
    private boolean joinable;

    /**
     * @param place where others find it, to wait for its response too; null: nowhere
     * @param part whether all who find it there ask for the same part
     */
    Fetch(ResponseCache cache, Asked asked, @Nullable CacheKey place, boolean part) {
        this.cache = cache;
        this.part = part;
        this.asked = asked;
        this.place = place;
        this.joinable = place != null;
        this.begunNanos = cache.config().ticker().read();
        CacheKey key = asked.key();
        CacheKey begunFor = key == null && asked.answersGet() ? asked.invalidated() : key;
        this.storedUnder = key;
        this.began = begunFor == null ? Began.NEVER : cache.index().begin(begunFor);
    }

    // ---- readers

    FetchReader lead(Runnable wake) {
        FetchReader reader = new FetchReader(this, asked.request(), true, wake);
        readers.add(reader);
        return reader;
    }

    /** Takes a reader in, unless the fetch is past taking any, or known to bring what is not for this request. */
    @Nullable
    FetchReader tryJoin(FieldList joining, Runnable wake) {
        FetchReader reader = new FetchReader(this, joining, false, wake);
        synchronized (readers) {
            ResponseHead seen = head;
            if (!joinable || (seen != null && !suits(joining, seen.fields()))) {
                return null;
            }
            Transmission prefix = beginPrefix();
            if (deposit.writer() != null && prefix == null) {
                return null;
            }
            reader.follow(prefix);
            readers.add(reader);
        }
        return reader;
    }

    private boolean suits(FieldList joining, FieldList arrived) {
        CacheKey key = asked.key();
        VaryRule rule =
                key == null ? VaryRule.of(arrived) : cache.config().paths().varyOf(key, arrived);
        return rule.isNone() || (!rule.isAny() && rule.variantOf(joining).equals(rule.variantOf(asked.request())));
    }

    private @Nullable Transmission beginPrefix() {
        ExtentWriter filled = deposit.writer();
        return filled == null ? null : filled.extent().transmit();
    }

    @Nullable
    Transmission prefixOf(FetchReader reader) {
        return readers.prefixOf(reader);
    }

    @Nullable
    Window owedBy(FetchReader reader) {
        return readers.owedBy(reader);
    }

    void taken(FetchReader reader, Window window) {
        readers.taken(reader, window);
    }

    void leave(FetchReader reader) {
        Runnable givingBack;
        boolean abandoned;
        synchronized (readers) {
            givingBack = readers.remove(reader);
            abandoned = readers.isEmpty() && !isWorthFinishing();
            joinable &= !abandoned;
        }
        givingBack.run();
        if (abandoned) {
            whenAbandoned.run();
        }
    }

    /** Whether it is to go on without a reader: it fills the store, or may be about to, or will say what has become invalid. */
    private boolean isWorthFinishing() {
        return switch (phase) {
            case AWAITING -> asked.key() != null || asked.invalidated() != null;
            case FLOWING -> deposit.isOpen() || draining;
            case COMPLETE, FAILED -> true; // there is nothing to stop
        };
    }

    // ---- for the cache

    /** Who is told whether the origin failed, once it has answered to the end or will not. Before the fetch begins. */
    void whenRefreshed(Consumer<Boolean> told) {
        whenRefreshed = told;
    }

    /** Guards who reads, and what of the fetch has to agree with that. */
    Object monitor() {
        return readers;
    }

    /** The leader has found its answer elsewhere: nobody is taken in any more, and who was looks for another way. */
    void withdraw() {
        List<FetchReader> sentOn;
        synchronized (readers) {
            joinable = false;
            sentOn = readers.detach(reader -> !reader.isLeader());
        }
        sentOn.forEach(FetchReader::wake);
    }

    /** What it brings was made before its resource changed: those who wait get it, nobody else. */
    void outdate() {
        synchronized (readers) {
            joinable = false;
        }
    }

    // ---- what everybody may know

    /** Whether the origin may have all of the request, and so may do what it asks for. */
    public boolean isSent() {
        return sent;
    }

    /** What the origin is asked for. */
    public Asked asked() {
        return asked;
    }

    public Phase phase() {
        return phase;
    }

    public @Nullable ResponseHead head() {
        return head;
    }

    /** The head as those get it who did not ask for it themselves. */
    @Nullable
    ResponseHead sharedHead() {
        ResponseHead arrived = head;
        return arrived == null ? null : deposit.shared(arrived);
    }

    /** What came behind the content; complete once the fetch is. */
    FieldList trailers() {
        return trailers;
    }

    /** The same as those get it who did not ask for it themselves. */
    FieldList sharedTrailers() {
        return deposit.shared(trailers);
    }

    /** The stored response that answers instead, if so. */
    public @Nullable Substitute substitute() {
        return substitute;
    }

    public @Nullable FetchFailure failure() {
        return failure;
    }

    /** Whether the last content is there, but not to be shown before the response is in the index, which may take a while. */
    boolean isSettling() {
        return settling && phase == Phase.FLOWING && deposit.isOpen();
    }

    /** Whether the response goes into the store, if it comes to its end. */
    public boolean isStoring() {
        return deposit.isOpen();
    }

    /**
     * Whether the response is stored, or will be if it comes to its end, as far as can be told now: not if what is stored is more recent.
     * After the head.
     */
    public boolean isKept() {
        CacheKey key = storedUnder;
        return key != null && deposit.isKept(key, asked.request(), began);
    }

    /** How long what goes into the store is fresh; null if nothing does. */
    public @Nullable Freshness freshness() {
        return deposit.freshness();
    }

    /** Why a response that could have been stored is not, if so. */
    public @Nullable BypassReason bypass() {
        return deposit.bypass();
    }

    /** Why HTTP does not let the response be stored; null if it does. */
    public StoragePolicy.@Nullable Refusal refusal() {
        return deposit.refusal();
    }

    // ---- the driver

    /** How to stop the origin when the last reader has gone and nobody will want the rest. */
    public void whenAbandoned(Runnable stop) {
        whenAbandoned = stop;
        stopIfAbandoned();
    }

    /** The whole request has been written: from now on the origin may do what it asks for, whether or not it answers. */
    public void sent() {
        sent = true;
    }

    /**
     * The head has come.
     *
     * @param method of the request that the origin answered
     * @param received as the origin sent it
     * @param requestNanos the cache's ticker when the request was sent
     */
    public void respond(String method, ResponseHead received, long requestNanos) {
        Began invalidated = Invalidations.by(asked, received, cache, began);
        if (received.status() >= FIRST_FAILURE) {
            tellRefreshed(true);
        }
        long now = cache.config().ticker().read();
        cache.config().listener().originResponded(received.status(), now - begunNanos);
        Freshener.Times times =
                new Freshener.Times(requestNanos, now, cache.config().clock().millis());
        Verdict verdict = Verdict.of(cache, asked, method, received, times, began);
        draining = verdict.isWorthDraining();
        Substitute found = verdict.substitute();
        CacheKey key = asked.key();
        if (found != null) {
            substitute(found);
        } else if (verdict.meaning() == Verdict.Meaning.ASK_AGAIN) {
            sendOn();
        } else {
            ResponseHead arrived = verdict.head();
            Deposit into = key == null
                    ? posted(arrived, invalidated, requestNanos)
                    : Deposit.of(cache, key, method, asked.request(), arrived, requestNanos);
            StoredResponse stored = asked.stored();
            ended = into.refusal() != null && verdict.endsStored(asked, method, now) ? stored : null;
            flow(arrived, into);
        }
    }

    /** What may be stored of the response to a POST, from the moment on at which it made invalid what was there. */
    private Deposit posted(ResponseHead arrived, @Nullable Began invalidated, long requestNanos) {
        CacheKey target = asked.invalidated();
        if (!asked.answersGet() || target == null || invalidated == null) {
            return Deposit.NONE;
        }
        storedUnder = target;
        began = invalidated;
        return Deposit.ofPost(cache, target, asked.request(), arrived, requestNanos);
    }

    private void flow(ResponseHead arrived, Deposit into) {
        List<FetchReader> detached;
        boolean shared = into.isShareable(part);
        synchronized (readers) {
            deposit = into;
            joinable &= shared;
            detached = readers.detach(
                    reader -> !reader.isLeader() && (!shared || !suits(reader.asked(), arrived.fields())));
            readers.follow(into.writer());
            // Not before: whoever sees the head, which takes no lock, must see whether it is for him.
            head = arrived;
            phase = Phase.FLOWING;
        }
        if (!shared) {
            if (!into.mayBeSharedNextTime(part)) {
                cache.unshared(place);
            }
            leaveTable();
        }
        detached.forEach(FetchReader::wake);
        readers.wake();
        stopIfAbandoned();
    }

    /** A stored response answers instead. */
    private void substitute(Substitute found) {
        List<FetchReader> detached;
        synchronized (readers) {
            joinable = false;
            detached = readers.detach(reader ->
                    !reader.isLeader() && !suits(reader.asked(), found.stored().fields()));
            substitute = found;
            phase = Phase.FLOWING;
        }
        leaveTable();
        detached.forEach(FetchReader::wake);
        readers.wake();
        stopIfAbandoned();
    }

    /** What was stored is of no use, nor is what came: everybody asks anew. */
    private void sendOn() {
        List<FetchReader> all;
        synchronized (readers) {
            joinable = false;
            all = readers.detach(reader -> true);
            phase = Phase.FLOWING;
        }
        leaveTable();
        all.forEach(FetchReader::wake);
        stopIfAbandoned();
    }

    /**
     * More content has come.
     *
     * @param whenTaken run on any thread once the readers are done with the buffer, if this answers false
     * @return true if the buffer may be used again at once
     */
    public boolean offer(ByteBuffer bytes, Runnable whenTaken) {
        return offer(bytes, whenTaken, false);
    }

    private boolean offer(ByteBuffer bytes, Runnable whenTaken, boolean last) {
        if (substitute != null) {
            return true; // nobody follows
        }
        offered += bytes.remaining();
        if (deposit.isOpen() && store(bytes)) {
            if (!last) { // else who waits is woken when the response is in the index, and finds it there the next time
                readers.wake();
            }
            return true;
        }
        long before = offered - bytes.remaining();
        if (readers.show(count -> new Window(bytes, before, count, whenTaken)) == null) {
            return true;
        }
        readers.wake();
        return false;
    }

    /**
     * All the content there is has come at once, for a response of unknown length: it is stored as if its length had been known.
     * Otherwise like {@link #offer}; {@link #complete} or {@link #fail} must follow.
     */
    public boolean offerLast(ByteBuffer bytes, Runnable whenTaken) {
        settling = deposit.isPart();
        ResponseHead seen = head;
        if (seen != null && !seen.hasKnownLength()) {
            open(() -> deposit.openFor(bytes.remaining()));
        }
        return offer(bytes, whenTaken, true);
    }

    /** Appends to the pool; false if the pool cannot take it all, and from then on none of it. */
    private boolean store(ByteBuffer bytes) {
        open(deposit::openGrowing);
        if (deposit.append(bytes)) {
            return true;
        }
        synchronized (readers) {
            joinable = false;
        }
        deposit.giveUp();
        leaveTable();
        stopIfAbandoned();
        return false;
    }

    /** Readers begin to follow the moment there is something to follow. */
    private void open(Runnable opening) {
        if (deposit.writer() != null) {
            return;
        }
        synchronized (readers) {
            opening.run();
            readers.follow(deposit.writer());
        }
    }

    /**
     * Trailer fields have come, and nothing will behind them. They go to those who follow, never into the head, and are not stored (RFC
     * 9111, section 3.1, leaves it open).
     *
     * @param fields those that may go to clients
     */
    public void trailers(FieldList fields) {
        trailers = fields;
    }

    /** The response has come whole: it enters the store, if it may, and readers come to their end. */
    public void complete() {
        ResponseHead arrived = head;
        CacheKey key = storedUnder;
        if (deposit.isOpen() && key != null && arrived != null) {
            if (arrived.hasKnownLength() && arrived.length() != deposit.written()) {
                fail(FetchFailure.TOO_SHORT);
                return;
            }
            deposit.store(key, asked.request(), began, this::completed);
        } else {
            completed();
        }
    }

    /** On the driver's thread, or, where a part was added to another one, on the index's: the driver has nothing to do any more. */
    private void completed() {
        tellRefreshed(false);
        giveUpEnded();
        end(Phase.COMPLETE);
    }

    private void giveUpEnded() {
        StoredResponse wrong = ended;
        if (wrong != null) {
            cache.index().remove(wrong);
        }
    }

    /** A head that promises success is none yet: its content may break. */
    private void tellRefreshed(boolean failed) {
        if (!toldRefreshed) {
            toldRefreshed = true;
            whenRefreshed.accept(failed);
        }
    }

    /** The origin failed, or is given up. What it has sent so far is not stored. */
    public void fail(FetchFailure why) {
        if (phase == Phase.COMPLETE || phase == Phase.FAILED) {
            return;
        }
        if (phase == Phase.AWAITING) {
            if (sent) {
                Began unused = Invalidations.by(asked, null, cache, began);
            }
        }
        tellRefreshed(why.isOrigins());
        if (!why.isOrigins()) { // it is only that nobody wants the rest
            giveUpEnded();
        }
        if (why.isOrigins() && phase == Phase.AWAITING) { // a response whose head came is counted by its status
            cache.config().listener().originFailed(why);
        }
        StoredResponse stored = asked.stored();
        boolean early = phase == Phase.AWAITING && why.isOrigins();
        if (early && stored != null && asked.standsIn(cache.config().ticker().read())) {
            substitute(new Substitute(stored, Substitute.Why.STALE_IF_ERROR, 0));
        }
        failure = why;
        deposit.giveUp();
        end(Phase.FAILED);
    }

    private void end(Phase last) {
        synchronized (readers) {
            joinable = false;
            phase = last;
        }
        // After the response is in the index: a request finds it there or here.
        leaveTable();
        readers.wake();
    }

    /** Nobody finds it any more. */
    void leaveTable() {
        if (place != null) {
            cache.ended(place, this);
        }
    }

    private void stopIfAbandoned() {
        boolean abandoned;
        synchronized (readers) {
            abandoned = readers.isEmpty() && !isWorthFinishing();
        }
        if (abandoned) {
            whenAbandoned.run();
        }
    }
}
