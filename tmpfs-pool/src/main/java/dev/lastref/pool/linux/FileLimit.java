package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * How many segments' files a pool may have open at a time: each takes two descriptors and one mapping, and three in four of what this
 * process may have of either are the pool's. The rest is for connections, and for the JVM's own: of descriptors a hundred at least, of which
 * an idle sidecar on two processors took 35.
 *
 * @param files so many; {@link Long#MAX_VALUE} where nothing is known
 * @param bound what they come from, for people
 */
public record FileLimit(long files, String bound) {
    /** What a segment's file takes. */
    public static final int DESCRIPTORS_A_FILE = 2;

    private static final int OTHERS_AT_LEAST = 100;

    private static final FileLimit NONE = new FileLimit(Long.MAX_VALUE, "nothing that can be read");
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files\\s+(\\d+|unlimited)\\s.*");

    /** By RLIMIT_NOFILE and vm.max_map_count, as they are now; what cannot be read bounds nothing. */
    public static FileLimit ofThisProcess() {
        return find(Path.of("/proc"));
    }

    /** How many descriptors this process may have; {@link Long#MAX_VALUE} where there is no limit, or it cannot be read. */
    public static long descriptors() {
        try {
            return descriptors(Path.of("/proc")).orElse(Long.MAX_VALUE);
        } catch (IOException unreadable) { // then it bounds nothing, as far as is known
            return Long.MAX_VALUE;
        }
    }

    /**
     * How many more it may open. Counts those it has one by one, and takes one to do so.
     *
     * @throws IOException if they cannot be counted, as where none is left
     */
    public static long descriptorsLeft() throws IOException {
        Path proc = Path.of("/proc");
        long limit = descriptors(proc).orElse(Long.MAX_VALUE);
        try (DirectoryStream<Path> open = Files.newDirectoryStream(proc.resolve("self/fd"))) {
            return limit - StreamSupport.stream(open.spliterator(), false).count() + 1; // without that of the directory
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** Whether something failed for want of a descriptor, of this process (EMFILE) or of the system (ENFILE). */
    public static boolean isReachedBy(IOException failure) {
        if (failure instanceof NativeException call) {
            return call.errno() == LibC.EMFILE || call.errno() == LibC.ENFILE;
        }
        // The JDK passes on the words of strerror(3), in whatever language this process has them, and no number.
        String message = failure.getMessage();
        return message != null
                && (message.contains(LibC.strerror(LibC.EMFILE)) || message.contains(LibC.strerror(LibC.ENFILE)));
    }

    static FileLimit find(Path proc) {
        FileLimit byDescriptors = byDescriptors(proc);
        FileLimit byMappings = byMappings(proc);
        return byMappings.files() < byDescriptors.files() ? byMappings : byDescriptors;
    }

    private static FileLimit byDescriptors(Path proc) {
        try {
            return ofDescriptors(descriptors(proc).orElse(Long.MAX_VALUE));
        } catch (IOException unreadable) { // then it bounds nothing, as far as is known
            return NONE;
        }
    }

    /** By so many descriptors alone; {@link Long#MAX_VALUE}: there is no limit. */
    public static FileLimit ofDescriptors(long descriptors) {
        if (descriptors == Long.MAX_VALUE) {
            return NONE;
        }
        long pools = Math.max(0, Math.min(poolsPart(descriptors), descriptors - OTHERS_AT_LEAST));
        return new FileLimit(pools / DESCRIPTORS_A_FILE, descriptors + " descriptors (RLIMIT_NOFILE)");
    }

    private static FileLimit byMappings(Path proc) {
        try {
            long mappings = mappings(proc);
            return new FileLimit(poolsPart(mappings), mappings + " mappings (vm.max_map_count)");
        } catch (IOException unreadable) { // then it bounds nothing, as far as is known
            return NONE;
        }
    }

    private static long poolsPart(long limit) {
        return limit - limit / 4;
    }

    /** The soft limit of open files, {@link Long#MAX_VALUE} if there is none; empty: it is not listed. */
    static OptionalLong descriptors(Path proc) throws IOException {
        try (Stream<String> lines = Files.lines(proc.resolve("self/limits"))) {
            return lines.map(OPEN_FILES::matcher)
                    .filter(Matcher::matches)
                    .map(line -> line.group(1))
                    .mapToLong(limit -> limit.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(limit))
                    .findFirst();
        }
    }

    /** How many mappings a process may have. */
    static long mappings(Path proc) throws IOException {
        // In one read, as a reader with a buffer does: of a number here the kernel gives nothing to a second one.
        List<String> lines = Files.readAllLines(proc.resolve("sys/vm/max_map_count"));
        try {
            return Long.parseLong(lines.get(0).strip());
        } catch (RuntimeException e) {
            throw new IOException("max_map_count is " + lines, e);
        }
    }
}
