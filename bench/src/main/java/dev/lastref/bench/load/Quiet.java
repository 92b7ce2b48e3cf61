package dev.lastref.bench.load;

import java.io.IOException;
import java.time.Duration;

/** Waits for what servers do behind their clients' backs, such as to remove what their caches have no room for. */
public final class Quiet {
    private static final Duration LOOK = Duration.ofMillis(200);
    /** Of one CPU, what even an idle server may use. */
    private static final double IDLE = 0.1;

    private Quiet() {}

    /**
     * Waits until a server's processes have next to nothing to do.
     *
     * @return whether they had, before the time was over
     */
    public static boolean await(ProcessTree processes, Duration atMost) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        double before = processes.cpuSeconds();
        while (System.nanoTime() - deadline < 0) {
            long began = System.nanoTime();
            Thread.sleep(LOOK.toMillis());
            double now = processes.cpuSeconds();
            if (now - before <= IDLE * (System.nanoTime() - began) / 1e9) {
                return true;
            }
            before = now;
        }
        return false;
    }
}
