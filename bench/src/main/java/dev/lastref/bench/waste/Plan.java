package dev.lastref.bench.waste;

/**
 * What a run is to do.
 *
 * @param poolBytes capacity of the pool, and of the ideal cache
 * @param segmentBytes size of a segment, or 0 for what the pool chooses
 * @param seconds of virtual time
 * @param samples how many, evenly spread
 * @param seed of the workload
 * @param resources how many there are
 * @param zipf exponent of their popularity
 * @param perSecond requests a virtual second, on average
 */
record Plan(
        long poolBytes,
        int segmentBytes,
        long seconds,
        int samples,
        long seed,
        int resources,
        double zipf,
        double perSecond) {
    Plan withPool(long bytes) {
        return new Plan(bytes, segmentBytes, seconds, samples, seed, resources, zipf, perSecond);
    }
}
