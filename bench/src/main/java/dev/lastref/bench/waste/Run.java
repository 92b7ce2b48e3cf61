package dev.lastref.bench.waste;

import dev.lastref.bench.waste.Workload.Resource;
import dev.lastref.cache.CacheConfig;
import dev.lastref.cache.Fetch;
import dev.lastref.cache.FetchReader;
import dev.lastref.cache.ResponseCache;
import dev.lastref.cache.ResponseHead;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.TmpfsPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One run: every request goes to the real cache, which stores in the real pool, and to the ideal one. A miss is answered at once by an
 * origin that sends {@value #BUFFER} bytes at a time, as the sidecar's origin client does.
 *
 * <p>Time moves only between requests, and only when pool and cache are at rest ({@link PoolRest}): a real day has all the time it
 * needs between two requests, and a day that passes in a minute must not make the pool look late.
 */
final class Run {
    private static final int BUFFER = 16 * 1024;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Plan plan;
    private final VirtualTime time = new VirtualTime();
    private final Workload workload;
    private final IdealLru ideal;
    private final PoolCounts poolCounts = new PoolCounts();
    private final ByteBuffer content = ByteBuffer.allocateDirect(BUFFER);
    private final CacheKey[] keys;

    private long requests;
    private long hits;
    private long idealHits;
    private long hitBytes;
    private long idealHitBytes;
    private long requestedBytes;
    private long storedBytes;
    private long bypassed;

    Run(Plan plan) {
        this.plan = plan;
        this.workload = new Workload(plan.seed(), plan.resources(), plan.zipf(), plan.perSecond());
        this.ideal = new IdealLru(plan.poolBytes());
        this.keys = new CacheKey[plan.resources()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = CacheKey.of("GET", "http", "origin.test", "/resource/" + i);
        }
        byte[] random = new byte[BUFFER];
        new SplittableRandom(plan.seed()).nextBytes(random);
        content.put(random);
    }

    /**
     * Runs to the end.
     *
     * @param whenSampled told of each sample as it is taken
     */
    List<Sample> run(Consumer<Sample> whenSampled) throws IOException, InterruptedException {
        PoolConfig config =
                PoolConfig.of(plan.poolBytes()).withNanoClock(time::read).withListener(poolCounts);
        if (plan.segmentBytes() > 0) {
            config = config.withSegmentSize(plan.segmentBytes());
        }
        List<Sample> samples = new ArrayList<>();
        try (TmpfsPool pool = TmpfsPool.open(config);
                ResponseCache cache =
                        new ResponseCache(pool, CacheConfig.defaults().withTime(time, time))) {
            PoolRest rest = new PoolRest(pool);
            Counts before = Counts.NONE;
            long every = plan.seconds() * SECOND / plan.samples();
            long due = every;
            while (samples.size() < plan.samples()) {
                long arrival = workload.nextArrival();
                while (arrival >= due && samples.size() < plan.samples()) {
                    time.moveTo(due);
                    settle(cache, rest);
                    Counts now = counts(cache.size());
                    Sample sample =
                            Sample.of(due / SECOND, pool.snapshot(), ideal.bytes(time.read()), now.since(before));
                    samples.add(sample);
                    whenSampled.accept(sample);
                    before = now;
                    due += every;
                }
                time.moveTo(Math.max(arrival, time.read()));
                if (request(cache)) {
                    settle(cache, rest);
                }
            }
        }
        return samples;
    }

    private static void settle(ResponseCache cache, PoolRest rest) throws InterruptedException {
        cache.cleanUp();
        rest.await();
    }

    private Counts counts(long entries) {
        return new Counts(
                requests,
                hits,
                idealHits,
                hitBytes,
                idealHitBytes,
                requestedBytes,
                storedBytes,
                poolCounts.evacuated(),
                poolCounts.evicted(),
                bypassed,
                entries);
    }

    /** One request. Returns whether it changed what is stored. */
    private boolean request(ResponseCache cache) {
        Workload.Kind kind = workload.nextKind();
        Resource resource = workload.nextResource();
        CacheKey key = keys[resource.id()];
        long now = time.read();
        switch (kind) {
            case PURGE -> {
                cache.invalidate(key);
                ideal.remove(resource.id());
                return true;
            }
            case OVERWRITE -> {
                store(cache, key, resource);
                storeIdeal(resource, now);
                return true;
            }
            case GET -> {
                requests++;
                requestedBytes += resource.bytes();
                if (ideal.find(resource.id(), now)) {
                    idealHits++;
                    idealHitBytes += resource.bytes();
                } else {
                    storeIdeal(resource, now);
                }
                if (cache.find(key, FieldList.EMPTY) != null) {
                    hits++;
                    hitBytes += resource.bytes();
                    return false;
                }
                store(cache, key, resource);
                return true;
            }
        }
        throw new AssertionError(kind);
    }

    private void storeIdeal(Resource resource, long now) {
        ideal.store(resource.id(), resource.bytes(), now + resource.seconds() * SECOND, now);
    }

    private void store(ResponseCache cache, CacheKey key, Resource resource) {
        FieldList fields = FieldList.of(
                "Cache-Control", "max-age=" + resource.seconds(), "Content-Type", "application/octet-stream");
        ResponseHead head =
                new ResponseHead(200, fields, resource.hasLength() ? resource.bytes() : ResponseHead.UNKNOWN_LENGTH);
        try (FetchReader leader = cache.alone(key, FieldList.EMPTY, () -> {})) {
            Fetch fetch = leader.fetch();
            fetch.respond("GET", head, time.read());
            for (int sent = 0; sent < resource.bytes() && fetch.isStoring(); ) {
                int next = Math.min(BUFFER, resource.bytes() - sent);
                // Its readers take nothing: whatever the pool does not take is not wanted.
                ByteBuffer buffer = content.duplicate().position(0).limit(next);
                if (sent == 0 && next == resource.bytes()) {
                    fetch.offerLast(buffer, () -> {});
                } else {
                    fetch.offer(buffer, () -> {});
                }
                sent += next;
            }
            if (fetch.isStoring()) {
                fetch.complete();
                storedBytes += resource.bytes();
            } else {
                fetch.complete();
                bypassed++;
            }
        }
    }
}
