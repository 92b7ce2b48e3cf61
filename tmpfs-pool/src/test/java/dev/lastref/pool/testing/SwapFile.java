package dev.lastref.pool.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Some swap, for a moment. Needs root, and a kernel and a file system that allow it; whoever makes it closes it. */
public final class SwapFile implements AutoCloseable {
    private static final int MIB = 1 << 20;

    private final Path path;

    private SwapFile(Path path) {
        this.path = path;
    }

    /** Switches some on or, where the system does not allow that, skips the test: containers mostly forbid it, so nothing requires it. */
    public static SwapFile on(int mebibytes) throws IOException {
        Requires.root();
        Path path = Files.createTempFile(
                "lastref-swap-",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (OutputStream file = Files.newOutputStream(path)) {
            for (int i = 0; i < mebibytes; i++) { // without holes
                file.write(new byte[MIB]);
            }
        }
        String refused = run("mkswap", path.toString());
        if (refused == null) {
            refused = run("swapon", path.toString());
        }
        if (refused != null) {
            Files.delete(path);
            System.err.println("SKIPPED: no swap can be switched on here: " + refused);
            Assumptions.abort("no swap can be switched on here: " + refused);
        }
        return new SwapFile(path);
    }

    /** How many pages the system has written to swap since it started (pswpout, of mm/vmstat.c): for whomever. */
    public static long pagesWritten() throws IOException {
        return Files.readAllLines(Path.of("/proc/vmstat")).stream()
                .filter(line -> line.startsWith("pswpout "))
                .mapToLong(line -> Long.parseLong(line.substring("pswpout ".length())))
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/vmstat says nothing of swap"));
    }

    @Override
    public void close() throws IOException {
        String refused = run("swapoff", path.toString());
        Files.delete(path);
        if (refused != null) {
            throw new IOException(refused);
        }
    }

    /** Returns null, or what went wrong. */
    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0
                    ? null
                    : String.join(" ", command) + ": " + said.strip();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }
}
