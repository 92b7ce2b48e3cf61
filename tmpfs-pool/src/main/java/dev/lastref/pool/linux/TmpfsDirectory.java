package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A directory on a tmpfs mount in which one process makes files, and a lock by which others see that it lives.
 *
 * <p>The files lose their names as soon as they are made, so the kernel frees them with the process, however it ends. What a process
 * that died can leave is its lock file and, if it died within a creation, one file beside it: whoever opens the directory next removes
 * both. The lock is flock(2)'s, which the kernel gives up with the process; what is locked belongs to a living one, in whatever
 * container, and is left alone.
 *
 * <p>Whoever opens it closes it. Threads: any.
 */
public final class TmpfsDirectory implements AutoCloseable {
    /** linux/magic.h */
    private static final long TMPFS_MAGIC = 0x01021994;

    private static final String LOCK = ".lock";
    private static final String PREFIX = "lastref-";

    private final Path directory;
    private final String name;
    private final int lock;

    private TmpfsDirectory(Path directory, String name, int lock) {
        this.directory = directory;
        this.name = name;
        this.lock = lock;
    }

    /**
     * Opens a directory, which is made where it is missing and its parent is there; removes what dead processes left in it.
     *
     * @throws IOException if it cannot be made or written, or is not on tmpfs
     */
    public static TmpfsDirectory open(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            try {
                Files.createDirectory(directory);
            } catch (FileSystemException e) {
                throw new IOException(
                        "cannot make the directory " + directory + " for the pool: " + e.getMessage()
                                + "; its parent must exist and be writable",
                        e);
            }
        }
        checkIsOnTmpfs(directory);
        removeWhatTheDeadLeft(directory);
        return lock(directory);
    }

    /** Throws where it is not. */
    static void checkIsOnTmpfs(Path directory) throws IOException {
        long type = statfs(directory).getLong(0);
        if (type != TMPFS_MAGIC) {
            throw new IOException(
                    directory + " is on " + Files.getFileStore(directory).type() + " (f_type 0x"
                            + Long.toHexString(type) + "), and a pool there would be a disk, not memory:"
                            + " name a directory on tmpfs, such as one below /dev/shm, or use memfd");
        }
    }

    private static TmpfsDirectory lock(Path directory) throws IOException {
        while (true) {
            String name = PREFIX + UUID.randomUUID();
            Path path = directory.resolve(name + LOCK);
            Files.writeString(path, "process " + ProcessHandle.current().pid() + "\n", StandardCharsets.UTF_8);
            int fd = LibC.open(path.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
            // Until it is locked another one that starts may take it for a dead process's, and remove it.
            if (fd != -1 && LibC.flock(fd, LibC.LOCK_EX | LibC.LOCK_NB) == 0 && Files.exists(path)) {
                return new TmpfsDirectory(directory, name, fd);
            }
            if (fd != -1) {
                LibC.close(fd);
            } else if (Files.exists(path)) {
                throw LibC.failed("open", path, "O_RDWR|O_CLOEXEC");
            }
        }
    }

    private static void removeWhatTheDeadLeft(Path directory) throws IOException {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(directory, PREFIX + "*" + LOCK)) {
            for (Path path : locks) {
                int fd = LibC.open(path.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
                if (fd == -1) {
                    continue; // gone meanwhile, or somebody else's
                }
                try {
                    if (LibC.flock(fd, LibC.LOCK_EX | LibC.LOCK_NB) == 0) {
                        removeAllOf(directory, path);
                    }
                } finally {
                    LibC.close(fd);
                }
            }
        }
    }

    /** The lock goes last: if this is cut short, the next one finds the rest by it. */
    private static void removeAllOf(Path directory, Path lock) throws IOException {
        String file = String.valueOf(lock.getFileName());
        String owner = file.substring(0, file.length() - LOCK.length());
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, owner + ".segment-*")) {
            for (Path each : left) {
                Files.deleteIfExists(each);
            }
        }
        Files.deleteIfExists(lock);
    }

    /**
     * Makes a file with all its pages.
     *
     * @param number which no other of this process has at the same time
     * @param size bytes
     * @throws IOException where the mount is full, or descriptors have run out
     */
    public TmpfsFile create(int number, int size) throws IOException {
        return DirectoryFile.create(directory.resolve(name + ".segment-" + number), size);
    }

    /** Bytes that the mount has for new files now; {@link Long#MAX_VALUE} where it has no limit of its own. */
    public long availableBytes() throws IOException {
        return availableBytes(directory);
    }

    static long availableBytes(Path directory) throws IOException {
        ByteBuffer statfs = statfs(directory);
        long blockSize = statfs.getLong(8);
        long blocks = statfs.getLong(16);
        return blocks == 0 ? Long.MAX_VALUE : statfs.getLong(32) * blockSize;
    }

    public Path path() {
        return directory;
    }

    private static ByteBuffer statfs(Path path) throws IOException {
        byte[] result = new byte[256];
        if (LibC.statfs(path.toString(), result) == -1) {
            throw LibC.failed("statfs", path);
        }
        return ByteBuffer.wrap(result).order(ByteOrder.nativeOrder());
    }

    /** Gives up the lock. Files that are still open stay until they are closed. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(directory.resolve(name + LOCK));
        } catch (IOException e) {
            // Whoever opens the directory next removes it.
            System.getLogger(TmpfsDirectory.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot remove the lock file", e);
        }
        LibC.close(lock);
    }
}
