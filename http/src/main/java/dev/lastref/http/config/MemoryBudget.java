package dev.lastref.http.config;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import dev.lastref.cache.CacheConfig;
import dev.lastref.pool.linux.MemoryLimit;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What this process may come to use, part by part, against what it may use. The kernel counts all of it in one sum, the pool's pages
 * too, and kills who goes beyond; so a pool that cannot fit is refused before it is opened, or made larger.
 *
 * <p>Pool and heap are bounds that hold. Direct buffers are one where {@code -XX:MaxDirectMemorySize} is given. The others are
 * allowances, from what was measured (docs/containers.md).
 */
public final class MemoryBudget {
    private static final int MIB = 1 << 20;
    /** Metaspace, compiled code, the compiler, the collector, symbols, stacks. */
    private static final long JVM = 96L * MIB;
    /** Buffers of connections on which a request is being read or answered. */
    private static final long DIRECT = 32L * MIB;

    private static final Bound NOT_GIVEN = new Bound(0, /* given= */ false);
    /** What the kernel queues in sockets that is not of the pool's pages: heads, small bodies, what comes from the origin. */
    private static final long SOCKETS = 16L * MIB;
    /** So many clients that take nothing of what was copied to them may be there at a time. */
    private static final int STALLED = 64;
    /** What the kernel queues for one however high the limit is: tcp_wmem, as it comes. */
    private static final long MOST_QUEUED = 4L * MIB;

    private final long limit;
    private final String whose;
    private final Bound heap;
    private final Bound direct;

    /**
     * What the JVM keeps to.
     *
     * @param given whether somebody has said so, by an option of the JVM
     */
    record Bound(long bytes, boolean given) {}

    MemoryBudget(long limit, String whose, Bound heap, Bound direct) {
        this.limit = limit;
        this.whose = whose;
        this.heap = heap;
        this.direct = direct;
    }

    /**
     * Of this process.
     *
     * @param given the limit that was set; null: the cgroup's, or the machine's RAM
     */
    public static MemoryBudget ofThisProcess(@Nullable Long given) {
        Bound heap = option("MaxHeapSize").orElse(new Bound(Runtime.getRuntime().maxMemory(), /* given= */ false));
        Bound direct = direct(
                option("MaxDirectMemorySize").orElse(NOT_GIVEN),
                Runtime.getRuntime().maxMemory());
        if (given != null) {
            return new MemoryBudget(given, Setting.MEMORY_LIMIT.key() + " is", heap, direct);
        }
        return MemoryLimit.ofThisProcess()
                .map(found -> new MemoryBudget(
                        found.bytes(),
                        found.kind() == MemoryLimit.Kind.CGROUP
                                ? "the cgroup's memory limit is"
                                : "this machine's RAM is",
                        heap,
                        direct))
                .orElse(new MemoryBudget(Long.MAX_VALUE, "", heap, direct));
    }

    /**
     * What we take outside the heap.
     *
     * @param option {@code -XX:MaxDirectMemorySize}; of 0 bytes: nobody has said so
     * @param heap what the JVM takes for it then, in bytes, which nobody intends: less is an allowance
     */
    static Bound direct(Bound option, long heap) {
        return option.bytes() > 0 ? option : new Bound(Math.min(DIRECT, heap), /* given= */ false);
    }

    /** Up to where the JVM lets all together take memory outside the heap, in bytes. */
    public static long mostDirect() {
        return option("MaxDirectMemorySize")
                .map(Bound::bytes)
                .filter(bytes -> bytes > 0)
                .orElse(Runtime.getRuntime().maxMemory());
    }

    private static Optional<Bound> option(String name) {
        HotSpotDiagnosticMXBean machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return Optional.ofNullable(machine)
                    .map(asked -> asked.getVMOption(name))
                    .map(option -> new Bound(Long.parseLong(option.getValue()), isGiven(option.getOrigin())));
        } catch (IllegalArgumentException unknownToThisOne) {
            return Optional.empty();
        }
    }

    private static boolean isGiven(VMOption.Origin origin) {
        return switch (origin) {
            case DEFAULT, ERGONOMIC -> false;
            default -> true;
        };
    }

    /** What the heap may have, in bytes. */
    public long heap() {
        return heap.bytes();
    }

    /** What it may have outside the heap, in bytes. */
    public long direct() {
        return direct.bytes();
    }

    /**
     * What the index may have of the heap, in bytes.
     *
     * @param given as it was set; null: what this heap has room for
     * @throws ConfigException if it is more than the heap may have
     */
    public long indexHeap(@Nullable Long given) {
        if (given == null) {
            return CacheConfig.heapFor(heap.bytes());
        }
        if (given >= heap.bytes()) {
            throw new ConfigException(Setting.CACHE_HEAP.key() + " = " + mib(given) + ", and the heap may have "
                    + mib(heap.bytes()) + (heap.given() ? " (-Xmx)" : " (what this JVM takes by itself, without -Xmx)")
                    + " for all there is; set it to less, " + Setting.CACHE_HEAP.key()
                    + "=auto for " + mib(CacheConfig.heapFor(heap.bytes())) + ", or give the heap more by -Xmx");
        }
        return given;
    }

    /**
     * What the kernel may queue in sockets beside the pool's pages. Over TLS and HTTP/2, and past the pool, responses are copied: a client
     * that takes nothing then holds as much as may be unsent.
     *
     * @param connections that clients may have
     * @param unsentLimit for each, in bytes
     */
    public static long sockets(int connections, long unsentLimit) {
        return SOCKETS + Math.min(connections, STALLED) * Math.min(unsentLimit, MOST_QUEUED);
    }

    /**
     * Refuses a pool of this size where it does not fit.
     *
     * @param sockets beside it, as {@link #sockets} has it
     * @throws ConfigException with the sum, and what can be changed
     */
    public void requireRoomFor(long pool, long sockets) {
        long others = heap.bytes() + direct.bytes() + JVM + sockets;
        if (limit - others >= pool) {
            return;
        }
        long largest = (limit - others) / MIB;
        throw new ConfigException(Setting.POOL_SIZE.key() + " = " + mib(pool) + " does not fit: " + whose + " "
                + limit / MIB + " MiB, and the process may come to use " + mib(pool + others) + " = pool " + mib(pool)
                + " + heap " + mib(heap.bytes())
                + (heap.given() ? " (-Xmx)" : " (what this JVM takes by itself, without -Xmx)") + " + direct buffers "
                + mib(direct.bytes())
                + (direct.given() ? " (-XX:MaxDirectMemorySize)" : " (an allowance, without -XX:MaxDirectMemorySize)")
                + " + the JVM's own " + mib(JVM) + " + sockets " + mib(sockets) + "; "
                + (largest >= 1
                        ? "set " + Setting.POOL_SIZE.key() + " to at most " + largest + "MiB, or "
                        : "no pool has room: ")
                + "raise the limit, give the heap less by -Xmx, or set " + Setting.MEMORY_LIMIT.key()
                + "=none to go without this check");
    }

    private static String mib(long bytes) {
        return (bytes / MIB + (bytes % MIB == 0 ? 0 : 1)) + " MiB";
    }
}
