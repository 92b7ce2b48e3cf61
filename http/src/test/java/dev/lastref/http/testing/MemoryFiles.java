package dev.lastref.http.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** This process's memory files as the kernel counts them. */
public final class MemoryFiles {
    private static final int BLOCK = 512;

    private MemoryFiles() {}

    /** Bytes in the sidecars' memory files: their st_blocks, each inode once. */
    public static long bytes() {
        List<String> command = new ArrayList<>(List.of("stat", "-L", "-c", "%i %b"));
        int options = command.size();
        long pid = ProcessHandle.current().pid();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors) {
                if (isMemoryFile(descriptor)) {
                    command.add(descriptor.toString());
                }
            }
            if (command.size() == options) {
                return 0;
            }
            // Some may be closed by now, about which stat complains and goes on.
            Process stat = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Map<String, Long> blocks = new HashMap<>();
            new String(stat.getInputStream().readAllBytes())
                    .lines()
                    .map(line -> line.split(" "))
                    .forEach(words -> blocks.put(words[0], Long.parseLong(words[1])));
            return blocks.values().stream().mapToLong(count -> count * BLOCK).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isMemoryFile(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("/memfd:lastref");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }
}
