package dev.lastref.pool.testing;

import dev.lastref.pool.Extent;
import dev.lastref.pool.Holder;
import dev.lastref.pool.PoolConfig;
import dev.lastref.pool.PoolListener;
import dev.lastref.pool.TmpfsPool;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Opens pools for tests, and remembers for {@link LeakCheck} where each extent and transmission was taken. */
public final class TestPools {
    private TestPools() {}

    /** A pool of this many bytes. The test closes it. */
    public static TmpfsPool open(long capacity) {
        return open(PoolConfig.of(capacity));
    }

    /** A pool with this configuration, watched. The test closes it. */
    public static TmpfsPool open(PoolConfig config) {
        try {
            return TmpfsPool.open(config.withListener(watching(config.listener())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A listener that watches for leaks and passes everything on. */
    public static PoolListener watching(PoolListener next) {
        Watched watched = new Watched(next);
        LeakCheck.Taken.watch(watched);
        return watched;
    }

    /** What is taken from one pool, and where. */
    static final class Watched implements PoolListener {
        private final PoolListener next;
        private final Map<Object, Throwable> taken = new ConcurrentHashMap<>();

        Watched(PoolListener next) {
            this.next = next;
        }

        void addTo(Map<Object, Supplier<String>> things) {
            taken.forEach((what, where) -> things.put(what, () -> describe(what, where)));
        }

        private static String describe(Object what, Throwable where) {
            return Stream.of(where.getStackTrace())
                    .filter(frame -> frame.getClassName().startsWith("dev.lastref"))
                    .skip(1)
                    .limit(6)
                    .map(frame -> "\n      " + frame)
                    .collect(Collectors.joining("", what + ", taken at", ""));
        }

        @Override
        public void extentBegan(Extent extent) {
            taken.put(extent, new Throwable());
            next.extentBegan(extent);
        }

        @Override
        public void extentLetGo(Extent extent) {
            taken.remove(extent);
            next.extentLetGo(extent);
        }

        @Override
        public void transmissionBegan(Transmission transmission) {
            taken.put(transmission, new Throwable());
            next.transmissionBegan(transmission);
        }

        @Override
        public void transmissionEnded(Transmission transmission) {
            taken.remove(transmission);
            next.transmissionEnded(transmission);
        }

        @Override
        public void allocationRefused(long bytes) {
            next.allocationRefused(bytes);
        }

        @Override
        public void sealProbed(boolean granted, long nanos) {
            next.sealProbed(granted, nanos);
        }

        @Override
        public void reclaimed(long bytes) {
            next.reclaimed(bytes);
        }

        @Override
        public void reclaimedToFillAgain(long bytes) {
            next.reclaimedToFillAgain(bytes);
        }

        @Override
        public void reclaimedUnproven(long bytes) {
            next.reclaimedUnproven(bytes);
        }

        @Override
        public void reclaimedByPunching(long bytes) {
            next.reclaimedByPunching(bytes);
        }

        @Override
        public void evacuated(long bytes) {
            next.evacuated(bytes);
        }

        @Override
        public void laggardReset(Holder laggard) {
            next.laggardReset(laggard);
        }

        @Override
        public void evicted(long liveBytes) {
            next.evicted(liveBytes);
        }
    }
}
