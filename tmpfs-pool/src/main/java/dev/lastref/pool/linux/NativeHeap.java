package dev.lastref.pool.linux;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;

/**
 * The C library's heap, which the JVM's compilers, threads and libraries allocate from. What they free stays with the process: glibc
 * gives pages back by itself only from the top of its main heap, and a JIT compiler that has done most of its work leaves megabytes
 * below that.
 */
public final class NativeHeap {
    private NativeHeap() {}

    /**
     * Gives the pages of free blocks back to the kernel (malloc_trim(3)): some milliseconds, in which other threads that allocate
     * from the same part of the heap wait. Java's own objects are not concerned.
     *
     * @return whether any were given back; false too where the C library has no such call, as musl
     */
    public static boolean trim() {
        Function trim;
        try {
            trim = NativeLibrary.getInstance("c").getFunction("malloc_trim");
        } catch (UnsatisfiedLinkError absent) {
            return false;
        }
        return trim.invokeInt(new Object[] {0L}) != 0;
    }
}
