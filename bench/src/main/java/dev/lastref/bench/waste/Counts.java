package dev.lastref.bench.waste;

/**
 * What happened in a stretch of a run.
 *
 * @param requests those that could be hits
 * @param hits those that found a fresh response in the cache
 * @param idealHits those that found one in the ideal cache
 * @param hitBytes the bytes of the hits
 * @param idealHitBytes the same for the ideal cache
 * @param requestedBytes bytes of all requests
 * @param storedBytes bytes of responses that were stored in the pool
 * @param evacuatedBytes bytes that the pool copied from one segment to another
 * @param evictedBytes live bytes that it had owners give up, to make room
 * @param bypassed responses that did not fit
 * @param entries in the index, at the end
 */
record Counts(
        long requests,
        long hits,
        long idealHits,
        long hitBytes,
        long idealHitBytes,
        long requestedBytes,
        long storedBytes,
        long evacuatedBytes,
        long evictedBytes,
        long bypassed,
        long entries) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** What happened since an earlier moment, if both count from the beginning. */
    Counts since(Counts earlier) {
        return new Counts(
                requests - earlier.requests,
                hits - earlier.hits,
                idealHits - earlier.idealHits,
                hitBytes - earlier.hitBytes,
                idealHitBytes - earlier.idealHitBytes,
                requestedBytes - earlier.requestedBytes,
                storedBytes - earlier.storedBytes,
                evacuatedBytes - earlier.evacuatedBytes,
                evictedBytes - earlier.evictedBytes,
                bypassed - earlier.bypassed,
                entries);
    }

    /** What happened in both, one after the other. */
    Counts plus(Counts later) {
        return new Counts(
                requests + later.requests,
                hits + later.hits,
                idealHits + later.idealHits,
                hitBytes + later.hitBytes,
                idealHitBytes + later.idealHitBytes,
                requestedBytes + later.requestedBytes,
                storedBytes + later.storedBytes,
                evacuatedBytes + later.evacuatedBytes,
                evictedBytes + later.evictedBytes,
                bypassed + later.bypassed,
                later.entries);
    }

    double hitRatio() {
        return ratio(hits, requests);
    }

    double idealHitRatio() {
        return ratio(idealHits, requests);
    }

    double byteHitRatio() {
        return ratio(hitBytes, requestedBytes);
    }

    double idealByteHitRatio() {
        return ratio(idealHitBytes, requestedBytes);
    }

    /** Bytes copied within the pool for each byte that came from outside. */
    double evacuatedPerStored() {
        return ratio(evacuatedBytes, storedBytes);
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
