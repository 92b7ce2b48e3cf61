package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How much memory this process may use, as the kernel counts it: the heap and everything else of the process, the pages of its memfds
 * and of the tmpfs files that it writes, which are charged to the cgroup of who first touches them, and its sockets' buffers.
 *
 * <p>A cgroup's limit holds for those below it too, so the smallest on the way up counts. In a container only a part of that way can
 * be seen; what is there at the top is the container's own.
 *
 * @param bytes the limit
 * @param kind whose it is
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html">Control Group v2, memory.max</a>
 */
public record MemoryLimit(long bytes, Kind kind) {
    /** What limits it. */
    public enum Kind {
        /** A memory cgroup, of version 1 or 2: who uses more is killed. */
        CGROUP,
        /** The machine's RAM. */
        MACHINE
    }

    /** Version 1 says "none" with a number near the largest. */
    private static final long NO_LIMIT = 1L << 60;

    /** The smaller one of the cgroup's limit and the machine's RAM; empty: neither can be read. */
    public static Optional<MemoryLimit> ofThisProcess() {
        return find(Path.of("/proc"), Path.of("/sys"));
    }

    static Optional<MemoryLimit> find(Path proc, Path sys) {
        OptionalLong machine = ram(proc);
        OptionalLong cgroup;
        try {
            cgroup = cgroup(proc, sys);
        } catch (IOException notThere) { // then none limits it, as far as is known
            cgroup = OptionalLong.empty();
        }
        if (cgroup.isPresent() && cgroup.getAsLong() < machine.orElse(Long.MAX_VALUE)) {
            return Optional.of(new MemoryLimit(cgroup.getAsLong(), Kind.CGROUP));
        }
        return machine.isPresent() ? Optional.of(new MemoryLimit(machine.getAsLong(), Kind.MACHINE)) : Optional.empty();
    }

    private static OptionalLong ram(Path proc) {
        try (Stream<String> lines = Files.lines(proc.resolve("meminfo"))) {
            return lines.filter(line -> line.startsWith("MemTotal:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst();
        } catch (IOException | RuntimeException unreadable) { // then it limits nothing, as far as is known
            return OptionalLong.empty();
        }
    }

    /** The smallest limit of the cgroups that this process is in; empty: there is none. */
    static OptionalLong cgroup(Path proc, Path sys) throws IOException {
        Path root = sys.resolve("fs/cgroup");
        long least = NO_LIMIT;
        for (String line : Files.readAllLines(proc.resolve("self/cgroup"))) {
            String[] parts = line.split(":", 3); // hierarchy, controllers, path
            if (parts.length == 3 && parts[0].equals("0")) {
                least = Math.min(least, leastUpFrom(root, parts[2], "memory.max"));
            } else if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains("memory")) {
                least = Math.min(least, leastUpFrom(root.resolve("memory"), parts[2], "memory.limit_in_bytes"));
            }
        }
        return least < NO_LIMIT ? OptionalLong.of(least) : OptionalLong.empty();
    }

    private static long leastUpFrom(Path root, String path, String file) throws IOException {
        long least = limitIn(root.resolve(file));
        Path directory = root;
        List<String> names =
                Arrays.stream(path.split("/")).filter(name -> !name.isEmpty()).toList();
        for (String name : names) {
            directory = directory.resolve(name);
            least = Math.min(least, limitIn(directory.resolve(file)));
        }
        return least;
    }

    private static long limitIn(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            return NO_LIMIT;
        }
        String text = Files.readString(file).strip();
        return text.matches("\\d{1,18}") ? Math.min(NO_LIMIT, Long.parseLong(text)) : NO_LIMIT; // "max", or larger
    }
}
