package dev.lastref.pool.linux;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A system call that failed: its name, its arguments, errno and the C library's words for it. */
public final class NativeException extends IOException {
    private final int errno;

    NativeException(String call, Object[] arguments, int errno, String text) {
        super(call
                + Arrays.stream(arguments).map(String::valueOf).collect(Collectors.joining(", ", "(", ")"))
                + " failed: " + text + " (errno " + errno + ")");
        this.errno = errno;
    }

    /** The error number as of errno(3). */
    public int errno() {
        return errno;
    }
}
