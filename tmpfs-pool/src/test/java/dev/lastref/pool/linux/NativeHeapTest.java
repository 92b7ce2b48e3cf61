package dev.lastref.pool.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeHeapTest {
    private static final int BLOCK = 32 * 1024; // too small for a mapping of its own, and several pages
    private static final int BLOCKS = 2048;
    private static final long FREED = (long) BLOCK * BLOCKS / 2;

    /** Every second block is freed: none of that is at an end of the heap, from where it would go back unasked. */
    @Test
    void whatWasFreedBetweenOtherBlocksGoesBackToTheKernel() throws IOException {
        long[] blocks = new long[BLOCKS];
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = Native.malloc(BLOCK);
            new Pointer(blocks[i]).setMemory(0, BLOCK, (byte) 1);
        }
        for (int i = 0; i < BLOCKS; i += 2) {
            Native.free(blocks[i]);
        }
        long before = residentBytes();

        assertTrue(NativeHeap.trim(), "malloc_trim gave nothing back");

        long after = residentBytes();
        for (int i = 1; i < BLOCKS; i += 2) {
            Native.free(blocks[i]);
        }
        // Each block loses what of its first and last page belongs to its neighbours, and the JVM goes on allocating
        // beside us.
        assertTrue(
                before - after > FREED / 2,
                () -> FREED + " bytes were freed, and the process has " + (before - after) + " less");
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
