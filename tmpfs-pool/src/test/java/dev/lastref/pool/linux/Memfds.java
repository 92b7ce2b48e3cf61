package dev.lastref.pool.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The pools' files in this process as the kernel sees them: the links of /proc/self/fd and the blocks of each file. */
public final class Memfds {
    private static final Pattern SEGMENT = Pattern.compile("lastref-(\\d+)");

    private Memfds() {}

    /** How many files are open; a file has several descriptors. */
    public static int open() {
        return byName().size();
    }

    /**
     * Bytes of memory in all files together. Only files that were open throughout count: one that is closed while this looks and
     * one that is opened in its place never were in memory at the same time.
     */
    public static long allocatedBytes() {
        return sizes().values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, Long> sizes() {
        Map<String, Path> first = byName();
        Map<String, Long> sizes = new TreeMap<>();
        first.forEach((name, link) -> {
            try {
                sizes.put(name, TestCalls.allocatedBytes(link));
            } catch (NativeException closedMeanwhile) {
                // then it does not count
            }
        });
        sizes.keySet().retainAll(byName().keySet());
        return sizes;
    }

    /** The same for each segment, by its number; only of files that were open throughout. */
    public static Map<Integer, Long> allocatedBySegment() {
        Map<Integer, Long> segments = new TreeMap<>();
        sizes().forEach((name, bytes) -> {
            Matcher segment = SEGMENT.matcher(name);
            if (segment.find()) {
                segments.put(Integer.parseInt(segment.group(1)), bytes);
            }
        });
        return segments;
    }

    private static Map<String, Path> byName() {
        Map<String, Path> files = new TreeMap<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (target.startsWith("/memfd:lastref")) {
                        files.put(target, link);
                    }
                } catch (IOException closedMeanwhile) {
                    // then it is not open
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }
}
