package dev.lastref.cache;

import dev.lastref.cache.ResponseIndex.Deposited;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.ContentRange;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.Freshness;
import dev.lastref.cache.semantics.StoragePolicy;
import dev.lastref.pool.Extent;
import dev.lastref.pool.ExtentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A response on its way into the store: what HTTP says to it, room in the pool, and at the end the entry in the index.
 *
 * <p>Of the thread that drives the fetch. What others may see of it is volatile.
 */
final class Deposit {
    private static final System.Logger LOG = System.getLogger(Deposit.class.getName());

    /** Of a response that nobody thought of storing. */
    static final Deposit NONE = new Deposit(null, null, null, null);

    private static final int PARTIAL_CONTENT = 206;

    private final @Nullable ResponseCache cache;
    private final StoragePolicy.@Nullable Decision decision;
    private final @Nullable Freshness freshness;
    private final @Nullable ResponseHead shared;

    /** What became of it. */
    private enum Fate {
        /** It has not come to its end. */
        OPEN,
        STORED,
        /** What is stored is more recent, or has all of it, or it was made invalid while it came. */
        SUPERSEDED
    }

    private volatile boolean open;
    private volatile Fate fate = Fate.OPEN;
    private volatile @Nullable BypassReason bypass;
    private volatile @Nullable ExtentWriter writer;

    private Deposit(
            @Nullable ResponseCache cache,
            StoragePolicy.@Nullable Decision decision,
            @Nullable Freshness freshness,
            @Nullable ResponseHead shared) {
        this.cache = cache;
        this.decision = decision;
        this.freshness = freshness;
        this.shared = shared;
    }

    /** Decides on a response whose head has come, and takes room for it. */
    static Deposit of(
            ResponseCache cache, CacheKey key, String method, FieldList request, ResponseHead head, long requestNanos) {
        long now = cache.config().ticker().read();
        long epochMillis = cache.config().clock().millis();
        StoragePolicy.Decision decided =
                cache.storagePolicy(key).decide(method, request, head.status(), head.fields(), epochMillis);
        return of(cache, head, decided, requestNanos, now, epochMillis);
    }

    /** Decides on the response to a POST, which may answer later GETs of its target; mostly it may not. */
    static Deposit ofPost(
            ResponseCache cache, CacheKey target, FieldList request, ResponseHead head, long requestNanos) {
        long now = cache.config().ticker().read();
        long epochMillis = cache.config().clock().millis();
        StoragePolicy.Decision decided =
                cache.storagePolicy(target).decideOnPost(target, request, head.status(), head.fields(), epochMillis);
        return decided.isStorable() ? of(cache, head, decided, requestNanos, now, epochMillis) : NONE;
    }

    private static Deposit of(
            ResponseCache cache,
            ResponseHead head,
            StoragePolicy.Decision decided,
            long requestNanos,
            long now,
            long epochMillis) {
        if (!decided.isStorable()) {
            return new Deposit(cache, decided, null, null);
        }
        Freshness freshness = Freshness.of(head.fields(), decided.lifetimeNanos(), requestNanos, now, epochMillis);
        Deposit deposit = new Deposit(cache, decided, freshness, withoutWithheld(head, decided));
        if (deposit.usefulNanos(now) > 0) {
            deposit.takeRoom(head.length());
        }
        return deposit;
    }

    private static ResponseHead withoutWithheld(ResponseHead head, StoragePolicy.Decision decided) {
        if (decided.withheld().isEmpty()) {
            return head;
        }
        return new ResponseHead(head.status(), without(head.fields(), decided), head.length());
    }

    private static FieldList without(FieldList fields, StoragePolicy.Decision decided) {
        FieldList.Builder kept = fields.toBuilder();
        decided.withheld().forEach(kept::remove);
        return kept.build();
    }

    private void takeRoom(long length) {
        ResponseCache into = cache();
        if (length > into.config().maxObject()) {
            bypassed(BypassReason.TOO_LARGE);
            return;
        }
        if (into.index().heap().isExceeded()) {
            bypassed(BypassReason.HEAP);
            return;
        }
        if (length > 0) {
            writer = into.pool().tryAllocate(length, usefulNanos());
        }
        // Without a length, room is taken with the first bytes: they may be all there is.
        open = length <= 0 || writer != null;
        if (!open) {
            bypassed(BypassReason.FULL);
        }
    }

    private void bypassed(BypassReason reason) {
        bypass = reason;
        cache().config().listener().bypassed(reason);
    }

    private ResponseCache cache() {
        ResponseCache into = cache;
        if (into == null) {
            throw new IllegalStateException("nothing is deposited");
        }
        return into;
    }

    /** How long what is stored will be of use: the pool puts together what dies together. */
    private long usefulNanos() {
        return usefulNanos(cache().config().ticker().read());
    }

    private long usefulNanos(long now) {
        return freshness == null || decision == null
                ? 0
                : freshness.remainingNanos(now) + decision.terms().keepNanos();
    }

    /** Whether the response goes into the store, if it comes to its end. */
    boolean isOpen() {
        return open;
    }

    /** Whether it is a part, which may take its time to be added to what is stored. */
    boolean isPart() {
        return open && shared != null && shared.status() == PARTIAL_CONTENT;
    }

