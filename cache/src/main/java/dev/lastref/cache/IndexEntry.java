package dev.lastref.cache;

/** What the index holds under a key: a stored response, or the word that there are several. */
sealed interface IndexEntry permits StoredResponse, VaryEntry {
    /** Nanoseconds that it is still of use. */
    long usefulNanos(long nowNanos);

    /** What it counts against the index's bound, in bytes. */
    int weight();

    /** It has left the index. Called once. */
    void removed();
}
