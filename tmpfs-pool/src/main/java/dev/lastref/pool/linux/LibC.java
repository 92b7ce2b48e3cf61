package dev.lastref.pool.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * The C library's entry points, direct-mapped, and the numbers of its headers that Lastref passes to them.
 *
 * <p>The functions answer as C does, -1 or a value; {@link #failed} turns the -1 into an exception. errno is per thread and read
 * straight after the call. The numbers are those of x86-64 and arm64 Linux, which agree on all that is used here.
 */
final class LibC {
    static {
        JnaLibrary.load(() -> Native.register(LibC.class, "c"));
    }

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_CLOEXEC = 0x80000;

    static final int PROT_READ = 1;
    static final int MAP_SHARED = 1;
    static final long MAP_FAILED = -1;

    /** linux/memfd.h */
    static final int MFD_CLOEXEC = 0x1;

    static final int MFD_ALLOW_SEALING = 0x2;
    /** linux/memfd.h, Linux 6.3: not executable, sealed so, and sealing allowed. */
    static final int MFD_NOEXEC_SEAL = 0x8;

    /** linux/fcntl.h */
    static final int F_ADD_SEALS = 1033;

    static final int F_SEAL_SHRINK = 0x2;
    static final int F_SEAL_GROW = 0x4;
    static final int F_SEAL_WRITE = 0x8;

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_NETLINK = 16;
    static final int SOCK_RAW = 3;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int IPPROTO_TCP = 6;
    static final int MSG_DONTWAIT = 0x40;

    /** linux/falloc.h */
    static final int FALLOC_FL_KEEP_SIZE = 1;

    static final int FALLOC_FL_PUNCH_HOLE = 2;

    /** linux/fs.h */
    static final int SEEK_DATA = 3;

    /** asm-generic/unistd.h, Linux 6.5; x86-64 has the same number. */
    static final long SYS_CACHESTAT = 451;

    static final int LOCK_EX = 2;
    static final int LOCK_NB = 4;

    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int ENXIO = 6;
    static final int EBUSY = 16;
    static final int EINVAL = 22;

    private LibC() {}

    static native int memfd_create(String name, int flags);

    static native int ftruncate(int fd, long length);

    static native int fallocate(int fd, int mode, long offset, long length);

    static native long lseek(int fd, long offset, int whence);

    static native int fcntl(int fd, int command, long argument);

    /** The mode is what a file that is made gets. */
    static native int open(String path, int flags, int mode);

    static native int flock(int fd, int operation);

    /** The buffer takes a struct statfs of 64-bit Linux, 120 bytes. */
    static native int statfs(String path, byte[] result);

    static native int close(int fd);

    static native Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset);

    static native int munmap(Pointer address, long length);

    static native int socket(int family, int type, int protocol);

    /** The buffers are direct, and used from their first byte, whatever their position. */
    static native long send(int fd, ByteBuffer bytes, long length, int flags);

    static native long recv(int fd, ByteBuffer bytes, long length, int flags);

    static native int setsockopt(int fd, int level, int name, int[] value, int length);

    static native int getsockopt(int fd, int level, int name, int[] value, int[] length);

    /** The masks are bit sets in the byte order of x86-64 and arm64. */
    static native int sched_getaffinity(int thread, long length, byte[] mask);

    static native int sched_setaffinity(int thread, long length, byte[] mask);

    /** cachestat(2), which the C library does not know yet: the range is offset and length, the result five counts of pages. */
    static native long syscall(long number, long fd, long[] range, long[] result, long flags);

    static native String strerror(int errno);

    /** Has all pages of a file found now. */
    static void allocate(int fd, long size) throws NativeException {
        while (fallocate(fd, 0, 0, size) == -1) {
            if (Native.getLastError() != EINTR) {
                throw failed("fallocate", fd, 0, 0, size);
            }
        }
    }

    /**
     * Takes whole pages out of a tmpfs file; those who hold them keep them as they are.
     *
     * @return whether they left it: false where they are a part of a large folio, which cannot be split while somebody holds it. Then
     *     they are overwritten with zeros, and stay (mm/shmem.c, truncate_inode_partial_folio)
     */
    static boolean punch(int fd, long offset, long length) throws NativeException {
        while (fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length) == -1) {
            if (Native.getLastError() != EINTR) {
                throw failed("fallocate", fd, "FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE", offset, length);
            }
        }
        long data = lseek(fd, offset, SEEK_DATA);
        if (data == -1 && Native.getLastError() != ENXIO) { // ENXIO: no page up to the end
            throw failed("lseek", fd, offset, "SEEK_DATA");
        }
        return data == -1 || data >= offset + length;
    }

    /** The exception for a call that has just answered -1 on this thread. */
    static NativeException failed(String call, Object... arguments) {
        int errno = Native.getLastError();
        return new NativeException(call, arguments, errno, strerror(errno));
    }
}
