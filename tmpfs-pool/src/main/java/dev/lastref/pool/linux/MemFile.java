package dev.lastref.pool.linux;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * An anonymous tmpfs file (memfd) of fixed size: written and sent through a {@link FileChannel}, read through a mapping, and
 * able to ask the kernel whether anybody else still holds its pages.
 *
 * <p><b>The question.</b> {@code fcntl(F_ADD_SEALS, F_SEAL_WRITE)} is refused with EBUSY while a page of the file has a reference
 * beyond those of the page cache and of read-only mappings (mm/memfd.c, {@code memfd_wait_for_pins}): a socket's send queue, a
 * local peer's receive queue, a pipe, a FIN-WAIT-1 orphan. The kernel waits about 160 ms for such pages before it refuses. A
 * granted seal is permanent, so the question can be answered yes only once.
 *
 * <p><b>Three descriptors of one file.</b> The memfd itself (for the seal), the channel (a re-open of {@code /proc/self/fd/N},
 * read and write) and, for a moment only, a read-only re-open from which the mapping is made: a shared mapping of a writable
 * descriptor could be made writable later, so it makes the seal fail at once, even if it is mapped read-only.
 *
 * <p>Closing never changes bytes in flight; pages still held elsewhere live on until let go.
 */
public final class MemFile implements TmpfsFile {
    private final int fd;
    private final FileChannel channel;
    private final ReadOnlyMapping mapping;
    private final long size;
    private boolean closed;

    private MemFile(int fd, FileChannel channel, ReadOnlyMapping mapping, long size) {
        this.fd = fd;
        this.channel = channel;
        this.mapping = mapping;
        this.size = size;
    }

    /**
     * Creates a file that holds no page yet.
     *
     * @param name what /proc/self/maps shows after {@code memfd:}
     * @param size bytes, a multiple of the page size, less than 2 GiB
     * @throws NativeException where memfd or sealing is missing, or descriptors or memory have run out
     */
    public static MemFile create(String name, int size) throws IOException {
        int fd = createSealable(name);
        FileChannel channel = null;
        try {
            if (LibC.ftruncate(fd, size) == -1) {
                throw LibC.failed("ftruncate", fd, size);
            }
            // No truncation can ever take a page away under the mapping.
            addSeals(fd, LibC.F_SEAL_SHRINK | LibC.F_SEAL_GROW);
            channel = FileChannel.open(
                    ReadOnlyMapping.descriptorPath(fd), StandardOpenOption.READ, StandardOpenOption.WRITE);
            return new MemFile(fd, channel, ReadOnlyMapping.of(fd, size), size);
        } catch (IOException | RuntimeException e) {
            closeQuietly(channel);
            LibC.close(fd);
            throw e;
        }
    }

    private static int createSealable(String name) throws NativeException {
        int fd = LibC.memfd_create(name, LibC.MFD_CLOEXEC | LibC.MFD_NOEXEC_SEAL);
        if (fd == -1 && Native.getLastError() == LibC.EINVAL) { // before Linux 6.3
            fd = LibC.memfd_create(name, LibC.MFD_CLOEXEC | LibC.MFD_ALLOW_SEALING);
        }
        if (fd == -1) {
            throw LibC.failed("memfd_create", name, "MFD_CLOEXEC|MFD_ALLOW_SEALING");
        }
        return fd;
    }

    private static void addSeals(int fd, int seals) throws NativeException {
        if (LibC.fcntl(fd, LibC.F_ADD_SEALS, seals) == -1) {
            throw LibC.failed("fcntl", fd, "F_ADD_SEALS", "0x" + Integer.toHexString(seals));
        }
    }

    @Override
    public void allocatePages() throws NativeException {
        LibC.allocate(fd, size);
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

    /**
     * Asks the kernel whether any page of this file is still held by somebody, and forbids writing for ever if not.
     *
     * @return true if the seal was granted: nobody holds a page; false if it was refused (EBUSY), after about 160 ms
     */
    @Override
    public boolean sealAgainstWrites() throws NativeException {
        while (LibC.fcntl(fd, LibC.F_ADD_SEALS, LibC.F_SEAL_WRITE) == -1) {
            switch (Native.getLastError()) {
                case LibC.EBUSY -> {
                    return false;
                }
                case LibC.EINTR -> {} // a signal ended the kernel's wait early: that is no answer
                default -> throw LibC.failed("fcntl", fd, "F_ADD_SEALS", "F_SEAL_WRITE");
            }
        }
        return true;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        closeQuietly(channel);
        mapping.close();
        LibC.close(fd);
    }

    static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException impossible) {
            // Nothing is buffered for a tmpfs file, so there is nothing that close could fail to write.
            System.getLogger(MemFile.class.getName())
                    .log(System.Logger.Level.DEBUG, "close of a tmpfs file", impossible);
        }
    }
}
