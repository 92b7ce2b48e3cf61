package dev.lastref.cache;

/** What the index holds under a key: a stored response, or the word that there are several. */
sealed interface IndexEntry permits StoredResponse, VaryEntry {
    /** Nanoseconds that it is still of use. */
    long usefulNanos(long nowNanos);

    /** What it takes of the pool, in bytes. */
    int poolBytes();

    /** What it brings to the heap, in bytes, about; always the same. */
    long heapBytes();

    /** It has left the index. Called once. */
    void removed();
}
