package dev.lastref.metrics;

import dev.lastref.pool.Holder;
import dev.lastref.pool.PoolListener;
import dev.lastref.pool.Transmission;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;

/** Counts what happens in the pool. */
final class PoolMetrics implements PoolListener {
    private final Counter.Child granted;
    private final Counter.Child refused;
    private final Counter.Child reclaimed;
    private final Counter.Child filledAgain;
    private final Counter.Child punched;
    private final Counter.Child unproven;
    private final Counter.Child sent;
    private final Counter.Child copied;
    private final Counter laggards;
    private final Counter evicted;
    private final Counter evacuated;

    PoolMetrics(CollectorRegistry registry) {
        Counter probes = Counter.build(
                        "lastref_pool_seal_probes", "Times the kernel was asked whether a segment is still held.")
                .labelNames("outcome")
                .register(registry);
        granted = probes.labels("released");
        refused = probes.labels("busy");
        Counter reclaims = Counter.build(
                        "lastref_pool_reclaimed_bytes", "Bytes given back to the pool, by what allowed it.")
                .labelNames("by")
                .register(registry);
        reclaimed = reclaims.labels("seal");
        filledAgain = reclaims.labels("copied");
        unproven = reclaims.labels("timeout");
        punched = reclaims.labels("punch");
        laggards = Counter.build("lastref_laggard_resets", "Clients reset for holding pages without progress.")
                .register(registry);
        Counter transmitted = Counter.build("lastref_transmit_bytes", "Bytes sent from the pool, by how.")
                .labelNames("path")
                .register(registry);
        sent = transmitted.labels("sendfile");
        copied = transmitted.labels("copy");
        evacuated = Counter.build("lastref_pool_evacuated_bytes", "Live bytes that were moved out of sparse segments.")
                .register(registry);
        evicted = Counter.build("lastref_pool_evicted_bytes", "Live bytes that were given up to make room.")
                .register(registry);
    }

    @Override
    public void sealProbed(boolean sealed, long nanos) {
        (sealed ? granted : refused).inc();
    }

    @Override
    public void reclaimed(long bytes) {
        reclaimed.inc((double) bytes);
    }

    @Override
    public void reclaimedToFillAgain(long bytes) {
        filledAgain.inc((double) bytes);
    }

    @Override
    public void reclaimedByPunching(long bytes) {
        punched.inc((double) bytes);
    }

    @Override
    public void reclaimedUnproven(long bytes) {
        unproven.inc((double) bytes);
    }

    @Override
    public void laggardReset(Holder laggard) {
        laggards.inc();
    }

    @Override
    public void transmissionEnded(Transmission transmission) {
        sent.inc((double) transmission.sentBytes());
        copied.inc((double) transmission.copiedBytes());
    }

    @Override
    public void evicted(long liveBytes) {
        evicted.inc((double) liveBytes);
    }

    @Override
    public void evacuated(long bytes) {
        evacuated.inc((double) bytes);
    }
}
