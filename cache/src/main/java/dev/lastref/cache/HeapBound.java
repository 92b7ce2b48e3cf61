package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Cache;
import dev.lastref.cache.semantics.CacheKey;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps what the entries of the index take of the heap within a bound. The index itself counts what they take of the pool, and a pool has
 * room for more small responses than a heap has for their heads: without this bound, who stores enough of them ends the process.
 *
 * <p>Each entry says what it brings to the heap; it counts from when it has entered until the index has said that it left. Where they are
 * too many, those go that the index would evict first, a few more than must, on the index's own thread. What they may take changes with what
 * others hold on the heap: where it becomes less, somebody says so, and as many go as are too many then.
 *
 * <p>Threads: any.
 */
final class HeapBound {
    private static final System.Logger LOG = System.getLogger(HeapBound.class.getName());
    /** Entries that are evicted at a time: the index is asked for the coldest under its lock. */
    private static final int AT_A_TIME = 256;
    /** How many times so many at once: those that went are only given up, and are garbage, after it. */
    private static final int AT_ONCE = 16;
    /** As a part of the bound, what is made room for beyond the need, so that not each response asks for it. */
    private static final int SPARE = 64;
    /** The same, what may be above it while entries are being evicted: who stores faster than that has to go without. */
    private static final int BEYOND = 16;

    private final LongSupplier limit;
    private final Maintenance maintenance;
    private final CacheListener listener;
    private final AtomicLong held = new AtomicLong();
    private final AtomicBoolean evicting = new AtomicBoolean();
    private final AtomicBoolean told = new AtomicBoolean();

    /** @param limit bytes; may change */
    HeapBound(LongSupplier limit, Maintenance maintenance, CacheListener listener) {
        this.limit = limit;
        this.maintenance = maintenance;
        this.listener = listener;
    }

    /** An entry is in the index. */
    void entered(IndexEntry entry, Cache<CacheKey, IndexEntry> index) {
        evictIfBeyond(held.addAndGet(entry.heapBytes()), index);
    }

    /** It has left the index. */
    void left(IndexEntry entry) {
        held.addAndGet(-entry.heapBytes());
    }

    /** The bound may have become less. */
    void fit(Cache<CacheKey, IndexEntry> index) {
        evictIfBeyond(held.get(), index);
    }

    private void evict(Cache<CacheKey, IndexEntry> index) {
        boolean some = false;
        try {
            some = evictColdest(index);
        } finally {
            boolean again = some;
            // Behind what tells of those that went: until then they count as if they were there.
            maintenance.executeNow(() -> evicted(again, index));
        }
    }

    /** @param again whether others may have come meanwhile that have to go, too; where nothing went, nothing would */
    private void evicted(boolean again, Cache<CacheKey, IndexEntry> index) {
        evicting.set(false);
        if (again) {
            evictIfBeyond(held.get(), index);
        }
    }

    private void evictIfBeyond(long now, Cache<CacheKey, IndexEntry> index) {
        if (!evicting.get() && now > limit.getAsLong() && evicting.compareAndSet(false, true)) {
            maintenance.executeNow(() -> evict(index));
        }
    }

    /** Returns whether there were some. */
    private boolean evictColdest(Cache<CacheKey, IndexEntry> index) {
        boolean some = false;
        long most = limit.getAsLong();
        long excess = held.get() - (most - most / SPARE);
        if (excess > 0 && told.compareAndSet(false, true)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "stored responses take all of the heap that they may now, {0} KiB for {1} entries: from now on the least used go,"
                            + " whatever room the pool has. A larger heap (-Xmx) keeps more of them",
                    most >> 10,
                    index.estimatedSize());
        }
        for (int i = 0; i < AT_ONCE && excess > 0; i++) {
            Map<CacheKey, IndexEntry> coldest =
                    index.policy().eviction().orElseThrow().coldest(AT_A_TIME);
            if (coldest.isEmpty()) {
                break;
            }
            for (Map.Entry<CacheKey, IndexEntry> cold : coldest.entrySet()) {
                if (excess > 0 && index.asMap().remove(cold.getKey(), cold.getValue())) {
                    some = true;
                    excess -= cold.getValue().heapBytes();
                    listener.evictedForHeap(cold.getValue() instanceof StoredResponse stored ? stored.length() : 0);
                }
            }
        }
        return some;
    }

    /** Whether so much is there beyond the bound that nothing more is to be stored before others have left. */
    boolean isExceeded() {
        long most = limit.getAsLong();
        return held.get() > most + most / BEYOND;
    }

    /** Bytes that the entries take, about. */
    long held() {
        return held.get();
    }
}
