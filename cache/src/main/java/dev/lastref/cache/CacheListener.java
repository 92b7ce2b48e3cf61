package dev.lastref.cache;

/**
 * Told what happens in a cache, for metrics and logs. Every method does nothing by default. Called on I/O threads, so an
 * implementation must neither block nor throw.
 */
public interface CacheListener {
    /** Hears nothing. */
    CacheListener NONE = new CacheListener() {};

    /** A client's request was answered, wholly or not, so many nanoseconds after it was read. */
    default void answered(Outcome outcome, long nanos) {}

    /** The head of an origin's response arrived, so many nanoseconds after the request was begun. */
    default void originResponded(int status, long nanos) {}

    /** The origin failed to answer, or to finish its answer. */
    default void originFailed(FetchFailure failure) {}

    /** A stored response of so many bytes was given up, by the index's own choice, since there is no room for all. On the index's thread. */
    default void evicted(long bytes) {}

    /** The same, since the heap has no room for the heads of all. */
    default void evictedForHeap(long bytes) {
        evicted(bytes);
    }

    /** A response is streamed past the pool. */
    default void bypassed(BypassReason reason) {}
}
