package dev.lastref.pool.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.pool.testing.SeededBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Measures how fast objects of 64 KiB are written into a segment, by where its pages come from. It is no test, and runs only if it is
 * named: {@code mvn -pl tmpfs-pool test -Dtest=WriteSpeed}. Prints the median and the best of the rounds.
 */
class WriteSpeed {
    private static final int SEGMENT = 4 * 1024 * 1024;
    private static final int OBJECT = 64 * 1024;
    private static final int ROUNDS = 400;

    /** Where the pages come from. */
    enum Pages {
        /** Found by the kernel as they are written. */
        FRESH,
        /** Allocated before, as a prepared segment's. */
        PREPARED,
        /** Written once before: what no published byte may be. */
        IN_PLACE
    }

    @Test
    void measure() throws IOException {
        ByteBuffer object = ByteBuffer.allocateDirect(OBJECT);
        object.put(SeededBytes.of(1, 0, OBJECT)).flip();
        double[][] speeds = new double[Pages.values().length][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) { // in turns, so that all meet the same machine
            for (Pages pages : Pages.values()) {
                speeds[pages.ordinal()][round] = gigabytesPerSecond(pages, object);
            }
        }
        for (Pages pages : Pages.values()) {
            double[] sorted = Arrays.copyOfRange(speeds[pages.ordinal()], ROUNDS / 4, ROUNDS);
            Arrays.sort(sorted);
            System.out.printf(
                    Locale.ROOT,
                    "%-8s  median %.2f GB/s  best %.2f GB/s%n",
                    pages,
                    sorted[sorted.length / 2],
                    sorted[sorted.length - 1]);
        }
    }

    private static double gigabytesPerSecond(Pages pages, ByteBuffer object) throws IOException {
        try (MemFile file = MemFile.create("lastref-speed", SEGMENT)) {
            switch (pages) {
                case FRESH -> {}
                case PREPARED -> file.allocatePages();
                case IN_PLACE -> fill(file, object);
            }
            long began = System.nanoTime();
            fill(file, object);
            return (double) SEGMENT / (System.nanoTime() - began);
        }
    }

    private static void fill(MemFile file, ByteBuffer object) throws IOException {
        for (int position = 0; position < SEGMENT; position += OBJECT) {
            assertThat(file.channel().write(object.duplicate(), position)).isEqualTo(OBJECT);
        }
    }
}
