package dev.lastref.pool.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.lastref.pool.testing.TcpTable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/** System calls that only tests make. */
public final class TestCalls {
    static {
        Native.register(TestCalls.class, "c");
    }

    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    /** asm-generic/ioctls.h: what SIOCOUTQ is for a socket. */
    private static final long TIOCOUTQ = 0x5411;

    private static final int AT_FDCWD = -100;
    private static final int STATX_BLOCKS = 0x400;
    /** linux/stat.h: where stx_blocks stands in struct statx. */
    private static final int STX_BLOCKS_AT = 48;

    private static final int F_SETPIPE_SZ = 1031;

    /** asm-generic/unistd.h, the same on x86-64 and arm64 */
    private static final long SYS_CACHESTAT = 451;

    private static final int ENOMEM = 12;
    private static final int ENOSYS = 38;
    /** asm-generic/mman-common.h */
    private static final int MADV_PAGEOUT = 21;

    private static final int MADV_POPULATE_READ = 22;
    /** linux/fs.h */
    private static final int RWF_NOWAIT = 8;

    /** linux/sched.h */
    private static final int CLONE_NEWNET = 0x40000000;

    private TestCalls() {}

    private static native int fallocate(int fd, int mode, long offset, long length);

    private static native int ioctl(int fd, long request, int[] value);

    private static native int statx(int directory, String path, int flags, int mask, byte[] result);

    private static native int mount(String source, String target, String type, long flags, String data);

    private static native int umount2(String target, int flags);

    private static native long splice(int in, long[] inOffset, int out, long[] outOffset, long length, int flags);

    private static native int pipe(int[] ends);

    private static native long read(int fd, byte[] bytes, long length);

    private static native int setns(int fd, int type);

