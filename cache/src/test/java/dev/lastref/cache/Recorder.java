package dev.lastref.cache;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what a cache told. */
final class Recorder implements CacheListener {
    final List<BypassReason> bypasses = new CopyOnWriteArrayList<>();
    final List<FetchFailure> failures = new CopyOnWriteArrayList<>();
    final List<Integer> statuses = new CopyOnWriteArrayList<>();
    final List<Long> originNanos = new CopyOnWriteArrayList<>();

    @Override
    public void originResponded(int status, long nanos) {
        statuses.add(status);
        originNanos.add(nanos);
    }

    @Override
    public void originFailed(FetchFailure failure) {
        failures.add(failure);
    }

    @Override
    public void bypassed(BypassReason reason) {
        bypasses.add(reason);
    }
}
