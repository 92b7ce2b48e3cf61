package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this system swaps: tmpfs pages may then be on a disk. */
public final class Swaps {
    private final Path proc;

    /** A root other than /proc is for tests. */
    Swaps(Path proc) {
        this.proc = proc;
    }

    public static Swaps ofThisSystem() {
        return new Swaps(Path.of("/proc"));
    }

    /** Whether /proc/swaps names any; the first line is a heading. */
    public boolean areOn() throws IOException {
        return Files.readAllLines(proc.resolve("swaps")).size() > 1;
    }
}
