package dev.lastref.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A process and all its descendants, as /proc tells of them. */
public record ProcessTree(ProcessHandle root) {
    /** USER_HZ, in which /proc counts whatever the kernel's own tick is (proc(5)). */
    private static final double TICKS_A_SECOND = 100;

    /** A way to read a number from /proc/PID/FILE; 0 for a process that has ended meanwhile. */
    private interface Reading {
        double of(Path folder) throws IOException;
    }

    /** Seconds of CPU, user and system, of those that live now. */
    public double cpuSeconds() throws IOException {
        return sum(folder -> cpuTicks(Files.readString(folder.resolve("stat"))) / TICKS_A_SECOND);
    }

    /** Bytes in memory, those shared with n others counted as an n-th. Needs to be allowed to read smaps_rollup. */
    public long memoryBytes() throws IOException {
        return (long) sum(folder -> pssKilobytes(Files.readString(folder.resolve("smaps_rollup"))) * 1024.0);
    }

    /** Bytes in memory that are not tmpfs pages: heap, code and what else belongs to the processes alone (proc(5), RssAnon and RssFile). */
    public long memoryBesideTmpfsBytes() throws IOException {
        return (long) sum(folder -> {
            String status = Files.readString(folder.resolve("status"));
            return (kilobytes(status, "RssAnon:") + kilobytes(status, "RssFile:")) * 1024.0;
        });
    }

    private double sum(Reading reading) throws IOException {
        double sum = 0;
        for (ProcessHandle process :
                Stream.concat(Stream.of(root), root.descendants()).toList()) {
            try {
                sum += reading.of(Path.of("/proc", String.valueOf(process.pid())));
            } catch (NoSuchFileException ended) {
                // nothing of it is left to count
            }
        }
        return sum;
    }

    /** utime and stime, fields 14 and 15; the name before them, in parentheses, may hold anything. */
    public static long cpuTicks(String stat) {
        String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(afterName[11]) + Long.parseLong(afterName[12]);
    }

    public static long pssKilobytes(String rollup) {
        return kilobytes(rollup, "Pss:");
    }

    private static long kilobytes(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }
}
