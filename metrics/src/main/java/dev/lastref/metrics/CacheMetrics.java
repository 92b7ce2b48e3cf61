package dev.lastref.metrics;

import dev.lastref.cache.BypassReason;
import dev.lastref.cache.CacheListener;
import dev.lastref.cache.FetchFailure;
import dev.lastref.cache.Outcome;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** Counts requests and origin requests. A status is counted by its class, which bounds the series. */
final class CacheMetrics implements CacheListener {
    static final double NANOS_A_SECOND = 1e9;
    private static final double[] REQUEST_SECONDS = {
        .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10
    };
    static final double[] ORIGIN_SECONDS = {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};

    private final Map<Outcome, Counter.Child> requests = new EnumMap<>(Outcome.class);
    private final Map<BypassReason, Counter.Child> bypasses = new EnumMap<>(BypassReason.class);
    private final Counter.Child[] origins = new Counter.Child[6];
    private final Histogram requestSeconds;
    private final Histogram originSeconds;

    private final Counter evictedForHeap;
    private final LongConsumer evicted;

    /** @param evicted is told bytes that were given up to make room, and counts them with those that the pool itself asked for */
    CacheMetrics(CollectorRegistry registry, LongConsumer evicted) {
        this.evicted = evicted;
        Counter requestCount = Counter.build("lastref_requests", "Requests of clients, by how they were answered.")
                .labelNames("outcome")
                .register(registry);
        for (Outcome outcome : Outcome.values()) {
            requests.put(outcome, requestCount.labels(outcome.label()));
        }
        Counter bypassCount = Counter.build("lastref_pool_bypass", "Responses that streamed past the pool, by reason.")
                .labelNames("reason")
                .register(registry);
        for (BypassReason reason : BypassReason.values()) {
            bypasses.put(reason, bypassCount.labels(reason.label()));
        }
        Counter originCount = Counter.build(
                        "lastref_origin_requests", "Requests to the origin, by class of status, or error.")
                .labelNames("status")
                .register(registry);
        origins[0] = originCount.labels("error");
        for (int i = 2; i < origins.length; i++) {
            origins[i] = originCount.labels(i + "xx");
        }
        evictedForHeap = Counter.build(
                        "lastref_cache_heap_evicted_entries",
                        "Entries that were given up since the heap has no room for the heads of all.")
                .register(registry);
        requestSeconds = Histogram.build(
                        "lastref_request_duration_seconds", "From a request's head to its last byte sent.")
                .buckets(REQUEST_SECONDS)
                .register(registry);
        originSeconds = Histogram.build(
                        "lastref_origin_request_duration_seconds", "From asking the origin to its response's head.")
                .buckets(ORIGIN_SECONDS)
                .register(registry);
    }

    @Override
    public void answered(Outcome outcome, long nanos) {
        Counter.Child counter = requests.get(outcome);
        if (counter != null) {
            counter.inc();
        }
        requestSeconds.observe(nanos / NANOS_A_SECOND);
    }

    @Override
    public void originResponded(int status, long nanos) {
        Counter.Child counter = origins[Math.min(5, status / 100)];
        if (counter != null) {
            counter.inc();
        }
        originSeconds.observe(nanos / NANOS_A_SECOND);
    }

    @Override
    public void originFailed(FetchFailure failure) {
        origins[0].inc();
    }

    @Override
    public void evicted(long bytes) {
        evicted.accept(bytes);
    }

    @Override
    public void evictedForHeap(long bytes) {
        evictedForHeap.inc();
        evicted(bytes);
    }

    @Override
    public void bypassed(BypassReason reason) {
        Counter.Child counter = bypasses.get(reason);
        if (counter != null) {
            counter.inc();
        }
    }
}
