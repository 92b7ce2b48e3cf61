package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The stored responses whose keys say more than their URI, by that URI: it is invalidated with all of them. A response is here from before
 * it enters the index until after it has left it; one whose key is its URI never is, and costs nothing.
 */
final class MoreOfOneUri {
    /** Of a response in the set of its URI, and of that set. Of many responses of one URI each counts as the first. */
    private static final int HEAP = 250;

    private final ConcurrentMap<CacheKey, Set<StoredResponse>> responses = new ConcurrentHashMap<>();

    /** What a response with this key would bring to the heap here, about. */
    long heapBytes(CacheKey key) {
        return saysMore(key) ? HEAP + key.heapBytesBesideAuthority() : 0;
    }

    void add(StoredResponse stored) {
        if (saysMore(stored.key())) {
            responses.compute(stored.key().uri(), (same, there) -> {
                Set<StoredResponse> more = there == null ? ConcurrentHashMap.newKeySet(1) : there;
                more.add(stored);
                return more;
            });
        }
    }

    void remove(StoredResponse stored) {
        if (saysMore(stored.key())) {
            responses.computeIfPresent(stored.key().uri(), (same, more) -> {
                more.remove(stored);
                return more.isEmpty() ? null : more;
            });
        }
    }

    /** Those of this URI, as of now. */
    Iterable<StoredResponse> of(CacheKey uri) {
        return responses.getOrDefault(uri, Set.of());
    }

    private static boolean saysMore(CacheKey key) {
        return key.target().indexOf(' ') >= 0;
    }
}
