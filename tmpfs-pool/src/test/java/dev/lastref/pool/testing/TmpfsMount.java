package dev.lastref.pool.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A tmpfs of its own, of a size that a test chooses. Needs root; whoever makes it closes it. */
public final class TmpfsMount implements AutoCloseable {
    private final Path path;

    private TmpfsMount(Path path) {
        this.path = path;
    }

    /** Mounts one of so many bytes, or skips the test where that is not allowed. */
    public static TmpfsMount ofSize(long bytes) throws IOException {
        return withOptions("size=" + bytes);
    }

    /** Mounts one with these options, or skips the test where that is not allowed. */
    public static TmpfsMount withOptions(String options) throws IOException {
        Requires.root();
        Requires.command("mount");
        Path path = Files.createTempDirectory("lastref-tmpfs-");
        try {
            run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path.toString());
        } catch (IOException e) {
            Files.delete(path);
            throw e;
        }
        return new TmpfsMount(path);
    }

    public Path path() {
        return path;
    }

    /** Bytes that its files take, by its own account. */
    public long usedBytes() throws IOException {
        var store = Files.getFileStore(path);
        return store.getTotalSpace() - store.getUnallocatedSpace();
    }

    @Override
    public void close() throws IOException {
        run("umount", path.toString());
        Files.delete(path);
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", List.of(command)) + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
