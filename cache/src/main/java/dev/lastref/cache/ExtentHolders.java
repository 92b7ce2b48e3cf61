package dev.lastref.cache;

import com.github.benmanes.caffeine.cache.Cache;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.pool.Extent;
import dev.lastref.pool.ExtentOwner;
import org.jspecify.annotations.Nullable;

/**
 * The entries of the index whose content is one extent, where there are several: an origin may say that the content of one variant is that
 * of another too. When the pool needs the room, all of them let go, or the extent would stay. A response that has its content alone is
 * its owner itself.
 *
 * <p>A list that never changes, and is made anew for each entry that comes to the extent: without those that have left it, so that it
 * does not grow with what there once was. Bounded, since who comes goes over all of them, and anybody can make requests in as many languages
 * as he likes. Threads: any.
 */
final class ExtentHolders implements ExtentOwner {
    /** More share one only if they come at the same moment. */
    static final int MOST = 64;

    private final Cache<CacheKey, IndexEntry> index;
    private final CacheKey key;
    private final @Nullable ExtentHolders others;
    private final int size;

    private ExtentHolders(Cache<CacheKey, IndexEntry> index, CacheKey key, @Nullable ExtentHolders others) {
        this.index = index;
        this.key = key;
        this.others = others;
        this.size = others == null ? 1 : others.size + 1;
    }

    /** Whether one more may share this content; null: a response without any. */
    static boolean takesAnother(@Nullable Extent extent) {
        return extent == null
                || !(extent.owner() instanceof ExtentHolders holders)
                || holders.size() < MOST
                || holders.holding(extent) < MOST;
    }

    private int holding(Extent extent) {
        int holding = 0;
        for (ExtentHolders one = this; one != null; one = one.others) {
            holding += one.holds(extent) ? 1 : 0;
        }
        return holding;
    }

    /**
     * To be called when the response is in the index: another that comes meanwhile would leave out what is not there yet.
     *
     * @param extent its content
     */
    static void add(Extent extent, StoredResponse response, Cache<CacheKey, IndexEntry> index) {
        extent.updateOwner(before -> {
            ExtentHolders others = before instanceof StoredResponse one
                    ? othersOf(response, new ExtentHolders(index, one.key(), null), extent)
                    : othersOf(response, before instanceof ExtentHolders several ? several : null, extent);
            return others == null ? response : new ExtentHolders(index, response.key(), others);
        });
    }

    private static @Nullable ExtentHolders othersOf(
            StoredResponse response, @Nullable ExtentHolders before, Extent extent) {
        ExtentHolders others = null;
        for (ExtentHolders one = before; one != null; one = one.others) {
            if (!one.key.equals(response.key()) && one.holds(extent)) {
                others = new ExtentHolders(one.index, one.key, others);
            }
        }
        return others;
    }

    /** How many they are, those that have left since the last one came included. */
    int size() {
        return size;
    }

    private boolean holds(Extent extent) {
        return StoredResponse.isOf(extent, index.policy().getIfPresentQuietly(key));
    }

    @Override
    public void reclaim(Extent extent) {
        for (ExtentHolders one = this; one != null; one = one.others) {
            StoredResponse.letGo(index, one.key, extent);
        }
    }
}
