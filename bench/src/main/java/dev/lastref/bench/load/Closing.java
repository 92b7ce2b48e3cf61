package dev.lastref.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.stream.Stream;

/**
 * A folder for what a benchmark starts, which is removed when that has ended, the last first. Once, whoever asks; if nobody does, the end
 * of the JVM does: a gigabyte of tmpfs is not to stay behind when somebody interrupts it.
 */
public final class Closing implements AutoCloseable {
    private final Path folder;
    private final Thread hook = new Thread(this::end, "closing");
    private final Deque<Runnable> steps = new ArrayDeque<>();
    private boolean closed;

    private Closing(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes the folder.
     *
     * @param parent on tmpfs
     */
    public static Closing in(Path parent, String name) throws IOException {
        Closing made = new Closing(Files.createTempDirectory(parent, name));
        Runtime.getRuntime().addShutdownHook(made.hook);
        return made;
    }

    public Path folder() {
        return folder;
    }

    /** Once it is closed, at once. */
    public synchronized void add(Runnable step) {
        if (closed) {
            step.run();
        } else {
            steps.push(step);
        }
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private synchronized void end() {
        if (closed) {
            return;
        }
        closed = true;
        steps.forEach(Runnable::run);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }
}
