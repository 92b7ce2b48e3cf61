package dev.lastref.pool.linux;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A whole file in memory, to be read. Made from a read-only re-open of the file: a shared mapping of a descriptor that can write
 * could be made writable later, which makes the seal fail. Owned by the file that made it; reading a view after {@link #close} ends
 * the process.
 */
final class ReadOnlyMapping {
    private final Pointer address;
    private final long size;
    private final ByteBuffer view;

    private ReadOnlyMapping(Pointer address, long size) {
        this.address = address;
        this.size = size;
        this.view = address.getByteBuffer(0, size).asReadOnlyBuffer();
    }

    static ReadOnlyMapping of(int fd, long size) throws NativeException {
        String path = descriptorPath(fd).toString();
        int readOnly = LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        if (readOnly == -1) {
            throw LibC.failed("open", path, "O_RDONLY|O_CLOEXEC");
        }
        try {
            Pointer address = LibC.mmap(Pointer.NULL, size, LibC.PROT_READ, LibC.MAP_SHARED, readOnly, 0);
            if (Pointer.nativeValue(address) == LibC.MAP_FAILED) {
                throw LibC.failed("mmap", 0, size, "PROT_READ", "MAP_SHARED", readOnly, 0);
            }
            return new ReadOnlyMapping(address, size);
        } finally {
            LibC.close(readOnly);
        }
    }

    /** Where a descriptor of this process can be opened again. */
    static Path descriptorPath(int fd) {
        return Path.of("/proc/self/fd/" + fd);
    }

    ByteBuffer view() {
        return view;
    }

    void close() {
        LibC.munmap(address, size);
    }
}
