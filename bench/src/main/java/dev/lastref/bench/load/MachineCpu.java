package dev.lastref.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What all CPUs of the machine have done. On loopback the kernel charges sending and receiving to whoever runs just then, so that a part
 * of a server's work may stand on its client's account: this has all of it, the client's own too.
 */
public final class MachineCpu {
    /** USER_HZ (proc(5)). */
    private static final double TICKS_A_SECOND = 100;

    private MachineCpu() {}

    /** Seconds in which any CPU was not idle, since the machine was started. */
    public static double busySeconds() throws IOException {
        return busyTicks(Files.readString(Path.of("/proc/stat"))) / TICKS_A_SECOND;
    }

    /** Of the line of all CPUs (proc(5)): all but idle and iowait; guest times are in user and nice already, and steal is nobody's work. */
    public static long busyTicks(String stat) {
        String[] fields = stat.lines().findFirst().orElse("").split(" +");
        if (!fields[0].equals("cpu") || fields.length < 8) {
            throw new IllegalArgumentException("/proc/stat begins with \"" + String.join(" ", fields)
                    + "\", expected cpu, user, nice, system, idle, iowait, irq, softirq");
        }
        long busy = 0;
        for (int field : new int[] {1, 2, 3, 6, 7}) {
            busy += Long.parseLong(fields[field]);
        }
        return busy;
    }
}