    /** How old what is stored is, and how long it is fresh; null where nothing is stored. */
    @Nullable
    Freshness freshness() {
        return open ? freshness : null;
    }

    /**
     * Whether those who ask for the same may have it without asking the origin, as of now: it is fresh, or may be served stale while
     * the origin is asked again.
     *
     * @param part whether all of them ask for the same part
     */
    boolean isShareable(boolean part) {
        return open
                && shared != null
                && (part || shared.status() != PARTIAL_CONTENT)
                && freshness != null
                && decision != null
                && !decision.terms().alwaysValidated()
                && -freshness.remainingNanos(cache().config().ticker().read())
                        < Math.max(0, decision.terms().staleWhileRevalidateNanos());
    }

    /** Whether the next response may be for everybody who waits for it although this one is not: it was only too old. */
    boolean mayBeSharedNextTime(boolean part) {
        return bypass == null
                && shared != null
                && (part || shared.status() != PARTIAL_CONTENT)
                && decision != null
                && !decision.terms().alwaysValidated()
                && decision.lifetimeNanos() > 0;
    }

    /** The head as others get it: without what is for the first client only. */
    ResponseHead shared(ResponseHead arrived) {
        return shared == null ? arrived : shared;
    }

    /** The same for its trailer fields. */
    FieldList shared(FieldList trailers) {
        return decision == null || trailers.size() == 0 ? trailers : without(trailers, decision);
    }

    @Nullable
    BypassReason bypass() {
        return bypass;
    }

    StoragePolicy.@Nullable Refusal refusal() {
        return decision == null ? null : decision.refusal();
    }

    @Nullable
    ExtentWriter writer() {
        return writer;
    }

    /** Room for all the content at once, for a response of unknown length. */
    void openFor(int length) {
        if (open && writer == null && length > 0) {
            writer = cache().pool().tryAllocate(length, usefulNanos());
        }
    }

    /** Makes sure that there is a writer, if the pool has room. */
    void openGrowing() {
        if (open && writer == null) {
            writer = cache().pool().tryAllocateGrowing(usefulNanos());
        }
    }

    /** Appends to the pool; false if the pool cannot take it all. The deposit is to be {@linkplain #giveUp given up} then. */
    boolean append(ByteBuffer bytes) {
        ExtentWriter to = writer;
        if (to == null) {
            bypassed(BypassReason.FULL);
            return false;
        }
        if (to.written() + bytes.remaining() > cache().config().maxObject()) {
            bypassed(BypassReason.TOO_LARGE);
            return false;
        }
        try {
            if (!to.append(bytes)) {
                bypassed(BypassReason.FULL);
                return false;
            }
            return true;
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot write a response to the pool; it streams past it: " + e.getMessage());
            bypassed(BypassReason.FAILED);
            return false;
        }
    }

    /** Stores nothing. Readers keep what is in the pool until they have sent it. */
    void giveUp() {
        open = false;
        ExtentWriter to = writer;
        if (to != null) {
            writer = null;
            to.abort();
        }
    }

    long written() {
        ExtentWriter to = writer;
        return to == null ? 0 : to.written();
    }

    /**
     * All content has come: the response enters the index, a part perhaps a little later.
     *
     * @param then runs when that is done, on this thread or on the index's
     */
    void store(CacheKey key, FieldList request, Began began, Runnable then) {
        if (open && cache().index().isOutdated(key, head().fields(), began)) {
            giveUp();
        }
        if (!open) {
            then.run();
            return;
        }
        ExtentWriter filled = writer;
        Deposited deposited = deposited(new ResponseHead(head().status(), head().fields(), written()), null);
        ContentRange part = deposited.part();
        if (head().status() == PARTIAL_CONTENT) {
            if (part == null || filled == null || part.range().length() != written()) {
                giveUp(); // it is not what it says
                then.run();
                return;
            }
            new PartialDeposit(cache(), key, request, began)
                    .store(deposited(deposited.head(), filled.commit()), part, stored -> {
                        entered(stored);
                        then.run();
                    });
            return;
        }
        Extent extent = filled == null ? null : filled.commit();
        entered(cache().index().store(key, request, deposited(deposited.head(), extent), began));
        then.run();
    }

    private void entered(boolean stored) {
        fate = stored ? Fate.STORED : Fate.SUPERSEDED;
    }

    /** Whether the response is stored; until it has come to its end, whether it would be if it did now. */
    boolean isKept(CacheKey key, FieldList request, Began began) {
        if (!open || fate != Fate.OPEN) {
            return open && fate == Fate.STORED;
        }
        Deposited deposited = deposited(head(), null);
        ContentRange part = deposited.part();
        return part == null
                ? cache().index().wouldStore(key, request, deposited, began)
                : new PartialDeposit(cache(), key, request, began).wouldStore(deposited, part);
    }

    private Deposited deposited(ResponseHead head, @Nullable Extent extent) {
        Freshness fresh = freshness;
        StoragePolicy.Decision decided = decision;
        if (fresh == null || decided == null) {
            throw new IllegalStateException("nothing is deposited");
        }
        return new Deposited(head, fresh, decided.terms(), extent);
    }

    private ResponseHead head() {
        ResponseHead head = shared;
        if (head == null) {
            throw new IllegalStateException("nothing is deposited");
        }
        return head;
    }
}
