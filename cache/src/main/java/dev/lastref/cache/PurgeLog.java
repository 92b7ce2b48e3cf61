package dev.lastref.cache;

import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.PathRules;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The last purges, by which a response that was asked for before one of them is known not to be stored after it.
 *
 * <p>Storing asks the log and puts the response into the index under the shared lock; a purge enters the log under the exclusive one,
 * and looks through the index after that. So each response that is meant is found by the purge, or finds the purge. The lock is held
 * for as long as that takes, never while anything is waited for. The log is bounded: who began before its oldest purge counts as
 * meant.
 */
final class PurgeLog {
    private static final int LENGTH = 256;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Purge[] last = new Purge[LENGTH];
    /** How many there were. Written under the exclusive lock. */
    private final AtomicLong count = new AtomicLong();

    private final PathRules paths;

    /**
     * @param paths says which tags responses have beside their own
     */
    PurgeLog(PathRules paths) {
        this.paths = paths;
    }

    /** What a fetch remembers when it begins, to {@link #hasMeant ask} later. */
    long now() {
        return count.get();
    }

    /** Enters a purge. What is stored from now on, and was asked for before, finds it. */
    void add(Purge purge) {
        lock.writeLock().lock();
        try {
            last[Math.floorMod(count.get(), LENGTH)] = purge;
            count.incrementAndGet();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Stores while no purge can come between asking and storing. */
    <T> T storing(Supplier<T> store) {
        lock.readLock().lock();
        try {
            return store.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Whether a purge since then means this response; within {@link #storing}. */
    boolean hasMeant(CacheKey key, FieldList response, long since) {
        long now = count.get();
        if (now - since > LENGTH) {
            return true;
        }
        for (long i = since; i < now; i++) {
            if (last[Math.floorMod(i, LENGTH)].means(key, response, paths)) {
                return true;
            }
        }
        return false;
    }
}
