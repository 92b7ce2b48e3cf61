package dev.lastref.pool.linux;

/**
 * Asks with cachestat(2) whether the pages of a tmpfs file are in memory (Linux 6.5). Of tmpfs the kernel counts a page that is in swap
 * as evicted (mm/filemap.c, filemap_cachestat); a hole counts as nothing, and costs no disk.
 *
 * <p>Threads: any. A question allocates nothing after the first one of a thread.
 */
final class Residency {
    private static final int NR_EVICTED = 3;
    private static final int COUNTS = 5;

    /** What a call takes and gives. */
    private static final class Buffers {
        final long[] range = new long[2];
        final long[] counts = new long[COUNTS];
    }

    private static final ThreadLocal<Buffers> BUFFERS = ThreadLocal.withInitial(Buffers::new);

    private Residency() {}

    /**
     * Whether no page of a range is in swap.
     *
     * @throws NativeException where the kernel does not know the call (ENOSYS), or a sandbox denies it
     */
    static boolean isResident(int fd, long offset, long length) throws NativeException {
        if (length == 0) { // to the call: up to the end
            return true;
        }
        Buffers buffers = BUFFERS.get();
        buffers.range[0] = offset;
        buffers.range[1] = length;
        if (LibC.syscall(LibC.SYS_CACHESTAT, fd, buffers.range, buffers.counts, 0) == -1) {
            throw LibC.failed("cachestat", fd, offset, length);
        }
        return buffers.counts[NR_EVICTED] == 0;
    }
}
