package dev.lastref.pool.linux;

import dev.lastref.pool.linux.KernelProbe.Finding;
import dev.lastref.pool.linux.KernelProbe.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the system allows this process: memory, mappings, swap, huge pages. Read from /proc and /sys; what is not there is not assumed.
 * How many descriptors are enough depends on what the process has beside a pool: {@link FileLimit#descriptors} says how many there are.
 */
final class SystemLimits {
    /** One a segment; a JVM has several hundred, and as many again with what it compiles and the threads it starts. */
    private static final long FEW_MAPPINGS = 4096;

    private final Path proc;
    private final Path sys;

    /** Roots other than these are for tests. */
    SystemLimits(Path proc, Path sys) {
        this.proc = proc;
        this.sys = sys;
    }

    static SystemLimits ofThisSystem() {
        return new SystemLimits(Path.of("/proc"), Path.of("/sys"));
    }

    List<Finding> find() {
        return List.of(memory(), mappings(), hugePages(), swap());
    }

    private Finding memory() {
        String tried = "the memory limit of this process's cgroup";
        try {
            OptionalLong limit = MemoryLimit.cgroup(proc, sys);
            return limit.isEmpty()
                    ? new Finding(Verdict.OK, tried, "none", "only lastref.pool.size bounds the pool")
                    : new Finding(
                            Verdict.NOTE,
                            tried,
                            limit.getAsLong() + " bytes",
                            "it has to hold the pool, the JVM's heap and some more: what goes beyond it is killed");
        } catch (IOException e) {
            return unknown(tried, e);
        }
    }

    private Finding mappings() {
        String tried = "the limit of mappings (vm.max_map_count)";
        try {
            long limit = FileLimit.mappings(proc);
            return limit < FEW_MAPPINGS
                    ? new Finding(
                            Verdict.NOTE,
                            tried,
                            String.valueOf(limit),
                            "few: a segment takes one, and the JVM many; the pool is full where they end")
                    : new Finding(
                            Verdict.OK, tried, String.valueOf(limit), "enough: a segment takes one, and the JVM many");
        } catch (IOException e) {
            return unknown(tried, e);
        }
    }

    private Finding hugePages() {
        String tried = "huge pages in shared memory (shmem_enabled)";
        try {
            HugePages pages = new HugePages(proc, sys);
            String chosen = pages.chosenForSharedMemory();
            return !pages.mayBeGivenToMemfds()
                    ? new Finding(
                            Verdict.OK, tried, chosen, "segments are made of single pages, as nobody asks for others")
                    : new Finding(
                            Verdict.NOTE,
                            tried,
                            chosen,
                            "segments may lie in huge pages: a hole in one would change bytes in flight; Lastref makes none");
        } catch (IOException e) {
            return unknown(tried, e);
        }
    }

    private Finding swap() {
        String tried = "swap";
        try {
            boolean on = new Swaps(proc).areOn();
            return on
                    ? new Finding(
                            Verdict.NOTE,
                            tried,
                            "on",
                            "pages of the pool may be swapped out; a hit on such is sent by a thread that may wait for the disk")
                    : new Finding(Verdict.OK, tried, "off", "pages of the pool are always in memory");
        } catch (IOException e) {
            return unknown(tried, e);
        }
    }

    private static Finding unknown(String tried, IOException e) {
        return new Finding(Verdict.NOTE, tried, "unknown: " + e.getMessage(), "nothing is assumed");
    }
}
