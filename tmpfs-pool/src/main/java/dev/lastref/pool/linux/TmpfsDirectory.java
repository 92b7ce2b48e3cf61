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

    /** Where they are in a struct statfs of 64-bit Linux; the last counts those that are free for everybody. */
    private static final int BLOCK_SIZE = 8;

    private static final int ALL_BLOCKS = 16;
    private static final int FREE_BLOCKS = 32;

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
        requireUsable(directory);
        if (!Files.isDirectory(directory)) {
            try {
                Files.createDirectory(directory);
            } catch (FileSystemException e) {
                throw new IOException("cannot make the directory " + directory + " for the pool: " + e.getMessage(), e);
            }
        }
        checkIsOnTmpfs(directory);
        removeWhatTheDeadLeft(directory);
        return lock(directory);
    }

    /**
     * Sees whether a directory could be opened now, and changes nothing: makes none, removes nothing of the dead, takes no lock and no
     * page. Whoever has a pool there does not notice.
     *
     * @throws IOException as {@link #open} does
     */
    public static void requireUsable(Path directory) throws IOException {
        Path place = nearest(directory);
        checkIsOnTmpfs(place);
        if (!Files.isWritable(place) || !Files.isExecutable(place)) {
            throw new IOException("no file can be made in " + place + ": the user " + System.getProperty("user.name")
                    + " may not, or it is mounted read-only");
        }
    }

    /** The directory, or, where it has yet to be made, its parent. */
    static Path nearest(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return directory;
        }
        if (Files.exists(directory)) {
            throw new IOException(directory + " is there, and no directory");
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new IOException("cannot make the directory " + directory + " for the pool: its parent, " + parent
                    + ", is no directory that can be seen");
        }
        return parent;
    }

    /**
     * Bytes that a pool could have in a directory that is {@link #requireUsable usable}, for who changes nothing. Where another process
     * has a pool there, which may be the one that is to be started anew, that is all that the mount has. A page goes for the lock file.
     */
    public static long roomIn(Path directory) throws IOException {
        ByteBuffer statfs = statfs(nearest(directory));
        long bytes = bytes(statfs, isInUse(directory) ? ALL_BLOCKS : FREE_BLOCKS);
        return bytes == Long.MAX_VALUE ? bytes : Math.max(0, bytes - statfs.getLong(BLOCK_SIZE));
    }

    /** Whether there is a lock file; a dead process's counts, since nobody can be asked without taking it. */
    private static boolean isInUse(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(directory, PREFIX + "*" + LOCK)) {
            return locks.iterator().hasNext();
        }
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
        return bytes(statfs(directory), FREE_BLOCKS);
    }

    private static long bytes(ByteBuffer statfs, int blocks) {
        boolean limited = statfs.getLong(ALL_BLOCKS) != 0;
        return limited ? statfs.getLong(blocks) * statfs.getLong(BLOCK_SIZE) : Long.MAX_VALUE;
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
