package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.HeapSize;
import dev.lastref.cache.semantics.PathRules;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The stored responses by their tags. A response is here from before it enters the index until after it has left it; one without tags
 * never is, and costs nothing.
 */
final class TagIndex {
    /** Of a response in the set of a tag, and of a tag with its set. */
    private static final int HEAP_OF_ONE = 100;

    private static final int HEAP_OF_TAG = 110;

    private final ConcurrentMap<String, Set<StoredResponse>> responses = new ConcurrentHashMap<>();

    private final PathRules paths;

    /**
     * @param paths says which tags responses have beside their own
     */
    TagIndex(PathRules paths) {
        this.paths = paths;
    }

    /** What a response with this key and these fields would bring to the heap by its tags, about. */
    long heapBytes(CacheKey key, FieldList fields) {
        long bytes = 0;
        for (String tag : paths.tagsOf(key, fields)) {
            bytes += HEAP_OF_ONE + (responses.containsKey(tag) ? 0 : HEAP_OF_TAG + HeapSize.ofString(tag));
        }
        return bytes;
    }

    void add(StoredResponse stored) {
        for (String tag : paths.tagsOf(stored.key(), stored.fields())) {
            responses.compute(tag, (same, there) -> {
                Set<StoredResponse> tagged = there == null ? ConcurrentHashMap.newKeySet(1) : there;
                tagged.add(stored);
                return tagged;
            });
        }
    }

    void remove(StoredResponse stored) {
        for (String tag : paths.tagsOf(stored.key(), stored.fields())) {
            responses.computeIfPresent(tag, (same, tagged) -> {
                tagged.remove(stored);
                return tagged.isEmpty() ? null : tagged;
            });
        }
    }

    /** Those with this tag, as of now. */
    List<StoredResponse> tagged(String tag) {
        return List.copyOf(responses.getOrDefault(tag, Set.of()));
    }

    /** Tags that some response has. */
    int size() {
        return responses.size();
    }
}
