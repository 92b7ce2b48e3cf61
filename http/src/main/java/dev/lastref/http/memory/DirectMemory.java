package dev.lastref.http.memory;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/**
 * What the JVM has left outside the heap for buffers, in bytes: what it may take there less what all have, ours or not. To ask costs the
 * read of a counter. Threads: any.
 */
public final class DirectMemory implements LongSupplier {
    private final BufferPoolMXBean used;
    private final long most;

    /** @param most bytes that the JVM lets all take there together */
    public DirectMemory(long most) {
        this.most = most;
        used = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public long getAsLong() {
        return most - used.getTotalCapacity();
    }
}