    /** Moves the calling thread into another network namespace, where it stays; needs root. */
    public static void enterNetworkNamespace(Path namespace) throws NativeException {
        int fd = LibC.open(namespace.toString(), LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        if (fd == -1) {
            throw LibC.failed("open", namespace, "O_RDONLY|O_CLOEXEC");
        }
        try {
            if (setns(fd, CLONE_NEWNET) == -1) {
                throw LibC.failed("setns", namespace, "CLONE_NEWNET");
            }
        } finally {
            LibC.close(fd);
        }
    }

    private static native long syscall(long number, long fd, long[] range, long[] result, long flags);

    private static native long preadv2(int fd, Pointer vector, int count, long offset, int flags);

    private static native int madvise(Pointer address, long length, int advice);

    /** Has the kernel write out to swap what of this process's memory files is in memory, as it would under pressure. */
    public static void swapOutMemfds() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.contains("/memfd:lastref")) {
                String[] range = line.substring(0, line.indexOf(' ')).split("-");
                long from = Long.parseUnsignedLong(range[0], 16);
                long length = Long.parseUnsignedLong(range[1], 16) - from;
                // Only what is mapped is written out. The reclaimer may take a mapping away meanwhile: to touch it
                // would end the JVM.
                if (madvise(new Pointer(from), length, MADV_POPULATE_READ) == -1
                        || madvise(new Pointer(from), length, MADV_PAGEOUT) == -1) {
                    if (Native.getLastError() != ENOMEM) {
                        throw LibC.failed("madvise", line, "MADV_POPULATE_READ, MADV_PAGEOUT");
                    }
                }
            }
        }
    }

    /** Whether this kernel has cachestat(2). */
    static boolean hasCachestat() {
        return syscall(SYS_CACHESTAT, -1, new long[2], new long[5], 0) == -1 && Native.getLastError() != ENOSYS;
    }

    /** How many pages of a range of a file are in the page cache, by cachestat(2). */
    static long pagesInCache(int fd, long offset, long length) throws NativeException {
        long[] found = new long[5];
        if (syscall(SYS_CACHESTAT, fd, new long[] {offset, length}, found, 0) == -1) {
            throw LibC.failed("cachestat", fd, offset, length);
        }
        return found[0];
    }

    /** Reads from a file's beginning with RWF_NOWAIT; returns the bytes read, or errno below zero. */
    static long readWithoutWaiting(int fd, int length) {
        try (Memory bytes = new Memory(length);
                Memory vector = new Memory(2L * Long.BYTES)) {
            vector.setPointer(0, bytes);
            vector.setLong(Long.BYTES, length);
            long n = preadv2(fd, vector, 1, 0, RWF_NOWAIT);
            return n == -1 ? -Native.getLastError() : n;
        }
    }

    /** The CPUs that the calling thread may run on. */
    static List<Integer> cpus() {
        byte[] mask = new byte[1024];
        LibC.sched_getaffinity(0, mask.length, mask);
        return BitSet.valueOf(mask).stream().boxed().toList();
    }

    /** Moves the calling thread to these CPUs. */
    static void runOn(List<Integer> cpus) throws NativeException {
        BitSet set = new BitSet();
        cpus.forEach(set::set);
        byte[] mask = Arrays.copyOf(set.toByteArray(), 1024);
        if (LibC.sched_setaffinity(0, mask.length, mask) == -1) {
            throw LibC.failed("sched_setaffinity", cpus);
        }
    }

    /** fallocate(2): punches a hole. */
    static void punch(int fd, long offset, long length) throws NativeException {
        if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) == -1) {
            throw LibC.failed("fallocate", fd, "FALLOC_FL_PUNCH_HOLE", offset, length);
        }
    }

    /** Bytes that the peer's TCP has not acknowledged. */
    public static int unacknowledged(SocketChannel channel) throws IOException {
        int[] bytes = new int[1];
        int fd = descriptor(channel);
        if (ioctl(fd, TIOCOUTQ, bytes) == -1) {
            throw LibC.failed("ioctl", fd, "SIOCOUTQ");
        }
        return bytes[0];
    }

    /** The descriptor of a connected socket of this process. */
    public static int descriptor(SocketChannel channel) throws IOException {
        int local = ((InetSocketAddress) channel.getLocalAddress()).getPort();
        int remote = ((InetSocketAddress) channel.getRemoteAddress()).getPort();
        String link = "socket:[" + TcpTable.between(local, remote).inode() + "]";
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : all.toList()) {
                if (Files.isSymbolicLink(each)
                        && Files.readSymbolicLink(each).toString().equals(link)) {
                    return Integer.parseInt(each.getFileName().toString());
                }
            }
        }
        throw new IOException("no descriptor is linked to " + link);
    }

    /** Bytes of memory that a file takes, by its st_blocks. */
    public static long allocatedBytes(Path file) throws NativeException {
        byte[] result = new byte[256];
        if (statx(AT_FDCWD, file.toString(), 0, STATX_BLOCKS, result) == -1) {
            throw LibC.failed("statx", file, "STATX_BLOCKS");
        }
        return 512 * ByteBuffer.wrap(result).order(ByteOrder.nativeOrder()).getLong(STX_BLOCKS_AT);
    }

    /** Mounts a tmpfs. */
    static void mountTmpfs(Path target, String options) throws NativeException {
        if (mount("lastref-test", target.toString(), "tmpfs", 0, options) == -1) {
            throw LibC.failed("mount", target, "tmpfs", options);
        }
    }

    static void unmount(Path target) throws NativeException {
        if (umount2(target.toString(), 0) == -1) {
            throw LibC.failed("umount2", target, 0);
        }
    }

    /** A pipe into which bytes are spliced, as a local proxy does, and from which they are read much later. */
    public static final class SplicePipe implements AutoCloseable {
        private final int readEnd;
        private final int writeEnd;

        /**
         * @param capacity bytes, should each page be full
         */
        public SplicePipe(int capacity) throws NativeException {
            int[] ends = new int[2];
            if (pipe(ends) == -1) {
                throw LibC.failed("pipe");
            }
            readEnd = ends[0];
            writeEnd = ends[1];
            if (LibC.fcntl(writeEnd, F_SETPIPE_SZ, capacity) == -1) {
                throw LibC.failed("fcntl", writeEnd, "F_SETPIPE_SZ", capacity);
            }
        }

        /** Moves up to this many bytes from a blocking socket into the pipe, without copying; returns how many. */
        public long spliceFrom(SocketChannel channel, long length) throws IOException {
            return spliceFrom(descriptor(channel), null, length);
        }

        long spliceFrom(int fd, long[] offset, long length) throws NativeException {
            long n = splice(fd, offset, writeEnd, null, length, 0);
            if (n == -1) {
                throw LibC.failed("splice", fd, writeEnd, length);
            }
            return n;
        }

        /** Reads exactly this many bytes, which must be in the pipe. */
        public byte[] read(int length) throws NativeException {
            ByteBuffer all = ByteBuffer.allocate(length);
            while (all.hasRemaining()) {
                byte[] some = new byte[all.remaining()];
                long n = TestCalls.read(readEnd, some, some.length);
                if (n <= 0) {
                    throw LibC.failed("read", readEnd, some.length);
                }
                all.put(some, 0, (int) n);
            }
            return all.array();
        }

        @Override
        public void close() {
            LibC.close(readEnd);
            LibC.close(writeEnd);
        }
    }
}
