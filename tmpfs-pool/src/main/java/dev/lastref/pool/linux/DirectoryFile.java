package dev.lastref.pool.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of fixed size in a tmpfs directory. It has all its pages from the beginning, so that a full mount shows when it is made, and
 * never when it is written or read through the mapping; and it has no name, so that it goes with the process.
 *
 * <p>It cannot be sealed: tmpfs allows that for memfds only (EPERM). So nobody can be asked who holds its pages.
 */
final class DirectoryFile implements TmpfsFile {
    private final int fd;
    private final FileChannel channel;
    private final ReadOnlyMapping mapping;
    private final long size;
    private boolean closed;

    private DirectoryFile(int fd, FileChannel channel, ReadOnlyMapping mapping, long size) {
        this.fd = fd;
        this.channel = channel;
        this.mapping = mapping;
        this.size = size;
    }

    /**
     * @param path which does not exist, and does not when this returns either
     * @param size bytes
     * @throws NativeException where the mount is full (ENOSPC), or descriptors have run out
     */
    static DirectoryFile create(Path path, long size) throws IOException {
        int flags = LibC.O_RDWR | LibC.O_CREAT | LibC.O_EXCL | LibC.O_CLOEXEC;
        int fd = LibC.open(path.toString(), flags, 0600);
        if (fd == -1) {
            throw LibC.failed("open", path, "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC", "0600");
        }
        FileChannel channel = null;
        try {
            Files.delete(path);
            LibC.allocate(fd, size);
            channel = FileChannel.open(
                    ReadOnlyMapping.descriptorPath(fd), StandardOpenOption.READ, StandardOpenOption.WRITE);
            return new DirectoryFile(fd, channel, ReadOnlyMapping.of(fd, size), size);
        } catch (IOException | RuntimeException e) {
            MemFile.closeQuietly(channel);
            LibC.close(fd);
            throw e;
        }
    }

    @Override
    public FileChannel channel() {
        return channel;
    }

    @Override
    public ByteBuffer view() {
        return mapping.view();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void allocatePages() {
        // It was made with them.
    }

    @Override
    public boolean isResident(long offset, long length) throws NativeException {
        return Residency.isResident(fd, offset, length);
    }

    @Override
    public boolean punch(long offset, long length) throws NativeException {
        return LibC.punch(fd, offset, length);
    }

    @Override
    public boolean isSealable() {
        return false;
    }

    @Override
    public boolean sealAgainstWrites() {
        return false;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        MemFile.closeQuietly(channel);
        mapping.close();
        LibC.close(fd);
    }
}
