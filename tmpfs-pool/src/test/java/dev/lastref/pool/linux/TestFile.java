package dev.lastref.pool.linux;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A tmpfs file without the pool's manners: it can be overwritten, punched and truncated while its pages are in flight. */
final class TestFile implements AutoCloseable {
    private static final int O_RDWR = 2;

    private final int fd;
    private final FileChannel channel;

    private TestFile(int fd) throws IOException {
        this.fd = fd;
        this.channel = FileChannel.open(path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** A memfd with these bytes. */
    static TestFile memfd(byte[] bytes) throws IOException {
        int fd = LibC.memfd_create("lastref-test", LibC.MFD_CLOEXEC | LibC.MFD_ALLOW_SEALING);
        if (fd == -1) {
            throw LibC.failed("memfd_create");
        }
        return new TestFile(fd).with(bytes);
    }

    /** A new file with these bytes. */
    static TestFile at(Path path, byte[] bytes) throws IOException {
        Files.createFile(path);
        int fd = LibC.open(path.toString(), O_RDWR | LibC.O_CLOEXEC, 0);
        if (fd == -1) {
            throw LibC.failed("open", path, "O_RDWR|O_CLOEXEC");
        }
        return new TestFile(fd).with(bytes);
    }

    private TestFile with(byte[] bytes) throws IOException {
        overwrite(0, bytes);
        return this;
    }

    private Path path() {
        return Path.of("/proc/self/fd/" + fd);
    }

    int fd() {
        return fd;
    }

    FileChannel channel() {
        return channel;
    }

    void overwrite(long offset, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer, offset + buffer.position());
        }
    }

    void punch(long offset, long length) throws NativeException {
        TestCalls.punch(fd, offset, length);
    }

    void truncate() throws NativeException {
        if (LibC.ftruncate(fd, 0) == -1) {
            throw LibC.failed("ftruncate", fd, 0);
        }
    }

    long allocatedBytes() throws NativeException {
        return TestCalls.allocatedBytes(path());
    }

    /** Asks for the seal; returns 0 or errno. */
    int seal() {
        return LibC.fcntl(fd, LibC.F_ADD_SEALS, LibC.F_SEAL_WRITE) == -1 ? Native.getLastError() : 0;
    }

    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            channel.close();
            LibC.close(fd);
        }
    }
}
