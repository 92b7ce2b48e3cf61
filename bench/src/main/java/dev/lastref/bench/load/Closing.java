package dev.lastref.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.stream.Stream;

/** Ends what was begun, the last first, and removes the folder that it ran in. Once, whoever asks. */
public final class Closing {
    private final Path folder;
    private final Deque<Runnable> steps = new ArrayDeque<>();
    private boolean closed;

    public Closing(Path folder) {
        this.folder = folder;
    }

    /** Once it is closed, at once. */
    public synchronized void add(Runnable step) {
        if (closed) {
            step.run();
        } else {
            steps.push(step);
        }
    }

    public synchronized void close() {
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
