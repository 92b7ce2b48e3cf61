package dev.lastref.pool;

import java.io.IOException;
import java.nio.channels.FileChannel;

/** Where a transmission sends to: takes bytes from a file by position, as sendfile(2) does. */
@FunctionalInterface
public interface FileSink {
    /**
     * Sends up to {@code count} bytes of {@code file} from {@code position}, without moving the channel's own position.
     *
     * @return bytes taken; 0 if the sink would block
     */
    long transferFrom(FileChannel file, long position, long count) throws IOException;
}
