package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Pipes with a name in the file system (fifo(7)). To open one waits until somebody opens its other end, be it for ever; so what is named
 * where a file is expected is looked at first. What is called {@code /dev/stdout} may be a pipe that this process has open already, and
 * waits for nobody.
 */
public final class NamedPipe {
    /** S_IFMT and S_IFIFO of a file's mode (inode(7)). */
    private static final int FILE_TYPE = 0xf000;

    private static final int PIPE = 0x1000;

    private NamedPipe() {}

    /**
     * Refuses a pipe that would have to be opened. What is not there is left to who opens it.
     *
     * @throws FileSystemException if it is one
     * @throws IOException if it cannot be looked at
     */
    public static void refuse(Path file) throws IOException {
        if (Files.exists(file)
                && ((int) Files.getAttribute(file, "unix:mode") & FILE_TYPE) == PIPE
                && !isOpenHere(file)) {
            throw new FileSystemException(file.toString(), null, "Is a named pipe, and not a file");
        }
    }

    private static boolean isOpenHere(Path file) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (isSame(descriptor, file)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isSame(Path descriptor, Path file) throws IOException {
        try {
            return Files.isSameFile(descriptor, file);
        } catch (NoSuchFileException closedMeanwhile) {
            return false;
        }
    }
}
