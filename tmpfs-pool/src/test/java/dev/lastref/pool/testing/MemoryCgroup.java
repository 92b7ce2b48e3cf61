package dev.lastref.pool.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A memory cgroup of its own, of version 1 or 2, below the one that this process is in. Needs root. Closing removes it. */
public final class MemoryCgroup implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Path HIERARCHIES = Path.of("/sys/fs/cgroup");

    private final Path directory;
    private final String usage;

    private MemoryCgroup(Path directory, String usage) {
        this.directory = directory;
        this.usage = usage;
    }

    /** Makes one, or skips the test where that is not possible. */
    public static MemoryCgroup create() throws IOException {
        Requires.root();
        String name = "lastref-test-" + ProcessHandle.current().pid() + "-" + COUNT.getAndIncrement();
        for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            String[] fields = line.split(":", 3);
            if (List.of(fields[1].split(",")).contains("memory")) {
                Path own = HIERARCHIES.resolve("memory").resolve(relative(fields[2]));
                if (Files.isWritable(own)) {
                    return make(own.resolve(name), "memory.usage_in_bytes");
                }
            }
            if (fields[1].isEmpty()) {
                Path parent = controlling(HIERARCHIES.resolve(relative(fields[2])));
                if (parent != null) {
                    return make(parent.resolve(name), "memory.current");
                }
            }
        }
        Requires.that(false, "a memory cgroup below which another can be made");
        throw new IllegalStateException("not skipped");
    }

    /** The nearest cgroup, from here up, whose children are charged for memory: in version 2 those with processes have no children. */
    private static Path controlling(Path own) throws IOException {
        for (Path each = own; each != null && each.startsWith(HIERARCHIES); each = each.getParent()) {
            Path controllers = each.resolve("cgroup.subtree_control");
            if (Files.isWritable(controllers)
                    && List.of(Files.readString(controllers).strip().split(" ")).contains("memory")) {
                return each;
            }
        }
        return null;
    }

    private static String relative(String path) {
        return path.substring(1);
    }

    private static MemoryCgroup make(Path directory, String usage) throws IOException {
        return new MemoryCgroup(Files.createDirectory(directory), usage);
    }

    /** Sets what may be charged to it; who needs more is killed. */
    public void limit(long bytes) throws IOException {
        String file = usage.equals("memory.current") ? "memory.max" : "memory.limit_in_bytes";
        Files.writeString(directory.resolve(file), String.valueOf(bytes));
    }

    /** What to put before a command to run it in here. */
    public List<String> prefix() {
        return List.of("sh", "-c", "echo $$ > " + directory.resolve("cgroup.procs") + " && exec \"$@\"", "sh");
    }

    /** Bytes that are charged now. */
    public long usage() {
        return read(usage);
    }

    /** Bytes of shared memory, tmpfs and memfd, that are charged now, and are in a file still. */
    public long sharedMemory() {
        return stat().get("shmem");
    }

    /**
     * Bytes of shared memory that are charged now, be they in a file still or held by whoever else, such as a socket's queue: all that is
     * charged but the processes' own memory, the kernel's and what is in other files. Rather too little than too much, should these
     * change while it is looked; the kernel's own sums are late by up to 64 pages a CPU each.
     */
    public long heldSharedMemory() {
        long before = allElse();
        long usage = usage();
        return usage - Math.max(before, allElse());
    }

    private long allElse() {
        Map<String, Long> stat = stat();
        long otherFiles;
        long own;
        if (usage.equals("memory.current")) {
            otherFiles = stat.get("file") - stat.get("shmem");
            own = stat.get("anon") + stat.get("kernel") + stat.get("sock");
        } else {
            otherFiles = stat.get("cache") - stat.get("shmem");
            own = stat.get("rss") + read("memory.kmem.usage_in_bytes");
        }
        return own + otherFiles;
    }

    private Map<String, Long> stat() {
        try {
            Map<String, Long> values = new HashMap<>();
            for (String line : Files.readAllLines(directory.resolve("memory.stat"))) {
                String[] words = line.split(" ");
                values.put(words[0], Long.parseLong(words[1]));
            }
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long read(String file) {
        try {
            return Long.parseLong(Files.readString(directory.resolve(file)).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // Busy for a moment after its last process has ended.
        Awaitility.await().atMost(Duration.ofSeconds(10)).ignoreExceptions().until(() -> {
            Files.delete(directory);
            return true;
        });
    }
}
