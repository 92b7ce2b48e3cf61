package dev.lastref.bench.waste;

import dev.lastref.pool.PoolListener;
import java.util.concurrent.atomic.LongAdder;

/** What the pool says of its own doing, since the beginning. */
final class PoolCounts implements PoolListener {
    private final LongAdder evacuated = new LongAdder();
    private final LongAdder evicted = new LongAdder();

    @Override
    public void evacuated(long bytes) {
        evacuated.add(bytes);
    }

    @Override
    public void evicted(long liveBytes) {
        evicted.add(liveBytes);
    }

    long evacuated() {
        return evacuated.sum();
    }

    long evicted() {
        return evicted.sum();
    }
}
