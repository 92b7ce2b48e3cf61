package dev.lastref.bench.waste;

import dev.lastref.bench.Zipf;
import java.util.SplittableRandom;

/**
 * Who asks for what, and when; the same from the same seed.
 *
 * <ul>
 *   <li>Popularity: Zipf over all resources.
 *   <li>Sizes: log-normal, median 8 KiB, sigma 2 (in natural logarithms), cut off at 200 B and 4 MB: the mean is near 50 KB, and the
 *       largest hundredth of the resources holds about half of all bytes.
 *   <li>Lifetimes: log-uniform from 1 s to 86,400 s, in whole seconds: as many from 1 s to 10 s as from 1,000 s to 10,000 s.
 *   <li>Arrivals: Poisson.
 *   <li>One request in 50 is an overwrite: the resource is stored anew although it is fresh. One in 200 is a purge.
 *   <li>One resource in eight is sent without a length. None has a validator: what has expired is of no use to anybody.
 * </ul>
 *
 * Size, lifetime and popularity have nothing to do with each other. One thread.
 */
final class Workload {
    static final int SMALLEST = 200;
    static final int LARGEST = 4_000_000;
    static final int LONGEST_SECONDS = 86_400;
    private static final double MEDIAN = 8 * 1024;
    private static final double SIGMA = 2;
    private static final double OVERWRITES = 1.0 / 50;
    private static final double PURGES = 1.0 / 200;
    private static final double WITHOUT_LENGTH = 1.0 / 8;

    /** What a request does. */
    enum Kind {
        GET,
        OVERWRITE,
        PURGE
    }

    /** What is asked for: its bytes, and for how many seconds an answer is fresh. */
    record Resource(int id, int bytes, int seconds, boolean hasLength) {}

    private final SplittableRandom random;
    private final Resource[] byRank;
    private final Zipf popularity;
    private final double nanosBetween;
    private double nowNanos;

    /** @param perSecond requests a second, on average */
    Workload(long seed, int resources, double zipf, double perSecond) {
        this.random = new SplittableRandom(seed);
        this.popularity = new Zipf(resources, zipf);
        this.nanosBetween = 1e9 / perSecond;
        this.byRank = new Resource[resources];
        for (int i = 0; i < resources; i++) {
            byRank[i] = new Resource(i, drawBytes(), drawSeconds(), random.nextDouble() >= WITHOUT_LENGTH);
        }
    }

    private int drawBytes() {
        double bytes = MEDIAN * Math.exp(SIGMA * random.nextGaussian());
        return (int) Math.max(SMALLEST, Math.min(LARGEST, bytes));
    }

    private int drawSeconds() {
        return (int) Math.exp(random.nextDouble() * Math.log(LONGEST_SECONDS));
    }

    /** When the next request comes, in nanoseconds from the beginning. */
    long nextArrival() {
        nowNanos -= nanosBetween * Math.log(1 - random.nextDouble());
        return (long) nowNanos;
    }

    Kind nextKind() {
        double what = random.nextDouble();
        if (what < PURGES) {
            return Kind.PURGE;
        }
        return what < PURGES + OVERWRITES ? Kind.OVERWRITE : Kind.GET;
    }

    Resource nextResource() {
        return byRank[popularity.draw(random)];
    }

    /** Bytes of all resources. */
    long totalBytes() {
        long sum = 0;
        for (Resource resource : byRank) {
            sum += resource.bytes();
        }
        return sum;
    }
}
